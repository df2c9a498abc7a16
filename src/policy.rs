//! The rules: what the platform holds its APIs to.
//!
//! One file and one page each, and one list, [`RULES`], which also names the codes that the reading
//! stages raise, so that every code has its page, its level and its place in `onramp explain`. The
//! severity is decided in the sink.

mod context;
mod neighbours;
mod rules;

pub use context::{ApiContext, Claim, FleetContext, InContainer, InEnvironment, InWorkload, Order};
pub use neighbours::{Neighbour, Reference};
pub use rules::RULES;

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::platform::LoadedPlatform;
pub use crate::quantity::Quantity;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its identity.
    pub code: &'static Code,
    /// What it looks at.
    pub check: Check,
}

/// What a rule looks at, and how.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Nothing: the code is raised while a file is read or rendered.
    Reading,
    /// platform.yaml.
    Platform(fn(&LoadedPlatform, &mut Sink)),
    /// The state of one API.
    State(fn(&ApiContext<'_>, &mut Sink)),
    /// Both: the same mistake can stand in platform.yaml and in an API.
    PlatformAndState(fn(&LoadedPlatform, &mut Sink), fn(&ApiContext<'_>, &mut Sink)),
    /// All APIs together.
    Fleet(fn(&FleetContext<'_>, &mut Sink)),
}

/// Runs the rules on platform.yaml.
pub fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    for rule in RULES {
        if let Check::Platform(check) | Check::PlatformAndState(check, _) = rule.check {
            check(platform, sink);
        }
    }
}

/// Runs the rules on one API.
pub fn check_api(context: &ApiContext<'_>, sink: &mut Sink) {
    for rule in RULES {
        if let Check::State(check) | Check::PlatformAndState(_, check) = rule.check {
            check(context, sink);
        }
    }
}

/// Runs the rules on all APIs together.
pub fn check_fleet(context: &FleetContext<'_>, sink: &mut Sink) {
    for rule in RULES {
        if let Check::Fleet(check) = rule.check {
            check(context, sink);
        }
    }
}

/// Finds a code by its name.
pub fn code(name: &str) -> Option<&'static Code> {
    RULES.iter().map(|rule| rule.code).find(|code| code.name == name)
}

/// Puts findings into the order of the report and removes repetitions: two environments that inherit
/// one mistake make one finding.
pub fn sort(findings: &mut Vec<Diagnostic>) {
    findings.sort_by(|one, other| {
        let start = |finding: &Diagnostic| finding.primary.span.as_ref().map(|span| span.start);
        (&one.primary.path, start(one), one.code.name, &one.message).cmp(&(
            &other.primary.path,
            start(other),
            other.code.name,
            &other.message,
        ))
    });
    findings.dedup_by(|one, other| {
        one.code == other.code && one.primary == other.primary && one.message == other.message
    });
}

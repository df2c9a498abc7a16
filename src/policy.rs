//! The rules: what the platform holds its APIs to.
//!
//! One file and one page each, and one list, [`RULES`], which also names the codes that the reading
//! stages raise, so that every code has its page, its level and its place in `onramp explain`. The
//! severity is decided in the sink.

mod brought;
mod context;
mod custom;
mod effective;
mod exceptions;
mod export;
pub mod hatch;
mod neighbours;
mod rules;
mod running;
mod spot;
pub mod transition;

pub use context::{
    ApiContext, Claim, FleetContext, Held, Holding, InContainer, InEnvironment, InImage, InWorkload, Order,
    Selector,
};
pub use effective::{
    Backend, BackendPort, Built, EffectiveContext, PodContainer, PodTemplate, backends, list, text, title,
};
pub use exceptions::{ExceptionsContext, Ignored};
pub use export::{Exported, export};
pub use hatch::Hatch;
pub use neighbours::{Neighbour, Reference};
pub use rules::{RULES, is_replaced};
pub use running::Running;
pub use transition::{ChangeContext, TransitionContext};

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::platform::LoadedPlatform;
pub use crate::quantity::Quantity;
use crate::{kustomize, metadata, render};

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
    /// Nothing: the code is raised while a file is read or rendered, or by another rule.
    Reading,
    /// Nothing: the code is raised while what is rendered is compared with what is committed.
    Comparing,
    /// platform.yaml.
    Platform(fn(&LoadedPlatform, &mut Sink)),
    /// The state of one API.
    State(fn(&ApiContext<'_>, &mut Sink)),
    /// Both: the same mistake can stand in platform.yaml and in an API.
    PlatformAndState(fn(&LoadedPlatform, &mut Sink), fn(&ApiContext<'_>, &mut Sink)),
    /// The files of waivers and freezes, once it is known what they did.
    Exceptions(fn(&ExceptionsContext<'_>, &mut Sink)),
    /// All three: the same mistake can stand in any of them.
    Everywhere(
        fn(&LoadedPlatform, &mut Sink),
        fn(&ApiContext<'_>, &mut Sink),
        fn(&ExceptionsContext<'_>, &mut Sink),
    ),
    /// All APIs together.
    Fleet(fn(&FleetContext<'_>, &mut Sink)),
    /// What one API builds to in each environment.
    Effective(fn(&EffectiveContext<'_>, &mut Sink)),
    /// The same, in the words of an API server, who is told which errors the state has, so that nothing is said twice.
    Server(fn(&EffectiveContext<'_>, &[&Diagnostic], &mut Sink)),
    /// The change of one API.
    Transition(fn(&TransitionContext<'_>, &mut Sink)),
    /// All that a change touches together.
    Change(fn(&ChangeContext<'_>, &mut Sink)),
    /// Both: the same can be said of one API and of what is around them.
    TransitionAndChange(fn(&TransitionContext<'_>, &mut Sink), fn(&ChangeContext<'_>, &mut Sink)),
}

/// When a code is raised: what is wrong at one stage keeps the later ones from looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// While files are read and held against their schemas.
    Reading,
    /// By the rules on what the files say.
    Rules,
    /// On what is rendered and built.
    Building,
}

/// Tells when a code is raised.
pub fn stage(code: &Code) -> Stage {
    let place = |name: &str| RULES.iter().position(|rule| rule.code.name == name);
    match RULES.iter().find(|rule| rule.code == code).map(|rule| rule.check) {
        Some(Check::Effective(_) | Check::Server(_)) => Stage::Building,
        // The list is in the order of the stages: what comes before the merge is about one file.
        Some(Check::Reading) if place(code.name) < place(metadata::codes::MISSING_METADATA.name) => {
            Stage::Reading
        }
        Some(Check::Reading) if BUILDING.contains(&code) => Stage::Building,
        _ => Stage::Rules,
    }
}

/// Codes that are raised while something is rendered or built.
const BUILDING: &[&Code] = &[
    &kustomize::codes::INVALID_KUSTOMIZATION,
    &kustomize::codes::UNBUILDABLE_OVERLAY,
    &kustomize::codes::UNSUPPORTED_KUSTOMIZATION_FIELD,
    &render::codes::FOREIGN_FILE,
    &render::codes::TEMPLATE_FAILURE,
    &render::codes::UNKNOWN_TEMPLATE,
    &render::codes::UNSAFE_TEMPLATE,
];

/// Runs the rules on platform.yaml.
pub fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    for rule in RULES {
        if let Check::Platform(check) | Check::PlatformAndState(check, _) | Check::Everywhere(check, ..) =
            rule.check
        {
            check(platform, sink);
        }
    }
}

/// Runs the rules on one API.
pub fn check_api(context: &ApiContext<'_>, sink: &mut Sink) {
    for rule in RULES {
        if let Check::State(check) | Check::PlatformAndState(_, check) | Check::Everywhere(_, check, _) =
            rule.check
        {
            check(context, sink);
        }
    }
    custom::check_metadata(context, sink);
}

/// Runs the rules on what one API builds to.
pub fn check_effective(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for rule in RULES {
        if let Check::Effective(check) = rule.check {
            check(context, sink);
        }
    }
    custom::check_objects(context, sink);
}

/// Asks what an API server would say of what one API builds to, whose state has the errors `open`.
pub fn check_as_server(context: &EffectiveContext<'_>, open: &[&Diagnostic], sink: &mut Sink) {
    for rule in RULES {
        if let Check::Server(check) = rule.check {
            check(context, open, sink);
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

/// Runs the rules on the change of one API.
pub fn check_transition(context: &TransitionContext<'_>, sink: &mut Sink) {
    for rule in RULES {
        if let Check::Transition(check) | Check::TransitionAndChange(check, _) = rule.check {
            check(context, sink);
        }
    }
}

/// Runs the rules on waivers and freezes.
pub fn check_exceptions(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for rule in RULES {
        if let Check::Exceptions(check) | Check::Everywhere(_, _, check) = rule.check {
            check(context, sink);
        }
    }
}

/// Runs the rules on a change as a whole.
pub fn check_change(context: &ChangeContext<'_>, sink: &mut Sink) {
    for rule in RULES {
        if let Check::Change(check) | Check::TransitionAndChange(_, check) = rule.check {
            check(context, sink);
        }
    }
}

/// Tells whether a rule looks at a config repo as it is. Those that look at a change cannot be found there, so
/// that nothing follows from their silence.
pub fn looks_at_state(name: &str) -> bool {
    let of_state = |check: Check| {
        matches!(
            check,
            Check::Reading
                | Check::Platform(_)
                | Check::State(_)
                | Check::PlatformAndState(..)
                | Check::Everywhere(..)
                | Check::Fleet(_)
                | Check::Effective(_)
                | Check::Server(_)
        )
    };
    RULES.iter().any(|rule| rule.code.name == name && of_state(rule.check))
}

/// Tells whether a rule looks at what is rendered, and so finds nothing where nothing is.
pub fn looks_at_rendered(name: &str) -> bool {
    RULES
        .iter()
        .any(|rule| rule.code.name == name && matches!(rule.check, Check::Effective(_) | Check::Server(_)))
}

/// Finds a code by its name.
pub fn code(name: &str) -> Option<&'static Code> {
    RULES.iter().map(|rule| rule.code).find(|code| code.name == name)
}

/// Finds a code by its name, one of the platform's own rules among them.
pub fn code_in(platform: &LoadedPlatform, name: &str) -> Option<&'static Code> {
    code(name).or_else(|| platform.custom.iter().map(|rule| rule.code).find(|code| code.name == name))
}

/// Walks the names of all codes, those of the platform's own rules among them.
pub fn names_in(platform: &LoadedPlatform) -> impl Iterator<Item = &'static str> {
    let own = platform.custom.iter().map(|rule| rule.code.name);
    RULES.iter().map(|rule| rule.code.name).chain(own)
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
    findings.dedup_by(|again, first| {
        let same =
            first.code == again.code && first.primary == again.primary && first.message == again.message;
        if same {
            // One that is about no environment in particular is about all of them.
            let in_all = first.environments.is_empty() || again.environments.is_empty();
            let also = if in_all { Vec::new() } else { std::mem::take(&mut again.environments) };
            first.environments.retain(|_| !in_all);
            first.environments.extend(also);
            first.environments.sort();
            first.environments.dedup();
            // Each has what the platform says of its environment, and together they have the worst of it.
            first.severity = first.severity.max(again.severity);
        }
        same
    });
}

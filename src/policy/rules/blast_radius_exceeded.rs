//! More APIs change in production at once than the platform allows.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, count};
use crate::policy::transition::ApiChange;
use crate::policy::{ChangeContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Change(check) };

static CODE: Code = Code::new(
    "blast-radius-exceeded",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/blast-radius-exceeded.md"),
);

fn check(context: &ChangeContext<'_>, sink: &mut Sink) {
    let (Some(budget), Some(last)) = (context.trust.budget().prod_apis, context.trust.last_environment())
    else {
        return;
    };
    let there = |change: &&ApiChange| change.environments.iter().any(|name| &**name == last);
    let changed: Vec<&ApiChange> = context.apis.iter().filter(there).collect();
    let (Some(first), true) = (changed.first(), changed.len() > budget as usize) else { return };
    let message = format!(
        "{} change in `{last}`, and one change may touch {budget}: one mistake would reach them all",
        count(changed.len(), "API")
    );
    // What all of them share stands outside their directories.
    let place = context
        .around
        .first()
        .map_or_else(|| first.location.clone(), |file| crate::diagnostic::Location::file(file.path.as_str()));
    sink.push(
        Diagnostic::new(&CODE, place, message)
            .help("split the change, or ask the platform team to approve it"),
    );
}

//! The directory of an API goes.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ChangeContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Change(check) };

static CODE: Code = Code::new(
    "removed-api",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/removed-api.md"),
);

fn check(context: &ChangeContext<'_>, sink: &mut Sink) {
    for change in context.apis.iter().filter(|change| change.before && !change.after) {
        let message = format!(
            "the directory of `{}` goes: what runs keeps running, and nobody manages it any more",
            change.api
        );
        let mut finding = Diagnostic::new(&CODE, change.location.clone(), message)
            .help("to stop it, first move it to a lifecycle that renders nothing, and remove the directory after that");
        finding.api = Some(change.api.clone());
        sink.push(finding);
    }
}

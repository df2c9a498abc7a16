//! A comment that ignores a finding that is not there.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{Check, ExceptionsContext, Rule, looks_at_state};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::new(
    "unused-ignore",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unused-ignore.md"),
);

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    // One without a reason has a finding of its own, as has a code that the owner cannot ignore.
    let complete = |ignored: &&crate::policy::Ignored| ignored.all_known && !ignored.ignore.reason.is_empty();
    for ignored in context.ignores.iter().filter(complete) {
        for (index, (code, location)) in ignored.ignore.codes.iter().enumerate() {
            let of_owner = crate::policy::code(code).is_some_and(|code| code.waived_by == WaivedBy::Owner);
            if ignored.used.contains(&index) || !of_owner || !looks_at_state(code) {
                continue;
            }
            let message = format!("no finding `{code}` is there to be ignored");
            let finding = Diagnostic::new(&CODE, location.clone(), message);
            let mut finding = finding
                .label("unused")
                .help("remove it: it counts for its own line, or for the next where it stands alone");
            finding.api = Some(ignored.api.clone());
            sink.push(finding);
        }
    }
}

//! A comment that ignores a finding and does not say why, or not which.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{Check, ExceptionsContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::new(
    "ignore-without-reason",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/ignore-without-reason.md"),
);

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for ignored in context.ignores {
        let ignore = &ignored.ignore;
        let missing = match (ignore.codes.is_empty(), ignore.reason.is_empty()) {
            (true, _) => "which finding it ignores",
            (false, true) => "why it ignores the finding",
            (false, false) => continue,
        };
        let finding =
            Diagnostic::new(&CODE, ignore.location.clone(), format!("the comment does not say {missing}"));
        let mut finding = finding
            .label("this comment ignores nothing")
            .help("write `# onramp: ignore CODE reason`, with the code of the finding and why it may stay");
        finding.api = Some(ignored.api.clone());
        sink.push(finding);
    }
}

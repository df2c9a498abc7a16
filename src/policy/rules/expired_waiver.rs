//! A waiver whose last day is past.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{Check, ExceptionsContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::new(
    "expired-waiver",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/expired-waiver.md"),
);

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for waiver in &context.exceptions.waivers {
        let Some(until) = waiver.until.as_deref().filter(|_| waiver.is_expired(context.today)) else {
            continue;
        };
        let message = format!("the waiver of `{}` held until {until}", waiver.code);
        sink.push(
            Diagnostic::new(&CODE, waiver.written.locate(["until"]), message)
                .label("this day is past")
                .help("remove the waiver, or agree on another day")
                .maybe_fix(waiver.written.removal("remove the waiver")),
        );
    }
}

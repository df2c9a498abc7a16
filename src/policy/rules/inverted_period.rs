//! A freeze that is over before it begins.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{Check, ExceptionsContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code =
    Code::unreadable("inverted-period", include_str!("../../../docs/rules/inverted-period.md"));

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for freeze in context.exceptions.freezes.iter().filter(|freeze| freeze.until <= freeze.from) {
        sink.push(
            Diagnostic::new(&CODE, freeze.written.locate(["until"]), "the freeze is over before it begins")
                .label("not after `from`")
                .related(freeze.written.locate(["from"]), "begins here")
                .help("swap the two")
                .maybe_fix(freeze.written.swapping("from", "until")),
        );
    }
}

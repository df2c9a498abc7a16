//! A waiver of a finding that nobody may waive.

use crate::diagnostic::{Code, Diagnostic, Sink, WaivedBy};
use crate::policy::{Check, ExceptionsContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code =
    Code::unreadable("unwaivable-code", include_str!("../../../docs/rules/unwaivable-code.md"));

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for waiver in &context.exceptions.waivers {
        let never = |code: &&Code| code.waived_by == WaivedBy::Never;
        let Some(code) = crate::policy::code_in(context.platform, &waiver.code).filter(never) else {
            continue;
        };
        let location = waiver.written.locate(["code"]);
        sink.push(
            Diagnostic::new(&CODE, location, format!("nobody can waive `{}`", code.name))
                .label("this waiver covers nothing")
                .help("remove the waiver: what it is about cannot be read or rendered as it is"),
        );
    }
}

//! A waiver of a finding that nobody may waive, or a comment that ignores one that is not the owner's to ignore.

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
                .help("remove the waiver: what it is about cannot be read or rendered as it is")
                .maybe_fix(waiver.written.removal("remove the waiver")),
        );
    }
    for ignored in context.ignores {
        for (code, location) in &ignored.ignore.codes {
            let (message, help) =
                match crate::policy::code_in(context.platform, code).map(|code| code.waived_by) {
                    Some(WaivedBy::Never) => (
                        format!("nobody can ignore `{code}`"),
                        "remove the comment: what it is about cannot be read or rendered as it is",
                    ),
                    Some(WaivedBy::Platform) => (
                        format!("`{code}` is not for the owner of an API to ignore"),
                        "mend what it is about, or ask the platform team for a waiver in `waivers/`",
                    ),
                    Some(WaivedBy::Owner) | None => continue,
                };
            let finding = Diagnostic::new(&CODE, location.clone(), message);
            let mut finding = finding.label("this comment ignores nothing").help(help);
            finding.api = Some(ignored.api.clone());
            sink.push(finding);
        }
    }
}

//! A waiver that covers nothing.

use crate::diagnostic::{Code, Diagnostic, Fix, Severity, Sink, WaivedBy, nearest};
use crate::policy::{Check, ExceptionsContext, Rule, looks_at_state};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::new(
    "unused-waiver",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unused-waiver.md"),
);

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    let Some(used) = context.used else { return };
    for (index, waiver) in context.exceptions.waivers.iter().enumerate() {
        // These have findings of their own.
        let covers_nothing = waiver.is_expired(context.today)
            || crate::policy::code_in(context.platform, &waiver.code)
                .is_none_or(|code| code.waived_by == WaivedBy::Never)
            || waiver.environment.as_deref().is_some_and(|name| !context.knows_environment(name));
        let own = crate::policy::code(&waiver.code).is_none();
        let is_known =
            !covers_nothing && (own || looks_at_state(&waiver.code)) && !context.may_be_hidden(waiver);
        if used.contains(&index) || !is_known {
            continue;
        }
        let api = waiver.api.as_str();
        let message = format!("no finding `{}` of `{api}` is there to be waived", waiver.code);
        let names = context.apis.iter().map(String::as_str);
        let misspelled = waiver.api.is_name() && context.apis.iter().all(|name| name != api);
        let near = nearest(api, names).filter(|_| misspelled);
        let removal = || waiver.written.removal("remove the waiver");
        let fix = near.map_or_else(removal, |near| Fix::word(&waiver.written.locate(["api"]), api, near));
        let help =
            near.map_or_else(|| "remove the waiver".to_owned(), |near| format!("did you mean `{near}`?"));
        let finding = Diagnostic::new(&CODE, waiver.written.location(), message);
        sink.push(finding.label("unused").help(help).maybe_fix(fix));
    }
}

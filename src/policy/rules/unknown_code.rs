//! A waiver of a code that there is not.

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::policy::{Check, ExceptionsContext, RULES, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::unreadable("unknown-code", include_str!("../../../docs/rules/unknown-code.md"));

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for waiver in &context.exceptions.waivers {
        if crate::policy::code(&waiver.code).is_some() {
            continue;
        }
        let names = RULES.iter().map(|rule| rule.code.name);
        let location = waiver.written.locate(["code"]);
        sink.push(
            Diagnostic::new(&CODE, location, format!("no rule is called `{}`", waiver.code))
                .label("this waiver covers nothing")
                .help(nearest(&waiver.code, names).map_or_else(
                    || "`onramp explain` lists the rules".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                ))
                .meant(&waiver.code, nearest(&waiver.code, RULES.iter().map(|rule| rule.code.name))),
        );
    }
}

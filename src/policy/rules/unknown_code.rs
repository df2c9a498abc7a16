//! A waiver of a code that there is not.

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::policy::{Check, ExceptionsContext, Rule, code_in, names_in};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::unreadable("unknown-code", include_str!("../../../docs/rules/unknown-code.md"));

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for waiver in &context.exceptions.waivers {
        if code_in(context.platform, &waiver.code).is_some() {
            continue;
        }
        let names = names_in(context.platform);
        let location = waiver.written.locate(["code"]);
        sink.push(
            Diagnostic::new(&CODE, location, format!("no rule is called `{}`", waiver.code))
                .label("this waiver covers nothing")
                .help(nearest(&waiver.code, names).map_or_else(
                    || "`onramp explain` lists the rules".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                )),
        );
    }
}

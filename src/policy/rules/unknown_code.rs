//! A waiver, or a comment that ignores a finding, of a code that there is not.

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest, shorten};
use crate::policy::{Check, ExceptionsContext, RULES, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::unreadable("unknown-code", include_str!("../../../docs/rules/unknown-code.md"));

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for waiver in &context.exceptions.waivers {
        if crate::policy::code(&waiver.code).is_none() {
            let location = waiver.written.locate(["code"]);
            let near = nearest(&waiver.code, RULES.iter().map(|rule| rule.code.name));
            sink.push(
                unknown(&waiver.code, location).label("this waiver covers nothing").meant(&waiver.code, near),
            );
        }
    }
    for ignored in context.ignores {
        let unknown_codes =
            ignored.ignore.codes.iter().filter(|(code, _)| crate::policy::code(code).is_none());
        for (code, location) in unknown_codes {
            let mut finding = unknown(code, location.clone()).label("this comment ignores nothing");
            finding.api = Some(ignored.api.clone());
            sink.push(finding);
        }
    }
}

fn unknown(code: &str, location: Location) -> Diagnostic {
    let names = RULES.iter().map(|rule| rule.code.name);
    Diagnostic::new(&CODE, location, format!("no rule is called `{}`", shorten(code))).help(
        nearest(code, names).map_or_else(
            || "`onramp explain` lists the rules".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
    )
}

//! A waiver, or a comment that ignores a finding, of a code that there is not.

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest, shorten};
use crate::platform::LoadedPlatform;
use crate::policy::{Check, ExceptionsContext, Rule, code_in, names_in};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::unreadable("unknown-code", include_str!("../../../docs/rules/unknown-code.md"));

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for waiver in &context.exceptions.waivers {
        if code_in(context.platform, &waiver.code).is_none() {
            let location = waiver.written.locate(["code"]);
            let near = nearest(&waiver.code, names_in(context.platform));
            sink.push(
                unknown(context.platform, &waiver.code, location)
                    .label("this waiver covers nothing")
                    .meant(&waiver.code, near),
            );
        }
    }
    for ignored in context.ignores {
        let unknown_codes =
            ignored.ignore.codes.iter().filter(|(code, _)| code_in(context.platform, code).is_none());
        for (code, location) in unknown_codes {
            let finding = unknown(context.platform, code, location.clone());
            let mut finding = finding.label("this comment ignores nothing");
            finding.api = Some(ignored.api.clone());
            sink.push(finding);
        }
    }
}

fn unknown(platform: &LoadedPlatform, code: &str, location: Location) -> Diagnostic {
    let names = names_in(platform);
    Diagnostic::new(&CODE, location, format!("no rule is called `{}`", shorten(code))).help(
        nearest(code, names).map_or_else(
            || "`onramp explain` lists the rules".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
    )
}

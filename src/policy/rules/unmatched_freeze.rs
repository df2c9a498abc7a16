//! A freeze of an API that there is not.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, nearest};
use crate::policy::{Check, ExceptionsContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Exceptions(check) };

static CODE: Code = Code::new(
    "unmatched-freeze",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unmatched-freeze.md"),
);

fn check(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for freeze in &context.exceptions.freezes {
        for (index, pattern) in freeze.apis.iter().enumerate() {
            if context.apis.iter().any(|name| pattern.fits(name)) {
                continue;
            }
            let location = freeze.written.locate(["apis", &index.to_string()]);
            let near = nearest(pattern.as_str(), context.apis.iter().map(String::as_str));
            sink.push(
                Diagnostic::new(&CODE, location, format!("no API is called `{}`", pattern.as_str()))
                    .label("nothing of it is frozen")
                    .help(near.map_or_else(
                        || "write the name of an API's directory, or a pattern that fits some".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    ))
                    .meant(pattern.as_str(), near),
            );
        }
    }
}

//! A kept version of the templates that no API gets.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{Check, FleetContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::new(
    "unused-template-version",
    Severity::Info,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unused-template-version.md"),
);

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    // An API that cannot be read, or misspells its version, may be the one that needs it.
    let Some(used) = context.templates else { return };
    let settings = &context.platform.model.templates;
    for (index, version) in settings.versions.iter().enumerate() {
        if used.contains(version) || settings.default == *version {
            continue;
        }
        let place = context.platform.locate(["templates", "versions", &index.to_string()]);
        sink.push(
            Diagnostic::new(&CODE, place, format!("no API is on version `{version}` of the templates"))
                .label("unused")
                .help(format!("remove it here, and the directory `templates/{version}/`")),
        );
    }
}

//! A legacy host that should be gone by now.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "sunset-past",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/sunset-past.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let Some(legacy) = environment.api.routes.served_legacy() else { continue };
        let Some(sunset) = &legacy.sunset else { continue };
        if sunset.as_str() < context.today {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_in(&environment, &["routes", "legacy", "sunset"]),
                    format!("the legacy hosts were to be served until {sunset}, and still are"),
                )
                .label("this day is past")
                .in_environment(environment.name)
                .help("write `stage: unified`, remove `legacy`, or agree on another day"),
            );
        }
    }
}

//! A migration stage that names an entry which is not written.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::metadata::Stage;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("incomplete-route-stage", include_str!("../../../docs/rules/incomplete-route-stage.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let routes = &environment.api.routes;
        let Some(stage) = routes.stage else { continue };
        for (missing, serves, name) in [
            (routes.legacy.is_none(), stage != Stage::Unified, "legacy"),
            (routes.unified.is_none(), stage != Stage::Legacy, "unified"),
        ] {
            if missing && serves {
                let stage = stage.name();
                // An environment that takes the entry away is what leaves the stage without it.
                let taken_away = ["environments", environment.name, "routes", name];
                let written = &context.metadata.written;
                let at = if written.follow(taken_away).1 == taken_away.len() {
                    context.locate_key(written, &taken_away)
                } else {
                    context.locate_in(&environment, &["routes", "stage"])
                };
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        at,
                        format!(
                            "stage `{stage}` serves `routes.{name}`, which `{}` does not have",
                            environment.name
                        ),
                    )
                    .label(format!("`{name}` is not written"))
                    .help(format!("write `routes.{name}`, or another stage for this environment")),
                );
            }
        }
    }
}

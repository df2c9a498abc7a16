//! A route asks for something that the router of an environment cannot do.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};
use crate::render;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable(
    "unsupported-route-feature",
    include_str!("../../../docs/rules/unsupported-route-feature.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let entries = render::entries(environment.api, environment.settings);
        if entries.is_empty() {
            continue;
        }
        for router in render::routers_of(environment.settings) {
            let name = router.kind().name();
            for refusal in router.refusals(&entries, environment.settings) {
                let at: Vec<&str> = refusal.at.iter().map(String::as_str).collect();
                // A default, such as that the prefix is stripped, stands nowhere: then the map that it
                // belongs to.
                let said = environment.tree.follow(at.iter().copied()).1 == at.len();
                let location = if said {
                    context.locate_in(&environment, &at)
                } else {
                    context.locate_key(environment.tree, &at[..at.len() - 1])
                };
                sink.push(
                    // Two environments with one router make one finding.
                    Diagnostic::new(
                        &CODE,
                        location,
                        format!("the router `{name}` cannot do `{}`: {}", at.join("."), refusal.why),
                    )
                    .label(format!("not with `{name}`"))
                    .related(
                        context.platform.locate(["environments", environment.name, "router"]),
                        format!("the router of `{}`", environment.name),
                    )
                    .help(refusal.help),
                );
            }
        }
    }
}

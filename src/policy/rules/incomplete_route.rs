//! A route that does not say where it is reached.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("incomplete-route", include_str!("../../../docs/rules/incomplete-route.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let routes = &environment.api.routes;
        let legacy = routes.legacy.as_ref().is_some_and(|route| route.hosts.is_empty());
        let unified = routes.unified.as_ref().is_some_and(|route| route.prefix.is_none());
        for (incomplete, name, key, example) in [
            (legacy, "legacy", "hosts", "hosts: [payments.customer-a.example]"),
            (unified, "unified", "prefix", "prefix: /payments"),
        ] {
            if incomplete {
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_key(environment.tree, &["routes", name]),
                        format!("`routes.{name}` lacks `{key}`"),
                    )
                    .label("where is it reached?")
                    .help(format!("write `{example}`")),
                );
            }
        }
    }
}

//! A unified prefix where the platform has no unified host.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("missing-unified-host", include_str!("../../../docs/rules/missing-unified-host.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        if environment.api.routes.served_unified().is_some() && environment.settings.unified_host.is_none() {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_key(environment.tree, &["routes", "unified"]),
                    format!("environment `{}` has no unified host for this prefix", environment.name),
                )
                .label("a prefix on no host")
                .related(
                    context.platform.locate(["environments", environment.name]),
                    "the environment, without `unifiedHost`",
                )
                .help(format!(
                    "set `environments.{}.unifiedHost` in `platform.yaml`, or remove the route there with `unified: null`",
                    environment.name
                )),
            );
        }
    }
}

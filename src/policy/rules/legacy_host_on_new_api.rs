//! An API that was not taken over has a host of its own.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::metadata::Profile;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "legacy-host-on-new-api",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/legacy-host-on-new-api.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let api = environment.api;
        let Some(legacy) = api.routes.served_legacy() else { continue };
        let moves = api.routes.stage.is_some() || legacy.sunset.is_some();
        if api.profile == Profile::Adopted || moves || legacy.hosts.is_empty() {
            continue;
        }
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate_key(environment.tree, &["routes", "legacy"]),
                format!("`{}` was not taken over and has hosts of its own", api.name),
            )
            .label("a host that somebody has to take back later")
            .in_environment(environment.name)
            .help("use `routes.unified`, or say how far its move is with `stage: dual`"),
        );
    }
}

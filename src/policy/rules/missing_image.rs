//! An environment without an image.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("missing-image", include_str!("../../../docs/rules/missing-image.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads() {
        let environment = here.environment;
        if here.workload.main.image.is_none() {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_environment(environment.name),
                    format!("no image{} is set for `{}`", here.of(), environment.name),
                )
                .label("has no image")
                .help("set `image` here, or at the top for all environments"),
            );
        }
    }
}

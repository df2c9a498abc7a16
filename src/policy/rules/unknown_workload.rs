//! A route names a workload that the API does not have, or leaves open which of several it means.

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::policy::{ApiContext, Check, Rule};
use crate::render;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("unknown-workload", include_str!("../../../docs/rules/unknown-workload.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let backends = render::backends(environment.api);
        let known = || backends.iter().map(|backend| backend.workload.name.as_str());
        for leg in render::legs(environment.api) {
            if render::backend_of(&backends, leg.workload).is_some() {
                continue;
            }
            let names = known().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let at: Vec<&str> = leg.at.iter().map(String::as_str).collect();
            let finding = match leg.workload {
                Some(name) => {
                    let place: Vec<&str> = leg.workload_at.iter().map(String::as_str).collect();
                    Diagnostic::new(
                        &CODE,
                        context.locate_in(&environment, &place),
                        format!("`{}` leads to `{name}`, which is no workload with a Service", at.join(".")),
                    )
                    .label("no such workload")
                    .help(match nearest(name, known()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("workloads are {names}"),
                    })
                    .meant(name, nearest(name, known()))
                }
                None => Diagnostic::new(
                    &CODE,
                    context.locate_key(environment.tree, &at),
                    format!("`{}` does not say which workload it leads to", at.join(".")),
                )
                .label("which workload?")
                .help(format!("add `workload:` with one of {names}")),
            };
            sink.push(finding);
        }
    }
}

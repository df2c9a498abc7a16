//! A key of a workload means nothing for its kind, or cannot be shared.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::metadata::{API, Kind};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("misplaced-key", include_str!("../../../docs/rules/misplaced-key.md"));

/// Keys that a kind has no place for.
fn misplaced(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Deployment => &["schedule", "job"],
        Kind::StatefulSet => &["schedule", "job", "strategy"],
        Kind::CronJob => &["replicas", "autoscaling", "disruptionBudget", "strategy", "service"],
        Kind::Job => {
            &["replicas", "autoscaling", "disruptionBudget", "strategy", "service", "schedule", "spec"]
        }
    }
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        if environment.api.several && environment.tree.get("identity").is_some() {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_key(environment.tree, &["identity"]),
                    "`identity` cannot hold for several workloads",
                )
                .label("whose name is this?")
                .help("move it into the workload that it belongs to"),
            );
        }
        let path = ["environments", environment.name, "workloads"];
        let written = &context.metadata.written;
        let wrong = if environment.api.several != context.metadata.top.api.several {
            Some("`workloads` stands at the top or nowhere: in one environment it renames every object")
        } else if environment.api.workloads.is_empty() && environment.api.extra_resources.is_empty() {
            Some("no workload is left in this environment")
        } else {
            None
        };
        if let Some(message) = wrong {
            sink.push(
                Diagnostic::new(&CODE, context.locate_key(written, &path), message)
                    .label("in this environment alone")
                    .help("move it to the top; `enabled: false` leaves an environment out"),
            );
        }
        for here in environment.workloads() {
            let kind = here.workload.kind;
            // What is said for all passes by those that it means nothing for.
            let own: &[&str] = &["workloads", &here.workload.name];
            let path = if environment.api.several { own } else { &[] };
            let (tree, _) = environment.tree.follow(path.iter().copied());
            // So does what the platform says.
            let written = |key: &&&str| tree.entry(key).is_some_and(|entry| entry.key_span.source == API);
            for key in misplaced(kind).iter().filter(written) {
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_key(environment.tree, &[path, &[key]].concat()),
                        format!("a {} has no place for `{key}`", kind.as_str()),
                    )
                    .label("would have no effect")
                    .help("remove it, or change `kind`"),
                );
            }
        }
    }
}

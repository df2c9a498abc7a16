//! Fewer pods than the environment asks for.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, count};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "too-few-replicas",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/too-few-replicas.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads().filter(|here| here.workload.kind.runs_on()) {
        let environment = here.environment;
        let least = environment.settings.min_replicas;
        let (path, pods): (&[&str], u32) = match &here.workload.autoscaling {
            Some(autoscaling) => (&["autoscaling", "min"], autoscaling.min),
            None => (&["replicas"], here.workload.replicas.unwrap_or(1)),
        };
        if pods < least {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_workload(&here, path),
                    format!(
                        "`{}` asks for at least {}{}, here {pods}",
                        environment.name,
                        count(least as usize, "pod"),
                        here.of(),
                    ),
                )
                .label("too few")
                .in_environment(environment.name)
                .help(format!("write `{}: {least}` or more", path.last().unwrap_or(&"replicas"))),
            );
        }
    }
}

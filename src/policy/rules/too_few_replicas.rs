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
    for environment in context.environments() {
        let least = environment.settings.min_replicas;
        let (path, pods): (&[&str], u32) = match &environment.api.autoscaling {
            Some(autoscaling) => (&["autoscaling", "min"], autoscaling.min),
            None => (&["replicas"], environment.api.replicas.unwrap_or(1)),
        };
        if pods < least {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_in(&environment, path),
                    format!(
                        "`{}` asks for at least {}, here {pods}",
                        environment.name,
                        count(least as usize, "pod")
                    ),
                )
                .label("too few")
                .help(format!("write `{}: {least}` or more", path.last().unwrap_or(&"replicas"))),
            );
        }
    }
}

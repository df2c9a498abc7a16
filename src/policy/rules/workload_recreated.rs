//! A workload gets another name or kind, so that the old one goes and a new one comes.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::ObjectChange;
use crate::policy::transition::named;
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "workload-recreated",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/workload-recreated.md"),
);

/// Kinds that keep pods running.
const KINDS: &[&str] = &["DaemonSet", "Deployment", "Rollout", "StatefulSet"];

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        let runs = |change: &&ObjectChange<'_>| KINDS.contains(&change.id.kind);
        let gone: Vec<_> =
            environment.objects.iter().filter(runs).filter(|change| change.after.is_none()).collect();
        let new = environment.objects.iter().filter(runs).filter(|change| change.before.is_none());
        // With as many, each is the old one under its new name; which of them is not for us to guess.
        for (old, new) in gone.iter().zip(new) {
            let message = format!(
                "{} becomes `{}`: the old pods are deleted while the new ones start, and requests fail meanwhile",
                named(environment, &old.id),
                new.id
            );
            sink.push(
                context
                    .finding(&CODE, Some(environment), &["identity", "workloads", "kind", "strategy"], message)
                    .label("leads to another object")
                    .help("keep name and kind by `identity`; or add the new workload first, and remove the old one once it serves"),
            );
        }
    }
}

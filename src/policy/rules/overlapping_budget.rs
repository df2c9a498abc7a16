//! Two disruption budgets over the same pods.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, Rule, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "overlapping-budget",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/overlapping-budget.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    let path = Path::keys(&["spec", "selector"]);
    for built in &context.environments {
        let mut budgets: Vec<_> = built.of_kind("PodDisruptionBudget").collect();
        if budgets.len() < 2 {
            continue;
        }
        // What was brought along is the second one, wherever it stands.
        budgets.sort_by_key(|budget| context.api.hatch.brings(built.environment.name, budget));
        let mut told = BTreeSet::new();
        for pod in built.pods() {
            let over = |index: &usize| pod.is_selected_by(&budgets[*index].json["spec"]["selector"]);
            let mut over = (0..budgets.len()).filter(over);
            let Some(first) = over.next() else { continue };
            for second in over.filter(|second| told.insert((first, *second))) {
                let (first, second) = (budgets[first], budgets[second]);
                let message = format!(
                    "the pods of `{}` are under `{}` and `{}`",
                    pod.title(),
                    title(first),
                    title(second)
                );
                sink.push(
                    context
                        .finding(built, second, &path, &CODE, message)
                        .label("selects them a second time")
                        .related(context.locate(built, first, &path), "selected first here")
                        .help("keep one of the two, or give each a selector of its own pods"),
                );
            }
        }
    }
}

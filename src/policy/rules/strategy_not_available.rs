//! A strategy asks for what the platform, the kind or another setting does not offer.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::metadata::{Strategy, StrategyType};
use crate::policy::{ApiContext, Check, InWorkload, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("strategy-not-available", include_str!("../../../docs/rules/strategy-not-available.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads() {
        let Some(strategy) = &here.workload.strategy else { continue };
        for (key, why) in refusals(context, &here, strategy) {
            sink.push(
                Diagnostic::new(&CODE, context.locate_workload(&here, &["strategy", key]), why)
                    .label("not available")
                    .help("write `strategy: { type: rolling }`, or leave it out"),
            );
        }
    }
}

/// Returns the keys of a strategy that mean nothing here, and why.
fn refusals(
    context: &ApiContext<'_>,
    here: &InWorkload<'_>,
    strategy: &Strategy,
) -> Vec<(&'static str, String)> {
    let kind = here.workload.kind;
    let mut refusals = Vec::new();
    if strategy.kind.is_progressive() {
        let none = here.workload.service_ports().is_empty();
        if context.platform.model.rollouts.is_none() {
            refusals.push(("type", "the platform has nothing that could carry it out".to_owned()));
        } else if here.workload.progressive().is_none() {
            refusals.push(("type", format!("a {} cannot be replaced in this way", kind.as_str())));
        } else if none && strategy.kind == StrategyType::BlueGreen {
            refusals.push(("type", "`blueGreen` switches a Service, and there is none".to_owned()));
        }
    }
    let canary = strategy.kind == StrategyType::Canary;
    let blue_green = strategy.kind == StrategyType::BlueGreen;
    for (key, written, belongs, whose) in [
        ("steps", !strategy.steps.is_empty(), canary, "`canary`"),
        ("autoPromote", strategy.auto_promote.is_some(), blue_green, "`blueGreen`"),
        ("promoteAfter", strategy.promote_after.is_some(), blue_green, "`blueGreen`"),
        ("keepOld", strategy.keep_old.is_some(), canary || blue_green, "`blueGreen` and `canary`"),
    ] {
        if written && !belongs {
            refusals.push((key, format!("`{key}` belongs to {whose}")));
        }
    }
    refusals
}

//! The hosts of old stop answering in the step that brings the unified host.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::metadata::{Routes, Stage};
use crate::policy::transition::State;
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "route-stage-skipped",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/route-stage-skipped.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        let name = environment.environment;
        let (Some(before), Some(after)) = (routes(context.before, name), routes(context.after, name)) else {
            continue;
        };
        if stage(before) != Some(Stage::Legacy) || stage(after) != Some(Stage::Unified) {
            continue;
        }
        let message = format!(
            "`{}` goes from its own hosts to the unified one in one step in `{name}`: clients of the old hosts get no answer \
             from this commit on",
            context.name
        );
        sink.push(
            context
                .finding(&CODE, Some(environment), &["stage", "unified", "legacy", "routes"], message)
                .label("skips `dual`")
                .help(
                    "serve both with `stage: dual` first, and take the old hosts away once nobody asks them",
                ),
        );
    }
}

fn routes<'a>(side: Option<State<'a>>, environment: &str) -> Option<&'a Routes> {
    let mut environments = side?.metadata?.environments.iter();
    let here = environments.find(|here| here.name == environment)?;
    Some(&here.merged.api.routes)
}

/// Returns what is served, whether `stage` says it or what is written.
fn stage(routes: &Routes) -> Option<Stage> {
    match (routes.served_legacy(), routes.served_unified()) {
        (Some(_), Some(_)) => Some(Stage::Dual),
        (Some(_), None) => Some(Stage::Legacy),
        (None, Some(_)) => Some(Stage::Unified),
        (None, None) => None,
    }
}

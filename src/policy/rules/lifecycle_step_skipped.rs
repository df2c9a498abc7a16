//! A state of life follows one that it may not follow.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::metadata::Metadata;
use crate::policy::transition::State;
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "lifecycle-step-skipped",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/lifecycle-step-skipped.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    let (Some(before), Some(after)) = (lifecycle(context.before), lifecycle(context.after)) else { return };
    let Some(state) = context.trust.lifecycle(before).filter(|_| before != after) else { return };
    if state.next.iter().any(|next| next == after) {
        return;
    }
    let next: Vec<String> = state.next.iter().map(|next| format!("`{next}`")).collect();
    let help = match next.as_slice() {
        [] => format!("leave it at `{before}`: nothing follows that state"),
        next => format!("take a step that the platform has: {}", next.join(", ")),
    };
    let message = format!(
        "lifecycle `{after}` does not follow `{before}`: what the states between ask for was never met"
    );
    sink.push(
        context.finding(&CODE, None, &["lifecycle"], message).label(format!("was `{before}`")).help(help),
    );
}

fn lifecycle<'a>(side: Option<State<'a>>) -> Option<&'a str> {
    let metadata: &'a Metadata = side?.metadata?;
    metadata.top.api.lifecycle.as_deref()
}

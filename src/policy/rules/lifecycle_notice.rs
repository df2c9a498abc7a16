//! What the platform tells the owner of an API in a lifecycle state.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "lifecycle-notice",
    Severity::Info,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/lifecycle-notice.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    let Some(name) = &top.api.lifecycle else { return };
    let Some(state) = context.platform.model.lifecycles.get(name) else { return };
    let Some(notice) = &state.notice else { return };
    let finding = Diagnostic::new(
        &CODE,
        context.locate(&top.tree, &["lifecycle"]),
        format!("lifecycle `{name}`: {notice}"),
    );
    let next: Vec<String> = state.next.iter().map(|name| format!("`{name}`")).collect();
    sink.push(
        finding.maybe_help((!next.is_empty()).then(|| format!("what may follow is {}", next.join(", ")))),
    );
}

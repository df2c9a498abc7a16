//! A lifecycle that platform.yaml does not name.

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("unknown-lifecycle", include_str!("../../../docs/rules/unknown-lifecycle.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let known = &context.platform.model.lifecycles;
    let Some(name) = &context.metadata.top.api.lifecycle else { return };
    if known.get(name).is_some() {
        return;
    }
    let names: Vec<String> = known.keys().map(|name| format!("`{name}`")).collect();
    let help = match nearest(name, known.keys()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "remove the line: `platform.yaml` has no lifecycles".to_owned(),
        None => format!("lifecycles are {}", names.join(", ")),
    };
    sink.push(
        Diagnostic::new(
            &CODE,
            context.locate(&context.metadata.top.tree, &["lifecycle"]),
            format!("`platform.yaml` has no lifecycle `{name}`"),
        )
        .label("not a lifecycle")
        .help(help),
    );
}

//! A probe that does not say what to ask.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("probe-without-handler", include_str!("../../../docs/rules/probe-without-handler.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for container in context.containers() {
        for (name, probe) in container.here.container.probes.iter() {
            if !probe.has_handler() {
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_key(container.of.tree, &container.here.path(&["probes", name])),
                        format!("the {name} probe does not say what to ask"),
                    )
                    .label("no handler")
                    .help("add one of `httpGet`, `tcpSocket`, `exec` and `grpc`"),
                );
            }
        }
    }
}

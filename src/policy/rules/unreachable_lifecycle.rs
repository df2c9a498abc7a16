//! A lifecycle state that no API can come to.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::platform::LoadedPlatform;
use crate::policy::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Platform(check) };

static CODE: Code = Code::new(
    "unreachable-lifecycle",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unreachable-lifecycle.md"),
);

fn check(platform: &LoadedPlatform, sink: &mut Sink) {
    let states = &platform.model.lifecycles;
    let Some(first) = states.keys().next() else { return };
    // Without any `next` the states are not an order.
    if states.iter().all(|(_, state)| state.next.is_empty()) {
        return;
    }
    let mut reached = BTreeSet::from([first]);
    let mut open = vec![first];
    while let Some(name) = open.pop() {
        let next = states.get(name).map(|state| state.next.as_slice()).unwrap_or_default();
        open.extend(next.iter().map(String::as_str).filter(|name| reached.insert(name)));
    }
    for name in states.keys().filter(|name| !reached.contains(name)) {
        let entry = platform.tree.get("lifecycles").and_then(|states| states.entry(name));
        let Some(entry) = entry else { continue };
        sink.push(
            Diagnostic::new(
                &CODE,
                platform.source.location(entry.key_span),
                format!("no way leads from `{first}` to the lifecycle `{name}`"),
            )
            .label("never reached")
            .help("name it under `next` of the state before it, or remove it"),
        );
    }
}

//! A lifecycle that platform.yaml does not name.

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest};
use crate::platform::LoadedPlatform;
use crate::policy::{ApiContext, Check, Rule};
use crate::yaml::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::PlatformAndState(check_platform, check) };

static CODE: Code =
    Code::unreadable("unknown-lifecycle", include_str!("../../../docs/rules/unknown-lifecycle.md"));

/// The lifecycles that other parts of platform.yaml speak of.
fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    for (state, lifecycle) in platform.model.lifecycles.iter() {
        for (index, name) in lifecycle.next.iter().enumerate() {
            check_name(
                platform,
                name,
                || platform.locate(["lifecycles", state, "next", &index.to_string()]),
                sink,
            );
        }
    }
    for rule in platform.tree.get("rules").map(Node::entries).unwrap_or_default() {
        for entry in rule.node.get("lifecycles").map(Node::entries).unwrap_or_default() {
            check_name(platform, &entry.key, || platform.source.location(entry.key_span), sink);
        }
    }
    for entry in platform.tree.get("defaults").map(Node::items).unwrap_or_default() {
        let Some(wanted) = entry.get("match").and_then(|wanted| wanted.get("lifecycle")) else { continue };
        for node in std::iter::once(wanted).chain(wanted.items()) {
            if let Some(name) = node.as_str() {
                check_name(platform, name, || platform.source.location(node.span), sink);
            }
        }
    }
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    if let Some(name) = &top.api.lifecycle {
        check_name(context.platform, name, || context.locate(&top.tree, &["lifecycle"]), sink);
    }
}

fn check_name(platform: &LoadedPlatform, name: &str, locate: impl Fn() -> Location, sink: &mut Sink) {
    let known = &platform.model.lifecycles;
    if known.get(name).is_some() {
        return;
    }
    let names: Vec<String> = known.keys().map(|name| format!("`{name}`")).collect();
    let help = match nearest(name, known.keys()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "remove it: `platform.yaml` has no lifecycles".to_owned(),
        None => format!("lifecycles are {}", names.join(", ")),
    };
    sink.push(
        Diagnostic::new(&CODE, locate(), format!("`platform.yaml` has no lifecycle `{name}`"))
            .label("not a lifecycle")
            .help(help)
            .meant(name, nearest(name, known.keys())),
    );
}

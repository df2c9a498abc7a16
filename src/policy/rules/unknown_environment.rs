//! An environment that platform.yaml does not name.

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest};
use crate::platform::LoadedPlatform;
use crate::policy::{ApiContext, Check, ExceptionsContext, Rule};

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: &CODE, check: Check::Everywhere(check_platform, check, check_exceptions) };

static CODE: Code =
    Code::unreadable("unknown-environment", include_str!("../../../docs/rules/unknown-environment.md"));

/// The environments that a lifecycle allows, and those that `rules` speaks of.
fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    for (state, lifecycle) in platform.model.lifecycles.iter() {
        for (index, name) in lifecycle.environments.iter().enumerate() {
            if platform.model.environments.get(name).is_none() {
                let location = platform.locate(["lifecycles", state, "environments", &index.to_string()]);
                sink.push(finding(platform, name, location));
            }
        }
    }
    check_rules(platform, sink);
}

/// Looks at the keys of each rule's `environments`.
fn check_rules(platform: &LoadedPlatform, sink: &mut Sink) {
    let rules = platform.tree.get("rules").map(crate::yaml::Node::entries).unwrap_or_default();
    for named in rules.iter().filter_map(|rule| rule.node.get("environments")) {
        for entry in named.entries() {
            if platform.model.environments.get(&entry.key).is_none() {
                sink.push(finding(platform, &entry.key, platform.source.location(entry.key_span)));
            }
        }
    }
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let named = context.metadata.written.get("environments");
    for entry in named.map(crate::yaml::Node::entries).unwrap_or_default() {
        if context.platform.model.environments.get(&entry.key).is_none() {
            let location = context.metadata.source.location(entry.key_span);
            sink.push(finding(context.platform, &entry.key, location));
        }
    }
}

/// The environments that waivers and freezes name.
fn check_exceptions(context: &ExceptionsContext<'_>, sink: &mut Sink) {
    for waiver in &context.exceptions.waivers {
        if let Some(name) = waiver.environment.as_deref().filter(|name| !context.knows_environment(name)) {
            sink.push(finding(context.platform, name, waiver.written.locate(["environment"])));
        }
    }
    for freeze in &context.exceptions.freezes {
        for (index, name) in freeze.environments.iter().enumerate() {
            if !context.knows_environment(name) {
                let location = freeze.written.locate(["environments", &index.to_string()]);
                sink.push(finding(context.platform, name, location));
            }
        }
    }
}

fn finding(platform: &LoadedPlatform, name: &str, location: Location) -> Diagnostic {
    let known = &platform.model.environments;
    let names: Vec<String> = known.keys().map(|name| format!("`{name}`")).collect();
    Diagnostic::new(&CODE, location, format!("`platform.yaml` has no environment `{name}`"))
        .label("not an environment")
        .help(nearest(name, known.keys()).map_or_else(
            || format!("environments are {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        ))
        .meant(name, nearest(name, known.keys()))
}

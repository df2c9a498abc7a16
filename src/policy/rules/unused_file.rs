//! A file of an API that nothing names.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Location, Severity, Sink, WaivedBy};
use crate::platform::Extent;
use crate::policy::{ApiContext, Check, Rule};
use crate::render::{COMPONENT_DIRECTORIES, KUSTOMIZATION};
use crate::yaml::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "unused-file",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unused-file.md"),
);

/// Directories whose files are named in lists, and the keys of these.
const KEYS: [(&str, &str); 2] = [("patches", "patches"), ("resources", "extraResources")];

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    if context.extent() == Extent::None {
        return;
    }
    let top = &context.metadata.top.api;
    let mut used: BTreeSet<&str> = BTreeSet::new();
    // All environments of metadata.yaml, also one that platform.yaml has lost.
    for api in std::iter::once(top).chain(context.metadata.environments.iter().map(|here| &here.merged.api)) {
        used.extend(api.patches.iter().map(|patch| patch.path.as_str()));
        used.extend(api.extra_resources.iter().map(String::as_str));
        used.extend(api.configs().flat_map(|(_, config)| config.files.iter()).map(|file| file.path.as_str()));
    }
    // What is named for an environment that is not enabled waits for it.
    let waiting = context.metadata.written.get("environments").map(Node::entries).unwrap_or_default();
    for (here, key) in waiting.iter().flat_map(|entry| KEYS.map(|(_, key)| (&entry.node, key))) {
        let items = here.get(key).map(Node::items).unwrap_or_default();
        used.extend(items.iter().filter_map(|item| item.get("path").unwrap_or(item).as_str()));
    }
    for path in context.files() {
        let Some((directory, _)) = path.split_once('/') else { continue };
        let name = path.rsplit('/').next().unwrap_or_default();
        let for_people = name.starts_with('.') || name.to_lowercase().ends_with(".md");
        if !COMPONENT_DIRECTORIES.contains(&directory)
            || for_people
            || name == KUSTOMIZATION
            || used.contains(path)
        {
            continue;
        }
        let key = KEYS.iter().find(|(of, _)| *of == directory).map_or("config.files", |(_, key)| *key);
        let own = path.split('/').nth(1).filter(|name| {
            key != "config.files" && context.environments().any(|environment| environment.name == *name)
        });
        let key = own.map_or_else(|| key.to_owned(), |name| format!("environments.{name}.{key}"));
        sink.push(
            Diagnostic::new(
                &CODE,
                Location::file(format!("{}/{path}", context.directory)),
                format!("nothing names `{path}`, so it is not applied"),
            )
            .help(format!("name it under `{key}` in metadata.yaml, or remove it")),
        );
    }
}

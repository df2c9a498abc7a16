//! Where a key or value of metadata.yaml leads: to a file that it names, or to the files that are rendered of it.

use super::Files;
use super::cursor::{At, locate};
use super::file::{Role, Unit};
use crate::fleet::ONBOARDING;
use crate::snapshot::Kind;

/// Rendered files by the beginning of their names, and the keys of metadata.yaml that they are made of. What is not listed is
/// in the workload.
const RENDERED: &[(&str, &[&str])] = &[
    ("service.yaml", &["ports", "service"]),
    ("scaling.yaml", &["replicas", "autoscaling", "disruptionBudget"]),
    ("routes.yaml", &["routes"]),
    ("network.yaml", &["networkPolicy"]),
    ("secrets.yaml", &["externalSecrets"]),
    ("rollouts.yaml", &["strategy"]),
    (
        "kustomization.yaml",
        &["config", "configMaps", "patches", "extraResources", "namespace", "labels", "annotations"],
    ),
];

/// Where it is named which file is a workload.
const WORKLOADS: &[&str] = &["deployment.yaml", "statefulset.yaml", "cronjob.yaml", "job.yaml"];

/// Returns the files, with the line of each that a reader wants to see.
pub(super) fn definition(files: &Files<'_>, path: &str, offset: usize) -> Vec<(String, usize)> {
    let Some(text) = files.text(path) else { return Vec::new() };
    let (Role::Metadata, Some(Unit::Api(api))) = (Role::of(path), Unit::of(path)) else { return Vec::new() };
    let Some(cursor) = locate(&text, offset) else { return Vec::new() };
    let directory = format!("{ONBOARDING}/{api}");
    if cursor.at != At::Key {
        let token = text[cursor.token.clone()].trim_matches(['"', '\'']);
        let named = format!("{directory}/{token}");
        if !token.is_empty() && files.is_file(&named) {
            return vec![(named, 0)];
        }
    }
    let place = cursor.full_path(&text);
    let mut parts = place.iter().map(String::as_str);
    let (environment, key) = match parts.next() {
        Some("environments") => (parts.next(), parts.next()),
        key => (None, key),
    };
    let Some(key) = key.or(environment.map(|_| "config")) else { return Vec::new() };
    let names =
        RENDERED.iter().find(|(_, keys)| keys.contains(&key)).map(|(name, _)| std::slice::from_ref(name));
    let names = names.unwrap_or(WORKLOADS);
    let below = match environment {
        Some(environment) => format!("{directory}/overlays/{environment}"),
        None => directory.clone(),
    };
    let generated = |path: &str| {
        path.strip_prefix(&directory)
            .is_some_and(|rest| rest.starts_with("/base/") || rest.starts_with("/overlays/"))
    };
    let entries = files.snapshot().walk(&below).unwrap_or_default();
    let mut found: Vec<(String, usize)> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.kind == Kind::File && generated(&entry.path)) {
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        // With several workloads their names stand in front.
        if names.iter().any(|wanted| name == *wanted || name.ends_with(&format!("-{wanted}"))) {
            let text = files.text(&entry.path).unwrap_or_default();
            let at = text.match_indices(key).find(|(at, _)| text[at + key.len()..].starts_with(':'));
            found.push((entry.path.to_string(), at.map_or(0, |(at, _)| at)));
        }
    }
    if found.is_empty() {
        // What changes in an environment may stand in its patch in kustomization.yaml.
        let place = if environment.is_some() { below } else { format!("{directory}/base") };
        let kustomization = format!("{place}/kustomization.yaml");
        if files.is_file(&kustomization) {
            found.push((kustomization, 0));
        }
    }
    found
}

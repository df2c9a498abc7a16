//! The components of patches and extra resources: those of the top in `patches/` and `resources/`, those of an environment
//! in a directory of its own below.
//!
//! Kustomize reads files only at or below a kustomization's directory, and each of these directories has one.

use serde_json::{Value as Json, json};

use super::{Files, KUSTOMIZATION, Templates, config};
use crate::diagnostic::Diagnostic;
use crate::metadata::{Api, Patch};

/// What an environment adds to the patches and extra resources of the top.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// Its patches.
    pub patches: &'a [Patch],
    /// Its extra resources.
    pub resources: &'a [String],
}

/// Returns what an API as it holds in an environment names beyond the top: what is added comes behind.
pub fn own<'a>(top: &Api, api: &'a Api) -> Own<'a> {
    Own {
        patches: api.patches.get(top.patches.len()..).unwrap_or_default(),
        resources: api.extra_resources.get(top.extra_resources.len()..).unwrap_or_default(),
    }
}

/// Adds the component of extra resources in a directory, and tells whether there is one.
pub(super) fn resources(
    files: &mut Files<'_>,
    directory: &str,
    resources: &[String],
    templates: &Templates,
) -> Result<bool, Box<Diagnostic>> {
    let within: Vec<Json> = resources.iter().map(|path| seen_from(directory, path).into()).collect();
    add(files, directory, !within.is_empty(), config::component(Some(&within), None, None), templates)
}

/// Adds the component of patches in a directory, and tells whether there is one.
pub(super) fn patches(
    files: &mut Files<'_>,
    directory: &str,
    patches: &[Patch],
    templates: &Templates,
) -> Result<bool, Box<Diagnostic>> {
    let entry = |patch: &Patch| {
        let file = seen_from(directory, &patch.path);
        match &patch.target {
            None => json!({ "path": file }),
            Some(target) => json!({ "path": file, "target": target.to_kustomize() }),
        }
    };
    let within: Vec<Json> = patches.iter().map(entry).collect();
    add(files, directory, !within.is_empty(), config::component(None, None, Some(&within)), templates)
}

fn add(
    files: &mut Files<'_>,
    directory: &str,
    wanted: bool,
    component: Json,
    templates: &Templates,
) -> Result<bool, Box<Diagnostic>> {
    if wanted {
        let documents = templates.render("component.yaml.j2", component)?;
        files.add(&format!("{directory}/{KUSTOMIZATION}"), documents);
    }
    Ok(wanted)
}

/// Returns a path as a component in a directory names it. What lies elsewhere is a finding, and nothing is rendered then.
fn seen_from<'a>(directory: &str, path: &'a str) -> &'a str {
    path.strip_prefix(directory).and_then(|path| path.strip_prefix('/')).unwrap_or(path)
}

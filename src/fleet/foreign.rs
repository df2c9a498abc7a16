//! Files that lie where only generated ones may be, and one that must be there.

use super::{METADATA_FILE, base_name};
use crate::diagnostic::{Diagnostic, Location};
use crate::metadata;
use crate::render::{self, COMPONENT_DIRECTORIES, HEADER, JSON_HEADER, KUSTOMIZATION};
use crate::snapshot::HEAD;

// What `lint` reads of a generated file tells that it is one, and of one that was begun that it ends within the header.
const _: () = assert!(HEADER.len() < HEAD && JSON_HEADER.len() < HEAD);

/// Tells whether an environment's component lies at a path, be the environment known or gone: a
/// generated one that was left behind is removed, a name that is no environment's is for people.
pub(super) fn is_component_of_environment(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts[..], [first, _, KUSTOMIZATION] if COMPONENT_DIRECTORIES.contains(&first))
}

/// Says that a file by hand lies among the generated ones; `below` is its path from the API's directory.
pub(super) fn foreign_file(path: &str, below: &str) -> Diagnostic {
    let instead = match below.split('/').next() {
        Some("base" | "overlays") => {
            "move it to `resources/` and name it under `extraResources`, or to `patches/` and name it under `patches`"
        }
        _ => "remove it: onramp writes this file itself",
    };
    Diagnostic::new(
        &render::codes::FOREIGN_FILE,
        Location::file(path),
        format!("`{path}` lies where only generated files may be, and has no header of onramp"),
    )
    .help(instead)
}

/// Says that a directory of an API has no metadata.yaml.
pub(super) fn missing_metadata(directory: &str) -> Diagnostic {
    let name = base_name(directory);
    Diagnostic::new(
        &metadata::codes::MISSING_METADATA,
        Location::file(format!("{directory}/{METADATA_FILE}")),
        format!("the directory `{directory}` has no `{METADATA_FILE}`"),
    )
    .help(format!("run `onramp new {name}`, or remove the directory"))
}

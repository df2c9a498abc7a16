//! The repo's own templates, by version.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{base_name, list};
use crate::diagnostic::{Diagnostic, Location, Sink, nearest};
use crate::metadata;
use crate::platform::{CURRENT, LoadedPlatform};
use crate::render::{TEMPLATES_DIRECTORY, TemplateSets, codes};
use crate::snapshot::{Kind, Snapshot, SnapshotError};

/// Loads the templates of every version that platform.yaml names.
///
/// # Errors
/// Fails where the repo cannot be read.
pub fn load(
    snapshot: &Snapshot,
    platform: &LoadedPlatform,
    sink: &mut Sink,
) -> Result<TemplateSets, SnapshotError> {
    let mut own = BTreeMap::new();
    let top = read(snapshot, TEMPLATES_DIRECTORY, sink)?;
    own.insert(CURRENT.to_owned(), top.files);
    let versions = &platform.model.templates.versions;
    for directory in top.directories {
        let name = base_name(&directory);
        if !versions.iter().any(|version| version == name) {
            sink.push(unlisted(&directory, versions));
            continue;
        }
        let kept = read(snapshot, &directory, sink)?;
        kept.directories.iter().for_each(|below| sink.push(unlisted(below, &[])));
        own.insert(name.to_owned(), kept.files);
    }
    let mut findings = Vec::new();
    let sets = TemplateSets::load(own, platform, &mut findings);
    for finding in findings {
        sink.push(finding);
    }
    Ok(sets)
}

/// What lies in one directory of templates.
struct Listed {
    /// Texts by file name.
    files: BTreeMap<String, String>,
    /// Paths of directories.
    directories: Vec<String>,
}

fn read(snapshot: &Snapshot, directory: &str, sink: &mut Sink) -> Result<Listed, SnapshotError> {
    let mut listed = Listed { files: BTreeMap::new(), directories: Vec::new() };
    for entry in list(snapshot, directory, sink)? {
        if let Err(error) = entry.plain() {
            sink.push(error.diagnostic());
        }
        if entry.kind == Kind::Directory {
            listed.directories.push(entry.path.clone().into());
        }
        if entry.kind != Kind::File {
            continue;
        }
        let path: Arc<str> = entry.path.as_ref().into();
        match snapshot.read_listed(&path, metadata::MAX_BYTES) {
            Ok(bytes) => {
                let text = crate::yaml::decode(&path, bytes.unwrap_or_default(), sink);
                listed.files.extend(text.map(|text| (base_name(&path).to_owned(), text)));
            }
            Err(error) => sink.push(error.diagnostic()),
        }
    }
    Ok(listed)
}

fn unlisted(directory: &str, versions: &[String]) -> Diagnostic {
    let near = nearest(base_name(directory), versions.iter().map(String::as_str));
    Diagnostic::new(
        &codes::UNKNOWN_TEMPLATE,
        Location::file(directory),
        format!("`{directory}/` is no version that `templates.versions` in `platform.yaml` names"),
    )
    .help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name it there, or move it out of `templates/`".to_owned(),
    })
}

//! The files that a kustomization names: where they lie, and what kustomize may not read.

use std::sync::Arc;

use super::Files;
use super::codes::{INVALID_KUSTOMIZATION, UNBUILDABLE_OVERLAY, UNSUPPORTED_KUSTOMIZATION_FIELD};
use super::kustomization::{self, Kustomization};
use super::{drafts, read};
use crate::diagnostic::{Diagnostic, Location, Sink, shorten};
use crate::snapshot::SnapshotError;
use crate::yaml::Source;

/// The names of a kustomization's file.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A name in a kustomization, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub(super) path: &'a str,
    pub(super) at: &'a Location,
}

/// Reads the kustomization of a directory; nothing where it has none, and where it has a finding.
pub(super) fn directory(
    files: &dyn Files,
    directory: &str,
    sink: &mut Sink,
) -> Result<Option<Kustomization>, Failed> {
    let mut found: Option<(Arc<str>, Option<Vec<u8>>)> = None;
    for name in NAMES {
        let path = join(directory, name);
        let bytes = match files.documents(&path) {
            Some(_) => None,
            None => match probe(files, &path, sink)? {
                Some(bytes) => Some(bytes),
                None => continue,
            },
        };
        if let Some((first, _)) = &found {
            let message = "the directory has a second kustomization, and kustomize takes neither".to_owned();
            let finding = Diagnostic::new(&INVALID_KUSTOMIZATION, Location::file(path), message);
            sink.push(
                finding.related(Location::file(first.clone()), "the first one").help("remove one of the two"),
            );
            return Err(Failed);
        }
        found = Some((path.into(), bytes));
    }
    let Some((path, bytes)) = found else { return Ok(None) };
    let bytes = if let Some(bytes) = bytes {
        bytes
    } else {
        if let Some([document]) = files.documents(&path)
            && drafts::is_read_as_written(document)
        {
            return kustomization::of_json(path, document, sink).map(Some).ok_or(Failed);
        }
        probe(files, &path, sink)?.unwrap_or_default()
    };
    let source = read::source(&path, bytes, sink).ok_or(Failed)?;
    kustomization::read(&source, files.is_foreign(), sink).map(Some).ok_or(Failed)
}

/// What could not be read is a finding already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed;

/// Reads a file that a kustomization in `directory` names. A file that is not there is a finding.
pub(super) fn file(
    files: &dyn Files,
    directory: &str,
    named: Named<'_>,
    sink: &mut Sink,
) -> Option<(Arc<str>, Vec<u8>)> {
    let path = resolve(directory, named, sink)?;
    hold_inside(files, directory, &path, named, sink).ok()?;
    match probe(files, &path, sink) {
        Ok(Some(bytes)) => Some((path.into(), bytes)),
        Ok(None) => {
            sink.push(missing(named, "there is no file"));
            None
        }
        Err(Failed) => None,
    }
}

/// Reads a file of YAML that a kustomization in `directory` names.
pub(super) fn source(
    files: &dyn Files,
    directory: &str,
    named: Named<'_>,
    sink: &mut Sink,
) -> Option<Source> {
    let (path, bytes) = file(files, directory, named, sink)?;
    read::source(&path, bytes, sink)
}

/// Reads a file; nothing where there is none, or a directory.
pub(super) fn probe(files: &dyn Files, path: &str, sink: &mut Sink) -> Result<Option<Vec<u8>>, Failed> {
    match files.read(path) {
        Ok(bytes) => Ok(bytes),
        Err(SnapshotError::NotAFile { .. } | SnapshotError::NotADirectory { .. }) => Ok(None),
        Err(error) => {
            sink.push(error.diagnostic());
            Err(Failed)
        }
    }
}

/// Says that what is named is not there.
pub(super) fn missing(named: Named<'_>, what: &str) -> Diagnostic {
    let name = shorten(named.path);
    if is_remote(named.path) {
        let message = format!("onramp does not fetch `{name}`");
        return Diagnostic::new(&UNSUPPORTED_KUSTOMIZATION_FIELD, named.at.clone(), message)
            .help("commit what is there, and name the copy");
    }
    let message = format!("{what} `{name}`");
    Diagnostic::new(&UNBUILDABLE_OVERLAY, named.at.clone(), message)
        .help("paths count from the directory of the kustomization")
}

fn is_remote(path: &str) -> bool {
    path.contains("://")
        || path.starts_with("git@")
        || path.starts_with("github.com")
        || path.contains("?ref=")
}

/// Refuses a file that is not in or below the directory of its kustomization, as kustomize does unless it is told otherwise;
/// what strangers told it is not known.
pub(super) fn hold_inside(
    files: &dyn Files,
    directory: &str,
    path: &str,
    named: Named<'_>,
    sink: &mut Sink,
) -> Result<(), Failed> {
    if files.is_foreign()
        || directory.is_empty()
        || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
    {
        return Ok(());
    }
    let message = format!("`{}` is not in or below the directory of the kustomization", shorten(named.path));
    let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, named.at.clone(), message);
    sink.push(finding.help("move the file, or give it a kustomization of its own and name its directory"));
    Err(Failed)
}

/// Returns the path from the root of the repo of what is named.
pub(super) fn resolve(directory: &str, named: Named<'_>, sink: &mut Sink) -> Option<String> {
    if named.path.starts_with('/') {
        let message = format!("`{}` is an absolute path", shorten(named.path));
        let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, named.at.clone(), message);
        sink.push(finding.help("write the path from the directory of the kustomization"));
        return None;
    }
    let resolved = normal(directory, named.path);
    if resolved.is_none() {
        let error = SnapshotError::OutsideRepo { path: named.path.into() };
        let mut finding = error.diagnostic();
        finding.primary = named.at.clone();
        sink.push(finding);
    }
    resolved
}

/// Joins a path to a directory without asking the disk; nothing where it leads out of the repo.
pub(crate) fn normal(directory: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_from_the_directory() {
        assert_eq!(normal("a/b", "../c/./d.yaml").as_deref(), Some("a/c/d.yaml"));
        assert_eq!(normal("a", "..").as_deref(), Some(""));
        assert_eq!(normal("a", "../.."), None);
        assert_eq!(normal("", "a//b/").as_deref(), Some("a/b"));
    }
}

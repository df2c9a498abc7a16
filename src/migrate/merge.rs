//! What people changed since a migration and what its branch changed since, brought together: neither is lost, and where both
//! changed one thing it is a conflict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::assemble::METADATA_FILE;
use super::difference::{Leaf, leaves};
use crate::diagnostic::Sink;
use crate::edit;
use crate::yaml::{self, Source, SourceId};

/// Files by path from the directory of an API.
pub(super) type Files = BTreeMap<String, String>;

/// Brings together what was written from the old commits (`base`), what would be from the new ones (`theirs`), and what is
/// there (`ours`).
///
/// # Errors
/// Names what both changed.
pub(super) fn merge(base: &Files, ours: &Files, theirs: &Files) -> Result<Files, Vec<String>> {
    let mut merged = ours.clone();
    let mut conflicts = Vec::new();
    let paths: BTreeSet<&String> = base.keys().chain(theirs.keys()).collect();
    for path in paths {
        let (was, here, there) = (base.get(path), ours.get(path), theirs.get(path));
        if was == there || here == there {
            continue;
        }
        if here == was {
            match there {
                Some(text) => drop(merged.insert(path.clone(), text.clone())),
                None => drop(merged.remove(path)),
            }
        } else if let (Some(was), Some(here), Some(there)) = (was, here, there)
            && path == METADATA_FILE
        {
            match metadata(was, here, there) {
                Ok(text) => drop(merged.insert(path.clone(), text)),
                Err(found) => {
                    conflicts.extend(found.into_iter().map(|place| format!("`{path}` at `{place}`")));
                }
            }
        } else {
            conflicts.push(format!("`{path}`"));
        }
    }
    if conflicts.is_empty() { Ok(merged) } else { Err(conflicts) }
}

/// Writes what a branch changed into a metadata.yaml that people edited, key by key, so that their comments and order stay.
fn metadata(base: &str, ours: &str, theirs: &str) -> Result<String, Vec<String>> {
    let unreadable = || vec!["its beginning, which cannot be read".to_owned()];
    let (was, here, there) = (
        read(base).ok_or_else(unreadable)?,
        read(ours).ok_or_else(unreadable)?,
        read(theirs).ok_or_else(unreadable)?,
    );
    let mut changed = Vec::new();
    leaves(&was, &there, &mut String::new(), &mut changed);
    let mut text = ours.to_owned();
    let mut conflicts = Vec::new();
    for Leaf { path, before, after } in changed {
        let present = here.pointer(&path);
        if present == after.as_ref() {
            continue;
        }
        let steps: Vec<String> =
            path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let edited = match (&after, present == before.as_ref()) {
            (Some(Json::String(value)), true) => edit::set_at(&text, &steps, value, &[]).ok(),
            (None, true) => edit::remove_at(&text, &steps).ok(),
            _ => None,
        };
        match edited {
            Some(edited) => text = edited,
            None => conflicts.push(steps.join(".")),
        }
    }
    if conflicts.is_empty() { Ok(text) } else { Err(conflicts) }
}

fn read(text: &str) -> Option<Json> {
    let path: Arc<str> = METADATA_FILE.into();
    let source = Source { id: SourceId(0), path, text: text.to_owned() };
    let mut sink = Sink::default();
    let node = yaml::parse(&source, &mut sink)?;
    Some(node.to_json())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn what_one_side_changed_is_taken_and_the_other_kept() {
        let base = files(&[
            ("metadata.yaml", "a: x\nb: y\n"),
            ("config/a", "1"),
            ("config/b", "1"),
            ("config/c", "1"),
        ]);
        let ours = files(&[
            ("metadata.yaml", "a: x # why\nb: z\n"),
            ("config/a", "1"),
            ("config/b", "2"),
            ("config/c", "1"),
        ]);
        let theirs = files(&[
            ("metadata.yaml", "a: w\nb: y\n"),
            ("config/a", "3"),
            ("config/b", "1"),
            ("config/d", "4"),
        ]);
        let merged = merge(&base, &ours, &theirs);
        let wanted = files(&[
            ("metadata.yaml", "a: w # why\nb: z\n"),
            ("config/a", "3"),
            ("config/b", "2"),
            ("config/d", "4"),
        ]);
        assert_eq!(merged, Ok(wanted));
    }

    #[test]
    fn what_both_changed_is_named() {
        let base = files(&[("metadata.yaml", "a: x\nb: { c: y }\n"), ("config/a", "1")]);
        let ours = files(&[("metadata.yaml", "a: z\nb: { c: y }\n"), ("config/a", "2")]);
        let theirs = files(&[("metadata.yaml", "a: w\nb: { c: y }\n")]);
        let conflicts = ["`config/a`".to_owned(), "`metadata.yaml` at `a`".to_owned()].to_vec();
        assert_eq!(merge(&base, &ours, &theirs), Err(conflicts));
    }
}

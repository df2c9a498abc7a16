//! Which files a change touches, and whose they are.

use std::collections::BTreeMap;

use crate::fleet::ONBOARDING;
use crate::git::{Changed, Object, ObjectKind};
use crate::policy::transition::{ChangedFile, FileChange};

/// The mode of a plain file.
const PLAIN: u32 = 0o100_644;

/// Files at the top of the repo, and directories there, that reach into what is rendered of every API.
const REACHING: &[&str] = &["argocd", "namespaces", "platform.yaml", "schemas", "templates"];

/// Which files differ, sorted by whose they are.
#[derive(Debug, Default)]
pub struct Files {
    /// Files of each API's directory.
    apis: BTreeMap<String, Vec<ChangedFile>>,
    /// Files outside those directories.
    pub around: Vec<ChangedFile>,
}

impl Files {
    /// Sorts what differs between two revisions.
    pub fn sort(changed: Vec<Changed>) -> Self {
        let mut files = Self::default();
        for change in changed {
            let kind = kind(change.before, change.after);
            let mut parts = change.path.splitn(3, '/');
            match (parts.next(), parts.next(), parts.next()) {
                (Some(ONBOARDING), Some(api), Some(_)) => {
                    let api = api.to_owned();
                    files.apis.entry(api).or_default().push(ChangedFile { path: change.path, kind });
                }
                _ => files.around.push(ChangedFile { path: change.path, kind }),
            }
        }
        files
    }

    /// Returns the names of the directories in which something differs, sorted.
    pub fn apis(&self) -> Vec<String> {
        self.apis.keys().cloned().collect()
    }

    /// Returns what differs in an API's directory.
    pub fn of(&self, api: &str) -> &[ChangedFile] {
        self.apis.get(api).map(Vec::as_slice).unwrap_or_default()
    }

    /// Tells whether something differs that reaches into what is rendered of every API.
    pub fn reach_all(&self) -> bool {
        let top = |file: &ChangedFile| file.path.split('/').next().is_some_and(|top| REACHING.contains(&top));
        self.around.iter().any(top)
    }
}

fn kind(before: Option<Object>, after: Option<Object>) -> FileChange {
    let odd = |object: &Object| object.kind() != ObjectKind::File || object.mode != PLAIN;
    match (before, after) {
        (_, Some(object)) if odd(&object) => FileChange::Odd,
        (Some(object), None) if object.kind() != ObjectKind::File => FileChange::Odd,
        (None, _) => FileChange::Added,
        (_, None) => FileChange::Removed,
        (Some(_), Some(_)) => FileChange::Edited,
    }
}

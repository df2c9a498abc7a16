//! The objects of all branches.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use onramp::diagnostic::Sink;
use onramp::git::{ObjectKind, Repo, Tree};
use onramp::yaml::{Source, SourceId, decode, documents};
use serde_json::Value as Json;

/// Findings that leave no doubt what a cluster would get.
const HARMLESS: &[&str] =
    &["ambiguous-scalar", "duplicate-key", "explicit-tag", "merge-key", "non-string-key"];

/// An object and where it was found.
pub(crate) struct Object {
    pub(crate) branch: String,
    /// The directory of its file, which is as far as objects are looked for that belong together.
    pub(crate) directory: String,
    pub(crate) path: String,
    pub(crate) json: Json,
}

/// The branches of one group.
#[derive(Default)]
pub(crate) struct Corpus {
    pub(crate) objects: Vec<Object>,
    branches: usize,
    files: usize,
    /// Documents that could not be read, by reason.
    unreadable: BTreeMap<String, Vec<String>>,
}

/// Makes a bare repository of a bundle.
pub(crate) fn clone<'a>(bundle: &Path, into: &'a Path) -> Result<&'a Path, Box<dyn Error>> {
    let done = Command::new("git").args(["clone", "--quiet", "--mirror"]).arg(bundle).arg(into).status()?;
    if done.success() { Ok(into) } else { Err(format!("git cannot clone {}", bundle.display()).into()) }
}

impl Corpus {
    /// Reads every branch, by group.
    pub(crate) fn read(repository: &Path) -> Result<BTreeMap<String, Self>, Box<dyn Error>> {
        let listed = Command::new("git")
            .arg("-C")
            .arg(repository)
            .args(["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/"])
            .output()?;
        let repo = Repo::discover(repository)?;
        let mut groups: BTreeMap<String, Self> = BTreeMap::new();
        for branch in String::from_utf8(listed.stdout)?.lines() {
            let group = branch.split_once('/').map_or("", |(group, _)| group);
            let corpus = groups.entry(group.to_owned()).or_default();
            corpus.branches += 1;
            corpus.directory(&repo.tree(&format!("refs/heads/{branch}"))?, branch, "")?;
        }
        Ok(groups)
    }

    fn directory(&mut self, tree: &Tree, branch: &str, directory: &str) -> Result<(), Box<dyn Error>> {
        for node in tree.list(directory)?.iter().flat_map(|nodes| nodes.iter()) {
            let name = String::from_utf8_lossy(&node.name);
            let path = if directory.is_empty() { name.into_owned() } else { format!("{directory}/{name}") };
            let is_yaml = [".yaml", ".yml", ".json"].iter().any(|extension| path.ends_with(extension));
            match node.object.kind() {
                ObjectKind::Directory => self.directory(tree, branch, &path)?,
                ObjectKind::File if is_yaml => {
                    self.files += 1;
                    let bytes = tree.read(&path, 1 << 24)?.unwrap_or_default();
                    self.file(branch, directory, &path, bytes);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn file(&mut self, branch: &str, directory: &str, path: &str, bytes: Vec<u8>) {
        let mut sink = Sink::default();
        let shown: Arc<str> = Arc::from(path);
        let Some(text) = decode(&shown, bytes, &mut sink) else {
            let reason = sink.into_findings().first().map_or("", |finding| finding.code.name);
            return self.refuse(reason, branch, path);
        };
        for document in documents(&Source { id: SourceId(0), path: shown, text }) {
            let reason = document.findings.iter().map(|finding| finding.code.name);
            match (reason.into_iter().find(|code| !HARMLESS.contains(code)), document.to_json()) {
                (None, Some(json)) => self.object(branch, directory, path, json),
                (reason, _) => self.refuse(reason.unwrap_or("unreadable"), branch, path),
            }
        }
    }

    fn object(&mut self, branch: &str, directory: &str, path: &str, json: Json) {
        let kind = json["kind"].as_str().unwrap_or_default();
        if kind.ends_with("List")
            && let Some(items) = json["items"].as_array()
        {
            for item in items {
                self.object(branch, directory, path, item.clone());
            }
        } else if !kind.is_empty() {
            let (branch, directory, path) = (branch.to_owned(), directory.to_owned(), path.to_owned());
            self.objects.push(Object { branch, directory, path, json });
        }
    }

    fn refuse(&mut self, reason: &str, branch: &str, path: &str) {
        self.unreadable.entry(reason.to_owned()).or_default().push(format!("{branch}:{path}"));
    }

    pub(crate) fn print(&self, quiet: bool) {
        println!("{} branches, {} files, {} objects", self.branches, self.files, self.objects.len());
        for (reason, places) in &self.unreadable {
            println!("not read: {} documents, {reason}", places.len());
            if !quiet {
                for place in places {
                    println!("  {place}");
                }
            }
        }
    }
}

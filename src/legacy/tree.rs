//! The files of a branch: each is listed, and the text of those that may hold objects is read, once.

use std::sync::Arc;

use super::Skipped;
use crate::diagnostic::Sink;
use crate::git::{GitError, Node, Object, ObjectKind, Tree};
use crate::yaml::{self, codes};

/// How many files of a branch are read. No service has as many by hand.
const MAX_FILES: usize = 5_000;
/// How many entries of a branch are listed; a tree can hold itself many times over.
const MAX_ENTRIES: usize = 100_000;
/// How deep directories may lie.
const MAX_DEPTH: usize = 64;
/// How much text of a branch is read, in bytes.
const MAX_TEXT: usize = 64 << 20;
/// The longest path that is told.
const MAX_PATH: usize = 4_096;

/// What a file of YAML ends with.
const ENDINGS: [&str; 3] = [".yaml", ".yml", ".json"];
/// What is put behind that by those who make the file of a template.
const TEMPLATES: [&str; 12] = [
    ".tmpl",
    ".tpl",
    ".gotmpl",
    ".template",
    ".templ",
    ".j2",
    ".jinja",
    ".jinja2",
    ".in",
    ".erb",
    ".mustache",
    ".envsubst",
];
/// The names of a kustomization's file.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A file of a branch.
#[derive(Debug)]
pub(super) struct Listed {
    /// Path in the branch.
    pub(super) path: Arc<str>,
    /// What it says, or why that is not read.
    pub(super) text: Result<String, Skipped>,
}

/// Lists all files of a revision, sorted by path.
///
/// # Errors
/// If the top directory cannot be read. What is wrong with anything below is said of it.
pub(super) fn list(tree: &Tree) -> Result<Vec<Listed>, GitError> {
    let mut walk = Walk { tree, listed: Vec::new(), wanted: Vec::new() };
    if let Some(nodes) = tree.list("")? {
        walk.directory("", &nodes, 0);
    }
    let Walk { mut listed, mut wanted, .. } = walk;
    wanted.sort_by(|a, b| listed[*a].path.cmp(&listed[*b].path));
    let mut room = MAX_TEXT;
    for (count, index) in wanted.into_iter().enumerate() {
        let file = &mut listed[index];
        file.text = if count < MAX_FILES { read(tree, &file.path, &mut room) } else { Err(Skipped::TooMany) };
    }
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(listed)
}

struct Walk<'a> {
    tree: &'a Tree,
    listed: Vec<Listed>,
    /// The files that are to be read, by their place in the list.
    wanted: Vec<usize>,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &str, nodes: &[Node], depth: usize) {
        for node in nodes {
            if self.listed.len() >= MAX_ENTRIES {
                self.skip(directory, Skipped::TooMany);
                return;
            }
            let name = String::from_utf8_lossy(&node.name);
            let path = join(directory, &name);
            let is_plain = std::str::from_utf8(&node.name).is_ok() && node.is_plain_name();
            if !is_plain || path.len() > MAX_PATH {
                self.skip(&path, Skipped::BadName);
                continue;
            }
            self.entry(&path, &name, node.object, depth);
        }
    }

    fn entry(&mut self, path: &str, name: &str, object: Object, depth: usize) {
        match object.kind() {
            ObjectKind::Directory if depth >= MAX_DEPTH => {
                let reason = format!("directories lie deeper than {MAX_DEPTH} levels");
                self.skip(path, Skipped::Unreadable(reason));
            }
            ObjectKind::Directory => match self.tree.list(path) {
                Ok(nodes) => self.directory(path, &nodes.unwrap_or_default(), depth + 1),
                Err(error) => self.skip(path, Skipped::Unreadable(error.to_string())),
            },
            ObjectKind::File if is_yaml(name) => {
                self.wanted.push(self.listed.len());
                self.skip(path, Skipped::NotYaml);
            }
            ObjectKind::File => self.skip(path, Skipped::NotYaml),
            ObjectKind::Symlink => self.skip(path, Skipped::Link),
            ObjectKind::Other => self.skip(path, Skipped::Submodule),
        }
    }

    fn skip(&mut self, path: &str, reason: Skipped) {
        self.listed.push(Listed { path: path.into(), text: Err(reason) });
    }
}

fn read(tree: &Tree, path: &Arc<str>, room: &mut usize) -> Result<String, Skipped> {
    let bytes = match tree.read(path, yaml::MAX_BYTES as u64) {
        Ok(bytes) => bytes.unwrap_or_default(),
        Err(GitError::TooLarge { size, .. }) => return Err(Skipped::TooLarge(size)),
        Err(error) => return Err(Skipped::Unreadable(error.to_string())),
    };
    match room.checked_sub(bytes.len()) {
        Some(left) => *room = left,
        None => {
            return Err(Skipped::Unreadable(format!("the branch has more than {MAX_TEXT} bytes of YAML")));
        }
    }
    let mut sink = Sink::default();
    yaml::decode(path, bytes, &mut sink).ok_or_else(|| match sink.into_findings().pop() {
        Some(finding) if finding.code.name == codes::ENCRYPTED_FILE.name => Skipped::Encrypted,
        Some(finding) => Skipped::Unreadable(finding.message),
        None => Skipped::Unreadable("it is no text".to_owned()),
    })
}

/// Returns the path of an entry of a directory.
pub(super) fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// Splits a path into directory and name.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Tells whether a file is called as kustomize wants it.
pub(super) fn is_kustomization(path: &str) -> bool {
    KUSTOMIZATIONS.contains(&split(path).1)
}

/// Returns the name of a file without the endings that say what it is; nothing where they do not say YAML.
pub(super) fn stem(name: &str) -> Option<&str> {
    let lower = name.to_ascii_lowercase();
    let plain = TEMPLATES.iter().find_map(|ending| lower.strip_suffix(ending)).unwrap_or(&lower);
    let length = ENDINGS.iter().find_map(|ending| plain.strip_suffix(ending)).map(str::len)?;
    name.get(..length)
}

fn is_yaml(name: &str) -> bool {
    stem(name).is_some() || KUSTOMIZATIONS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_say_what_may_hold_objects() {
        let told = |name| stem(name).map(str::to_owned);
        assert_eq!(told("deployment-dev.yml").as_deref(), Some("deployment-dev"));
        assert_eq!(told("a.prod.YAML").as_deref(), Some("a.prod"));
        assert_eq!(told("a.yaml.tmpl").as_deref(), Some("a"));
        assert_eq!(told("a.yml.j2").as_deref(), Some("a"));
        assert_eq!(told("list.json").as_deref(), Some("list"));
        assert_eq!(told(".yaml").as_deref(), Some(""));
        for name in ["a.txt", "yaml", "a.tmpl", "a.yaml.bak", "a.jsonnet", "Kustomization"] {
            assert_eq!(told(name), None, "{name}");
        }
        assert!(is_yaml("Kustomization") && !is_yaml("kustomization"));
        assert!(is_kustomization("a/b/kustomization.yml") && !is_kustomization("a/kustomization.json"));
    }
}

//! Whether something at a path changed from one commit to the next.

use std::io::{BufRead, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};

use super::record::Commit;
use crate::git::command::said;
use crate::git::object::find_in_tree;
use crate::git::plumbing::Plumbing;
use crate::git::{Bytes, GitError, Object, ObjectId, ObjectKind, Objects, Repo, Wanted};

/// No directory of a config repo comes near; a tree object is read whole.
const TREE_LIMIT: u64 = 64 << 20;

/// How it is found out.
pub(super) enum Paths<'a> {
    /// By the names of the objects, read one by one.
    Trees(Trees<'a>),
    /// By git, which lists the commits that change something there.
    Listed(Box<Listed>),
}

/// The objects at some paths.
pub(super) struct Trees<'a> {
    prefix: &'a str,
    paths: &'a [String],
    /// What was there last, and in which top directory.
    last: Option<(ObjectId, Vec<Option<Object>>)>,
    /// The directory that was last read at each depth.
    read: Vec<(ObjectId, Vec<u8>)>,
    /// What each path came to in it, by path and depth.
    known: Vec<Vec<(ObjectId, Option<Object>)>>,
}

/// The commits that git lists.
pub(super) struct Listed {
    child: Child,
    names: BufReader<ChildStdout>,
    /// The next one that changes something; nothing where there is none any more.
    next: Option<ObjectId>,
}

impl<'a> Paths<'a> {
    pub(super) fn new(repo: &'a Repo, from: &ObjectId, paths: &'a [String]) -> Result<Self, GitError> {
        match &*repo.objects {
            Objects::Plumbing(plumbing, _) if !paths.is_empty() => {
                let paths: Vec<String> = paths.iter().map(|path| join(repo.prefix(), path)).collect();
                Listed::start(plumbing, from, &paths).map(|listed| Self::Listed(Box::new(listed)))
            }
            _ => Ok(Self::Trees(Trees {
                prefix: repo.prefix(),
                paths,
                last: None,
                read: Vec::new(),
                known: vec![Vec::new(); paths.len()],
            })),
        }
    }

    /// Tells whether one of the paths is another object in a commit than in its first parent.
    pub(super) fn changed(
        &mut self,
        repo: &Repo,
        commit: &Commit,
        parent: Option<&Commit>,
    ) -> Result<bool, GitError> {
        match self {
            Self::Trees(trees) => trees.changed(repo, commit, parent),
            Self::Listed(listed) => listed.changed(repo, commit),
        }
    }
}

impl Trees<'_> {
    fn changed(&mut self, repo: &Repo, commit: &Commit, parent: Option<&Commit>) -> Result<bool, GitError> {
        if self.paths.is_empty() {
            return Ok(false);
        }
        let own = match self.last.take() {
            Some((root, own)) if root == commit.tree => own,
            _ => self.objects(repo, commit.tree)?,
        };
        let Some(parent) = parent else { return Ok(own.iter().any(Option::is_some)) };
        if parent.tree == commit.tree {
            self.last = Some((parent.tree, own));
            return Ok(false);
        }
        let before = self.objects(repo, parent.tree)?;
        let changed = own != before;
        self.last = Some((parent.tree, before));
        Ok(changed)
    }

    fn objects(&mut self, repo: &Repo, root: ObjectId) -> Result<Vec<Option<Object>>, GitError> {
        (0..self.paths.len()).map(|path| self.object(repo, root, path)).collect()
    }

    fn object(&mut self, repo: &Repo, root: ObjectId, index: usize) -> Result<Option<Object>, GitError> {
        let paths = self.paths;
        let mut found = Some(Object { mode: 0o040_000, id: root });
        let names = self.prefix.split('/').chain(paths[index].split('/')).filter(|name| !name.is_empty());
        for (depth, name) in names.enumerate() {
            let Some(directory) = found.filter(|object| object.kind() == ObjectKind::Directory) else {
                return Ok(None);
            };
            let known = self.known[index].get(depth).filter(|(tree, _)| *tree == directory.id);
            if let Some((_, object)) = known {
                found = *object;
                continue;
            }
            if self.read.get(depth).is_none_or(|(tree, _)| *tree != directory.id) {
                let raw = match repo.objects.read(&directory.id, Wanted::Tree, TREE_LIMIT)? {
                    Bytes::All(raw) => raw,
                    Bytes::TooLarge(size) => {
                        return Err(damaged(
                            repo,
                            &directory.id,
                            &format!("a directory listing of {size} bytes"),
                        ));
                    }
                };
                put(&mut self.read, depth, (directory.id, raw));
            }
            found = find_in_tree(&self.read[depth].1, name.as_bytes(), &directory.id)
                .map_err(|()| damaged(repo, &directory.id, "it is damaged"))?;
            put(&mut self.known[index], depth, (directory.id, found));
        }
        Ok(found)
    }
}

/// Puts something into its place; the places before it are filled already.
fn put<T>(list: &mut Vec<T>, at: usize, value: T) {
    match list.get_mut(at) {
        Some(place) => *place = value,
        None => list.push(value),
    }
}

fn damaged(repo: &Repo, id: &ObjectId, message: &str) -> GitError {
    GitError::Object { path: repo.objects.path(), object: id.to_string(), message: message.to_owned() }
}

fn join(prefix: &str, path: &str) -> String {
    if prefix.is_empty() { path.to_owned() } else { format!("{prefix}/{path}") }
}

impl Listed {
    fn start(plumbing: &Plumbing, from: &ObjectId, paths: &[String]) -> Result<Self, GitError> {
        let failed = |message: String| plumbing.failed("rev-list", message);
        let mut child = plumbing
            .command()
            .args(["--literal-pathspecs", "rev-list", "--first-parent", &from.to_string(), "--"])
            .args(paths)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let Some(names) = child.stdout.take() else { return Err(failed("it has no output".to_owned())) };
        let mut listed = Self { child, names: BufReader::new(names), next: None };
        listed.advance().map_err(failed)?;
        Ok(listed)
    }

    fn changed(&mut self, repo: &Repo, commit: &Commit) -> Result<bool, GitError> {
        if self.next != Some(commit.id) {
            return Ok(false);
        }
        let path = repo.objects.path();
        self.advance().map_err(|message| GitError::Command { path, command: "rev-list", message })?;
        Ok(true)
    }

    fn advance(&mut self) -> Result<(), String> {
        let mut line = String::new();
        self.names.read_line(&mut line).map_err(|error| error.to_string())?;
        self.next = ObjectId::from_hex(line.trim());
        if self.next.is_some() {
            return Ok(());
        }
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() {
            return Ok(());
        }
        let mut words = Vec::new();
        // What it says is short, and fits the pipe that nobody emptied.
        if let Some(errors) = &mut self.child.stderr {
            _ = errors.take(64 << 10).read_to_end(&mut words);
        }
        Err(said(&words))
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        // It only reads; both fail only if it is gone.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

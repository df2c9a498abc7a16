//! Trees for a change, written without index or work tree.
//!
//! Only the directories on the way to a changed file are read and written again, so a partial clone needs no others, and a
//! directory of 10,000 APIs is one object.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::library::Library;
use super::object::{DIRECTORY, git_order, write_tree};
use super::staged::MAX_DEPTH;
use super::{GitError, Node, Object, ObjectId, ObjectKind, Objects, Repo, Tree, Wanted, name};

mod installed;
#[cfg(test)]
mod tests;

/// Files as they shall be: the path from [`Repo::prefix`], and the content, or nothing for a file that goes.
pub type Files = BTreeMap<String, Option<Vec<u8>>>;

/// The mode of a file that is new.
const FILE: u32 = 0o100_644;

impl Repo {
    /// Writes the blobs and trees of a change on the tree of a commit, and returns the new tree. Everything else stays as it
    /// is, modes and what lies outside the prefix included; a new file gets mode 644, and a directory whose last file
    /// goes goes too. To remove what is not there changes nothing. Objects that no reference leads to harm nobody, so that
    /// to stop halfway leaves the repository as it was.
    ///
    /// # Errors
    /// If a path cannot be that of a file, is or passes through a symbolic link or a submodule, or has a directory or file where the
    /// other is needed; if an object cannot be read or written.
    pub fn write_tree(&self, on: &ObjectId, files: &Files) -> Result<ObjectId, GitError> {
        let mut change = Change::default();
        for (path, content) in files {
            change.add(&self.location.prefix, path, content.as_deref())?;
        }
        let nothing = self.named(Wanted::Tree, b"", on.is_sha256())?;
        let old = if *on == nothing { nothing } else { self.objects.tree_of(on)? };
        let mut edit = Edit {
            repo: self,
            tree: Tree::new(Arc::clone(&self.objects), *on, old, "")?,
            sha256: on.is_sha256(),
            library: self.writing_library()?,
            nothing,
            blobs: Vec::new(),
            trees: Vec::new(),
        };
        let new = match edit.directory("", old, &change)? {
            Some(new) => new,
            None => edit.write(Wanted::Tree, Vec::new())?,
        };
        edit.finish()?;
        Ok(new)
    }

    /// Returns the library, where it writes objects as git does. It knows nothing of directories that several users write to.
    fn writing_library(&self) -> Result<Option<&Library>, GitError> {
        match &*self.objects {
            Objects::Library(library) => Ok((!library.is_shared()?).then_some(library)),
            Objects::Plumbing(..) => Ok(None),
        }
    }

    fn named(&self, kind: Wanted, content: &[u8], sha256: bool) -> Result<ObjectId, GitError> {
        name::of(kind, content, sha256).ok_or_else(|| GitError::Write {
            path: self.location.top.clone(),
            message: "an object cannot be named".to_owned(),
        })
    }
}

/// What becomes of a file.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Fate<'a> {
    /// Nothing is said of it.
    #[default]
    Stays,
    Goes,
    Becomes(&'a [u8]),
}

/// What becomes of a path, and of those below it.
#[derive(Default)]
struct Change<'a> {
    file: Fate<'a>,
    below: BTreeMap<&'a str, Self>,
}

impl<'a> Change<'a> {
    fn add(&mut self, prefix: &'a str, path: &'a str, content: Option<&'a [u8]>) -> Result<(), GitError> {
        let invalid = |reason| Err(GitError::InvalidPath { path: path.to_owned(), reason });
        let above = prefix.split('/').filter(|name| !name.is_empty());
        let mut here = self;
        for (depth, name) in above.chain(path.split('/')).enumerate() {
            if depth == MAX_DEPTH {
                return invalid("it is too deep");
            }
            if matches!(name, "" | "." | "..") {
                return invalid("it has a name that no file has");
            }
            if name.contains('\0') {
                return invalid("it has a NUL");
            }
            // Windows has a second name for `.git`.
            if name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1") {
                return invalid("it has the name of git's own directory");
            }
            here = here.below.entry(name).or_default();
        }
        here.file = content.map_or(Fate::Goes, Fate::Becomes);
        Ok(())
    }

    /// Tells whether a file is written here or below.
    fn writes(&self) -> bool {
        matches!(self.file, Fate::Becomes(_)) || self.below.values().any(Self::writes)
    }
}

struct Edit<'a> {
    repo: &'a Repo,
    tree: Tree,
    sha256: bool,
    library: Option<&'a Library>,
    /// The name of a tree without entries, which need not be there to be read.
    nothing: ObjectId,
    /// What the installed git has to write.
    blobs: Vec<(ObjectId, Vec<u8>)>,
    trees: Vec<(ObjectId, Vec<u8>)>,
}

impl Edit<'_> {
    /// Changes a directory, and returns its new name, or nothing where it is empty.
    fn directory(
        &mut self,
        path: &str,
        old: ObjectId,
        change: &Change<'_>,
    ) -> Result<Option<ObjectId>, GitError> {
        let before = if old == self.nothing { Arc::default() } else { self.tree.nodes(old)? };
        if let Some(pair) = before.windows(2).find(|pair| pair[0].name == pair[1].name) {
            let name = String::from_utf8_lossy(&pair[0].name);
            return Err(GitError::Object {
                path: self.repo.location.top.clone(),
                object: old.to_string(),
                message: format!("it has `{name}` twice"),
            });
        }
        let mut nodes = before.to_vec();
        for (name, change) in &change.below {
            let path = if path.is_empty() { (*name).to_owned() } else { format!("{path}/{name}") };
            let place = nodes.binary_search_by(|node| (*node.name).cmp(name.as_bytes()));
            let found = place.ok().map(|index| nodes[index].object);
            let object = self.entry(&path, found, change)?;
            match (place, object) {
                (Ok(index), Some(object)) => nodes[index].object = object,
                (Ok(index), None) => drop(nodes.remove(index)),
                (Err(index), Some(object)) => {
                    nodes.insert(index, Node { name: name.as_bytes().into(), object });
                }
                (Err(_), None) => {}
            }
        }
        if nodes.is_empty() {
            return Ok(None);
        }
        if *nodes == *before {
            return Ok(Some(old));
        }
        nodes.sort_unstable_by(git_order);
        self.write(Wanted::Tree, write_tree(&nodes)).map(Some)
    }

    /// Changes one entry of a directory, and what lies below it.
    fn entry(
        &mut self,
        path: &str,
        found: Option<Object>,
        change: &Change<'_>,
    ) -> Result<Option<Object>, GitError> {
        let path = || path.to_owned();
        let mut entry = found;
        if !change.below.is_empty() {
            let old = match found.map(|object| (object.kind(), object)) {
                None => self.nothing,
                Some((ObjectKind::Directory, object)) => object.id,
                Some((ObjectKind::Symlink, _)) => return Err(GitError::Symlink { path: path() }),
                // A file makes room for a directory where it is said to go, and is in nobody's way where nothing comes.
                Some((ObjectKind::File, _)) if change.file == Fate::Goes => self.nothing,
                Some((ObjectKind::File, _)) if !change.below.values().any(Change::writes) => {
                    return self.file(&path(), entry, change.file);
                }
                Some(_) => return Err(GitError::NotADirectory { path: path() }),
            };
            let new = self.directory(&path(), old, change)?;
            entry = new.map(|id| Object { mode: DIRECTORY, id });
            if entry.is_some() && change.file == Fate::Goes {
                return Ok(entry);
            }
        }
        self.file(&path(), entry, change.file)
    }

    fn file(
        &mut self,
        path: &str,
        entry: Option<Object>,
        fate: Fate<'_>,
    ) -> Result<Option<Object>, GitError> {
        if fate == Fate::Stays {
            return Ok(entry);
        }
        match entry.map(Object::kind) {
            None | Some(ObjectKind::File) => {}
            Some(ObjectKind::Symlink) => return Err(GitError::Symlink { path: path.to_owned() }),
            Some(ObjectKind::Directory | ObjectKind::Other) => {
                return Err(GitError::NotAFile { path: path.to_owned() });
            }
        }
        let Fate::Becomes(content) = fate else { return Ok(None) };
        let mode = entry.map_or(FILE, |object| object.mode);
        Ok(Some(Object { mode, id: self.write(Wanted::Blob, content.to_vec())? }))
    }

    fn write(&mut self, kind: Wanted, content: Vec<u8>) -> Result<ObjectId, GitError> {
        if let Some(library) = self.library {
            return library.write(kind, &content);
        }
        let id = self.repo.named(kind, &content, self.sha256)?;
        match kind {
            Wanted::Blob => self.blobs.push((id, content)),
            // No commit is written here; git would refuse one in the place of a directory.
            Wanted::Tree | Wanted::Commit => self.trees.push((id, content)),
        }
        Ok(id)
    }

    /// Has the installed git write what was put aside: files before the directories that name them.
    fn finish(&self) -> Result<(), GitError> {
        installed::write(&self.repo.location, Wanted::Blob, &self.blobs)?;
        installed::write(&self.repo.location, Wanted::Tree, &self.trees)
    }
}

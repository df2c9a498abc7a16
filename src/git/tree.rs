//! The files of one revision.

use std::collections::HashMap;
use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, PoisonError, RwLock};

use super::object::parse_tree;
use super::{Bytes, GitError, Node, Object, ObjectId, ObjectKind, Objects, Wanted, library};

/// No directory of a config repo comes near; a tree object is read whole.
const TREE_LIMIT: u64 = 64 << 20;

/// The files of one revision, below the directory that the repository was asked for.
///
/// Files come raw from the object database: no smudge filter, no line-end conversion, no LFS. Paths are taken as they
/// are, relative and with `/`; a name such as `..` is a name that no tree has.
pub struct Tree {
    objects: Arc<Objects>,
    named: ObjectId,
    /// `None` if the revision has no such directory.
    root: Option<ObjectId>,
    /// Trees that were read, by object name. libgit2 keeps only small ones, and a directory of 10,000 APIs is not small.
    trees: RwLock<HashMap<ObjectId, Arc<[Node]>>>,
}

impl Clone for Tree {
    fn clone(&self) -> Self {
        let trees = self.trees.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Self { objects, named, root, .. } = self;
        Self { objects: Arc::clone(objects), named: *named, root: *root, trees: RwLock::new(trees) }
    }
}

impl Tree {
    pub(super) fn new(
        objects: Arc<Objects>,
        named: ObjectId,
        root: ObjectId,
        prefix: &str,
    ) -> Result<Self, GitError> {
        Self { objects, named, root: Some(root), trees: RwLock::default() }.below(prefix)
    }

    /// Makes one of directories that no object is for. Without any of them it has no files, and the name of nothing.
    pub(super) fn of_index(
        objects: Arc<Objects>,
        root: Option<ObjectId>,
        trees: HashMap<ObjectId, Arc<[Node]>>,
        prefix: &str,
    ) -> Result<Self, GitError> {
        let named = root.unwrap_or(ObjectId::NOTHING);
        Self { objects, named, root, trees: RwLock::new(trees) }.below(prefix)
    }

    /// Goes down into a directory.
    fn below(mut self, prefix: &str) -> Result<Self, GitError> {
        self.root = match self.find(prefix)? {
            Some(object) => Some(directory(prefix, object)?),
            None => None,
        };
        Ok(self)
    }

    /// Returns the commit, or the tree where the revision named one.
    pub fn id(&self) -> ObjectId {
        self.named
    }

    /// Lists a directory, sorted by name; `None` if there is none.
    ///
    /// # Errors
    /// If the path is no directory, passes through a symbolic link, or an object cannot be read.
    pub fn list(&self, dir: &str) -> Result<Option<Arc<[Node]>>, GitError> {
        match self.find(dir)? {
            Some(object) => self.nodes(directory(dir, object)?).map(Some),
            None => Ok(None),
        }
    }

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    /// If the path is no file, is or passes through a symbolic link, is larger than `limit`, or cannot be read.
    pub fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
        let Some(object) = self.find(path)? else { return Ok(None) };
        match object.kind() {
            ObjectKind::File => {}
            ObjectKind::Symlink => return Err(GitError::Symlink { path: path.to_owned() }),
            ObjectKind::Directory | ObjectKind::Other => {
                return Err(GitError::NotAFile { path: path.to_owned() });
            }
        }
        match self.objects.read(&object.id, Wanted::Blob, limit)? {
            Bytes::All(bytes) => Ok(Some(bytes)),
            Bytes::TooLarge(size) => Err(GitError::TooLarge { path: path.to_owned(), size, limit }),
        }
    }

    /// Tells whether a file of this revision holds exactly these bytes. The file itself is read only where its name does
    /// not say it.
    ///
    /// # Errors
    /// If the object cannot be read.
    pub fn holds(&self, file: &Object, bytes: &[u8]) -> Result<bool, GitError> {
        if let Some(told) = library::is_blob(&file.id, bytes) {
            return Ok(told);
        }
        match self.objects.read(&file.id, Wanted::Blob, bytes.len() as u64)? {
            Bytes::All(content) => Ok(content == bytes),
            Bytes::TooLarge(_) => Ok(false),
        }
    }

    /// Looks up a path; `None` if there is nothing. The top is a directory.
    ///
    /// # Errors
    /// If the path passes through a symbolic link, or a tree cannot be read.
    pub fn find(&self, path: &str) -> Result<Option<Object>, GitError> {
        let Some(mut found) = self.top() else { return Ok(None) };
        let mut start = 0;
        for name in path.split('/') {
            let end = start + name.len();
            if !matches!(name, "" | ".") {
                match found.kind() {
                    ObjectKind::Directory => {}
                    ObjectKind::Symlink => {
                        return Err(GitError::Symlink {
                            path: path[..start].trim_end_matches('/').to_owned(),
                        });
                    }
                    ObjectKind::File | ObjectKind::Other => return Ok(None),
                }
                let nodes = self.nodes(found.id)?;
                let Ok(index) = nodes.binary_search_by(|node| (*node.name).cmp(name.as_bytes())) else {
                    return Ok(None);
                };
                if !nodes[index].is_plain_name() {
                    return Ok(None);
                }
                found = nodes[index].object;
            }
            start = end + 1;
        }
        Ok(Some(found))
    }

    /// Returns the directory that paths start at; nothing if the revision does not have it.
    pub(super) fn top(&self) -> Option<Object> {
        self.root.map(|id| Object { mode: 0o040_000, id })
    }

    /// Reads an object as it is stored.
    pub(super) fn raw(&self, id: &ObjectId, wanted: Wanted, limit: u64) -> Result<Bytes, GitError> {
        self.objects.read(id, wanted, limit)
    }

    /// Returns the repository's place, for messages.
    pub(super) fn place(&self) -> std::path::PathBuf {
        self.objects.path()
    }

    pub(super) fn nodes(&self, id: ObjectId) -> Result<Arc<[Node]>, GitError> {
        if let Some(nodes) = self.trees.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(nodes));
        }
        let damaged =
            |message: String| GitError::Object { path: self.objects.path(), object: id.to_string(), message };
        let raw = match self.objects.read(&id, Wanted::Tree, TREE_LIMIT)? {
            Bytes::All(raw) => raw,
            Bytes::TooLarge(size) => return Err(damaged(format!("a directory listing of {size} bytes"))),
        };
        let nodes: Arc<[Node]> =
            parse_tree(&raw, &id).ok_or_else(|| damaged("it is damaged".to_owned()))?.into();
        self.trees.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&nodes));
        Ok(nodes)
    }
}

impl Debug for Tree {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "Tree({})", self.named)
    }
}

fn directory(path: &str, object: Object) -> Result<ObjectId, GitError> {
    match object.kind() {
        ObjectKind::Directory => Ok(object.id),
        ObjectKind::Symlink => Err(GitError::Symlink { path: path.to_owned() }),
        ObjectKind::File | ObjectKind::Other => Err(GitError::NotADirectory { path: path.to_owned() }),
    }
}

//! Reading through libgit2.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use git2::{ErrorCode, ObjectType, Oid, ReferenceType, Repository, RepositoryOpenFlags};

use super::discover::Location;
use super::head::Reference;
use super::list::{Branch, DIRECTORIES, is_alias};
use super::{Bytes, GitError, ObjectId, Resolved, Wanted};

/// A pool of handles on one repository. A handle is not `Sync`, so each thread that reads takes one for that time.
pub(super) struct Library {
    top: PathBuf,
    quarantine: Option<String>,
    idle: Mutex<Vec<Repository>>,
}

impl Library {
    /// Opens the repository once, which checks that it can be opened and belongs to the user.
    pub(super) fn open(location: &Location) -> Result<Self, GitError> {
        // libgit2 would hash every object that it reads, which doubles the time of reading a fleet. Git itself does not:
        // objects are hashed when they come in, and damage on disk shows when they are inflated.
        static UNHASHED: Once = Once::new();
        UNHASHED.call_once(|| git2::opts::strict_hash_verification(false));
        let library = Self { top: location.top.clone(), quarantine: None, idle: Mutex::default() };
        let first = library.another()?;
        library.give_back(first);
        Ok(library)
    }

    /// Adds a directory of objects that are not yet part of the repository.
    pub(super) fn with_quarantine(mut self, objects: &Path) -> Self {
        self.quarantine = objects.to_str().map(ToOwned::to_owned);
        self.idle = Mutex::default();
        self
    }

    /// Returns the top of the work tree, or the bare repository.
    pub(super) fn path(&self) -> &Path {
        &self.top
    }

    pub(super) fn resolve(&self, revision: &str) -> Result<Resolved, GitError> {
        self.with(|repository| {
            let found = match repository.revparse_single(revision) {
                Ok(found) => found,
                Err(error) if unknown(&error) => return Ok(Resolved::Unknown),
                Err(error) => return Err(self.error(&error)),
            };
            let Ok(tree) = found.peel(ObjectType::Tree) else { return Ok(Resolved::NoTree) };
            let named = found.peel(ObjectType::Commit).unwrap_or(found);
            Ok(Resolved::Tree { named: self.object_id(named.id())?, tree: self.object_id(tree.id())? })
        })
    }

    pub(super) fn merge_bases(&self, one: &ObjectId, other: &ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let oid = |id: &ObjectId| Oid::from_bytes(id.as_bytes()).map_err(|error| self.error(&error));
        let (one, other) = (oid(one)?, oid(other)?);
        self.with(|repository| match repository.merge_bases(one, other) {
            Ok(found) => found.iter().map(|oid| self.object_id(*oid)).collect(),
            Err(error)
                if error.code() == ErrorCode::NotFound
                    && is_commit(repository, one)
                    && is_commit(repository, other) =>
            {
                Ok(Vec::new())
            }
            Err(error) => Err(self.error(&error)),
        })
    }

    pub(super) fn read(&self, id: &ObjectId, wanted: Wanted, limit: u64) -> Result<Bytes, GitError> {
        let fail = |message: &str| GitError::Object {
            path: self.top.clone(),
            object: id.to_string(),
            message: message.to_owned(),
        };
        let oid = Oid::from_bytes(id.as_bytes()).map_err(|error| fail(error.message()))?;
        self.with(|repository| {
            let odb = repository.odb().map_err(|error| self.error(&error))?;
            // The header first: a reader's limit must hold before the object is in memory.
            let (size, kind) = odb.read_header(oid).map_err(|error| fail(error.message()))?;
            if kind != wanted.object_type() {
                return Err(fail("it is of another type than the tree says"));
            }
            if size as u64 > limit {
                return Ok(Bytes::TooLarge(size as u64));
            }
            let object = odb.read(oid).map_err(|error| fail(error.message()))?;
            Ok(Bytes::All(object.data().to_vec()))
        })
    }

    /// Returns the tree of a commit, a tag or a tree.
    pub(super) fn tree_of(&self, id: &ObjectId) -> Result<ObjectId, GitError> {
        let fail = |error: git2::Error| GitError::Object {
            path: self.top.clone(),
            object: id.to_string(),
            message: error.message().to_owned(),
        };
        let oid = Oid::from_bytes(id.as_bytes()).map_err(fail)?;
        self.with(|repository| {
            let object = repository.find_object(oid, None).map_err(fail)?;
            self.object_id(object.peel(ObjectType::Tree).map_err(fail)?.id())
        })
    }

    /// Tells whether objects are shared by several users (`core.sharedRepository`), and need modes that this library gives none.
    pub(super) fn is_shared(&self) -> Result<bool, GitError> {
        self.with(|repository| {
            let config = repository.config().map_err(|error| self.error(&error))?;
            match config.get_string("core.sharedRepository") {
                Ok(text) => {
                    Ok(!matches!(&*text.to_ascii_lowercase(), "umask" | "false" | "no" | "off" | "0"))
                }
                Err(error) if error.code() == ErrorCode::NotFound => Ok(false),
                // A variable without a value is true.
                Err(_) => Ok(true),
            }
        })
    }

    /// Writes an object, and returns its name. One that is there is not written again.
    pub(super) fn write(&self, kind: Wanted, content: &[u8]) -> Result<ObjectId, GitError> {
        let fail = |error: git2::Error| GitError::Write {
            path: self.top.clone(),
            message: error.message().to_owned(),
        };
        self.with(|repository| {
            let odb = repository.odb().map_err(fail)?;
            self.object_id(odb.write(kind.object_type(), content).map_err(fail)?)
        })
    }

    /// Returns what a reference names, by its full name.
    pub(super) fn reference(&self, name: &str) -> Result<Option<Reference>, GitError> {
        self.with(|repository| {
            let found = match repository.find_reference(name) {
                Ok(found) => found,
                Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
                Err(error) => return Err(self.error(&error)),
            };
            if found.kind() == Some(ReferenceType::Symbolic) {
                let target = found.symbolic_target().ok().flatten();
                let target = target.ok_or_else(|| GitError::Library {
                    path: self.top.clone(),
                    message: format!("what `{name}` leads to is not UTF-8"),
                })?;
                return Ok(Some(Reference::Symbolic(target.to_owned())));
            }
            found.target().map(|oid| self.object_id(oid).map(Reference::Object)).transpose()
        })
    }

    /// Lists all branches.
    pub(super) fn branches(&self) -> Result<Vec<Branch>, GitError> {
        self.with(|repository| {
            let mut branches = Vec::new();
            for reference in repository.references().map_err(|error| self.error(&error))? {
                let reference = reference.map_err(|error| self.error(&error))?;
                let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
                let is_branch = DIRECTORIES.iter().any(|directory| name.starts_with(directory));
                let is_symbolic = reference.kind() == Some(ReferenceType::Symbolic);
                if !is_branch || is_symbolic && !is_alias(&name) {
                    continue;
                }
                // One that leads nowhere is a branch without a commit.
                let Ok(reference) = reference.resolve() else { continue };
                if let Some(oid) = reference.target() {
                    branches.push(Branch { name, commit: self.object_id(oid)? });
                }
            }
            Ok(branches)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&Repository) -> Result<T, GitError>) -> Result<T, GitError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let repository = match idle {
            Some(repository) => repository,
            None => self.another()?,
        };
        let result = work(&repository);
        self.give_back(repository);
        result
    }

    fn give_back(&self, repository: Repository) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(repository);
    }

    fn another(&self) -> Result<Repository, GitError> {
        // Without FROM_ENV, libgit2 reads no GIT_* variable.
        let none: [&Path; 0] = [];
        let repository = Repository::open_ext(&self.top, RepositoryOpenFlags::NO_SEARCH, none)
            .map_err(|error| self.error(&error))?;
        if let Some(objects) = &self.quarantine {
            let odb = repository.odb().map_err(|error| self.error(&error))?;
            odb.add_disk_alternate(objects).map_err(|error| self.error(&error))?;
            drop(odb);
        }
        Ok(repository)
    }

    fn object_id(&self, oid: Oid) -> Result<ObjectId, GitError> {
        ObjectId::from_bytes(oid.as_bytes()).ok_or_else(|| GitError::Library {
            path: self.top.clone(),
            message: format!("the object name {oid} has an unknown length"),
        })
    }

    fn error(&self, error: &git2::Error) -> GitError {
        let (path, message) = (self.top.clone(), error.message().to_owned());
        match error.code() {
            ErrorCode::Owner => GitError::Owner { path, message },
            _ => GitError::Library { path, message },
        }
    }
}

impl Wanted {
    fn object_type(self) -> ObjectType {
        match self {
            Self::Blob => ObjectType::Blob,
            Self::Commit => ObjectType::Commit,
            Self::Tree => ObjectType::Tree,
        }
    }
}

fn is_commit(repository: &Repository, id: Oid) -> bool {
    repository.find_commit(id).is_ok()
}

/// Tells whether bytes are the content of a file of that name. Only names of SHA-1 can be told.
pub(super) fn is_blob(id: &ObjectId, bytes: &[u8]) -> Option<bool> {
    let wanted = Oid::from_bytes(id.as_bytes()).ok()?;
    Some(Oid::hash_object(ObjectType::Blob, bytes).ok()? == wanted)
}

/// Returns the name of an object, by SHA-1.
pub(super) fn name_of(kind: Wanted, content: &[u8]) -> Option<ObjectId> {
    ObjectId::from_bytes(Oid::hash_object(kind.object_type(), content).ok()?.as_bytes())
}

fn unknown(error: &git2::Error) -> bool {
    matches!(
        error.code(),
        ErrorCode::NotFound | ErrorCode::InvalidSpec | ErrorCode::Ambiguous | ErrorCode::Peel
    )
}

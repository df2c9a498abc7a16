//! What libgit2 cannot do with a repository, read from the repository's configuration.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use git2::{Config, ErrorCode};

use super::GitError;
use super::discover::Location;

/// A property of a repository that libgit2 does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// References are kept in a reftable, or in another format than loose and packed files.
    RefStorage(String),
    /// Objects have other names than SHA-1.
    ObjectFormat(String),
    /// Objects are fetched when they are first needed.
    PartialClone,
    /// The index has entries for whole directories. Objects are read as ever; only the index is closed to libgit2.
    SparseIndex,
    /// Only some files are checked out. Objects are read as ever; only the work tree is incomplete.
    SparseCheckout,
    /// An extension that libgit2 refuses.
    Extension(String),
}

impl Oddity {
    /// Tells whether objects and references must be read by the installed git.
    pub fn needs_plumbing(&self) -> bool {
        !matches!(self, Self::SparseIndex | Self::SparseCheckout)
    }
}

impl Display for Oddity {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::RefStorage(format) => {
                write!(out, "keeps its references as `{format}` (extensions.refStorage)")
            }
            Self::ObjectFormat(format) => {
                write!(out, "names its objects by {format} (extensions.objectFormat)")
            }
            Self::PartialClone => out.write_str("is a partial clone (objects come from a promisor remote)"),
            Self::SparseIndex => out.write_str("has a sparse index (index.sparse)"),
            Self::SparseCheckout => out.write_str("is checked out in part (core.sparseCheckout)"),
            Self::Extension(name) => write!(out, "uses the extension `{name}`"),
        }
    }
}

/// Reads the oddities of a repository. Its configuration is read as text; nothing in it is executed.
pub(super) fn oddities(location: &Location) -> Result<Vec<Oddity>, GitError> {
    let mut found = Vec::new();
    collect(&location.common_dir.join("config"), &mut found)?;
    // Sparse checkouts are configured for each work tree.
    collect(&location.git_dir.join("config.worktree"), &mut found)?;
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<Oddity>) -> Result<(), GitError> {
    if !path.exists() {
        return Ok(());
    }
    let config = match Config::open(path) {
        Ok(config) => config,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(()),
        Err(error) => return Err(library(path, &error)),
    };
    let entries = config.entries(None).map_err(|error| library(path, &error))?;
    entries
        .for_each(|entry| {
            let Ok(name) = entry.name() else { return };
            // Asking an entry without a value for its value panics.
            let value = if entry.has_value() { entry.value().ok() } else { None };
            if let Some(oddity) = oddity(name, value)
                && !found.contains(&oddity)
            {
                found.push(oddity);
            }
        })
        .map_err(|error| library(path, &error))
}

/// Git spells section and variable in lower case here; a subsection (the remote) keeps its letters.
fn oddity(name: &str, value: Option<&str>) -> Option<Oddity> {
    // A variable without a value is true.
    let is_true =
        matches!(value.map(str::to_ascii_lowercase).as_deref(), None | Some("true" | "yes" | "on" | "1"));
    let text = || value.unwrap_or_default().to_owned();
    match name {
        "extensions.refstorage" => Some(Oddity::RefStorage(text())),
        "extensions.objectformat" if value == Some("sha1") => None,
        "extensions.objectformat" => Some(Oddity::ObjectFormat(text())),
        "extensions.partialclone" => Some(Oddity::PartialClone),
        "extensions.noop"
        | "extensions.worktreeconfig"
        | "extensions.preciousobjects"
        | "extensions.relativeworktrees" => None,
        "index.sparse" if is_true => Some(Oddity::SparseIndex),
        "core.sparsecheckout" if is_true => Some(Oddity::SparseCheckout),
        _ if name.starts_with("remote.") && name.ends_with(".promisor") && is_true => {
            Some(Oddity::PartialClone)
        }
        _ => name.strip_prefix("extensions.").map(|name| Oddity::Extension(name.to_owned())),
    }
}

fn library(path: &Path, error: &git2::Error) -> GitError {
    GitError::Library { path: path.to_owned(), message: error.message().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        assert_eq!(oddity("extensions.objectformat", Some("sha1")), None);
        assert_eq!(
            oddity("extensions.objectformat", Some("sha256")),
            Some(Oddity::ObjectFormat("sha256".to_owned()))
        );
        assert_eq!(oddity("extensions.worktreeconfig", Some("true")), None);
        assert_eq!(oddity("extensions.future", Some("x")), Some(Oddity::Extension("future".to_owned())));
        assert_eq!(oddity("remote.o.r.promisor", None), Some(Oddity::PartialClone));
        assert_eq!(oddity("remote.origin.promisor", Some("false")), None);
        assert_eq!(oddity("index.sparse", Some("Yes")), Some(Oddity::SparseIndex));
        assert_eq!(oddity("core.bare", Some("true")), None);
    }
}

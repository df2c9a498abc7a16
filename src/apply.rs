//! The only writer of the work tree: each file by temporary file and rename, so that a crash at any
//! moment leaves it old or new.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::change::{Change, ChangeSet};

/// A file that could not be written or removed.
#[derive(Debug)]
pub struct ApplyError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Writes a change set below `root`.
///
/// # Errors
/// Stops at the first file that cannot be written; what was written before stays, whole, and a rerun
/// completes the work.
pub fn apply(root: &Path, changes: &ChangeSet) -> Result<(), ApplyError> {
    for change in &changes.changes {
        let path = root.join(&change.path);
        apply_one(root, &path, change).map_err(|source| ApplyError { path, source })?;
    }
    Ok(())
}

/// Writes a file that must not exist yet, with its directories.
///
/// # Errors
/// Fails where the file exists or cannot be written.
pub fn create(path: &Path, text: &str) -> Result<(), ApplyError> {
    let run = || {
        create_parent(path)?;
        fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
    };
    run().map_err(|source| ApplyError { path: path.to_owned(), source })
}

#[expect(clippy::disallowed_methods, reason = "this module is the writer")]
fn apply_one(root: &Path, path: &Path, change: &Change) -> io::Result<()> {
    refuse_links(root, path)?;
    let Some(text) = &change.new else {
        fs::remove_file(path)?;
        // A directory that held only generated files goes with the last of them.
        for parent in path.ancestors().skip(1).take_while(|parent| *parent != root) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
        return Ok(());
    };
    create_parent(path)?;
    let directory = path.parent().unwrap_or(root);
    let mut file = tempfile::Builder::new().prefix(".onramp-").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    set_mode(file.as_file(), path)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Keeps the mode of the file that is replaced; a new one gets what `open` would have given it.
#[cfg(unix)]
fn set_mode(file: &fs::File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_or(0o644, |metadata| metadata.permissions().mode());
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &fs::File, _: &Path) -> io::Result<()> {
    Ok(())
}

fn create_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

/// A link below the root could lead the write out of the repo.
fn refuse_links(root: &Path, path: &Path) -> io::Result<()> {
    for part in path.ancestors().take_while(|part| *part != root) {
        if part.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(io::Error::other(format!("`{}` is a symbolic link", part.display())));
        }
    }
    Ok(())
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to write `{}`", self.path.display())
    }
}

impl std::error::Error for ApplyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

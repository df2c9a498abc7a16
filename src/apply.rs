//! The only writer of the work tree: each file by temporary file and rename, so that a crash at any
//! moment leaves it old or new.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::change::{Change, ChangeSet, TEMPORARY_PREFIX};

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
    let mut file = temporary(path).tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Makes a temporary file's name and mode: that of the file that it replaces, or of any new file.
#[cfg(unix)]
fn temporary(path: &Path) -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt as _;
    // The system takes the user's mask off the mode of a new file.
    let mode = fs::metadata(path).map_or(0o666, |metadata| metadata.permissions().mode());
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).permissions(fs::Permissions::from_mode(mode));
    builder
}

#[cfg(not(unix))]
fn temporary(_: &Path) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    builder
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

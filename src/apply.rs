//! The only writer of the work tree and of reports: each file by temporary file and rename, so that a crash at any
//! moment leaves it old or new.

mod hook;

pub use hook::{Hook, HookError, install_hook, look_at_hook, uninstall_hook};

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

/// Writes a file that must not exist yet, with its directories: whole, or not at all.
///
/// # Errors
/// Fails where the file exists or cannot be written.
pub fn create(path: &Path, text: &str) -> Result<(), ApplyError> {
    let run = || {
        create_parent(path)?;
        let mut file = temporary(path).tempfile_in(directory_of(path))?;
        file.write_all(text.as_bytes())?;
        file.persist_noclobber(path).map_err(|error| error.error)?;
        Ok(())
    };
    run().map_err(|source| ApplyError { path: path.to_owned(), source })
}

/// Says whether [`write_report`] could write a file, before the work for it is done.
///
/// # Errors
/// Fails where its directory is not there, or a directory stands in its place.
pub fn check_report(path: &Path) -> Result<(), ApplyError> {
    let run = || match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => Ok(()),
        Err(_) if fs::metadata(directory_of(path))?.is_dir() => Ok(()),
        Err(_) => Err(io::ErrorKind::NotADirectory.into()),
    };
    run().map_err(|source| ApplyError { path: path.to_owned(), source })
}

/// Writes a report to a file that the user names, in a directory that is there: whole, or not at all. A pipe
/// or a device is written to as it is.
///
/// # Errors
/// Fails where the file cannot be written.
#[expect(clippy::disallowed_methods, reason = "this module is the writer")]
pub fn write_report(path: &Path, text: &str) -> Result<(), ApplyError> {
    let run = || match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => fs::write(path, text),
        _ => replace(path, directory_of(path), text),
    };
    run().map_err(|source| ApplyError { path: path.to_owned(), source })
}

/// Makes a directory that the user named, with those above it, where it is not there.
///
/// # Errors
/// Fails where it cannot be made.
pub fn make_directory(path: &Path) -> Result<(), ApplyError> {
    fs::create_dir_all(path).map_err(|source| ApplyError { path: path.to_owned(), source })
}

/// Returns the directory that a file lies in.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
    replace(path, path.parent().unwrap_or(root), text)
}

/// Writes a temporary file beside a file, and renames it.
fn replace(path: &Path, directory: &Path, text: &str) -> io::Result<()> {
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

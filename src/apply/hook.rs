//! Hooks of git: written, and taken away again.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Tells a hook that `onramp` wrote from those of others.
const MARK: &str = "# Written by `onramp hook install`";
/// What a hook is called that stood there before, behind its own name.
const BEFORE: &str = ".before-onramp";
/// The most bytes of a hook that are looked at.
const MAX_BYTES: u64 = 1 << 20;

/// What stands in the place of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Nothing.
    None,
    /// One that was written here.
    Ours,
    /// Somebody else's.
    Foreign,
}

/// A hook that could not be written or removed.
#[derive(Debug)]
pub struct HookError {
    path: PathBuf,
    source: io::Error,
}

/// Says what stands at a path.
///
/// # Errors
/// If it cannot be read.
pub fn look_at_hook(path: &Path) -> Result<Hook, HookError> {
    let run = || match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(Hook::None)
        }
        Err(error) => Err(error),
        Ok(metadata) if !metadata.is_file() || metadata.len() > MAX_BYTES => Ok(Hook::Foreign),
        Ok(_) => {
            let text = io::read_to_string(fs::File::open(path)?).unwrap_or_default();
            Ok(if text.lines().any(|line| line.starts_with(MARK)) { Hook::Ours } else { Hook::Foreign })
        }
    };
    run().map_err(at(path))
}

/// Writes a hook that can be executed: whole, or not at all. With `keep`, what stands there is kept beside it and runs first.
///
/// # Errors
/// If it cannot be written, or if something is kept already.
pub fn install_hook(path: &Path, commands: &str, keep: bool) -> Result<(), HookError> {
    let run = || {
        let directory = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let kept = kept(path);
        if keep {
            // Made first, so that at no moment there is neither; a name that is taken is an error.
            fs::hard_link(path, &kept)?;
        }
        let before = if kept.symlink_metadata().is_ok() { BEFORE_FIRST } else { "" };
        let text = format!("#!/bin/sh\n{MARK}; `onramp hook uninstall` removes it.\n{before}{commands}");
        let mut file = executable().tempfile_in(directory)?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    run().map_err(at(path))
}

/// Removes a hook that was written here, and puts back what stood there before. Says whether anything did.
///
/// # Errors
/// If it cannot be removed.
#[expect(clippy::disallowed_methods, reason = "this module is the writer")]
pub fn uninstall_hook(path: &Path) -> Result<bool, HookError> {
    let run = || match fs::rename(kept(path), path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => fs::remove_file(path).map(|()| false),
        Err(error) => Err(error),
    };
    run().map_err(at(path))
}

/// Runs the hook that stood there before. One that reads standard input leaves nothing of it, so it gets a copy.
const BEFORE_FIRST: &str = "\
input=$(if [ -t 0 ]; then :; else cat; fi)
if [ -x \"$0.before-onramp\" ]; then
  printf '%s\\n' \"$input\" | \"$0.before-onramp\" \"$@\" || exit $?
fi
exec <<END_OF_INPUT
$input
END_OF_INPUT
";

fn kept(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(BEFORE);
    name.into()
}

fn executable() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(crate::change::TEMPORARY_PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The system takes the user's mask off it.
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    builder
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> HookError {
    move |source| HookError { path: path.to_owned(), source }
}

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to change the hook `{}`", self.path.display())
    }
}

impl std::error::Error for HookError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

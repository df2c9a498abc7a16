//! Why something of the config repo cannot be read.

use std::fmt::{self, Display, Formatter};
use std::io;

use super::codes;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::git::GitError;

/// Why something of the config repo cannot be read. Paths are relative to its root, unless it is the root itself.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields of a variant are told in its own words")]
pub enum SnapshotError {
    /// The path is, or passes through, a symbolic link; `path` is the link.
    Symlink { path: Box<str> },
    /// The path is absolute or has `..`.
    OutsideRepo { path: Box<str> },
    /// The path lies outside of the directory that its reader is held to.
    OutsideDirectory { path: Box<str>, directory: Box<str> },
    /// The name is not UTF-8; `path` is lossy.
    NonUtf8 { path: Box<str> },
    /// The operating system refused.
    Unreadable { path: Box<str>, error: io::Error },
    /// A directory, submodule, socket, pipe or device where a file is expected.
    NotAFile { path: Box<str> },
    /// Something else where a directory is expected.
    NotADirectory { path: Box<str> },
    /// The file has more bytes than the reader allows. Of a file that is growing, `size` is what was read.
    TooLarge { path: Box<str>, size: u64, limit: u64 },
    /// More entries lie below the directory than [`super::MAX_ENTRIES`].
    TooManyEntries { path: Box<str>, limit: usize },
    /// The directory lies deeper than [`super::MAX_DEPTH`].
    TooDeep { path: Box<str>, limit: usize },
    /// The repository, the revision or an object of it cannot be read.
    Git { path: Box<str>, error: Box<GitError> },
}

impl SnapshotError {
    /// Returns the path that the error speaks of.
    pub fn path(&self) -> &str {
        match self {
            Self::Symlink { path }
            | Self::OutsideRepo { path }
            | Self::OutsideDirectory { path, .. }
            | Self::NonUtf8 { path }
            | Self::Unreadable { path, .. }
            | Self::NotAFile { path }
            | Self::NotADirectory { path }
            | Self::TooLarge { path, .. }
            | Self::TooManyEntries { path, .. }
            | Self::TooDeep { path, .. }
            | Self::Git { path, .. } => path,
        }
    }

    /// Makes a finding of it, at the path as a whole. A stage that knows where the path was written moves it there.
    pub fn diagnostic(&self) -> Diagnostic {
        let finding = Diagnostic::new(self.code(), Location::file(self.path()), self.to_string());
        finding.maybe_help(self.help())
    }

    fn code(&self) -> &'static Code {
        match self {
            Self::Symlink { .. } => &codes::SYMLINK,
            Self::OutsideRepo { .. } => &codes::PATH_OUTSIDE_REPO,
            Self::NonUtf8 { .. } => &codes::NON_UTF8_PATH,
            Self::TooLarge { .. } => &crate::yaml::codes::FILE_TOO_LARGE,
            Self::OutsideDirectory { .. }
            | Self::Unreadable { .. }
            | Self::NotAFile { .. }
            | Self::NotADirectory { .. }
            | Self::TooManyEntries { .. }
            | Self::TooDeep { .. }
            | Self::Git { .. } => &codes::UNREADABLE_FILE,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Symlink { .. } => "replace the link by a copy of what it points to",
            Self::OutsideRepo { .. } => {
                "name a file inside the config repo, without `..` and without a leading `/`"
            }
            Self::OutsideDirectory { .. } => {
                "copy what it holds into that directory: an API is made of its own files alone"
            }
            Self::NonUtf8 { .. } => "rename it with UTF-8 characters",
            Self::TooLarge { .. } => "split the file, or keep what it holds elsewhere",
            Self::NotAFile { .. } => "put a regular file there, or name another path",
            Self::NotADirectory { .. } => "put a directory there, or name another path",
            Self::Unreadable { .. } => "make the path readable for the user that runs onramp",
            Self::TooManyEntries { .. } | Self::TooDeep { .. } => {
                "remove what does not belong into a config repo"
            }
            Self::Git { .. } => return None,
        };
        Some(help.to_owned())
    }

    /// Says in the snapshot's words what a tree said of its files.
    pub(super) fn from_git(path: &str, error: GitError) -> Self {
        match error {
            GitError::Symlink { path } => Self::Symlink { path: path.into() },
            GitError::NotAFile { path } => Self::NotAFile { path: path.into() },
            GitError::NotADirectory { path } => Self::NotADirectory { path: path.into() },
            GitError::TooLarge { path, size, limit } => Self::TooLarge { path: path.into(), size, limit },
            error => Self::Git { path: path.into(), error: Box::new(error) },
        }
    }
}

impl Display for SnapshotError {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symlink { path } => write!(out, "`{path}` is a symlink"),
            Self::OutsideRepo { path } => write!(out, "`{path}` leads out of the config repo"),
            Self::OutsideDirectory { path, directory } => {
                write!(out, "`{path}` lies outside of `{directory}`, which names it")
            }
            Self::NonUtf8 { path } => write!(out, "the name `{path}` is not UTF-8"),
            Self::Unreadable { path, error } => write!(out, "`{path}` cannot be read: {error}"),
            Self::NotAFile { path } => write!(out, "`{path}` is not a regular file"),
            Self::NotADirectory { path } => write!(out, "`{path}` is not a directory"),
            Self::TooLarge { path, size, limit } => {
                write!(out, "`{path}` has {size} bytes, more than the {limit} allowed")
            }
            Self::TooManyEntries { path, limit } => {
                write!(out, "more than {limit} files and directories lie below `{path}`")
            }
            Self::TooDeep { path, limit } => write!(out, "`{path}` lies deeper than {limit} directories"),
            Self::Git { error, .. } => error.fmt(out),
        }
    }
}

impl std::error::Error for SnapshotError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // Display already says what they say.
            Self::Unreadable { error, .. } => error.source(),
            Self::Git { error, .. } => error.source(),
            _ => None,
        }
    }
}

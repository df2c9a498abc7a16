//! What can go wrong with a repository, in words that name it.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};

use super::Oddity;

/// Why a repository, a revision or a file of one cannot be read.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields of a variant are told in its own words")]
pub enum GitError {
    /// There is no repository at the directory or above it.
    NoRepository { path: PathBuf },
    /// The directory looks like a bare repository, and lies in somebody else's work tree.
    EmbeddedBare { path: PathBuf, work_tree: PathBuf },
    /// A file or directory of the repository cannot be read.
    Io { path: PathBuf, error: io::Error },
    /// The path of the directory inside the repository is not UTF-8.
    NonUtf8 { path: PathBuf },
    /// The repository belongs to another user.
    Owner { path: PathBuf, message: String },
    /// libgit2 cannot read the repository, and the installed git cannot either (or is not there).
    Unsupported { path: PathBuf, oddities: Vec<Oddity>, message: String },
    /// The text cannot be a revision.
    InvalidRevision { path: PathBuf, revision: String, reason: &'static str },
    /// No object has that name.
    UnknownRevision { path: PathBuf, revision: String, shallow: bool },
    /// Several references have that name.
    AmbiguousRevision { path: PathBuf, revision: String },
    /// Two revisions have no common ancestor here.
    NoMergeBase { path: PathBuf, base: String, head: String, shallow: bool },
    /// Two revisions have several best common ancestors.
    SeveralMergeBases { path: PathBuf, base: String, head: String },
    /// An object that a tree names cannot be read.
    Object { path: PathBuf, object: String, message: String },
    /// libgit2 failed.
    Library { path: PathBuf, message: String },
    /// The installed git failed.
    Command { path: PathBuf, command: &'static str, message: String },
    /// Objects, or the repository itself, cannot be written.
    Write { path: PathBuf, message: String },
    /// Git knows no name or address for who makes a commit.
    Identity { path: PathBuf, message: String },
    /// A commit cannot be signed as git is configured to.
    Signature { path: PathBuf, message: String },
    /// The author or the message cannot be those of a commit.
    InvalidCommit { reason: &'static str },
    /// The text cannot be the name of a reference, or of one that may be moved.
    InvalidReference { path: PathBuf, reference: String, reason: String },
    /// The text cannot be the path of a file in a tree.
    InvalidPath { path: String, reason: &'static str },
    /// A path of a tree is, or passes through, a symbolic link.
    Symlink { path: String },
    /// A path of a tree is a directory or submodule where a file is expected.
    NotAFile { path: String },
    /// A path of a tree is a file or submodule where a directory is expected.
    NotADirectory { path: String },
    /// A file of a tree is larger than the reader allows.
    TooLarge { path: String, size: u64, limit: u64 },
    /// Two revisions differ in more, or deeper, than is compared.
    Endless { path: String },
}

impl GitError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { path: path.to_owned(), error }
    }

    /// The same where something could not be written.
    pub(super) fn written(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Write { path: path.to_owned(), message: error.to_string() }
    }

    /// Tells whether the machine is at fault, such as a disk that is full, or what lies on it, and not what was asked for.
    pub fn is_of_system(&self) -> bool {
        match self {
            Self::Io { error, .. } => error.kind() != io::ErrorKind::NotFound,
            Self::Library { .. } | Self::Command { .. } | Self::Object { .. } | Self::Write { .. } => true,
            _ => false,
        }
    }
}

impl Display for GitError {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRepository { path } => write!(out, "`{}` is not in a git repository", path.display()),
            Self::EmbeddedBare { path, work_tree } => write!(
                out,
                "`{}` looks like a bare repository inside the work tree `{}`, whose files may come from anybody",
                path.display(),
                work_tree.display()
            ),
            Self::Io { path, error } => write!(out, "cannot read `{}`: {error}", path.display()),
            Self::NonUtf8 { path } => write!(out, "the path `{}` is not UTF-8", path.display()),
            Self::Owner { path, message } => write!(
                out,
                "the repository `{0}` belongs to another user ({message}); if you trust it, run `git config --global --add \
                 safe.directory {0}`",
                path.display()
            ),
            Self::Unsupported { path, oddities, message } => {
                write!(out, "the repository `{}` ", path.display())?;
                for (index, oddity) in oddities.iter().enumerate() {
                    write!(out, "{}{oddity}", if index == 0 { "" } else { " and " })?;
                }
                write!(out, ", which the installed git has to read: {message}")
            }
            Self::InvalidRevision { path, revision, reason } => {
                write!(out, "`{revision}` is not a revision of `{}`: {reason}", path.display())
            }
            Self::UnknownRevision { path, revision, shallow } => {
                write!(out, "the repository `{}` has no revision `{revision}`", path.display())?;
                if *shallow {
                    out.write_str(" (it is a shallow clone, which lacks older commits and other branches)")?;
                }
                Ok(())
            }
            Self::AmbiguousRevision { path, revision } => write!(
                out,
                "`{revision}` means two things in the repository `{}`, such as a tag and a branch; write it in full, as in \
                 `refs/remotes/origin/main`",
                path.display()
            ),
            Self::NoMergeBase { path, base, head, shallow } => {
                let place = path.display();
                write!(out, "`{base}` and `{head}` have no common ancestor in the repository `{place}`")?;
                if *shallow {
                    out.write_str(" (it is a shallow clone, which lacks older commits)")?;
                }
                Ok(())
            }
            Self::SeveralMergeBases { path, base, head } => write!(
                out,
                "`{head}` left `{base}` at several commits in the repository `{}`, so that nobody can say what it changes; merge \
                 `{base}` into it, or rebase it",
                path.display()
            ),
            Self::Object { path, object, message } => {
                write!(out, "cannot read object {object} of the repository `{}`: {message}", path.display())
            }
            Self::Library { path, message } => {
                write!(out, "cannot read the repository `{}`: {message}", path.display())
            }
            Self::Command { path, command, message } => {
                write!(out, "`git {command}` failed in the repository `{}`: {message}", path.display())
            }
            Self::Write { path, message } => {
                write!(out, "cannot write to the repository `{}`: {message}", path.display())
            }
            Self::Identity { path, message } => {
                write!(
                    out,
                    "git does not know who makes commits in the repository `{}`: {message}",
                    path.display()
                )
            }
            Self::Signature { path, message } => {
                write!(out, "cannot sign a commit of the repository `{}`: {message}", path.display())
            }
            Self::InvalidCommit { reason } => write!(out, "a commit cannot be made: {reason}"),
            Self::InvalidReference { path, reference, reason } => {
                write!(out, "`{reference}` is not a branch to write to in `{}`: {reason}", path.display())
            }
            Self::InvalidPath { path, reason } => {
                write!(out, "`{path}` cannot be a file of a commit: {reason}")
            }
            Self::Symlink { path } => write!(out, "`{path}` is a symlink"),
            Self::NotAFile { path } => write!(out, "`{path}` is not a file"),
            Self::NotADirectory { path } => write!(out, "`{path}` is not a directory"),
            Self::TooLarge { path, size, limit } => {
                write!(out, "`{path}` has {size} bytes, more than {limit}")
            }
            Self::Endless { path } => {
                write!(out, "the revisions differ in more than is compared, seen at `{path}`")
            }
        }
    }
}

impl std::error::Error for GitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

//! Finds the repository that a directory belongs to.
//!
//! Written out instead of left to libgit2, because the configuration must be read before it is known whether libgit2 can
//! open the repository, and because a bare repository that lies in a work tree is refused: its configuration would come
//! from whoever wrote those files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::GitError;

/// Where a repository is.
#[derive(Clone, Debug)]
pub(super) struct Location {
    /// The directory with this work tree's HEAD.
    pub(super) git_dir: PathBuf,
    /// The directory with objects, references and configuration; differs in a linked work tree.
    pub(super) common_dir: PathBuf,
    /// The top of the work tree, or the git directory of a bare repository.
    pub(super) top: PathBuf,
    /// From the top to the directory that was asked for, with `/`.
    pub(super) prefix: String,
}

/// Walks up from a directory to the first repository.
pub(super) fn locate(dir: &Path) -> Result<Location, GitError> {
    let dir = dir.canonicalize().map_err(GitError::io(dir))?;
    for ancestor in dir.ancestors() {
        let dot_git = ancestor.join(".git");
        if dot_git.is_file() {
            return location(linked(&dot_git, ancestor)?, ancestor, &dir);
        }
        if is_git_dir(&dot_git) {
            return location(dot_git, ancestor, &dir);
        }
        if is_git_dir(ancestor) {
            refuse_embedded(ancestor)?;
            // The path below a bare repository is a path among git's own files, not one in the tree.
            return location(ancestor.to_owned(), ancestor, ancestor);
        }
    }
    Err(GitError::NoRepository { path: dir })
}

fn location(git_dir: PathBuf, top: &Path, dir: &Path) -> Result<Location, GitError> {
    let common = git_dir.join("commondir");
    let common_dir = if common.is_file() {
        let text = read_line(&common)?;
        let path = git_dir.join(text);
        path.canonicalize().map_err(GitError::io(&path))?
    } else {
        git_dir.clone()
    };
    let mut prefix = String::new();
    for part in dir.strip_prefix(top).unwrap_or(Path::new("")) {
        let Some(part) = part.to_str() else { return Err(GitError::NonUtf8 { path: dir.to_owned() }) };
        if !prefix.is_empty() {
            prefix.push('/');
        }
        prefix.push_str(part);
    }
    Ok(Location { git_dir, common_dir, top: top.to_owned(), prefix })
}

/// Follows a `.git` file, which linked work trees and submodules have.
fn linked(file: &Path, base: &Path) -> Result<PathBuf, GitError> {
    let text = read_line(file)?;
    let target = text.strip_prefix("gitdir:").map(|target| base.join(target.trim()));
    match target {
        Some(target) if is_git_dir(&target) => Ok(target),
        _ => Err(GitError::NoRepository { path: file.to_owned() }),
    }
}

fn is_git_dir(path: &Path) -> bool {
    let has_stores = path.join("objects").is_dir() && path.join("refs").exists();
    path.join("HEAD").symlink_metadata().is_ok() && (has_stores || path.join("commondir").is_file())
}

fn refuse_embedded(bare: &Path) -> Result<(), GitError> {
    // `.git` itself and what lies in it (modules, worktrees) is written by git alone.
    if bare.iter().any(|part| part == ".git") {
        return Ok(());
    }
    match bare.ancestors().skip(1).find(|ancestor| ancestor.join(".git").exists()) {
        Some(work_tree) => {
            Err(GitError::EmbeddedBare { path: bare.to_owned(), work_tree: work_tree.to_owned() })
        }
        None => Ok(()),
    }
}

fn read_line(path: &Path) -> Result<String, GitError> {
    let mut text = String::new();
    let file = File::open(path).map_err(GitError::io(path))?;
    // Longer than any path; the file may be anything.
    file.take(64 << 10).read_to_string(&mut text).map_err(GitError::io(path))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

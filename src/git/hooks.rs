//! Where the hooks of a repository lie.

use std::path::{Path, PathBuf};

use super::command::{git_with_hooks, said};
use super::{GitError, Repo};

/// Where git looks for hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksDirectory {
    /// The directory, which need not be there.
    pub path: PathBuf,
    /// Whether hooks in it run for this repository alone. `core.hooksPath` may name a directory of the user's, whose hooks
    /// run for everything that the user has.
    pub is_own: bool,
}

impl Repo {
    /// Finds the directory that git runs hooks from: that of `core.hooksPath`, or `hooks` in the git directory that all work
    /// trees share.
    ///
    /// # Errors
    /// If git cannot be asked for its configuration.
    pub fn hooks_directory(&self) -> Result<HooksDirectory, GitError> {
        let failed = |message: String| GitError::Command {
            path: self.location.top.clone(),
            command: "config",
            message,
        };
        let output = git_with_hooks(&self.location.top)
            .args(["config", "--type=path", "--get", "core.hooksPath"])
            .output()
            .map_err(|error| failed(error.to_string()))?;
        let configured = match output.status.code() {
            Some(0) => String::from_utf8(output.stdout).map_err(|error| failed(error.to_string()))?,
            // There is none.
            Some(1) => String::new(),
            _ => return Err(failed(said(&output.stderr))),
        };
        let configured = configured.trim_end_matches(['\n', '\r']);
        if configured.is_empty() {
            return Ok(HooksDirectory { path: self.location.common_dir.join("hooks"), is_own: true });
        }
        // A path that is not absolute counts from where hooks run.
        let path = self.location.top.join(configured);
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let within = |place: &Path| place.canonicalize().is_ok_and(|place| real.starts_with(place));
        let is_own = within(&self.location.top) || within(&self.location.common_dir);
        Ok(HooksDirectory { path, is_own })
    }

    /// Returns the git directory of this work tree, where programs may keep what is theirs.
    pub fn git_dir(&self) -> &Path {
        &self.location.git_dir
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::sample::Sample;

    fn hooks(path: &Path) -> (PathBuf, bool) {
        let found = Repo::discover(path).unwrap().hooks_directory().unwrap();
        (found.path, found.is_own)
    }

    #[test]
    fn hooks_lie_where_git_looks_for_them() {
        let sample = Sample::new(&[]);
        sample.write("config/platform.yaml", "");
        sample.commit();
        let top = sample.path.canonicalize().unwrap();
        let usual = (top.join(".git/hooks"), true);
        assert_eq!(hooks(&sample.path), usual);
        assert_eq!(hooks(&sample.path.join("config")), usual);
        sample.git(["worktree", "add", "--quiet", "../linked", "-b", "linked"]);
        assert_eq!(
            hooks(&sample.path.join("../linked")),
            usual,
            "a linked work tree has no hooks of its own"
        );
        sample.git(["config", "core.hooksPath", "tools/hooks"]);
        assert_eq!(hooks(&sample.path.join("config")), (top.join("tools/hooks"), true));
        sample.git(["config", "core.hooksPath", "/somewhere/else"]);
        assert_eq!(hooks(&sample.path), ("/somewhere/else".into(), false));
    }
}

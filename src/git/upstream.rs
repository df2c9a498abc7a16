//! Where a branch is pushed to, and as whom git acts here: by the repository's configuration.

use super::command::git_in;
use super::{GitError, Repo};

/// The remote of a branch that names none: what `git clone` calls it.
const USUAL: &str = "origin";

/// Settings that say as whom git acts, and by which way it reaches a server.
const IDENTITY: &str = r"^(user|author|committer|gpg|commit|credential|http|https|url|ssh|core\.sshcommand|core\.askpass|protocol)\.?";

impl Repo {
    /// Returns the remote that a branch is pushed to, and what the branch is called there.
    ///
    /// # Errors
    /// If git cannot be asked.
    pub fn upstream(&self, branch: &str) -> Result<(String, String), GitError> {
        let one = |key: &str| -> Result<Option<String>, GitError> {
            let text = self.config(&["--get", key])?;
            Ok(Some(text.trim_end_matches('\n').to_owned()).filter(|text| !text.is_empty()))
        };
        let remote = match one(&format!("branch.{branch}.pushRemote"))? {
            Some(remote) => remote,
            None => one(&format!("branch.{branch}.remote"))?.unwrap_or_else(|| USUAL.to_owned()),
        };
        let theirs = one(&format!("branch.{branch}.merge"))?;
        let theirs = theirs.as_deref().and_then(|name| name.strip_prefix("refs/heads/")).unwrap_or(branch);
        Ok((remote, theirs.to_owned()))
    }

    /// Returns the settings that say as whom git acts here, as one text. It may hold secrets, and is for comparing alone.
    pub fn identity_settings(&self) -> String {
        self.config(&["--get-regexp", IDENTITY]).unwrap_or_default()
    }

    fn config(&self, arguments: &[&str]) -> Result<String, GitError> {
        let failed = |message: String| GitError::Command {
            path: self.location.top.clone(),
            command: "config",
            message,
        };
        let output = git_in(&self.location.git_dir)
            .arg("config")
            .args(arguments)
            .output()
            .map_err(|error| failed(error.to_string()))?;
        // Nothing found is an exit code of its own, and no text.
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::git::Repo;
    use crate::git::sample::Sample;

    #[test]
    fn a_branch_is_pushed_to_where_it_came_from() {
        let sample = Sample::new(&[]);
        sample.write("a", "");
        sample.commit();
        let upstream = |branch: &str| Repo::discover(&sample.path).unwrap().upstream(branch).unwrap();
        assert_eq!(upstream("main"), ("origin".to_owned(), "main".to_owned()));
        sample.git(["config", "branch.main.remote", "forge"]);
        sample.git(["config", "branch.main.merge", "refs/heads/trunk"]);
        assert_eq!(upstream("main"), ("forge".to_owned(), "trunk".to_owned()));
        sample.git(["config", "branch.main.pushRemote", "fork"]);
        assert_eq!(upstream("main").0, "fork");
        sample.git(["config", "user.name", "Somebody"]);
        assert!(Repo::discover(&sample.path).unwrap().identity_settings().contains("Somebody"));
    }
}

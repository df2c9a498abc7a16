//! All branches of a repository.

use super::{GitError, ObjectId, Objects, Repo};

/// A branch, local or as a remote was seen last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Branch {
    /// Its full name, such as `refs/heads/main`; lossy where it is not UTF-8.
    pub name: String,
    /// Its commit.
    pub commit: ObjectId,
}

/// Where branches are.
pub(super) const DIRECTORIES: [&str; 2] = ["refs/heads/", "refs/remotes/"];

impl Repo {
    /// Lists the local branches and those of remotes, by full name. What only says which branch a remote has checked out
    /// (`refs/remotes/origin/HEAD`) is none, and neither is a name that leads nowhere.
    ///
    /// # Errors
    /// If the references cannot be read.
    pub fn branches(&self) -> Result<Vec<Branch>, GitError> {
        let mut branches = match &*self.objects {
            Objects::Library(library) => library.branches()?,
            Objects::Plumbing(plumbing, _) => plumbing.branches()?,
        };
        branches.sort();
        Ok(branches)
    }
}

/// Tells whether a symbolic reference is listed: it is another name of a branch, unless it says what a remote has checked out.
pub(super) fn is_alias(name: &str) -> bool {
    !(name.starts_with("refs/remotes/") && name.ends_with("/HEAD"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::sample::{Sample, git};

    fn listed(repo: &Repo) -> Vec<(String, String)> {
        let branches = repo.branches().unwrap();
        branches.into_iter().map(|branch| (branch.name, branch.commit.to_string())).collect()
    }

    #[test]
    fn branches_are_local_and_remote_and_no_tags() {
        for init in [&[][..], &["--object-format=sha256"]] {
            let sample = Sample::new(init);
            assert_eq!(listed(&Repo::discover(&sample.path).unwrap()), []);
            let first = sample.commit();
            sample.git(["tag", "v1"]);
            sample.git(["branch", "legacy/é b".replace(' ', "-").as_str()]);
            sample.git(["pack-refs", "--all"]);
            sample.write("a", "b");
            let second = sample.commit();
            sample.git(["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
            sample.git(["symbolic-ref", "refs/heads/nowhere", "refs/heads/unborn"]);
            let expected = vec![
                ("refs/heads/alias".to_owned(), second.clone()),
                ("refs/heads/legacy/é-b".to_owned(), first.clone()),
                ("refs/heads/main".to_owned(), second.clone()),
            ];
            assert_eq!(listed(&Repo::discover(&sample.path).unwrap()), expected);

            let clone = sample.beside("clone");
            let from = sample.path.to_string_lossy().into_owned();
            git(&sample.path, ["clone", "--quiet", &from, &clone.to_string_lossy()], b"");
            let names: Vec<String> =
                listed(&Repo::discover(&clone).unwrap()).into_iter().map(|(name, _)| name).collect();
            let expected = ["refs/heads/main", "refs/remotes/origin/alias", "refs/remotes/origin/legacy/é-b"];
            assert_eq!(names, [&expected[..], &["refs/remotes/origin/main"]].concat());
        }
    }
}

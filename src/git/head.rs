//! References: what they name, and how they move.
//!
//! A reference is moved by the installed git, which knows where a repository keeps them, locks them, and writes its log. Whether
//! somebody else was faster is told by looking again, not by git's words alone.

use super::command::{git_in, said};
use super::{GitError, ObjectId, Objects, Repo};

#[cfg(test)]
mod tests;

/// What `HEAD` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A branch.
    Branch {
        /// Its full name, such as `refs/heads/main`.
        name: String,
        /// Its commit; nothing where it has none yet.
        commit: Option<ObjectId>,
    },
    /// A commit, and no branch.
    Detached(ObjectId),
}

/// What a reference holds.
pub(super) enum Reference {
    Object(ObjectId),
    Symbolic(String),
}

/// How many references may lead to one another; git's own limit.
const MAX_STEPS: usize = 5;
/// How long git waits for another process to give a reference back, in milliseconds.
const LOCK_TIMEOUT: &str = "core.filesRefLockTimeout=2000";

impl Repo {
    /// Returns what is checked out.
    ///
    /// # Errors
    /// If `HEAD` cannot be read, or is damaged.
    pub fn head(&self) -> Result<Head, GitError> {
        let head = match &*self.objects {
            Objects::Library(library) => library.reference("HEAD")?,
            Objects::Plumbing(plumbing, _) => plumbing.head()?,
        };
        match head {
            Some(Reference::Object(id)) => Ok(Head::Detached(id)),
            Some(Reference::Symbolic(name)) => Ok(Head::Branch { commit: self.reference(&name)?, name }),
            None => Err(self.invalid("HEAD", "it names nothing")),
        }
    }

    /// Returns the object that a reference names, by its full name, such as `refs/heads/main`; nothing if there is none.
    ///
    /// # Errors
    /// If the text cannot be the full name of a reference, or if it cannot be read.
    pub fn reference(&self, name: &str) -> Result<Option<ObjectId>, GitError> {
        let mut name = name.to_owned();
        for _ in 0..MAX_STEPS {
            match self.look_up(&name)? {
                Some(Reference::Symbolic(target)) => name = target,
                Some(Reference::Object(id)) => return Ok(Some(id)),
                None => return Ok(None),
            }
        }
        Err(self.invalid(&name, "it leads from one reference to another without end"))
    }

    /// Moves a reference if it still names `old`, or makes it where there is none and `old` is nothing; `false` means that somebody
    /// else was faster. The reason goes into git's log of the reference.
    ///
    /// # Errors
    /// If the text cannot be the full name of a reference, if the reference only leads to another one, if `new` is not there
    /// or no commit, or if another process holds the reference.
    pub fn move_reference(
        &self,
        name: &str,
        new: &ObjectId,
        old: Option<&ObjectId>,
        reason: &str,
    ) -> Result<bool, GitError> {
        if let Some(Reference::Symbolic(target)) = self.look_up(name)? {
            return Err(self.invalid(name, &format!("it leads to `{target}`, which is the one to name")));
        }
        let failed = |message: String| GitError::Command {
            path: self.location.top.clone(),
            command: "update-ref",
            message,
        };
        let reason: String =
            reason.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let expected = old.copied().unwrap_or_else(|| new.nothing());
        let output = git_in(&self.location.git_dir)
            .args(["-c", LOCK_TIMEOUT, "update-ref", "--no-deref", "-m", &reason, name])
            .args([new.to_string(), expected.to_string()])
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            return Ok(true);
        }
        let words = said(&output.stderr);
        // It may have been moved and moved back in the meantime.
        let lost = words.contains("but expected") || words.contains("reference already exists");
        if lost || self.reference(name)?.as_ref() != old { Ok(false) } else { Err(failed(words)) }
    }

    /// Returns the full name of a branch, such as `refs/heads/main` for `main`.
    ///
    /// # Errors
    /// If the text cannot be the name of a branch.
    pub fn branch(&self, name: &str) -> Result<String, GitError> {
        let short = name.strip_prefix("refs/heads/").unwrap_or(name);
        if short.starts_with('-') || short == "HEAD" {
            return Err(self.invalid(name, "git takes it for something else"));
        }
        let full = format!("refs/heads/{short}");
        match flaw(&full) {
            Some(flaw) => Err(self.invalid(name, flaw)),
            None => Ok(full),
        }
    }

    fn look_up(&self, name: &str) -> Result<Option<Reference>, GitError> {
        if let Some(flaw) = flaw(name) {
            return Err(self.invalid(name, flaw));
        }
        match &*self.objects {
            Objects::Library(library) => library.reference(name),
            Objects::Plumbing(plumbing, _) => plumbing.reference(name),
        }
    }

    fn invalid(&self, reference: &str, reason: &str) -> GitError {
        GitError::InvalidReference {
            path: self.location.top.clone(),
            reference: reference.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

/// Tells why a text cannot be the full name of a reference, by the rules of `git check-ref-format`.
pub(super) fn flaw(name: &str) -> Option<&'static str> {
    let Some(below) = name.strip_prefix("refs/") else { return Some("a full name begins with `refs/`") };
    if below.split('/').any(str::is_empty) {
        return Some("a part of it is empty");
    }
    if name.chars().any(|letter| letter.is_control() || " ~^:?*[\\".contains(letter)) {
        return Some("it has a letter that no reference has");
    }
    let is_lock = |part: &str| part.strip_suffix(".lock").is_some();
    if below.split('/').any(|part| part.starts_with('.') || is_lock(part)) {
        return Some("a part of it begins with `.` or ends with `.lock`");
    }
    if name.contains("..") || name.contains("@{") || name.ends_with('.') {
        return Some("it has `..` or `@{` in it, or ends with `.`");
    }
    None
}

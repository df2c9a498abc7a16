//! Commits, made by the installed git: who makes them, when, and how they are signed is for its rules and its configuration to say.

use std::process::Command;

use super::command::{feed, git_in, said};
use super::{GitError, ObjectId, Repo};

#[cfg(test)]
mod tests;

/// A commit to make.
#[derive(Clone, Copy, Debug)]
pub struct NewCommit<'a> {
    /// Its files.
    pub tree: ObjectId,
    /// The commits that it follows; none for the first.
    pub parents: &'a [ObjectId],
    /// The message, taken byte for byte; only a line end is added where the last line has none.
    pub message: &'a str,
    /// Who wrote the change; by git's rules (`GIT_AUTHOR_NAME`, `user.name`, …) where nobody is named.
    pub author: Option<&'a Author>,
    /// Whether a `Signed-off-by` of the committer is added to the message.
    pub sign_off: bool,
}

/// Who wrote a change. The day and time are by git's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The mail address, without angle brackets.
    pub email: String,
}

impl Repo {
    /// Makes a commit, signed where `commit.gpgSign` says so. No reference leads to it yet.
    ///
    /// # Errors
    /// If git knows nobody who makes commits, if the commit cannot be signed, if author or message cannot be those of a commit, or if
    /// it cannot be written.
    pub fn commit(&self, new: &NewCommit<'_>) -> Result<ObjectId, GitError> {
        if new.message.contains('\0') {
            return Err(GitError::InvalidCommit { reason: "the message has a NUL" });
        }
        let mut message = new.message.to_owned();
        if new.sign_off {
            sign_off(&mut message, &self.identity("GIT_COMMITTER_IDENT", None)?);
        }
        let signed = self.signs()?;
        let words = match self.commit_tree(new, &message, signed)? {
            Ok(commit) => return Ok(commit),
            Err(words) => words,
        };
        // Tried and asked once more, so that what is at fault need not be read from its words. A commit that nothing leads to
        // harms nobody.
        self.identity("GIT_COMMITTER_IDENT", None)?;
        self.identity("GIT_AUTHOR_IDENT", new.author)?;
        if signed && self.commit_tree(new, &message, false)?.is_ok() {
            return Err(GitError::Signature { path: self.location.top.clone(), message: words });
        }
        Err(self.failed("commit-tree", words))
    }

    /// Has git make the commit; what it said instead is the inner error.
    fn commit_tree(
        &self,
        new: &NewCommit<'_>,
        message: &str,
        signed: bool,
    ) -> Result<Result<ObjectId, String>, GitError> {
        // The message is UTF-8, whatever the user's editor writes.
        let mut command = self.command();
        command.args(["-c", "i18n.commitEncoding=UTF-8", "commit-tree"]);
        if signed {
            command.arg("-S");
        }
        for parent in new.parents {
            command.args(["-p", &parent.to_string()]);
        }
        command.args(["-F", "-", &new.tree.to_string()]);
        if let Some(author) = new.author {
            author.apply(&mut command)?;
        }
        let output = feed(&mut command, message.as_bytes())
            .map_err(|error| self.failed("commit-tree", error.to_string()))?;
        if !output.status.success() {
            return Ok(Err(said(&output.stderr)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let commit = ObjectId::from_hex(text.trim_end());
        let strange = || self.failed("commit-tree", format!("unexpected answer `{}`", text.trim_end()));
        commit.map(Ok).ok_or_else(strange)
    }

    /// Asks git who makes commits here, as `Name <address>`.
    fn identity(&self, variable: &str, author: Option<&Author>) -> Result<String, GitError> {
        let mut command = self.command();
        command.args(["var", variable]);
        if let Some(author) = author {
            author.apply(&mut command)?;
        }
        let output = command.output().map_err(|error| self.failed("var", error.to_string()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        // Behind it stand the time and its zone.
        match text.rfind('>') {
            Some(end) if output.status.success() => Ok(text[..=end].to_owned()),
            _ => {
                // Before its reason git gives a page of advice.
                let words = String::from_utf8_lossy(&output.stderr);
                let reason = words.lines().find_map(|line| line.strip_prefix("fatal: "));
                let message = reason.map_or_else(|| said(&output.stderr), ToOwned::to_owned);
                Err(GitError::Identity { path: self.location.top.clone(), message })
            }
        }
    }

    /// Tells whether commits are signed here.
    fn signs(&self) -> Result<bool, GitError> {
        let output = self
            .command()
            .args(["config", "--type=bool", "--get", "commit.gpgSign"])
            .output()
            .map_err(|error| self.failed("config", error.to_string()))?;
        match output.status.code() {
            Some(0) => Ok(output.stdout.trim_ascii() == b"true"),
            Some(1) => Ok(false),
            _ => Err(self.failed("config", said(&output.stderr))),
        }
    }

    /// Starts a command line at the top of the work tree, where git would be: a key may be named from there.
    fn command(&self) -> Command {
        let mut command = git_in(&self.location.git_dir);
        command.current_dir(&self.location.top);
        command
    }

    fn failed(&self, command: &'static str, message: String) -> GitError {
        GitError::Command { path: self.location.top.clone(), command, message }
    }
}

impl Author {
    fn apply(&self, command: &mut Command) -> Result<(), GitError> {
        let foul = |text: &str| text.chars().any(|letter| letter.is_control() || "<>".contains(letter));
        if foul(&self.name) || foul(&self.email) {
            // Git would leave them out without a word, and name somebody else.
            let reason = "the author has a control character or an angle bracket";
            return Err(GitError::InvalidCommit { reason });
        }
        command.envs([("GIT_AUTHOR_NAME", &self.name), ("GIT_AUTHOR_EMAIL", &self.email)]);
        Ok(())
    }
}

/// Adds a `Signed-off-by`, to the trailers where there are any. One that ends the message is not repeated.
fn sign_off(message: &mut String, identity: &str) {
    let line = format!("Signed-off-by: {identity}");
    let kept = message.trim_end_matches('\n').len();
    message.truncate(kept);
    if message.lines().next_back() == Some(&*line) {
        message.push('\n');
        return;
    }
    let trailers = message.rsplit_once("\n\n").is_some_and(|(_, last)| last.lines().all(is_trailer));
    if !message.is_empty() {
        message.push_str(if trailers { "\n" } else { "\n\n" });
    }
    message.push_str(&line);
    message.push('\n');
}

/// Tells whether a line is `Key: value`, or goes on with the one before.
fn is_trailer(line: &str) -> bool {
    let is_key =
        |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    line.starts_with([' ', '\t']) || line.split_once(": ").is_some_and(|(key, _)| is_key(key))
}

//! Other repositories: what they are called, fetching from them and pushing to them.
//!
//! Transport is the installed git's, which has the user's credentials, proxies and ssh configuration. What it says is read in a fixed
//! language (`verdict`), and it never outlives the time that it was given (`process`).

mod mask;
mod process;
mod scratch;
mod verdict;

pub use scratch::Scratch;

use std::fmt::{self, Debug, Display, Formatter};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::command::{git, said};
use super::head::flaw;
use super::{GitError, ObjectId, Repo, Resolved};
use process::Ended;

/// How long two fetches into one clone wait for each other before each new look.
const CONTENDED: Duration = Duration::from_millis(40);

/// A repository that can be fetched from and pushed to.
///
/// Its address may hold a password, so it is shown by [`Remote::shown`] alone.
#[derive(Clone)]
pub struct Remote {
    /// What stands on git's command line.
    address: String,
    /// The name it is configured by.
    name: Option<String>,
    /// Where it leads.
    url: String,
    prompting: bool,
}

/// How a push ended, where the server was asked at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The branch is at the commit.
    Landed,
    /// Somebody was faster: the branch is no longer where it was seen.
    Lost,
    /// The server does not take it, whoever comes first: a hook or a protected branch. In the server's words, one line each, without
    /// control characters.
    Rejected(String),
    /// The connection broke after something may have been sent: whether it arrived has to be looked up.
    Unknown(String),
}

/// Why nothing could be fetched or pushed. No text of it holds a password of the address.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields of a variant are told in its own words")]
pub enum RemoteError {
    /// The text is not taken as an address or a name.
    Invalid { remote: String, reason: String },
    /// The text cannot be the name of a branch.
    Branch { branch: String, reason: &'static str },
    /// The server does not let the user in, or wants to know more than was configured.
    Authentication { remote: String, message: String },
    /// The server cannot be reached, which may pass.
    Unreachable { remote: String, message: String },
    /// The server has no such branch.
    NoBranch { remote: String, branch: String },
    /// The time was over before git was done.
    TimedOut { remote: String, command: &'static str },
    /// Git failed for another reason, which stays.
    Failed { remote: String, command: &'static str, message: String },
    /// The repository on this side is at fault.
    Git(GitError),
}

impl Remote {
    /// Takes an address as git takes it: a URL, `host:path`, or a path, which counts from `base`.
    ///
    /// # Errors
    /// If git could take it for an option or a command: it starts with `-`, its host does, or it is for the transports `ext` and `fd`;
    /// also if it is empty or has control characters.
    pub fn url(text: &str, base: &Path) -> Result<Self, RemoteError> {
        checked(text)?;
        // Git takes for a path what has no colon before its first slash.
        let head = text.split('/').next().unwrap_or_default();
        let url = if head.contains(':') {
            text.to_owned()
        } else {
            let path = base.join(text);
            let Some(path) = path.to_str() else { return Err(invalid(text, "its path is not UTF-8")) };
            path.to_owned()
        };
        Ok(Self { address: url.clone(), name: None, url, prompting: false })
    }

    /// Takes a remote that a repository has configured, such as `origin`.
    ///
    /// # Errors
    /// If there is none of that name, it pushes to several addresses, or [`Remote::url`] refuses the one that it has.
    pub fn named(repo: &Repo, name: &str) -> Result<Self, RemoteError> {
        checked(name)?;
        let output = git(&repo.location.top)
            .args(["remote", "get-url", "--push", "--all", "--", name])
            .output()
            .map_err(|error| invalid(name, &error.to_string()))?;
        if !output.status.success() {
            return Err(invalid(name, &format!("it cannot be looked up: {}", said(&output.stderr))));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let (Some(url), None) = (lines.next(), lines.next()) else {
            return Err(invalid(name, "it pushes to several addresses, which do not move as one"));
        };
        checked(url)?;
        Ok(Self {
            address: name.to_owned(),
            name: Some(name.to_owned()),
            url: url.to_owned(),
            prompting: false,
        })
    }

    /// Says whether git may ask a person on the terminal. Otherwise whoever has to be asked is a failure.
    #[must_use]
    pub fn prompting(mut self, prompting: bool) -> Self {
        self.prompting = prompting;
        self
    }

    /// Returns the address without passwords and tokens.
    pub fn shown(&self) -> String {
        mask::masked(&self.url, &[])
    }

    /// Returns the address with whatever it holds. It is for telling remotes apart, and not to be shown.
    pub fn identity(&self) -> &str {
        &self.url
    }

    /// Starts a git that reaches out.
    fn command(&self, repo: &Repo) -> Command {
        let mut command = git(&repo.location.top);
        let mut option = std::ffi::OsString::from("--git-dir=");
        option.push(&repo.location.git_dir);
        command.arg(option);
        for setting in [
            "protocol.ext.allow=never",
            "protocol.fd.allow=never",
            // Nobody waits for housekeeping, and a child of it could outlive us.
            "gc.auto=0",
            "maintenance.auto=false",
            "fetch.writeCommitGraph=false",
        ] {
            command.args(["-c", setting]);
        }
        if !self.prompting {
            command.env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never");
        }
        command
    }

    /// Runs it, with its output free of passwords.
    fn run(&self, name: &'static str, command: &mut Command, until: Instant) -> Result<Ended, RemoteError> {
        let secrets = mask::secrets(&self.url);
        let clean = |bytes: &[u8]| mask::masked(&String::from_utf8_lossy(bytes), &secrets);
        match process::run(command, until, self.prompting) {
            Ok(output) => Ok(Ended {
                success: output.success,
                killed: output.killed,
                stdout: clean(&output.stdout),
                stderr: clean(&output.stderr),
            }),
            Err(error) => Err(RemoteError::Failed {
                remote: self.shown(),
                command: name,
                message: format!("`git` cannot be started: {error}"),
            }),
        }
    }

    /// Runs a fetch, and finds the words for its failure.
    fn fetch(&self, command: &mut Command, branch: &str, until: Instant) -> Result<Ended, RemoteError> {
        let ended = self.run("fetch", command, until)?;
        if ended.killed {
            return Err(RemoteError::TimedOut { remote: self.shown(), command: "fetch" });
        }
        if ended.success { Ok(ended) } else { Err(verdict::of_fetch(&self.shown(), branch, &ended.stderr)) }
    }
}

impl Repo {
    /// Fetches a branch of a configured remote into its remote-tracking reference, and returns where it is.
    ///
    /// # Errors
    /// As [`RemoteError`] says; also if the remote is none of this repository.
    pub fn fetch(&self, remote: &Remote, branch: &str, until: Instant) -> Result<ObjectId, RemoteError> {
        checked_branch(branch)?;
        let Some(name) = &remote.name else {
            return Err(invalid(&remote.shown(), "the repository has no remote of that name"));
        };
        let tracking = format!("refs/remotes/{name}/{branch}");
        let refspec = format!("+refs/heads/{branch}:{tracking}");
        loop {
            let mut command = remote.command(self);
            command.args([
                "-c",
                "fetch.prune=false",
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-recurse-submodules",
            ]);
            command.args(["--no-write-fetch-head", "--", &remote.address, &refspec]);
            match remote.fetch(&mut command, branch, until) {
                Ok(_) => break,
                // Two of us fetch into one clone.
                Err(RemoteError::Failed { message, .. })
                    if verdict::is_contended(&message) && Instant::now() + CONTENDED < until =>
                {
                    std::thread::sleep(CONTENDED);
                }
                Err(error) => return Err(error),
            }
        }
        match self.objects.resolve(&tracking).map_err(RemoteError::Git)? {
            Resolved::Tree { named, .. } => Ok(named),
            Resolved::NoTree | Resolved::Unknown => {
                Err(RemoteError::NoBranch { remote: remote.shown(), branch: branch.to_owned() })
            }
        }
    }

    /// Pushes a commit to a branch, if the branch still is at `expected` (`None`: if there is none). Nothing is forced: the
    /// expectation only makes it stricter. No hook of this side is run.
    ///
    /// # Errors
    /// As [`RemoteError`] says, if the server was not asked.
    pub fn push(
        &self,
        remote: &Remote,
        commit: &ObjectId,
        branch: &str,
        expected: Option<&ObjectId>,
        until: Instant,
    ) -> Result<Pushed, RemoteError> {
        checked_branch(branch)?;
        let seen = expected.map(ToString::to_string).unwrap_or_default();
        let mut command = remote.command(self);
        command.args(["push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"]);
        command.arg(format!("--force-with-lease=refs/heads/{branch}:{seen}"));
        command.args(["--", &remote.address, &format!("{commit}:refs/heads/{branch}")]);
        let ended = remote.run("push", &mut command, until)?;
        verdict::of_push(&remote.shown(), &ended)
    }

    /// Tells whether a commit is part of the history of another one.
    ///
    /// # Errors
    /// If git cannot tell.
    pub fn is_ancestor(&self, commit: &ObjectId, of: &ObjectId) -> Result<bool, GitError> {
        // By a process: a handle of libgit2 that was opened before a fetch does not know where history ends since.
        let failed =
            |message| GitError::Command { path: self.location.top.clone(), command: "merge-base", message };
        let output = super::command::git_in(&self.location.git_dir)
            .args(["merge-base", "--is-ancestor", &commit.to_string(), &of.to_string()])
            .output()
            .map_err(|error| failed(error.to_string()))?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failed(said(&output.stderr))),
        }
    }
}

/// Refuses what git could take for something else than the address of a repository.
fn checked(text: &str) -> Result<(), RemoteError> {
    if text.is_empty() {
        return Err(invalid(text, "it is empty"));
    }
    if text.starts_with('-') {
        return Err(invalid(text, "it starts with `-`, as an option does"));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(text, "it has control characters"));
    }
    let lower = text.to_ascii_lowercase();
    if ["ext::", "fd::"].iter().any(|transport| lower.starts_with(transport)) {
        return Err(invalid(text, "such a remote is a command"));
    }
    let host = lower.split_once("://").map_or(&*lower, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if host.starts_with('-') {
        return Err(invalid(text, "its host starts with `-`, as an option does"));
    }
    Ok(())
}

/// Refuses a name that no branch can have, and what git takes for something else.
fn checked_branch(branch: &str) -> Result<(), RemoteError> {
    let flaw = if branch.starts_with('-') {
        Some("it starts with `-`, as an option does")
    } else {
        flaw(&format!("refs/heads/{branch}"))
    };
    match flaw {
        None => Ok(()),
        Some(flaw) => Err(RemoteError::Branch { branch: branch.to_owned(), reason: flaw }),
    }
}

fn invalid(remote: &str, reason: &str) -> RemoteError {
    RemoteError::Invalid { remote: mask::masked(remote, &[]), reason: reason.to_owned() }
}

impl Debug for Remote {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "Remote({:?}, {:?})", self.name, self.shown())
    }
}

impl Display for RemoteError {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { remote, reason } => write!(out, "`{remote}` is not taken: {reason}"),
            Self::Branch { branch, reason } => write!(out, "`{branch}` is no branch: {reason}"),
            Self::Authentication { remote, message } => write!(out, "`{remote}` refused access: {message}"),
            Self::Unreachable { remote, message } => write!(out, "`{remote}` cannot be reached: {message}"),
            Self::NoBranch { remote, branch } => write!(out, "`{remote}` has no branch `{branch}`"),
            Self::TimedOut { remote, command } => {
                write!(out, "`git {command}` was not done with `{remote}` in time")
            }
            Self::Failed { remote, command, message } => {
                write!(out, "`git {command}` failed with `{remote}`: {message}")
            }
            Self::Git(error) => write!(out, "{error}"),
        }
    }
}

impl std::error::Error for RemoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Git(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_an_address_is_refused() {
        for wrong in [
            "",
            "-",
            "--upload-pack=touch x",
            "ext::sh -c touch% x",
            "EXT::sh",
            "fd::17",
            "ssh://-oProxyCommand=touch/x",
            "ssh://git@-oProxyCommand=touch/x",
            "-oProxyCommand=x:path",
            "https://host/a\nb",
            "https://host/a\u{1b}[31m",
        ] {
            assert!(
                matches!(Remote::url(wrong, Path::new("/")), Err(RemoteError::Invalid { .. })),
                "{wrong}"
            );
        }
        for right in
            ["https://host/a.git", "git@host:a/b", "ssh://git@host:22/a", "file:///a", "codecommit::eu-1://a"]
        {
            assert_eq!(Remote::url(right, Path::new("/base")).unwrap().identity(), right);
        }
        assert_eq!(Remote::url("../a.git", Path::new("/base")).unwrap().identity(), "/base/../a.git");
        assert_eq!(Remote::url("/a:b", Path::new("/base")).unwrap().identity(), "/a:b");
    }

    #[test]
    fn branches_have_names_that_git_gives() {
        for right in ["main", "onramp/payments/prod/v1.2.3", "a-b_c.d", "ü"] {
            assert!(checked_branch(right).is_ok(), "{right}");
        }
        for wrong in [
            "", "-x", "a..b", "a b", "a:b", "a~1", "a^", "a/", "/a", "a//b", ".a", "a/.b", "a.lock",
            "a.lock/b", "a@{1}", "a*", "a\\b", "a\nb", "a.",
        ] {
            assert!(checked_branch(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_error_shows_a_password() {
        let remote = Remote::url("https://me:hunter22@host/a", Path::new("/")).unwrap();
        assert_eq!(remote.shown(), "https://***@host/a");
        assert_eq!(format!("{remote:?}"), "Remote(None, \"https://***@host/a\")");
        let Err(error) = Remote::url("https://me:hunter22@host/a\n", Path::new("/")) else {
            panic!("no error")
        };
        assert!(!error.to_string().contains("hunter22"), "{error}");
    }
}

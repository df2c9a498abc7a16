//! Branches without a checkout, as `git fast-import` makes them: any number in one go, with what no checkout could hold.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::env::Env;

/// Commits that are to be made.
#[derive(Default)]
pub(crate) struct Import(Vec<u8>);

impl Import {
    /// Begins a commit on a branch: the first one, or behind the one that is there.
    pub(crate) fn commit(mut self, branch: &str, is_first: bool) -> Self {
        let mut head = format!("commit refs/heads/{branch}\n");
        head += "committer Ann <ann@acme.example> 1700000000 +0000\ndata 7\nby hand\n";
        if is_first {
            head += "deleteall\n";
        } else {
            let _ = writeln!(head, "from refs/heads/{branch}^0");
        }
        self.0.extend_from_slice(head.as_bytes());
        self
    }

    /// Puts a file into the commit.
    pub(crate) fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.entry("100644", path, bytes.as_ref())
    }

    /// Puts a symbolic link into the commit.
    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        self.entry("120000", path, target.as_bytes())
    }

    /// Puts another repository into the commit.
    pub(crate) fn module(mut self, path: &str) -> Self {
        self.0.extend_from_slice(format!("M 160000 {} {path}\n", "1".repeat(40)).as_bytes());
        self
    }

    /// Takes a file out of the commit.
    pub(crate) fn remove(mut self, path: &str) -> Self {
        self.0.extend_from_slice(format!("D {path}\n").as_bytes());
        self
    }

    fn entry(mut self, mode: &str, path: &str, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(format!("M {mode} inline {path}\ndata {}\n", bytes.len()).as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.push(b'\n');
        self
    }

    /// Makes the commits.
    pub(crate) fn into_repo(self, env: &Env) {
        let mut command = Command::new("git");
        command.args(["fast-import", "--quiet", "--force"]).current_dir(env.root()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let mut child = command.stdin(Stdio::piped()).spawn().expect("git starts");
        let mut pipe = child.stdin.take().expect("standard input is piped");
        pipe.write_all(&self.0).expect("git reads");
        drop(pipe);
        assert!(child.wait().expect("git ends").success());
    }
}

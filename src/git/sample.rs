//! Repositories for tests, made by the real git in an environment of its own.
#![expect(clippy::disallowed_methods, reason = "fixtures are written straight to disk")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A repository in a directory that goes away with it.
pub(crate) struct Sample {
    _home: TempDir,
    pub(crate) path: PathBuf,
}

impl Sample {
    /// Makes an empty repository in `<temporary directory>/repo`.
    pub(crate) fn new(init: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("repo");
        fs::create_dir(&path).unwrap();
        let sample = Self { _home: home, path };
        sample.git([&["init", "--quiet", "--initial-branch=main"], init].concat());
        sample
    }

    /// Writes a file and the directories above it.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Makes a symbolic link.
    pub(crate) fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
        self
    }

    /// Commits everything and returns the commit.
    pub(crate) fn commit(&self) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message=sample"]);
        self.git(["rev-parse", "HEAD"])
    }

    /// Runs git in the repository and returns what it printed.
    pub(crate) fn git<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        git(&self.path, arguments, b"")
    }

    /// Writes an object and returns its name.
    pub(crate) fn object(&self, kind: &str, content: &[u8]) -> String {
        git(&self.path, ["hash-object", "-t", kind, "--literally", "-w", "--stdin"], content)
    }

    /// Returns a directory beside the repository, for clones of it.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }
}

/// Runs git in a directory, with nothing of the user's configuration, and returns what it printed.
pub(crate) fn git<S: AsRef<OsStr>>(
    dir: &Path,
    arguments: impl IntoIterator<Item = S>,
    input: &[u8],
) -> String {
    let mut command = Command::new("git");
    command
        .current_dir(dir)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.envs([
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_AUTHOR_NAME", "sample"),
        ("GIT_AUTHOR_EMAIL", "sample@acme.example"),
        ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
        ("GIT_COMMITTER_NAME", "sample"),
        ("GIT_COMMITTER_EMAIL", "sample@acme.example"),
        ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
    ]);
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    assert!(status.success(), "git failed: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().trim_end().to_owned()
}

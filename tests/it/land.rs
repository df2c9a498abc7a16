//! Changes that land on branches others write to: against real servers, in races and over broken connections.

mod loops;
mod queue;
pub(crate) mod server;
mod transport;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use onramp::git::{Author, Files, ObjectId, Remote, Scratch};
use onramp::land::{self, At, Budget, LandError, Landed, Prepared, Target};
use onramp::snapshot::Snapshot;
use tempfile::TempDir;

/// What git is configured with on this side: nothing that the machine has may play a part.
const SETTINGS: [(&str, &str); 8] = [
    ("user.name", "Test"),
    ("user.email", "test@acme.example"),
    ("user.useConfigOnly", "true"),
    ("commit.gpgSign", "false"),
    ("credential.helper", ""),
    ("core.askPass", ""),
    ("http.proxy", ""),
    ("init.defaultBranch", "main"),
];

/// The branch that everybody wants.
const MAIN: Target<'static> = Target { branch: "main", from: None };

/// A server's directory, with one bare repository of a few APIs.
struct Site {
    temp: TempDir,
}

impl Site {
    fn new() -> Self {
        Self::with(&[], "")
    }

    /// One whose repository is made with some options, and whose config repo lies in a directory of it.
    fn with(init: &[&str], prefix: &str) -> Self {
        let site = Self { temp: TempDir::new().expect("a temporary directory can be made") };
        let bare = site.bare();
        fs::create_dir(&bare).expect("directories can be made");
        git(&bare, &[&["init", "--quiet", "--bare", "--initial-branch=main"], init].concat());
        git(&bare, &["config", "uploadpack.allowFilter", "true"]);
        git(&bare, &["config", "http.receivepack", "true"]);
        let work = site.path("work");
        fs::create_dir(&work).expect("directories can be made");
        git(&work, &[&["init", "--quiet", "--initial-branch=main"], init].concat());
        git(&work, &["remote", "add", "origin", "../r.git"]);
        let root = work.join(prefix);
        for api in 0..20 {
            let directory = root.join(format!("onboarding/api-{api}/overlays/prod"));
            fs::create_dir_all(&directory).expect("directories can be made");
            fs::write(directory.join("kustomization.yaml"), format!("name: api-{api}\n"))
                .expect("files can be written");
            let metadata = root.join(format!("onboarding/api-{api}/metadata.yaml"));
            fs::write(metadata, format!("name: api-{api}\n")).expect("files can be written");
        }
        fs::write(root.join("platform.yaml"), "platform\n").expect("files can be written");
        git(&work, &["add", "--all"]);
        git(&work, &["commit", "--quiet", "--message=first"]);
        git(&work, &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn bare(&self) -> PathBuf {
        self.path("r.git")
    }

    fn git(&self, args: &[&str]) -> String {
        git(&self.bare(), args)
    }

    /// The subjects of the branch, newest first.
    fn log(&self, branch: &str) -> Vec<String> {
        let text = self.git(&["log", "--format=%s", branch]);
        text.lines().map(ToOwned::to_owned).collect()
    }

    fn file(&self, path: &str) -> String {
        self.git(&["show", &format!("main:{path}")])
    }

    /// Installs a hook of the server.
    fn hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.bare().join("hooks").join(name);
        fs::create_dir_all(self.bare().join("hooks")).expect("directories can be made");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("files can be written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("modes can be set");
    }

    fn clone(&self, name: &str, url: &str) -> PathBuf {
        let clone = self.path(name);
        git(self.temp.path(), &["-c", "credential.helper=", "clone", "--quiet", url, name]);
        for (key, value) in SETTINGS {
            git(&clone, &["config", key, value]);
        }
        clone
    }
}

/// Puts an empty commit on a branch of a bare repository, as somebody else would.
fn somebody_else(bare: &Path, branch: &str) {
    let commit =
        git(bare, &["commit-tree", "-p", branch, "-m", "somebody else", &format!("{branch}^{{tree}}")]);
    git(bare, &["update-ref", &format!("refs/heads/{branch}"), &commit]);
}

/// Runs git with nothing of the user's configuration, and insists that it succeeds.
fn git(directory: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(args).current_dir(directory).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    command.env("GIT_TERMINAL_PROMPT", "0");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@acme.example");
    }
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text").trim_end().to_owned()
}

fn scratch(url: &str) -> Scratch {
    scratch_at(url, "")
}

fn scratch_at(url: &str, prefix: &str) -> Scratch {
    let remote = Remote::url(url, Path::new("/")).expect("it is an address");
    Scratch::new(&remote, prefix, &SETTINGS).expect("it can be made")
}

fn seconds(seconds: u64) -> Budget {
    Budget { until: Instant::now() + Duration::from_secs(seconds) }
}

/// Long enough for whatever ends by itself.
fn plenty() -> Budget {
    seconds(300)
}

/// A change that marks an API as released, and has nothing to do where that is done.
fn release<'a>(api: &'a str, seen: &'a Cell<u32>) -> impl FnMut(&Snapshot) -> Result<Prepared, String> + 'a {
    move |snapshot| {
        seen.set(seen.get() + 1);
        let path = format!("onboarding/{api}/metadata.yaml");
        let text = match snapshot.read(&path, 1 << 20) {
            Ok(Some(text)) => String::from_utf8(text).map_err(|error| error.to_string())?,
            Ok(None) => return Err(format!("there is no `{api}`")),
            Err(error) => return Err(error.to_string()),
        };
        if text.contains("released\n") {
            return Ok(Prepared::Nothing);
        }
        let files = Files::from([(path, Some(format!("{text}released\n").into_bytes()))]);
        let author = Some(Author { name: "Pipeline".to_owned(), email: "ci@acme.example".to_owned() });
        Ok(Prepared::Commit { files, message: format!("release {api}\n"), author, sign_off: false })
    }
}

/// Lands the release of an API through a scratch repository.
fn land_one(url: &str, api: &str, budget: Budget) -> Result<Landed, LandError<String>> {
    let mut scratch = scratch(url);
    let directory = format!("onboarding/{api}");
    let seen = Cell::new(0);
    land::remote(&mut At::Scratch(&mut scratch), MAIN, budget, &[&directory], &mut release(api, &seen))
}

/// How often it was tried.
#[track_caller]
fn tries<E: std::fmt::Debug>(outcome: &Result<Landed, LandError<E>>) -> u32 {
    match outcome {
        Ok(Landed::Commit { tries, .. }) | Err(LandError::Spent { tries, .. }) => *tries,
        other => panic!("neither landed nor spent: {other:?}"),
    }
}

/// The tip on which there was nothing to do.
#[track_caller]
fn nothing<E: std::fmt::Debug>(outcome: Result<Landed, LandError<E>>) -> ObjectId {
    match outcome {
        Ok(Landed::Nothing { tip }) => tip,
        other => panic!("something was done: {other:?}"),
    }
}

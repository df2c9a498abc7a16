//! A hermetic place to run the binary in.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A metadata.yaml without findings on the platform of `fixtures/rules`.
pub(crate) const METADATA: &str = "\
apiVersion: onramp/v1
name: payments
owner: { team: payments, email: payments@acme.example }
tier: standard
lifecycle: approved
image: registry.example/apis/payments:v2.0.0
ports: { http: 8080 }
env: { LOG_LEVEL: info }
environments:
  staging: {}
  prod: {}
";

/// What the `rules` of a platform.yaml end in that says nothing of them: tests are about something else than what half of
/// all services lack.
const QUIET: &str = "missing-probe: ignore, missing-request: ignore, missing-limit: ignore }\n";

/// A directory, and the binary run in it with an empty environment.
pub(crate) struct Env {
    temp: TempDir,
}

/// What a run printed and how it ended.
#[must_use = "snapshot the output, or assert how it ended"]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Env {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        Self { temp: TempDir::new().expect("a temporary directory can be made") }
    }

    /// A directory with the platform of `fixtures/rules` and one API.
    pub(crate) fn with_api(metadata: &str) -> Self {
        let env = Self::new();
        env.write("platform.yaml", include_str!("../../fixtures/rules/platform.yaml"));
        env.write("onboarding/payments/metadata.yaml", metadata);
        env
    }

    /// Another directory with the same content, git's own included.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        let mut open = vec![self.root().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(&directory).expect("directories can be listed") {
                let path = entry.expect("entries can be read").path();
                let below = path.strip_prefix(self.root()).expect("entries lie below the root");
                if path.is_dir() {
                    fs::create_dir(copy.root().join(below)).expect("directories can be made");
                    open.push(path);
                } else {
                    fs::copy(&path, copy.root().join(below)).expect("files can be copied");
                }
            }
        }
        copy
    }

    pub(crate) fn root(&self) -> &Path {
        self.temp.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.temp.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let mut bytes = text.as_ref().to_vec();
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        let is_platform = path.ends_with("platform.yaml") && text.contains("apiVersion: onramp/v1");
        let is_platform = is_platform && !text.contains("\nrules:\n");
        if is_platform
            && text.ends_with('\n')
            && !text.contains("rules: { missing-")
            && !text.ends_with(QUIET)
        {
            let (head, last) = text.trim_end().rsplit_once('\n').expect("it has several lines");
            bytes = match last.strip_prefix("rules: {").and_then(|rules| rules.strip_suffix(" }")) {
                Some(rules) => format!("{head}\nrules: {{{rules}, {QUIET}"),
                None => format!("{text}rules: {{ {QUIET}"),
            }
            .into_bytes();
        }
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file has a parent")).expect("directories can be made");
        fs::write(path, bytes).expect("files can be written");
    }

    /// Makes a symbolic link, whose target is seen from its own directory.
    pub(crate) fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a link has a parent")).expect("directories can be made");
        std::os::unix::fs::symlink(target, path).expect("links can be made");
    }

    pub(crate) fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.symlink_metadata().expect("what is removed is there").is_dir() {
            fs::remove_dir_all(path).expect("directories can be removed");
        } else {
            fs::remove_file(path).expect("files can be removed");
        }
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("files can be renamed");
    }

    /// Replaces a text in a file, which must have it.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old:?}:\n{text}");
        self.write(path, text.replace(old, new));
    }

    pub(crate) fn read(&self, path: &str) -> String {
        let text = fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        match text.strip_suffix(QUIET) {
            Some(own) if path.ends_with("platform.yaml") => match own.strip_suffix("rules: { ") {
                Some(own) => own.to_owned(),
                None => format!("{} }}\n", own.trim_end_matches(", ")),
            },
            _ => text,
        }
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    /// Every file with its bytes, and every link with its target, by path, without `.git`.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.root(), self.root(), &mut files);
        files.sort();
        files
    }

    /// Runs the binary at the root.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    /// Runs the binary at the root with some variables set.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        self.finish(&self.command("", args).envs(variables.iter().copied()).output().expect("it runs"))
    }

    /// Runs the binary in a directory below the root.
    pub(crate) fn run_in(&self, directory: &str, args: &[&str]) -> Run {
        self.finish(&self.command(directory, args).output().expect("the binary runs"))
    }

    /// Runs the binary in a directory below the root, with a text on standard input.
    pub(crate) fn run_on(&self, directory: &str, args: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(directory, args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let mut pipe = child.stdin.take().expect("standard input is piped");
        // It need not read what it does not want.
        let _ = std::io::Write::write_all(&mut pipe, input);
        drop(pipe);
        self.finish(&child.wait_with_output().expect("the binary ends"))
    }

    /// Runs git at the root as a person does, with the binary in the `PATH`.
    pub(crate) fn try_git(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = Command::new("git");
        command.args(args).current_dir(self.root()).env_clear().stdin(Stdio::null());
        let binary = Path::new(env!("CARGO_BIN_EXE_onramp"));
        let mut path = binary.parent().expect("a file has a parent").as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        command.env("PATH", path).env("COLUMNS", "100");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Test")
                .env(format!("GIT_{role}_EMAIL"), "test@acme.example");
            command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00Z");
        }
        self.finish_of(command.envs(variables.iter().copied()))
    }

    /// Runs the binary with a standard output that nobody reads.
    pub(crate) fn run_into_closed_pipe(&self, args: &[&str]) -> Run {
        let (reader, writer) = std::io::pipe().expect("pipes can be made");
        drop(reader);
        self.finish(&self.command("", args).stdout(writer).output().expect("the binary runs"))
    }

    /// Runs the binary at the root, with a standard output that takes nothing.
    #[cfg(target_os = "linux")]
    pub(crate) fn run_into_full_device(&self, args: &[&str]) -> Run {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has this device");
        self.finish(&self.command("", args).stdout(full).output().expect("the binary runs"))
    }

    /// Runs the binary at the root where no file may have a byte, as on a full disk; pipes take what they get. A shell sets
    /// that limit, and has what exceeds it fail in place of being killed.
    pub(crate) fn run_on_full_disk(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_onramp")]);
        let plain = self.command("", args);
        command.args(args).current_dir(self.root()).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.finish_of(command.envs(variables.iter().copied()))
    }

    fn command(&self, directory: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onramp"));
        command.args(args).current_dir(self.path(directory)).env_clear().env("COLUMNS", "100");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
        command
    }

    /// Runs git at the root, and insists that it succeeds.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(args).current_dir(self.root()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Test")
                .env(format!("GIT_{role}_EMAIL"), "test@acme.example");
            command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00Z");
        }
        let run = self.finish(&command.output().expect("git runs"));
        assert_eq!(run.code, 0, "git {args:?}: {}", run.stderr);
        run.stdout
    }

    /// Runs another program, and takes what it printed as that of the binary.
    pub(crate) fn finish_of(&self, command: &mut Command) -> Run {
        self.finish(&command.stdin(Stdio::null()).output().expect("the program runs"))
    }

    fn finish(&self, output: &Output) -> Run {
        let root = self.root().to_string_lossy().into_owned();
        let canonical =
            fs::canonicalize(self.root()).expect("the root exists").to_string_lossy().into_owned();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
            text.replace(&canonical, "[ROOT]").replace(&root, "[ROOT]")
        };
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

impl Run {
    /// Insists on success, and hands out what was printed.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, 0, "{self}");
        self.stdout
    }

    /// Parses `lint --format json`.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// `code path:line:column` of each finding of `lint --format json`.
    #[track_caller]
    pub(crate) fn findings(&self) -> Vec<String> {
        let json = self.json();
        let findings = json["findings"].as_array().expect("findings are a list");
        findings
            .iter()
            .map(|finding| {
                let location = &finding["location"];
                let code = finding["code"].as_str().unwrap_or_default();
                let path = location["path"].as_str().unwrap_or_default();
                match (location["line"].as_u64(), location["column"].as_u64()) {
                    (Some(line), Some(column)) => format!("{code} {path}:{line}:{column}"),
                    _ => format!("{code} {path}"),
                }
            })
            .collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code: {}\n----- stdout -----\n{}", self.code, self.stdout)?;
        if self.stderr.is_empty() { Ok(()) } else { write!(f, "----- stderr -----\n{}", self.stderr) }
    }
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(directory).expect("directories can be listed") {
        let path = entry.expect("entries can be read").path();
        if path.file_name().is_some_and(|name| name == ".git") {
            continue;
        }
        let kind = path.symlink_metadata().expect("entries are there").file_type();
        if kind.is_dir() {
            collect(root, &path, files);
            continue;
        }
        let below = path.strip_prefix(root).expect("files lie below the root").to_string_lossy().into_owned();
        let bytes = if kind.is_file() {
            fs::read(&path).expect("files can be read")
        } else if kind.is_symlink() {
            fs::read_link(&path).expect("links can be read").into_os_string().into_encoded_bytes()
        } else {
            // A pipe would wait for its other end.
            Vec::new()
        };
        files.push((below, bytes));
    }
}

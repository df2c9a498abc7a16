//! How the installed git is started: never redirected by the environment, never running what a revision says.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The variables that tie a git process to one repository (`git rev-parse --local-env-vars`). A hook inherits them, and
/// they would lead us to another repository than the one we were asked for.
///
/// Two of git's list stay: `GIT_CONFIG_PARAMETERS` and `GIT_CONFIG_COUNT` are how CI hands over credentials and
/// `safe.directory`, and cannot redirect.
const REPOSITORY_VARIABLES: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Starts a `git` command line in a directory.
pub(super) fn git(dir: &Path) -> Command {
    let mut command = git_with_hooks(dir);
    command.args(["-c", "core.hooksPath=/dev/null"]);
    command
}

/// Starts one that sees where hooks are, and must be none that runs any.
pub(super) fn git_with_hooks(dir: &Path) -> Command {
    let mut command = Command::new("git");
    for variable in REPOSITORY_VARIABLES {
        command.env_remove(variable);
    }
    command
        .current_dir(dir)
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        // libgit2 does not know replacements; both ways of reading see the same objects.
        .args(["--no-pager", "--no-replace-objects"]);
    command
}

/// Starts a `git` command line for one repository, wherever the environment points.
pub(super) fn git_in(git_dir: &Path) -> Command {
    let mut command = git(git_dir);
    let mut option = std::ffi::OsString::from("--git-dir=");
    option.push(git_dir);
    command.arg(option);
    command
}

/// Runs a command line that reads all of `input` from its standard input. What it does not want to read is no error of ours:
/// how it ends says whether it had enough.
pub(super) fn feed(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let pipe = child.stdin.take();
    // It may answer while it still reads, more than a pipe holds.
    std::thread::scope(|scope| {
        scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(input)));
        child.wait_with_output()
    })
}

/// Makes one line of what git wrote to its error output.
pub(super) fn said(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(5).collect();
    if lines.is_empty() { "git gave no reason".to_owned() } else { lines.join("; ") }
}

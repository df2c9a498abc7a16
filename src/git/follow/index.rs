//! The index of a work tree, read and changed by the installed git, which knows all of its forms and holds its lock.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::Step;
use crate::git::command::{feed, git_in, said};
use crate::git::discover::Location;
use crate::git::{GitError, Object, ObjectId};

/// How often, and after how long, an index that another process holds is asked for again. Git gives it back within moments.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);
/// More than this many bytes of paths are not put on a command line.
const MAX_ARGUMENTS: usize = 64 << 10;

/// What the index has at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    File {
        object: Object,
        /// The user does not want the file in the work tree (`--skip-worktree`).
        skipped: bool,
        /// The user says that the file never changes (`--assume-unchanged`).
        assumed: bool,
    },
    /// A merge is not finished there.
    Unmerged,
}

pub(super) struct Index<'a> {
    place: &'a Location,
}

impl<'a> Index<'a> {
    pub(super) fn new(place: &'a Location) -> Self {
        Self { place }
    }

    /// Returns the file that whoever changes the index has to make first.
    pub(super) fn lock(&self) -> PathBuf {
        self.place.git_dir.join("index.lock")
    }

    /// Starts a git command line in the work tree.
    pub(super) fn command(&self) -> Command {
        let mut command = git_in(&self.place.git_dir);
        let mut option = std::ffi::OsString::from("--work-tree=");
        option.push(&self.place.top);
        // A monitor of files is a program of the repository's configuration.
        command.arg(option).args(["--literal-pathspecs", "-c", "core.fsmonitor=false"]);
        command.current_dir(&self.place.top);
        command
    }

    /// Starts to list the entries of some paths.
    pub(super) fn start(&self, steps: &[Step<'_>]) -> Result<Child, GitError> {
        let mut command = self.command();
        command.args(["ls-files", "-v", "--stage", "-z", "--full-name", "--"]);
        if steps.iter().map(|step| step.full.len() + 1).sum::<usize>() < MAX_ARGUMENTS {
            command.args(steps.iter().map(|step| &step.full));
        }
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.failed("ls-files", error.to_string()))
    }

    /// Reads what was listed.
    pub(super) fn entries(&self, listing: Child) -> Result<BTreeMap<Vec<u8>, Entry>, GitError> {
        let output = self.done("ls-files", listing.wait_with_output())?;
        let mut entries = BTreeMap::new();
        for line in output.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let (path, entry) = read(line)
                .ok_or_else(|| self.failed("ls-files", "it printed what is no entry".to_owned()))?;
            entries.insert(path.to_vec(), entry);
        }
        Ok(entries)
    }

    /// Has git read some files of the work tree anew. `false` if another process holds the index.
    pub(super) fn add(&self, paths: &[&str]) -> Result<bool, GitError> {
        let list: Vec<u8> = paths.iter().flat_map(|path| path.bytes().chain([0])).collect();
        self.update(&["--add", "--remove", "-z", "--stdin"], &list)
    }

    /// Makes entries, or removes them, whatever lies in the work tree. `false` if another process holds the index.
    pub(super) fn set(&self, entries: &[(&str, Option<Object>, Option<Entry>)]) -> Result<bool, GitError> {
        let mut list = Vec::new();
        for (path, object, before) in entries {
            let line = match (object, before) {
                (Some(Object { mode, id }), _) => format!("{mode:o} {id}\t{path}\0"),
                (None, Some(Entry::File { object, .. })) => format!("0 {}\t{path}\0", object.id.nothing()),
                (None, _) => continue,
            };
            list.extend(line.bytes());
        }
        if !self.update(&["-z", "--index-info"], &list)? {
            return Ok(false);
        }
        for (flag, has) in [
            (
                "--skip-worktree",
                &(|entry| matches!(entry, Entry::File { skipped: true, .. })) as &dyn Fn(Entry) -> bool,
            ),
            ("--assume-unchanged", &|entry| matches!(entry, Entry::File { assumed: true, .. })),
        ] {
            let list: Vec<u8> = entries
                .iter()
                .filter(|(_, object, before)| object.is_some() && before.is_some_and(has))
                .flat_map(|(path, _, _)| path.bytes().chain([0]))
                .collect();
            if !self.update(&[flag, "-z", "--stdin"], &list)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn update(&self, arguments: &[&str], list: &[u8]) -> Result<bool, GitError> {
        if list.is_empty() {
            return Ok(true);
        }
        for _ in 0..TRIES {
            let mut command = self.command();
            command.arg("update-index").args(arguments);
            let output = feed(&mut command, list);
            match &output {
                Ok(ended) if !ended.status.success() && said(&ended.stderr).contains("index.lock") => {
                    sleep(PAUSE);
                }
                _ => return self.done("update-index", output).map(|_| true),
            }
        }
        Ok(false)
    }

    pub(super) fn done(
        &self,
        command: &'static str,
        output: io::Result<Output>,
    ) -> Result<Vec<u8>, GitError> {
        let output = output.map_err(|error| self.failed(command, error.to_string()))?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(self.failed(command, said(&output.stderr)))
        }
    }

    pub(super) fn failed(&self, command: &'static str, message: String) -> GitError {
        GitError::Command { path: self.place.top.clone(), command, message }
    }
}

/// Takes `<tag> <mode> <name> <stage>\t<path>` apart.
fn read(line: &[u8]) -> Option<(&[u8], Entry)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let tag = words.next()?;
    let mode = u32::from_str_radix(words.next()?, 8).ok()?;
    let id = ObjectId::from_hex(words.next()?)?;
    let entry = match words.next()? {
        "0" => Entry::File {
            object: Object { mode, id },
            skipped: tag.eq_ignore_ascii_case("s"),
            assumed: tag.bytes().all(|letter| letter.is_ascii_lowercase()),
        },
        _ => Entry::Unmerged,
    };
    Some((&line[tab + 1..], entry))
}

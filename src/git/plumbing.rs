//! Reading through the installed git, for the repositories that libgit2 cannot read.
//!
//! One `git cat-file --batch` process serves all reads: it hands over trees as well as blobs, raw, so that no process is
//! started per directory. In a partial clone it fetches what is missing, one object at a time, as git is configured to.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

use super::command::{git, git_in, said};
use super::discover::Location;
use super::head::Reference;
use super::list::{Branch, DIRECTORIES, is_alias};
use super::{Bytes, GitError, ObjectId, Oddity, Resolved, Wanted};

/// A repository that is read through `git`.
pub(super) struct Plumbing {
    git_dir: PathBuf,
    quarantine: Option<PathBuf>,
    batch: Mutex<Option<Batch>>,
}

/// The running `git cat-file --batch`.
struct Batch {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// A file, because nobody empties a pipe while answers are read.
    errors: File,
}

/// The first line of an answer.
enum Header {
    Missing,
    Found { id: ObjectId, kind: String, size: u64 },
}

impl Plumbing {
    /// Asks git whether it reads this repository.
    ///
    /// It is asked to find the repository by itself, although we know where it is: it trusts a `--git-dir` blindly, and
    /// checks the owner only of what it finds.
    pub(super) fn open(location: &Location, oddities: &[Oddity]) -> Result<Self, GitError> {
        let unsupported = |message: String| GitError::Unsupported {
            path: location.top.clone(),
            oddities: oddities.iter().filter(|oddity| oddity.needs_plumbing()).cloned().collect(),
            message,
        };
        let output = git(&location.top)
            .args(["rev-parse", "--git-dir"])
            .output()
            .map_err(|error| unsupported(format!("`git` cannot be started: {error}")))?;
        if !output.status.success() {
            return Err(unsupported(said(&output.stderr)));
        }
        Ok(Self { git_dir: location.git_dir.clone(), quarantine: None, batch: Mutex::default() })
    }

    /// Adds a directory of objects that are not yet part of the repository.
    pub(super) fn with_quarantine(mut self, objects: PathBuf) -> Self {
        self.quarantine = Some(objects);
        self
    }

    pub(super) fn resolve(&self, revision: &str) -> Result<Resolved, GitError> {
        let output = self
            .command()
            .args(["rev-parse", "--verify", "--quiet", revision])
            .output()
            .map_err(|error| self.failed("rev-parse", error.to_string()))?;
        let named = std::str::from_utf8(&output.stdout).ok().and_then(|text| ObjectId::from_hex(text.trim()));
        let Some(named) = named else {
            // Quiet means: no words for an unknown name. Words are another matter.
            return if output.stderr.is_empty() || output.status.code() == Some(1) {
                Ok(Resolved::Unknown)
            } else {
                Err(self.failed("rev-parse", said(&output.stderr)))
            };
        };
        let tree = match self.header(&format!("{named}^{{tree}}"))? {
            Header::Found { id, .. } => id,
            // A full object name is taken without looking whether there is such an object.
            Header::Missing if matches!(self.header(&named.to_string())?, Header::Missing) => {
                return Ok(Resolved::Unknown);
            }
            Header::Missing => return Ok(Resolved::NoTree),
        };
        let named = match self.header(&format!("{named}^{{commit}}"))? {
            Header::Found { id, .. } => id,
            Header::Missing => named,
        };
        Ok(Resolved::Tree { named, tree })
    }

    pub(super) fn merge_bases(&self, one: &ObjectId, other: &ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let output = self
            .command()
            .args(["merge-base", "--all", &one.to_string(), &other.to_string()])
            .output()
            .map_err(|error| self.failed("merge-base", error.to_string()))?;
        let text = std::str::from_utf8(&output.stdout).unwrap_or_default();
        let found: Option<Vec<ObjectId>> = text.lines().map(ObjectId::from_hex).collect();
        match (output.status.code(), found) {
            (Some(0), Some(found)) if !found.is_empty() => Ok(found),
            (Some(1), _) => Ok(Vec::new()),
            _ => Err(self.failed("merge-base", said(&output.stderr))),
        }
    }

    pub(super) fn read(&self, id: &ObjectId, wanted: Wanted, limit: u64) -> Result<Bytes, GitError> {
        let fail = |message: &str| GitError::Object {
            path: self.git_dir.clone(),
            object: id.to_string(),
            message: message.to_owned(),
        };
        self.ask(&id.to_string(), |batch, header| match header {
            Header::Missing => Ok(Err(fail("it is missing"))),
            Header::Found { kind, size, .. } if kind != wanted.name() => {
                batch.skip(size)?;
                Ok(Err(fail("it is of another type than the tree says")))
            }
            Header::Found { size, .. } if size > limit => {
                batch.skip(size)?;
                Ok(Ok(Bytes::TooLarge(size)))
            }
            Header::Found { size, .. } => Ok(Ok(Bytes::All(batch.take(size)?))),
        })?
    }

    /// Returns the tree of a commit, a tag or a tree.
    pub(super) fn tree_of(&self, id: &ObjectId) -> Result<ObjectId, GitError> {
        match self.header(&format!("{id}^{{tree}}"))? {
            Header::Found { id, .. } => Ok(id),
            Header::Missing => Err(GitError::Object {
                path: self.git_dir.clone(),
                object: id.to_string(),
                message: "it is missing, or has no tree".to_owned(),
            }),
        }
    }

    /// Returns what a reference names, by its full name.
    pub(super) fn reference(&self, name: &str) -> Result<Option<Reference>, GitError> {
        // A name with a slash is a prefix as well, so that others may be listed with it.
        let format = "--format=%(refname) %(objectname) %(symref)";
        let output = self
            .command()
            .args(["for-each-ref", format, name])
            .output()
            .map_err(|error| self.failed("for-each-ref", error.to_string()))?;
        if !output.status.success() {
            return Err(self.failed("for-each-ref", said(&output.stderr)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let Some((id, target)) = found.and_then(|found| found.split_once(' ')) else { return Ok(None) };
        if !target.is_empty() {
            return Ok(Some(Reference::Symbolic(target.to_owned())));
        }
        match ObjectId::from_hex(id) {
            Some(id) => Ok(Some(Reference::Object(id))),
            None => Err(self.failed("for-each-ref", format!("unexpected answer `{id}`"))),
        }
    }

    /// Lists all branches.
    pub(super) fn branches(&self) -> Result<Vec<Branch>, GitError> {
        let output = self
            .command()
            .args(["for-each-ref", "--format=%(objectname) %(symref) %(refname)"])
            .args(DIRECTORIES)
            .output()
            .map_err(|error| self.failed("for-each-ref", error.to_string()))?;
        if !output.status.success() {
            return Err(self.failed("for-each-ref", said(&output.stderr)));
        }
        let mut branches = Vec::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let mut words = line.splitn(3, ' ');
            let id = words.next().and_then(ObjectId::from_hex);
            let (Some(commit), Some(target), Some(name)) = (id, words.next(), words.next()) else {
                return Err(self.failed("for-each-ref", format!("unexpected answer `{line}`")));
            };
            if target.is_empty() || is_alias(name) {
                branches.push(Branch { name: name.to_owned(), commit });
            }
        }
        Ok(branches)
    }

    /// Returns what `HEAD` names.
    pub(super) fn head(&self) -> Result<Option<Reference>, GitError> {
        let run = |arguments: &[&str]| {
            let mut command = self.command();
            command.args(arguments).output().map_err(|error| self.failed("symbolic-ref", error.to_string()))
        };
        let output = run(&["symbolic-ref", "--quiet", "HEAD"])?;
        let text = String::from_utf8_lossy(&output.stdout);
        match output.status.code() {
            Some(0) => return Ok(Some(Reference::Symbolic(text.trim_end().to_owned()))),
            Some(1) => {}
            _ => return Err(self.failed("symbolic-ref", said(&output.stderr))),
        }
        let output = run(&["rev-parse", "--verify", "--quiet", "HEAD"])?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(ObjectId::from_hex(text.trim_end()).map(Reference::Object))
    }

    fn header(&self, name: &str) -> Result<Header, GitError> {
        self.ask(name, |batch, header| {
            if let Header::Found { size, .. } = header {
                batch.skip(size)?;
            }
            Ok(header)
        })
    }

    /// Sends one request and reads its answer. A process that breaks off is dropped, and the next request starts another.
    fn ask<T>(
        &self,
        name: &str,
        read: impl FnOnce(&mut Batch, Header) -> io::Result<T>,
    ) -> Result<T, GitError> {
        let mut slot = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = match slot.take() {
            Some(batch) => batch,
            None => self.start().map_err(|error| self.failed("cat-file", error.to_string()))?,
        };
        let answer = batch.request(name).and_then(|header| read(&mut batch, header));
        match answer {
            Ok(answer) => {
                *slot = Some(batch);
                Ok(answer)
            }
            Err(error) => Err(self.failed("cat-file", batch.last_words(&error))),
        }
    }

    fn start(&self) -> io::Result<Batch> {
        let errors = tempfile::tempfile()?;
        let mut child = self
            .command()
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors.try_clone()?)
            .spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => {
                Ok(Batch { child, requests, answers: BufReader::with_capacity(64 << 10, answers), errors })
            }
            _ => Err(io::Error::other("no pipes")),
        }
    }

    pub(super) fn command(&self) -> std::process::Command {
        let mut command = git_in(&self.git_dir);
        if let Some(objects) = &self.quarantine {
            command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects);
        }
        command
    }

    pub(super) fn failed(&self, command: &'static str, message: String) -> GitError {
        GitError::Command { path: self.git_dir.clone(), command, message }
    }
}

impl Batch {
    fn request(&mut self, name: &str) -> io::Result<Header> {
        writeln!(self.requests, "{name}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.ends_with(" missing") {
            return Ok(Header::Missing);
        }
        let mut words = line.split(' ');
        let (id, kind, size) = (words.next(), words.next(), words.next());
        match (id.and_then(ObjectId::from_hex), kind, size.and_then(|size| size.parse().ok())) {
            (Some(id), Some(kind), Some(size)) => Ok(Header::Found { id, kind: kind.to_owned(), size }),
            _ => Err(io::Error::other(format!("unexpected answer `{line}`"))),
        }
    }

    fn take(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(size).map_err(io::Error::other)?);
        (&mut self.answers).take(size).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.skip(0)?;
        Ok(bytes)
    }

    /// Passes over the rest of an answer and the line end after it.
    fn skip(&mut self, size: u64) -> io::Result<()> {
        let passed = io::copy(&mut (&mut self.answers).take(size + 1), &mut io::sink())?;
        if passed == size + 1 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Returns what git said before it broke off.
    fn last_words(mut self, error: &io::Error) -> String {
        // Its error output is complete only after its end.
        self.end();
        let mut output = Vec::new();
        let read =
            self.errors.rewind().and_then(|()| (&mut self.errors).take(64 << 10).read_to_end(&mut output));
        if read.is_ok() && !output.is_empty() { said(&output) } else { error.to_string() }
    }

    fn end(&mut self) {
        // It answers from what it has and waits for nobody, so there is nothing to lose; both fail only if it is gone.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.end();
    }
}

impl Wanted {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tree => "tree",
        }
    }
}

//! One work tree that follows.

#![expect(clippy::disallowed_methods, reason = "files of a work tree are read and written as git does")]

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::TempDir;

use super::index::{Entry, Index};
use super::{FollowState, Kept, Step};
use crate::git::command::feed;
use crate::git::discover::Location;
use crate::git::{GitError, Object, ObjectId, Wanted, name, oddity};

/// The name that temporary files begin with; what looks at work trees knows it.
const TEMPORARY_PREFIX: &str = ".onramp-";

/// A larger file is none that a commit of ours wrote.
const MAX_FILE: u64 = 64 << 20;

/// What a step comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// File and index follow.
    Both,
    /// Only the index does. The file has changes of its own, or is not wanted.
    Index,
    /// Neither does.
    Neither,
}

/// What lies at a path of the work tree.
#[derive(PartialEq, Eq)]
enum Found {
    Nothing,
    File {
        bytes: Vec<u8>,
        executable: bool,
    },
    /// A directory, a link, a path through one, or a file that is too large.
    Other,
}

/// Lets one work tree follow.
pub(super) fn follow(place: &Location, steps: &[Step<'_>]) -> FollowState {
    let index = Index::new(place);
    match run(place, &index, steps) {
        Ok(Some(kept)) => FollowState::Moved { kept },
        Ok(None) => FollowState::Locked(index.lock()),
        Err(error) => FollowState::Failed(error),
    }
}

/// Returns what is kept; nothing if another process holds the index.
fn run(place: &Location, index: &Index<'_>, steps: &[Step<'_>]) -> Result<Option<Vec<Kept>>, GitError> {
    if steps.is_empty() {
        return Ok(Some(Vec::new()));
    }
    // What follows is looked at first, and written only when all is known.
    if index.lock().exists() {
        return Ok(None);
    }
    let listing = index.start(steps)?;
    let drafts = Drafts::make(place, index, steps);
    let entries = index.entries(listing)?;
    let drafts = drafts?;
    let at = |step: &Step<'_>| entries.get(step.full.as_bytes()).copied();
    let outside = outside(place, index, steps, &entries)?;
    let mut files = Vec::with_capacity(steps.len());
    for step in steps {
        files.push(look(place, step)?);
    }
    let clean = clean(index, steps, &files)?;

    let mut ways = Vec::with_capacity(steps.len());
    let mut kept = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let entry = at(step);
        let is = |object: Option<Object>| same(entry, object);
        let way = if !is(step.old) && !is(step.new) {
            kept.push(Kept { path: step.asked.to_owned(), staged: true });
            Way::Neither
        } else if outside[number] {
            Way::Index
        } else if clean[number] || drafts.holds(step, &files[number])? {
            Way::Both
        } else {
            kept.push(Kept { path: step.asked.to_owned(), staged: false });
            Way::Index
        };
        ways.push(way);
    }
    if index.lock().exists() {
        return Ok(None);
    }
    let mut failed = None;
    for ((step, way), file) in steps.iter().zip(&mut ways).zip(&files) {
        if *way != Way::Both {
            continue;
        }
        // An editor may have written it while git was asked.
        let same = look(place, step).is_ok_and(|now| now == *file);
        if failed.is_none() && !same {
            kept.push(Kept { path: step.asked.to_owned(), staged: false });
            *way = Way::Index;
        } else if failed.is_none()
            && let Err(error) = put(place, step, &drafts)
        {
            let message = format!("`{}`: {error}", step.full);
            failed = Some(GitError::Write { path: place.top.clone(), message });
        }
        // What was written before a failure is still told to the index.
        if failed.is_some() {
            *way = Way::Neither;
        }
    }

    // What the filters make of a file should be what the commit has. Where it is not, the commit is right.
    let chosen =
        |wanted: Way| steps.iter().zip(&ways).filter(move |(_, way)| **way == wanted).map(|(step, _)| step);
    let written: Vec<&Step<'_>> = chosen(Way::Both).collect();
    let names = names(index, written.iter().filter(|step| step.new.is_some()).map(|step| &*step.full))?;
    let is_told = |step: &Step<'_>| {
        let held = at(step).is_some_and(|entry| matches!(entry, Entry::File { assumed: true, .. }));
        !held && step.new.is_none_or(|object| names.get(&*step.full) == Some(&object.id))
    };
    let told: Vec<&str> = written.iter().filter(|step| is_told(step)).map(|step| &*step.full).collect();
    let set: Vec<(&str, Option<Object>, Option<Entry>)> = chosen(Way::Index)
        .chain(written.iter().copied().filter(|step| !is_told(step)))
        .map(|step| {
            let entry = at(step).or_else(|| {
                let number = steps.iter().position(|other| other.full == step.full)?;
                let object = step.new.filter(|_| outside[number])?;
                Some(Entry::File { object, skipped: true, assumed: false })
            });
            (&*step.full, step.new.map(plain), entry)
        })
        .collect();
    let done = index.set(&set)? && index.add(&told)?;
    failed.map_or(Ok(done.then_some(kept)), Err)
}

/// Tells for each step whether its file lies outside a sparse checkout.
fn outside(
    place: &Location,
    index: &Index<'_>,
    steps: &[Step<'_>],
    entries: &BTreeMap<Vec<u8>, Entry>,
) -> Result<Vec<bool>, GitError> {
    let at = |step: &Step<'_>| entries.get(step.full.as_bytes());
    let mut outside: Vec<bool> = steps
        .iter()
        .map(|step| at(step).is_some_and(|entry| matches!(entry, Entry::File { skipped: true, .. })))
        .collect();
    let new: Vec<usize> = (0..steps.len())
        .filter(|number| at(&steps[*number]).is_none() && steps[*number].new.is_some())
        .collect();
    if new.is_empty() || !oddity::oddities(place)?.contains(&oddity::Oddity::SparseCheckout) {
        return Ok(outside);
    }
    // No command says what the patterns mean for a path (before git 2.41). So git checks out the new files alone, elsewhere.
    let elsewhere = Elsewhere::new(place, index)?;
    elsewhere.fill(new.iter().map(|number| &steps[*number]))?;
    let tree = elsewhere.run("write-tree", &["--missing-ok"], b"")?;
    let tree = String::from_utf8_lossy(&tree).trim_end().to_owned();
    elsewhere.run("read-tree", &["--empty"], b"")?;
    elsewhere.run_there("read-tree", &["-m", "-u", &tree])?;
    for number in new {
        outside[number] = elsewhere.files().join(&steps[number].full).symlink_metadata().is_err();
    }
    Ok(outside)
}

/// Tells for each step whether its file is what the old commit says.
fn clean(index: &Index<'_>, steps: &[Step<'_>], files: &[Found]) -> Result<Vec<bool>, GitError> {
    let mut clean = Vec::with_capacity(steps.len());
    let mut unsure = Vec::new();
    let mut filemode = None;
    for (number, (step, file)) in steps.iter().zip(files).enumerate() {
        clean.push(match (step.old, file) {
            (None, Found::Nothing) => true,
            (Some(_), Found::Nothing) => step.new.is_none(),
            (Some(old), Found::File { bytes, executable }) => {
                let same_mode = (plain(old).mode & 0o111 != 0) == *executable;
                if !same_mode && trusts_modes(index, &mut filemode)? {
                    false
                } else if name::of(Wanted::Blob, bytes, old.id.is_sha256()) == Some(old.id) {
                    true
                } else {
                    unsure.push(number);
                    false
                }
            }
            _ => false,
        });
    }
    // What is not the same byte for byte may be so behind the filters.
    let names = names(index, unsure.iter().map(|number| &*steps[*number].full))?;
    for number in unsure {
        let step = &steps[number];
        clean[number] = step.old.is_some_and(|old| names.get(&*step.full) == Some(&old.id));
    }
    Ok(clean)
}

/// Names files of the work tree as `git add` would.
fn names<'a>(
    index: &Index<'_>,
    paths: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<&'a str, ObjectId>, GitError> {
    // A path in quotes, or of several lines, is not one in this list; then nothing is said of it.
    let paths: Vec<&str> = paths.filter(|path| !path.starts_with('"') && !path.contains('\n')).collect();
    if paths.is_empty() {
        return Ok(BTreeMap::new());
    }
    let list = paths.join("\n") + "\n";
    let output = feed(index.command().args(["hash-object", "--stdin-paths"]), list.as_bytes());
    let output = index.done("hash-object", output)?;
    let text = String::from_utf8_lossy(&output);
    Ok(paths
        .into_iter()
        .zip(text.lines())
        .filter_map(|(path, id)| Some((path, ObjectId::from_hex(id)?)))
        .collect())
}

/// Asks once whether the modes of files mean anything here.
fn trusts_modes(index: &Index<'_>, known: &mut Option<bool>) -> Result<bool, GitError> {
    if let Some(known) = known {
        return Ok(*known);
    }
    let output = index.command().args(["config", "--type=bool", "--get", "core.fileMode"]).output();
    let output = output.map_err(|error| index.failed("config", error.to_string()))?;
    Ok(*known.insert(output.stdout.trim_ascii() != b"false"))
}

/// Tells whether the index has exactly a file of a commit.
fn same(entry: Option<Entry>, object: Option<Object>) -> bool {
    match (entry, object) {
        (None, None) => true,
        (Some(Entry::File { object: entry, .. }), Some(object)) => entry == plain(object),
        _ => false,
    }
}

/// Gives a file one of the two modes that an index knows.
fn plain(object: Object) -> Object {
    Object { mode: if object.mode & 0o100 == 0 { 0o100_644 } else { 0o100_755 }, ..object }
}

fn look(place: &Location, step: &Step<'_>) -> Result<Found, GitError> {
    let path = place.top.join(&step.full);
    let fail = |error| Err(GitError::io(&path)(error));
    for above in path.ancestors().skip(1).take_while(|above| *above != place.top) {
        if above.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
            return Ok(Found::Other);
        }
    }
    let metadata = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_FILE => metadata,
        Ok(_) => return Ok(Found::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return fail(error),
    };
    match fs::read(&path) {
        Ok(bytes) => Ok(Found::File { bytes, executable: is_executable(&metadata) }),
        Err(error) => fail(error),
    }
}

/// Writes or removes the file of a step.
fn put(place: &Location, step: &Step<'_>, drafts: &Drafts) -> io::Result<()> {
    let path = place.top.join(&step.full);
    let Some(object) = step.new else {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        for above in path.ancestors().skip(1).take_while(|above| *above != place.top) {
            if fs::remove_dir(above).is_err() {
                break;
            }
        }
        return Ok(());
    };
    let directory = path.parent().unwrap_or(&place.top);
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    let executable = plain(object).mode & 0o111 != 0;
    set_mode(&mut builder, path.metadata().ok(), executable);
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(&drafts.read(step)?)?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

/// Gives a file the mode of the one that it replaces, or of any new file; executable or not, as the commit says.
#[cfg(unix)]
fn set_mode(builder: &mut tempfile::Builder<'_, '_>, before: Option<Metadata>, executable: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = before.map_or(0o666, |metadata| metadata.permissions().mode());
    let mode = if executable { mode | ((mode & 0o444) >> 2) } else { mode & !0o111 };
    builder.permissions(fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn set_mode(_: &mut tempfile::Builder<'_, '_>, _: Option<Metadata>, _: bool) {}

/// The new files as they belong into this work tree: with its line ends, and behind its filters.
struct Drafts(Option<Elsewhere>);

impl Drafts {
    fn make(place: &Location, index: &Index<'_>, steps: &[Step<'_>]) -> Result<Self, GitError> {
        if steps.iter().all(|step| step.new.is_none()) {
            return Ok(Self(None));
        }
        let elsewhere = Elsewhere::new(place, index)?;
        elsewhere.fill(steps.iter())?;
        let mut prefix = elsewhere.files().into_os_string();
        prefix.push("/");
        let mut option = std::ffi::OsString::from("--prefix=");
        option.push(prefix);
        let output = elsewhere.command().args(["checkout-index", "--all", "--quiet"]).arg(option).output();
        index.done("checkout-index", output)?;
        Ok(Self(Some(elsewhere)))
    }

    fn read(&self, step: &Step<'_>) -> io::Result<Vec<u8>> {
        let Some(elsewhere) = &self.0 else { return Err(io::ErrorKind::NotFound.into()) };
        fs::read(elsewhere.files().join(&step.full))
    }

    /// Tells whether a file is new already.
    fn holds(&self, step: &Step<'_>, file: &Found) -> Result<bool, GitError> {
        Ok(match (step.new, file) {
            (None, Found::Nothing) => true,
            (Some(_), Found::File { bytes, .. }) => {
                *bytes == self.read(step).map_err(GitError::io(Path::new(&step.full)))?
            }
            _ => false,
        })
    }
}

/// An index of its own, in a directory that goes away.
struct Elsewhere {
    directory: TempDir,
    git_dir: Location,
}

impl Elsewhere {
    fn new(place: &Location, index: &Index<'_>) -> Result<Self, GitError> {
        let directory =
            tempfile::tempdir().map_err(|error| index.failed("checkout-index", error.to_string()))?;
        fs::create_dir(directory.path().join("files")).map_err(GitError::io(directory.path()))?;
        Ok(Self { directory, git_dir: place.clone() })
    }

    fn files(&self) -> std::path::PathBuf {
        self.directory.path().join("files")
    }

    fn command(&self) -> std::process::Command {
        let mut command = Index::new(&self.git_dir).command();
        command.env("GIT_INDEX_FILE", self.directory.path().join("index"));
        // It is a plain one, whatever that of the work tree is.
        for plain in ["index.sparse=false", "core.splitIndex=false", "core.untrackedCache=false"] {
            command.args(["-c", plain]);
        }
        command
    }

    fn run(&self, name: &'static str, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, GitError> {
        let mut command = self.command();
        command.arg(name).args(arguments);
        Index::new(&self.git_dir).done(name, feed(&mut command, input))
    }

    /// Runs a command line that takes the directory of the new files for its work tree.
    fn run_there(&self, name: &'static str, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let mut command = self.command();
        let mut option = std::ffi::OsString::from("--work-tree=");
        option.push(self.files());
        command.current_dir(self.files()).arg(option).arg(name).args(arguments);
        Index::new(&self.git_dir).done(name, command.output())
    }

    /// Puts the new files of some steps into the index.
    fn fill<'a>(&self, steps: impl Iterator<Item = &'a Step<'a>>) -> Result<(), GitError> {
        let mut list = Vec::new();
        for step in steps {
            if let Some(object) = step.new.map(plain) {
                list.extend(format!("{:o} {}\t{}\0", object.mode, object.id, step.full).bytes());
            }
        }
        self.run("update-index", &["-z", "--index-info"], &list).map(|_| ())
    }
}

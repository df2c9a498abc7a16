//! The queue of a machine: who wants the same at the same time meets in a directory, and one of them does it for all.
//!
//! Each writes its request to a file and then waits for its answer or for the lock, whichever comes first. Who gets the lock takes
//! all requests that wait, hands them over together, writes the answers and gives the lock back. Nothing is held by a process that
//! is gone: locks end with it, a request whose writer is gone is dropped, and one that was taken and not answered is taken again.
//! What is in requests and answers is no matter of the queue.
#![expect(clippy::disallowed_methods, reason = "a directory that is private to this queue")]

use std::fmt::{self, Display, Formatter};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest as _, Sha256};

/// The most requests that are handed over together.
pub const MOST: usize = 64;
/// The largest request and answer.
const LARGEST: u64 = 16 << 20;
/// How long a look for an answer is put off at most.
const LOOK: Duration = Duration::from_millis(25);

/// Why there was no answer.
#[derive(Debug)]
pub enum QueueError {
    /// The directory cannot be used: it belongs to somebody else, or its file system has no locks. Nothing was done.
    Unavailable {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The time was over.
    Spent {
        /// Whether somebody has taken the request, so that it may be done all the same.
        taken: bool,
    },
}

/// Returns the directory of this user's queues: below that of `XDG_RUNTIME_DIR`, or else below the one for temporary files, where it
/// has the user's number in its name.
pub fn base(runtime: Option<&Path>, temporary: &Path) -> PathBuf {
    match runtime {
        Some(runtime) => runtime.join("onramp"),
        None => temporary.join(format!("onramp-{}", user())),
    }
}

/// Returns the directory, below the user's, in which those meet who want the same. The parts say what that is and as whom: the
/// address, the branch, what [`is_relevant`] of the environment, and whatever else decides as whom git acts.
pub fn directory(base: &Path, parts: &[&str]) -> PathBuf {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let name: Vec<String> = hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    base.join(format!("queue-{}", name.concat()))
}

/// Tells whether a variable of the environment decides as whom git acts. Who differs in one does not share a queue.
pub fn is_relevant(variable: &str) -> bool {
    let groups = [
        "GIT_AUTHOR_",
        "GIT_COMMITTER_",
        "GIT_CONFIG_",
        "GIT_SSH",
        "GIT_ASKPASS",
        "GIT_SSL_",
        "SSH_",
        "GNUPG",
    ];
    let names = ["HOME", "XDG_CONFIG_HOME", "EMAIL", "USER", "LOGNAME", "GIT_PROXY_COMMAND", "GIT_CONFIG"];
    let proxies = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
    groups.iter().any(|group| variable.starts_with(group))
        || names.contains(&variable)
        || proxies.contains(&variable.to_ascii_lowercase().as_str())
}

/// Hands in a request, and returns its answer.
///
/// `batch` gets the requests that wait, in order of arrival, when it is the turn of this process; it returns an answer for each, or
/// nothing for one that it did not come to, which the next one takes. It may be called several times, and with requests of others
/// only.
///
/// # Errors
/// If the directory cannot be used, or the time is over.
pub fn run(
    dir: &Path,
    request: &[u8],
    until: Instant,
    batch: &mut dyn FnMut(Vec<Vec<u8>>) -> Vec<Option<Vec<u8>>>,
) -> Result<Vec<u8>, QueueError> {
    let unavailable = |reason: String| QueueError::Unavailable { path: dir.to_owned(), reason };
    own(dir).map_err(&unavailable)?;
    let io = |error: io::Error| unavailable(error.to_string());
    let ticket = Ticket::hand_in(dir, request).map_err(io)?;
    let lock =
        OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("lock")).map_err(io)?;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(answer) = ticket.answer() {
            return Ok(answer);
        }
        match lock.try_lock() {
            Ok(()) => {
                let served = serve(dir, &ticket, until, batch);
                // Closing it would do as well.
                _ = lock.unlock();
                match served {
                    Ok(Some(answer)) => return Ok(answer),
                    Ok(None) => return Err(QueueError::Spent { taken: !ticket.withdraw() }),
                    Err(error) => return Err(io(error)),
                }
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            if ticket.withdraw() {
                return Err(QueueError::Spent { taken: false });
            }
            // It may have come in between.
            return ticket.answer().ok_or(QueueError::Spent { taken: true });
        }
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(LOOK);
    }
}

/// Serves all that wait, until this process has its own answer; nothing if it did not come to that in time.
fn serve(
    dir: &Path,
    own: &Ticket,
    until: Instant,
    batch: &mut dyn FnMut(Vec<Vec<u8>>) -> Vec<Option<Vec<u8>>>,
) -> io::Result<Option<Vec<u8>>> {
    loop {
        // The one before may have answered it before giving the lock back.
        if let Some(answer) = own.answer() {
            return Ok(Some(answer));
        }
        let mut names = waiting(dir)?;
        if !names.contains(&own.name) {
            return Err(io::Error::other("the request is gone"));
        }
        names.truncate(MOST);
        let mut taken = Vec::new();
        let mut requests = Vec::new();
        for name in names {
            let path = dir.join(format!("{name}.taken"));
            // One that was taken before is there already; one that is gone was withdrawn just now.
            _ = fs::rename(dir.join(format!("{name}.request")), &path);
            if let Ok(request) = read(&path) {
                requests.push(request);
                taken.push(name);
            }
        }
        let mut passed_over = false;
        for (name, answer) in taken.iter().zip(batch(requests)) {
            let path = dir.join(format!("{name}.taken"));
            if let Some(answer) = answer {
                write(dir, &format!("{name}.answer"), &answer)?;
                _ = fs::remove_file(path);
            } else {
                passed_over |= *name == own.name;
                // It waits for the next one, unless its writer has gone.
                _ = fs::rename(path, dir.join(format!("{name}.request")));
            }
        }
        if passed_over || Instant::now() >= until {
            return Ok(own.answer());
        }
    }
}

/// Lists the requests without answer whose writers are there, in order of arrival; and clears away what others left.
fn waiting(dir: &Path) -> io::Result<Vec<String>> {
    let mut found: Vec<(SystemTime, String)> = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if let Some((name, _)) = name.rsplit_once('.') {
            names.insert(name.to_owned());
        }
    }
    for name in names {
        let path = |kind: &str| dir.join(format!("{name}.{kind}"));
        if is_gone(&path("alive")) {
            for kind in ["request", "taken", "answer", "new", "alive"] {
                // What is not there need not go.
                _ = fs::remove_file(path(kind));
            }
            continue;
        }
        if path("answer").exists() {
            _ = fs::remove_file(path("taken"));
            continue;
        }
        let metadata = fs::metadata(path("request")).or_else(|_| fs::metadata(path("taken")));
        if let Ok(metadata) = metadata {
            found.push((metadata.modified()?, name));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// Tells whether the process behind a request is gone: its lock is free then.
fn is_gone(alive: &Path) -> bool {
    match File::open(alive) {
        Ok(file) => file.try_lock_shared().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// A request that was handed in. It goes away with this, and so does its answer.
struct Ticket {
    dir: PathBuf,
    name: String,
    /// Locked for as long as this process waits.
    alive: File,
}

impl Ticket {
    fn hand_in(dir: &Path, request: &[u8]) -> io::Result<Self> {
        let name = format!("{:010}-{:016x}", std::process::id(), RandomState::new().hash_one(()));
        // Locked before anybody can see it, so that nobody takes it for left behind.
        let hidden = dir.join(format!("{name}-alive"));
        let alive = OpenOptions::new().create_new(true).write(true).open(&hidden)?;
        let ticket = Self { dir: dir.to_owned(), name, alive };
        ticket.alive.lock()?;
        fs::rename(&hidden, ticket.path("alive"))?;
        write(dir, &format!("{}.request", ticket.name), request)?;
        Ok(ticket)
    }

    fn answer(&self) -> Option<Vec<u8>> {
        read(&self.path("answer")).ok()
    }

    /// Takes the request back. `false` if somebody has taken it.
    fn withdraw(&self) -> bool {
        fs::remove_file(self.path("request")).is_ok()
    }

    fn path(&self, kind: &str) -> PathBuf {
        self.dir.join(format!("{}.{kind}", self.name))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // The sign of life last: what is left without it is cleared away by the next one.
        for kind in ["request", "taken", "answer", "alive"] {
            _ = fs::remove_file(self.path(kind));
        }
    }
}

/// Makes the directory, or makes sure that it is ours alone.
fn own(dir: &Path) -> Result<(), String> {
    let failed = |error: io::Error| error.to_string();
    for place in [dir.parent(), Some(dir)].into_iter().flatten() {
        make(place).map_err(failed)?;
        let metadata = place.symlink_metadata().map_err(failed)?;
        if !metadata.is_dir() {
            return Err(format!("`{}` is no directory", place.display()));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            if metadata.uid() != user() {
                return Err(format!("`{}` belongs to another user", place.display()));
            }
            if metadata.mode() & 0o077 != 0 {
                return Err(format!("others may look into `{}`", place.display()));
            }
        }
    }
    Ok(())
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Where users have no numbers they have temporary files of their own.
#[cfg(not(unix))]
fn user() -> u32 {
    0
}

fn make(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file that others see whole or not at all.
fn write(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("it is too large for a queue"));
    }
    let hidden =
        dir.join(name.rsplit_once('.').map_or_else(|| name.to_owned(), |(name, _)| format!("{name}.new")));
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&hidden)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(&hidden, dir.join(name))
}

impl Display for QueueError {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable { path, reason } => {
                write!(out, "the queue `{}` cannot be used: {reason}", path.display())
            }
            Self::Spent { taken: false } => {
                out.write_str("the time was over before it was this process's turn")
            }
            Self::Spent { taken: true } => out
                .write_str("the time was over while another process was at it; it may be done all the same"),
        }
    }
}

impl std::error::Error for QueueError {}

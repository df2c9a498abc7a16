//! What is kept between runs of the files of a fleet, so that a run on one of them need not read the others.
//!
//! Of each file it holds a stamp and the set of its three-letter sequences, as a few thousand bits. A text that the file may
//! hold has all of its sequences there; where one is missing, the file does not hold the text and is not read. So the index can only
//! save reading and never decides anything: what it lets through is read and looked at. It lies in git's own directory,
//! `.git/onramp/`, and may be removed at any time. Whatever is wrong with it, the files are read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::snapshot::Stamp;

/// How the file starts; another number is another format.
const MAGIC: &[u8; 16] = b"onramp index 2\n\0";
/// Bytes of the set of one file.
const SET: usize = 512;
/// Bytes of a file's entry, without its name.
const ENTRY: usize = 2 + Stamp::LENGTH + SET;
/// The most bytes of an index that are read: several hundred thousand files.
const MOST: u64 = 256 << 20;
/// Clocks of file systems tick in up to two seconds.
const TICK: i128 = 2_000_000_000;

/// The index of one config repo.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    kept: BTreeMap<String, Kept>,
    new: Mutex<BTreeMap<String, Kept>>,
    names: OnceLock<Vec<String>>,
}

/// What is kept of one file.
#[derive(Clone, Debug)]
struct Kept {
    stamp: [u8; Stamp::LENGTH],
    set: Box<[u8; SET]>,
}

/// A text that is looked for, as the bits of its sequences; none for one that is too short to have any.
#[derive(Clone, Debug)]
pub struct Wanted(Vec<u16>);

impl Wanted {
    /// Prepares a text.
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().windows(3).map(bit).collect())
    }
}

impl Index {
    /// Reads the index in a directory of git's own, under a name that tells several config repos of one repository apart. One that
    /// is not there, or damaged, is empty.
    pub fn open(git_dir: &Path, name: &str) -> Self {
        let path = git_dir.join("onramp").join(name);
        let (bytes, written) = read(&path).unwrap_or_default();
        let kept = decode(&bytes, written - TICK).unwrap_or_default();
        Self { path, kept, new: Mutex::default(), names: OnceLock::new() }
    }

    /// Tells whether a file surely holds none of the texts. Of a file that changed, or may have, nothing is sure.
    pub fn holds_none(&self, name: &str, stamp: &Stamp, texts: &[Wanted]) -> bool {
        let Some(kept) = self.kept.get(name).filter(|kept| kept.stamp == *stamp.bytes()) else {
            return false;
        };
        let has = |bit: &u16| kept.set[usize::from(*bit / 8)] & (1 << (bit % 8)) != 0;
        !texts.iter().any(|text| text.0.iter().all(has))
    }

    /// Keeps what a file holds, whose stamp was taken before it was read. Of an `odd` one nothing is ever sure.
    pub fn keep(&self, name: &str, stamp: &Stamp, text: &str, odd: bool) {
        if self.kept.get(name).is_some_and(|kept| kept.stamp == *stamp.bytes()) {
            return;
        }
        let mut set = Box::new([if odd { u8::MAX } else { 0 }; SET]);
        for window in text.as_bytes().windows(3) {
            let bit = bit(window);
            set[usize::from(bit / 8)] |= 1 << (bit % 8);
        }
        let kept = Kept { stamp: *stamp.bytes(), set };
        self.new.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), kept);
    }

    /// Says which files there are; what else is kept is forgotten.
    pub fn only(&self, names: &[String]) {
        // Said once in a run.
        let _ = self.names.set(names.to_vec());
    }

    /// Writes what was learnt, where anything was. That it cannot be written, as in a repository that may only be read, is no
    /// fault: the next run reads the files again.
    pub fn save(&self) {
        let new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        let names = self.names.get();
        if new.is_empty() || names.is_none() {
            return;
        }
        let mut all: BTreeMap<&String, &Kept> = self.kept.iter().chain(new.iter()).collect();
        all.retain(|name, _| names.is_some_and(|names| names.binary_search(name).is_ok()));
        let _ = write(&self.path, &encode(&all));
    }
}

fn bit(window: &[u8]) -> u16 {
    let word = window.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    // The upper 12 bits, which are the best mixed: one of 4096.
    (word.wrapping_mul(0x9e37_79b1) >> 20) as u16
}

/// Reads the file, and when it was written.
#[cfg(unix)]
fn read(path: &Path) -> io::Result<(Vec<u8>, i128)> {
    use std::os::unix::fs::MetadataExt as _;
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    (&mut file).take(MOST).read_to_end(&mut bytes)?;
    Ok((bytes, i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec())))
}

#[cfg(not(unix))]
fn read(_: &Path) -> io::Result<(Vec<u8>, i128)> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Writes the whole file beside the old one first. Two that write at once may spoil each other's, which the next reader sees.
#[expect(clippy::disallowed_methods, reason = "this module alone writes into git's directory")]
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(new, path)
}

fn encode(all: &BTreeMap<&String, &Kept>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(MAGIC.len() + all.len() * (ENTRY + 32) + 8);
    bytes.extend_from_slice(MAGIC);
    for (name, kept) in all {
        let Ok(length) = u16::try_from(name.len()) else { continue };
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&kept.stamp);
        bytes.extend_from_slice(&*kept.set);
    }
    let sum = sum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// Reads the entries of files that were surely left alone since before the index was written.
fn decode(bytes: &[u8], before: i128) -> Option<BTreeMap<String, Kept>> {
    let (bytes, written) = bytes.split_last_chunk::<8>()?;
    if u64::from_le_bytes(*written) != sum(bytes) {
        return None;
    }
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut kept = BTreeMap::new();
    while !rest.is_empty() {
        let (length, tail) = rest.split_first_chunk::<2>()?;
        let (name, tail) = tail.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        let (stamp, tail) = tail.split_first_chunk::<{ Stamp::LENGTH }>()?;
        let (set, tail) = tail.split_first_chunk::<SET>()?;
        rest = tail;
        if Stamp::of_bytes(stamp).is_older_than(before) {
            let name = std::str::from_utf8(name).ok()?.to_owned();
            kept.insert(name, Kept { stamp: *stamp, set: Box::new(*set) });
        }
    }
    Some(kept)
}

/// Tells damage apart, not malice: who can write into git's directory needs no index.
fn sum(bytes: &[u8]) -> u64 {
    let mut sum = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        sum = (sum.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    sum
}

#[cfg(test)]
mod tests;

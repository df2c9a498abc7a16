//! The view over a directory on disk.
//!
//! A link in place of a directory is looked for part by part before anything is opened. Whoever can write to the work tree
//! while it is read could still swap one in between; such a person can also edit what is read, so nothing is gained.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::path::{is_git_directory, is_reserved, join};
use super::{Entry, HEAD, Kind, SnapshotError};

/// The files below a directory on disk.
#[derive(Clone)]
pub(super) struct WorkTree {
    root: PathBuf,
}

impl WorkTree {
    /// The root itself may be reached through links: it is the user's word, not the repo's.
    pub(super) fn open(root: &Path) -> Result<Self, SnapshotError> {
        let path = || root.to_string_lossy().into();
        match root.canonicalize().and_then(|root| Ok((root.metadata()?.is_dir(), root))) {
            Ok((true, root)) => Ok(Self { root }),
            Ok((false, _)) => Err(SnapshotError::NotADirectory { path: path() }),
            Err(error) => Err(SnapshotError::Unreadable { path: path(), error }),
        }
    }

    /// Tells whether the path is a directory, or nothing at all.
    pub(super) fn is_directory(&self, dir: &str) -> Result<bool, SnapshotError> {
        if dir.is_empty() {
            return Ok(true);
        }
        match self.look(dir)? {
            None => Ok(false),
            Some(metadata) if metadata.is_dir() => Ok(true),
            Some(metadata) if metadata.is_symlink() => Err(SnapshotError::Symlink { path: dir.into() }),
            Some(_) => Err(SnapshotError::NotADirectory { path: dir.into() }),
        }
    }

    /// Lists a directory that is known to be one, in no order. The kinds come with the names, without a call for each.
    #[expect(clippy::disallowed_methods, reason = "the one place that lists directories")]
    pub(super) fn children(&self, dir: &str) -> Result<Vec<Entry>, SnapshotError> {
        let unreadable = |error| SnapshotError::Unreadable { path: dir.into(), error };
        let mut children = Vec::new();
        for child in fs::read_dir(self.on_disk(dir)).map_err(unreadable)? {
            let child = child.map_err(unreadable)?;
            let name = child.file_name();
            let Some(name) = name.to_str() else {
                let path = join(dir, &name.to_string_lossy());
                children.push(Entry { path, kind: Kind::NonUtf8 });
                continue;
            };
            if is_git_directory(name) {
                continue;
            }
            let kind = kind(child.file_type().map_err(unreadable)?);
            children.push(Entry { path: join(dir, name), kind });
        }
        Ok(children)
    }

    /// Reads a file, looking at each part of its path.
    pub(super) fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
        match self.look(path)? {
            Some(metadata) => self.open_and_read(path, &metadata, limit),
            None => Ok(None),
        }
    }

    /// Reads a file, looking at the last part of its path only.
    pub(super) fn read_listed(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
        match self.metadata(path)? {
            Some(metadata) => self.open_and_read(path, &metadata, limit),
            None => Ok(None),
        }
    }

    /// Reads a file that its directory's listing called a regular one: opened first and looked at then, which saves
    /// the way through its directories.
    pub(super) fn read_file(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
        let Some((file, size)) = self.open_listed(path, limit)? else { return Ok(None) };
        within(path, read_to_end(file, size, limit), limit).map(Some)
    }

    /// Reads the first bytes of such a file.
    pub(super) fn read_head(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
        let Some((file, _)) = self.open_listed(path, limit)? else { return Ok(None) };
        let mut bytes = Vec::with_capacity(HEAD);
        let read = file.take(HEAD as u64).read_to_end(&mut bytes);
        within(path, read.map(|_| bytes), limit).map(Some)
    }

    /// Opens it, and says how many bytes it has.
    fn open_listed(&self, path: &str, limit: u64) -> Result<Option<(File, u64)>, SnapshotError> {
        let unreadable = |error| SnapshotError::Unreadable { path: path.into(), error };
        let file = match File::open(self.on_disk(path)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        let metadata = file.metadata().map_err(unreadable)?;
        check(path, &metadata, limit)?;
        Ok(Some((file, metadata.len())))
    }

    /// Looks at each part of a path; a link before the last is an error.
    fn look(&self, path: &str) -> Result<Option<Metadata>, SnapshotError> {
        for (slash, _) in path.match_indices('/') {
            let parent = &path[..slash];
            match self.metadata(parent)? {
                Some(metadata) if metadata.is_dir() => {}
                Some(metadata) if metadata.is_symlink() => {
                    return Err(SnapshotError::Symlink { path: parent.into() });
                }
                Some(_) | None => return Ok(None),
            }
        }
        self.metadata(path)
    }

    /// As `root.join`, in one allocation: that one makes its buffer first and grows it then.
    fn on_disk(&self, path: &str) -> PathBuf {
        let mut full = PathBuf::with_capacity(self.root.as_os_str().len() + 1 + path.len());
        full.push(&self.root);
        if !path.is_empty() {
            full.push(path);
        }
        full
    }

    /// Returns what tells that a regular file is the same as before.
    #[cfg(unix)]
    pub(super) fn stamp(&self, path: &str) -> Option<super::Stamp> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = self.metadata(path).ok()??;
        let time = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        (kind(metadata.file_type()) == Kind::File).then(|| {
            super::Stamp::of_file([
                metadata.dev().to_le_bytes(),
                metadata.ino().to_le_bytes(),
                metadata.size().to_le_bytes(),
                time(metadata.mtime(), metadata.mtime_nsec()).to_le_bytes(),
                time(metadata.ctime(), metadata.ctime_nsec()).to_le_bytes(),
                u64::from(metadata.mode()).to_le_bytes(),
            ])
        })
    }

    #[cfg(not(unix))]
    pub(super) fn stamp(&self, _: &str) -> Option<super::Stamp> {
        None
    }

    fn metadata(&self, path: &str) -> Result<Option<Metadata>, SnapshotError> {
        if is_reserved(path) {
            return Ok(None);
        }
        match self.on_disk(path).symlink_metadata() {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(SnapshotError::Unreadable { path: path.into(), error }),
        }
    }

    /// Opens regular files only: opening a pipe waits for its other end, opening a device may do anything.
    fn open_and_read(
        &self,
        path: &str,
        metadata: &Metadata,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, SnapshotError> {
        check(path, metadata, limit)?;
        let bytes = match File::open(self.on_disk(path)) {
            Ok(file) => read_to_end(file, metadata.len(), limit),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error),
        };
        within(path, bytes, limit).map(Some)
    }
}

/// Refuses what is no regular file, and what is too large to read.
fn check(path: &str, metadata: &Metadata, limit: u64) -> Result<(), SnapshotError> {
    match kind(metadata.file_type()) {
        Kind::File if metadata.len() <= limit => Ok(()),
        Kind::File => Err(SnapshotError::TooLarge { path: path.into(), size: metadata.len(), limit }),
        Kind::Symlink => Err(SnapshotError::Symlink { path: path.into() }),
        _ => Err(SnapshotError::NotAFile { path: path.into() }),
    }
}

/// Hands out what was read, unless the file grew beyond the limit meanwhile.
fn within(path: &str, bytes: io::Result<Vec<u8>>, limit: u64) -> Result<Vec<u8>, SnapshotError> {
    match bytes {
        Ok(bytes) if bytes.len() as u64 > limit => {
            Err(SnapshotError::TooLarge { path: path.into(), size: bytes.len() as u64, limit })
        }
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(SnapshotError::Unreadable { path: path.into(), error }),
    }
}

/// Reads a file of a known size in one call. One byte more is asked for than it should have, so that its end needs no
/// second call and growth since then shows; a file that grew is read up to one byte over the limit.
fn read_to_end(mut file: File, size: u64, limit: u64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(size).map_err(io::Error::other)?;
    let mut bytes = vec![0; size + 1];
    let mut filled = 0;
    loop {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if filled == size {
            break;
        }
        if filled == bytes.len() {
            let rest = (limit + 1).saturating_sub(filled as u64);
            file.take(rest).read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn kind(kind: FileType) -> Kind {
    if kind.is_file() {
        Kind::File
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_symlink() {
        Kind::Symlink
    } else {
        Kind::Other
    }
}

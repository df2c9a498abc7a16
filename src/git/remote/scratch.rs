//! A repository for one purpose: it has of another one what a change needs, and goes away.
//!
//! A commit needs its parent, the directories on the way to what changes, and what is read. So the tip comes without history and
//! without files, and then what is wanted comes by the names of its objects. A server that knows no filters sends all files of the
//! tip, which works as well and takes longer; one that knows some of them is asked for less and less. Nothing is fetched behind our
//! back: what is missing is an error.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use git2::Config;
use tempfile::TempDir;

use super::{Remote, RemoteError, checked_branch};
use crate::git::discover::Location;
use crate::git::library::Library;
use crate::git::plumbing::Plumbing;
use crate::git::{GitError, Object, ObjectId, ObjectKind, Objects, Oddity, Repo, Tree, Wanted};

/// The name that the other repository has in it.
const NAME: &str = "origin";
/// Where the tip is kept, so that the next fetch brings what is new only.
const TIP: &str = "refs/onramp/tip";
/// Larger files come only if they are asked for by name. Nothing that is read is larger.
const LARGEST: &str = "--filter=blob:limit=4m";
/// What git says where the server sends everything, whatever it is asked for.
const UNFILTERED: &str = "filtering not recognized";
/// How often what is wanted may turn out to lie deeper than what is there.
const ROUNDS: usize = 6;
/// The most objects that are asked for by name at once; their names have to fit on a command line.
const MOST_MISSING: usize = 10_000;
/// The most objects that are looked for. A hostile directory can name itself over and over.
const MOST_OBJECTS: usize = 500_000;

/// A bare repository in a temporary directory, with as little as possible of another one. It is removed when it is dropped.
pub struct Scratch {
    directory: TempDir,
    repo: Repo,
    remote: Remote,
    settings: Vec<(String, String)>,
    prefix: String,
    /// Objects that are there with all below them.
    whole: BTreeSet<ObjectId>,
    /// Objects that were asked for by name.
    asked: BTreeSet<ObjectId>,
    leaving_out: LeavingOut,
    /// Whether the server leaves out large files.
    limited: bool,
}

/// What the server leaves out of the tip.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LeavingOut {
    /// Everything below the first directories.
    Deep,
    /// All files. Some servers have no filter by depth.
    Files,
    /// Nothing.
    Nothing,
}

impl Scratch {
    /// Makes an empty one. `prefix` is where the config repo lies in the other repository: empty, or a path with `/`. The settings
    /// are those of `git config`, such as `user.name`: it has no others than the user's.
    ///
    /// # Errors
    /// If the temporary directory cannot be written.
    pub fn new(remote: &Remote, prefix: &str, settings: &[(&str, &str)]) -> Result<Self, RemoteError> {
        let settings: Vec<(String, String)> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let directory = tempfile::Builder::new().prefix("onramp-").tempdir().map_err(|error| {
            RemoteError::Git(GitError::Io { path: "the temporary directory".into(), error })
        })?;
        let remote = Remote { address: NAME.to_owned(), name: Some(NAME.to_owned()), ..remote.clone() };
        let prefix = prefix.trim_matches('/').to_owned();
        let repo = made(directory.path(), &remote, &prefix, &settings, None)?;
        Ok(Self {
            directory,
            repo,
            remote,
            settings,
            prefix,
            whole: BTreeSet::new(),
            asked: BTreeSet::new(),
            leaving_out: LeavingOut::Deep,
            limited: true,
        })
    }

    /// Returns the repository, for reading and writing.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// Returns the remote, by the name that it has in the repository.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Fetches the tip of a branch, with everything at some paths of it, which count from the top of the other repository. A path
    /// that is not there is none.
    ///
    /// # Errors
    /// As [`RemoteError`] says.
    pub fn fetch(&mut self, branch: &str, wanted: &[&str], until: Instant) -> Result<ObjectId, RemoteError> {
        checked_branch(branch)?;
        let tip = match self.fetch_tip(branch, true, until) {
            // The two name their objects differently, which only the server knows.
            Err(RemoteError::Failed { message, .. }) if message.contains("mismatched algorithms") => {
                self.rename_objects()?;
                self.fetch_tip(branch, true, until)?
            }
            other => other?,
        };
        self.complete(&tip, wanted, until)?;
        Ok(tip)
    }

    /// Fetches the tip of a branch with all commits since what was fetched before, so that [`Repo::is_ancestor`] can tell whether
    /// one of ours is among them.
    ///
    /// # Errors
    /// As [`RemoteError`] says.
    pub fn fetch_since(&mut self, branch: &str, until: Instant) -> Result<ObjectId, RemoteError> {
        checked_branch(branch)?;
        self.fetch_tip(branch, false, until)
    }

    /// Fetches the tip, with as little as the server can be asked for.
    fn fetch_tip(&mut self, branch: &str, alone: bool, until: Instant) -> Result<ObjectId, RemoteError> {
        loop {
            let mut command = self.remote.command(&self.repo);
            command.args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]);
            if alone {
                command.arg("--depth=1");
            }
            command.arg(match self.leaving_out {
                LeavingOut::Deep => format!("--filter=tree:{}", self.levels()),
                LeavingOut::Files => "--filter=blob:none".to_owned(),
                LeavingOut::Nothing => "--no-filter".to_owned(),
            });
            command.args(["--", NAME, &format!("+refs/heads/{branch}:{TIP}")]);
            match self.remote.fetch(&mut command, branch, until) {
                Ok(ended) if ended.stderr.contains(UNFILTERED) => self.leaving_out = LeavingOut::Nothing,
                Ok(_) => {}
                Err(RemoteError::Failed { message, .. })
                    if self.leaving_out != LeavingOut::Nothing && is_no_filter(&message) =>
                {
                    self.leaving_out = match self.leaving_out {
                        LeavingOut::Deep => LeavingOut::Files,
                        LeavingOut::Files | LeavingOut::Nothing => LeavingOut::Nothing,
                    };
                    continue;
                }
                Err(error) => return Err(error),
            }
            return self.fetched();
        }
    }

    /// Returns the levels of directories to fetch: those above the config repo, its own, and one below, which is `onboarding` with the
    /// names of all APIs.
    fn levels(&self) -> usize {
        2 + self.prefix.split('/').filter(|part| !part.is_empty()).count()
    }

    /// Reads what the last fetch brought.
    #[expect(clippy::disallowed_methods, reason = "git's own file, in a directory of ours")]
    fn fetched(&self) -> Result<ObjectId, RemoteError> {
        let path = self.directory.path().join("FETCH_HEAD");
        let text = std::fs::read_to_string(&path).map_err(GitError::io(&path)).map_err(RemoteError::Git)?;
        text.split_ascii_whitespace().next().and_then(ObjectId::from_hex).ok_or_else(|| RemoteError::Failed {
            remote: self.remote.shown(),
            command: "fetch",
            message: "it fetched no commit".to_owned(),
        })
    }

    /// Fetches what is missing of what is wanted.
    fn complete(&mut self, tip: &ObjectId, wanted: &[&str], until: Instant) -> Result<(), RemoteError> {
        for _ in 0..ROUNDS {
            if self.leaving_out == LeavingOut::Nothing {
                return Ok(());
            }
            let missing = self.missing(tip, wanted)?;
            if missing.is_empty() {
                return Ok(());
            }
            let mut command = self.remote.command(&self.repo);
            // Otherwise the server takes for there whatever lies below a commit that is.
            command.args(["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags"]);
            command.args(["--no-recurse-submodules", "--no-write-fetch-head"]);
            command.arg(if self.limited { LARGEST } else { "--no-filter" });
            command.args(["--", NAME]).args(missing.iter().map(ToString::to_string));
            match self.remote.fetch(&mut command, "", until) {
                Ok(_) => self.asked.extend(missing),
                Err(RemoteError::Failed { message, .. }) if self.limited && is_no_filter(&message) => {
                    self.limited = false;
                }
                // A server that hands out branches only: then the tip comes whole.
                Err(RemoteError::Failed { message, .. }) if is_refusal(&message) => {
                    return self.fetch_whole(tip, until);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn fetch_whole(&mut self, tip: &ObjectId, until: Instant) -> Result<(), RemoteError> {
        let mut command = self.remote.command(&self.repo);
        command.args(["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--depth=1"]);
        command.args(["--no-recurse-submodules", "--no-write-fetch-head", "--refetch", "--no-filter"]);
        command.args(["--", NAME, &tip.to_string()]);
        self.remote.fetch(&mut command, "", until)?;
        self.leaving_out = LeavingOut::Nothing;
        Ok(())
    }

    /// Finds the objects at and below the wanted paths that are not there. Where none is missing, that is remembered.
    ///
    /// They are looked for one by one: git does not fetch a directory that is there, whatever is missing below it.
    fn missing(&mut self, tip: &ObjectId, wanted: &[&str]) -> Result<BTreeSet<ObjectId>, RemoteError> {
        let (named, root) = self.repo.resolve(&tip.to_string()).map_err(RemoteError::Git)?;
        let tree = Tree::new(Arc::clone(&self.repo.objects), named, root, "").map_err(RemoteError::Git)?;
        let (mut missing, mut found) = (BTreeSet::new(), Vec::new());
        for path in wanted {
            match tree.find(path) {
                Ok(Some(object)) => {
                    self.missing_below(&tree, object, &mut missing);
                    found.push(object.id);
                }
                // A directory on the way is not there yet.
                Err(GitError::Object { object, .. }) => {
                    missing.extend(ObjectId::from_hex(&object).filter(|id| !self.asked.contains(id)));
                }
                // What else is wrong with a path is for whoever reads it.
                Ok(None) | Err(_) => {}
            }
        }
        if missing.is_empty() {
            self.whole.extend(found);
        }
        Ok(missing)
    }

    fn missing_below(&self, tree: &Tree, top: Object, missing: &mut BTreeSet<ObjectId>) {
        let mut open = vec![(top, false)];
        let mut looked = 0;
        while let Some((object, asked)) = open.pop() {
            looked += 1;
            if looked > MOST_OBJECTS || missing.len() >= MOST_MISSING {
                return;
            }
            // Of what was asked for, only what is too large can be missing.
            let asked = asked || self.asked.contains(&object.id);
            match object.kind() {
                _ if self.whole.contains(&object.id) => {}
                ObjectKind::Directory => match tree.nodes(object.id) {
                    Ok(nodes) => open.extend(nodes.iter().map(|node| (node.object, asked))),
                    Err(_) if asked => {}
                    Err(_) => _ = missing.insert(object.id),
                },
                ObjectKind::File if !asked => {
                    if self.repo.objects.read(&object.id, Wanted::Blob, 0).is_err() {
                        missing.insert(object.id);
                    }
                }
                ObjectKind::File | ObjectKind::Symlink | ObjectKind::Other => {}
            }
        }
    }

    /// Starts anew with names by SHA-256.
    fn rename_objects(&mut self) -> Result<(), RemoteError> {
        let directory = tempfile::Builder::new().prefix("onramp-").tempdir().map_err(|error| {
            RemoteError::Git(GitError::Io { path: "the temporary directory".into(), error })
        })?;
        self.repo = made(directory.path(), &self.remote, &self.prefix, &self.settings, Some("sha256"))?;
        self.directory = directory;
        Ok(())
    }
}

/// Writes an empty repository, which takes no process.
#[expect(clippy::disallowed_methods, reason = "a directory of our own")]
fn made(
    directory: &Path,
    remote: &Remote,
    prefix: &str,
    settings: &[(String, String)],
    format: Option<&str>,
) -> Result<Repo, RemoteError> {
    let top = directory.canonicalize().map_err(GitError::io(directory)).map_err(RemoteError::Git)?;
    let file = |name: &str, text: &str| {
        let path = top.join(name);
        std::fs::write(&path, text).map_err(GitError::written(&top)).map_err(RemoteError::Git)
    };
    for name in ["objects/info", "objects/pack", "refs/heads"] {
        let path = top.join(name);
        std::fs::create_dir_all(&path).map_err(GitError::written(&top)).map_err(RemoteError::Git)?;
    }
    file("HEAD", "ref: refs/heads/none\n")?;
    file("config", "")?;
    let failed = |error: git2::Error| {
        RemoteError::Git(GitError::Library { path: top.clone(), message: error.message().to_owned() })
    };
    let mut config = Config::open(&top.join("config")).map_err(failed)?;
    let version = if format.is_some() { "1" } else { "0" };
    let own = [
        ("core.repositoryFormatVersion", version),
        ("core.bare", "true"),
        // A reflog nobody reads, and what no crash has to survive.
        ("core.logAllRefUpdates", "false"),
        ("core.fsync", "none"),
        ("remote.origin.url", remote.identity()),
        // Without these git takes what was left out for damage.
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialCloneFilter", "tree:0"),
    ];
    for (key, value) in own {
        config.set_str(key, value).map_err(failed)?;
    }
    if let Some(format) = format {
        config.set_str("extensions.objectFormat", format).map_err(failed)?;
    }
    for (key, value) in settings {
        config.set_str(key, value).map_err(failed)?;
    }
    drop(config);
    let location = Location {
        git_dir: top.clone(),
        common_dir: top.clone(),
        top: top.clone(),
        prefix: prefix.to_owned(),
    };
    // libgit2 knows nothing of promises: it reads what is there, and says what is not.
    let (oddities, objects) = match format {
        None => (Vec::new(), Objects::Library(Library::open(&location).map_err(RemoteError::Git)?)),
        Some(format) => {
            let oddities = vec![Oddity::ObjectFormat(format.to_owned())];
            let plumbing = Plumbing::open(&location, &oddities).map_err(RemoteError::Git)?;
            (oddities, Objects::Plumbing(plumbing, top.clone()))
        }
    };
    Ok(Repo { location, oddities, objects: Arc::new(objects) })
}

/// Tells whether a server has no such filter.
fn is_no_filter(message: &str) -> bool {
    message.contains("filter")
        && ["not supported", "max depth", "invalid filter-spec"].iter().any(|word| message.contains(word))
}

fn is_refusal(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    ["not our ref", "unadvertised object", "not advertised", "did not send all necessary"]
        .iter()
        .any(|word| lower.contains(word))
}

//! Finding the config repo and the APIs that arguments mean.

use std::path::{Component, Path, PathBuf};

use super::Global;
use super::clock::today;
use super::terminal::Terminal;
use crate::check::Files;
use crate::diagnostic::{Code, Severity, Sink, nearest};
use crate::exceptions::{FREEZES, WAIVERS};
use crate::fleet::{self, ONBOARDING, Work};
use crate::git::{self, GitError};
use crate::index::Index;
use crate::outcome::{Failure, Kind, Outcome};
use crate::platform;
use crate::policy::transition::ChangedFile;
use crate::render::codes::UNUSABLE_TEMPLATE;
use crate::report::Report;
use crate::schema;
use crate::snapshot::{Snapshot, SnapshotError};

/// Files at the top of the repo, and directories there, that `lint` reads for all APIs.
const COMMON: &[&str] = &[platform::PATH, WAIVERS, FREEZES, "templates"];

/// Whose a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// One API's.
    Api(String),
    /// All APIs have it in common.
    All,
    /// No API's: `lint` does not look at it.
    Nobody,
}

/// A config repo that a command works on.
pub(super) struct Repo {
    /// Its directory.
    pub(super) root: PathBuf,
    /// What is read.
    pub(super) snapshot: Snapshot,
    /// The day that rules about dates go by.
    pub(super) today: String,
}

impl Repo {
    /// Finds the config repo, and takes a view of its work tree or of a revision.
    pub(super) fn open(
        global: &Global,
        revision: Option<&str>,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let root = match &global.repo {
            Some(dir) => dir.clone(),
            None => find_upwards()?,
        };
        let snapshot = match revision {
            Some(revision) => Snapshot::revision(&root, revision),
            None => Snapshot::work_tree(&root),
        };
        let snapshot = snapshot.map_err(|error| cannot_open(&error))?;
        terminal.note(&format!("reading {} of {}\n", snapshot.describe(), root.display()));
        Ok(Self { root, snapshot, today: today(global) })
    }

    /// Finds the config repo, and takes a view of its index. The index that git names to a hook counts for the work tree
    /// that the hook runs in.
    #[expect(clippy::disallowed_methods, reason = "a hook runs at the top of its work tree")]
    pub(super) fn open_staged(
        global: &Global,
        index: Option<&Path>,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let root = match &global.repo {
            Some(dir) => dir.clone(),
            None => find_upwards()?,
        };
        let index = index.filter(|_| {
            let discover = |dir: &Path| git::Repo::discover(dir).ok();
            let here = std::env::current_dir().ok().and_then(|here| discover(&here));
            here.zip(discover(&root)).is_some_and(|(here, repo)| here.is_work_tree_of(&repo))
        });
        let snapshot = Snapshot::staged(&root, index).map_err(|error| cannot_open(&error))?;
        terminal.note(&format!("reading the index of {}\n", root.display()));
        Ok(Self { root, snapshot, today: today(global) })
    }

    /// Returns the APIs that differ between the last commit and the index. `None` means all: what they have in common differs,
    /// or there is no commit yet.
    pub(super) fn staged_apis(&self) -> Result<Option<Vec<String>>, Failure> {
        let head = match Snapshot::revision(&self.root, "HEAD") {
            Ok(head) => head,
            Err(SnapshotError::Git { error, .. }) if matches!(*error, GitError::UnknownRevision { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(cannot_open(&error)),
        };
        let changed = self.snapshot.changes(&head).map_err(|error| cannot_open(&error))?;
        let Some(changed) = changed else { return Ok(None) };
        let files = Files::sort(changed);
        let common =
            |file: &ChangedFile| file.path.split('/').next().is_some_and(|top| COMMON.contains(&top));
        Ok(if files.around.iter().any(common) { None } else { Some(files.apis()) })
    }

    /// Returns where the config repo lies in its git repository, with `/`; empty at the top, and where there is
    /// no git repository.
    pub(super) fn prefix(&self) -> String {
        git::Repo::discover(&self.root).map(|repo| repo.prefix().to_owned()).unwrap_or_default()
    }

    /// Turns arguments into names of APIs: each is a name, or a path at or below an API's directory.
    /// No arguments, or one that is not about a single API (platform.yaml, a template), mean all.
    pub(super) fn apis(&self, arguments: &[String]) -> Result<Option<Vec<String>>, Failure> {
        self.apis_of(arguments, &[&self.snapshot])
    }

    /// Does so for APIs that are in any of several views of the repo.
    pub(super) fn apis_of(
        &self,
        arguments: &[String],
        views: &[&Snapshot],
    ) -> Result<Option<Vec<String>>, Failure> {
        if arguments.is_empty() {
            return Ok(None);
        }
        let mut known = Vec::new();
        for view in views {
            known.extend(fleet::api_names(view, &mut Sink::default()).map_err(|error| cannot_open(&error))?);
        }
        let mut names = Vec::new();
        for argument in arguments {
            if argument.is_empty() {
                return Err(Failure::usage("an argument is empty").hint("leave it out to mean all APIs"));
            }
            if known.contains(argument) {
                names.push(argument.clone());
                continue;
            }
            let inside = self.inside(argument);
            let mut parts = inside.as_deref().unwrap_or_default().split('/');
            match (parts.next(), parts.next()) {
                (Some(ONBOARDING), Some(name)) if known.iter().any(|known| known == name) => {
                    names.push(name.to_owned());
                }
                (Some(ONBOARDING), None) => return Ok(None),
                // A file beside the APIs' directories, such as a README, is about none of them alone.
                (Some(ONBOARDING), Some(_)) if self.is_file(inside.as_deref()) => return Ok(None),
                // What is gone from here and was committed: others may still speak of it.
                (Some(ONBOARDING), Some(name))
                    if parts.next().is_some() && self.was_committed(inside.as_deref()) =>
                {
                    names.push(name.to_owned());
                }
                (Some(platform::PATH | WAIVERS | FREEZES | "templates" | "schemas" | "argocd" | ""), _)
                    if inside.is_some() =>
                {
                    return Ok(None);
                }
                // A file that no API is made of, such as a README, which a hook may name as well.
                _ if self.is_file(inside.as_deref()) || self.was_committed(inside.as_deref()) => {}
                _ => {
                    let failure = Failure::usage(format!("`{argument}` is neither an API nor a path of one"));
                    return Err(match nearest(argument, known.iter().map(String::as_str)) {
                        Some(near) => failure.hint(format!("did you mean `{near}`?")),
                        None => failure.hint(format!("APIs are the directories of `{ONBOARDING}/`")),
                    });
                }
            }
        }
        names.sort();
        names.dedup();
        Ok(Some(names))
    }

    /// Tells whether the last commit has a file.
    fn was_committed(&self, path: Option<&str>) -> bool {
        let head = path.and_then(|path| Some((path, Snapshot::revision(&self.root, "HEAD").ok()?)));
        head.is_some_and(|(path, head)| {
            // One that has bytes is too large.
            !path.is_empty()
                && matches!(head.read(path, 0), Ok(Some(_)) | Err(SnapshotError::TooLarge { .. }))
        })
    }

    /// Says whose a file is, by its path from the root.
    pub(super) fn owner(path: &str) -> Owner {
        let mut parts = path.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(ONBOARDING), Some(name), Some(_)) => Owner::Api(name.to_owned()),
            (Some(top), ..) if COMMON.contains(&top) => Owner::All,
            _ => Owner::Nobody,
        }
    }

    fn is_file(&self, path: Option<&str>) -> bool {
        path.is_some_and(|path| self.root.join(path).is_file())
    }

    /// Returns a path relative to the root, lexically, where it lies at or below it.
    #[expect(clippy::disallowed_methods, reason = "arguments are relative to where the user stands")]
    pub(super) fn inside(&self, argument: &str) -> Option<String> {
        let from_root = |path: &Path| -> Option<String> {
            let mut parts: Vec<&str> = Vec::new();
            for component in path.components() {
                match component {
                    Component::Normal(part) => parts.push(part.to_str()?),
                    Component::CurDir => {}
                    Component::ParentDir => drop(parts.pop()?),
                    Component::RootDir | Component::Prefix(_) => return None,
                }
            }
            Some(parts.join("/"))
        };
        let here = std::env::current_dir().ok()?;
        let root = std::fs::canonicalize(&self.root).ok()?;
        let absolute = here.join(argument);
        let absolute = std::fs::canonicalize(&absolute).unwrap_or(absolute);
        match absolute.strip_prefix(&root) {
            Ok(below) => from_root(below),
            // A hook may stand elsewhere and still name paths from the root.
            Err(_) => from_root(Path::new(argument)).filter(|path| path.starts_with(ONBOARDING)),
        }
    }

    /// Returns what earlier runs kept of the files. Without a repository of git there is no place for it.
    pub(super) fn index(&self) -> Option<Index> {
        let repo = git::Repo::discover(&self.root).ok()?;
        let kind = if self.snapshot.is_work_tree() { "files" } else { "blobs" };
        // Several config repos in one repository, each with a name that a directory can have.
        let place: String = repo.prefix().bytes().map(|byte| format!("-{byte:02x}")).take(60).collect();
        Some(Index::open(repo.git_dir(), &format!("{kind}{place}")))
    }

    /// Runs the pipeline.
    pub(super) fn run(&self, only: Option<&[String]>, work: Work<'_>) -> Result<fleet::Outcome, Failure> {
        self.run_with(only, work, None)
    }

    /// Returns the codes of the platform's own rules; none where platform.yaml cannot be read, which is a finding of the run.
    pub(super) fn own_codes(&self) -> Vec<&'static Code> {
        let platform = platform::read(&self.snapshot, &mut Sink::default()).ok().flatten();
        platform.map(|platform| platform.custom.iter().map(|rule| rule.code).collect()).unwrap_or_default()
    }

    /// Runs it with what earlier runs kept.
    pub(super) fn run_with(
        &self,
        only: Option<&[String]>,
        work: Work<'_>,
        index: Option<&Index>,
    ) -> Result<fleet::Outcome, Failure> {
        let outcome = fleet::run_with(&self.snapshot, only, work, &self.today, index)
            .map_err(|error| cannot_open(&error))?;
        if let Some(index) = index {
            index.save();
        }
        // What was chosen may be gone, or no API at all.
        if only.is_none() && outcome.apis == 0 && outcome.skipped == 0 && outcome.findings.is_empty() {
            return Err(no_api());
        }
        Ok(outcome)
    }
}

/// Reads a file that the user names, from where the user stands; nothing where there is none.
#[expect(clippy::disallowed_methods, reason = "the user names the file, which may lie outside the repo")]
pub(super) fn read_file(file: &Path, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
    let cannot =
        |why: &dyn std::fmt::Display| Failure::usage(format!("`{}` cannot be read: {why}", file.display()));
    match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(&error)),
        Ok(found) if !found.is_file() => return Err(cannot(&"it is no file")),
        Ok(found) if found.len() > limit => {
            return Err(cannot(&format!("it has more than {limit} bytes")));
        }
        Ok(_) => {}
    }
    std::fs::read(file).map(Some).map_err(|error| cannot(&error))
}

/// Blames a repo that has no API.
pub(super) fn no_api() -> Failure {
    Failure::usage(format!("no API found: `{ONBOARDING}/` has no directories"))
        .hint("run `onramp new NAME` to write the first one")
}

/// Tells how a report ends a command.
pub(super) fn outcome_of(report: &Report, fail_level: Severity) -> Result<Outcome, Failure> {
    let missing =
        |finding: &crate::report::Located| finding.diagnostic.code == &platform::codes::MISSING_PLATFORM;
    if report.findings.iter().any(missing) {
        return Err(Failure::usage("this is not a config repo of onramp: it has no `platform.yaml`"));
    }
    let raised =
        |codes: &[&Code]| report.findings.iter().any(|finding| codes.contains(&finding.diagnostic.code));
    if raised(&[&schema::codes::ONRAMP_BUG]) {
        let message = "onramp has a bug, which the finding above describes".to_owned();
        return Err(Failure { kind: Kind::System, message, causes: Vec::new(), hints: Vec::new() });
    }
    if raised(&UNUSABLE_TEMPLATE) {
        return Err(Failure::usage("a template of this repo cannot be used"));
    }
    Ok(if report.worst().is_some_and(|worst| worst >= fail_level) {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

/// What was asked for is the caller's, and so is how git is set up; the rest is the system's.
pub(super) fn of_git(error: &GitError) -> Failure {
    let mut failure = Failure::system(error);
    if !error.is_of_system() {
        failure.kind = Kind::Usage;
    }
    if matches!(error, GitError::Identity { .. }) {
        failure.hints.push(
            "set `user.name` and `user.email`, or GIT_AUTHOR_NAME, GIT_COMMITTER_NAME and their addresses"
                .to_owned(),
        );
    }
    failure
}

/// A repo or revision that is not there is the caller's; the rest is the system's.
pub(super) fn cannot_open(error: &SnapshotError) -> Failure {
    let mut failure = Failure::system(error);
    let usage = match error {
        SnapshotError::NotADirectory { .. } | SnapshotError::OutsideRepo { .. } => true,
        SnapshotError::Git { error, .. } => !error.is_of_system(),
        SnapshotError::Unreadable { error, .. } => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    };
    if usage {
        failure.kind = Kind::Usage;
    }
    failure.hints.extend(match error {
        SnapshotError::Git { error, .. } if matches!(**error, GitError::UnknownRevision { .. }) => Some(
            "`git fetch` gets what a remote has; `git log` and `git branch --all` list what is here"
                .to_owned(),
        ),
        SnapshotError::Git { error, .. } => match **error {
            GitError::NoMergeBase { shallow: true, .. } => Some(
                "get more history with `git fetch --unshallow` (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` of \
                 GitLab), or compare with exactly that revision by `--no-merge-base`"
                    .to_owned(),
            ),
            GitError::NoMergeBase { .. } => {
                Some("compare with exactly that revision by `--no-merge-base`".to_owned())
            }
            _ => None,
        },
        SnapshotError::Unreadable { error, .. } if error.kind() == std::io::ErrorKind::NotFound => None,
        _ => error.diagnostic().help,
    });
    failure
}

/// Returns the config repo of a file that an editor holds: the one that was named, or the nearest one upwards.
pub(super) fn repo_of(file: &Path, named: Option<&Path>) -> Option<PathBuf> {
    match named {
        Some(named) => {
            // An editor names files in full, a person need not.
            let real = std::fs::canonicalize(named).ok()?;
            [real, named.to_owned()].into_iter().find(|root| file.starts_with(root))
        }
        None => file
            .ancestors()
            .skip(1)
            .find(|directory| directory.join(platform::PATH).is_file())
            .map(Path::to_owned),
    }
}

/// Returns the config repo, or the directory where the user stands: a bare repository has no files. A hook stands in its
/// repository, whatever lies around that.
#[expect(clippy::disallowed_methods, reason = "the search starts where the user stands")]
pub(super) fn root_or_here(global: &Global, in_hook: bool) -> Result<PathBuf, Failure> {
    if let Some(dir) = &global.repo {
        return Ok(dir.clone());
    }
    match find_upwards() {
        Ok(root) if !in_hook => Ok(root),
        _ => std::env::current_dir().map_err(|error| Failure::system(&error)),
    }
}

#[expect(clippy::disallowed_methods, reason = "the search starts where the user stands")]
fn find_upwards() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| Failure::system(&error))?;
    let found = here.ancestors().find(|directory| directory.join(platform::PATH).is_file());
    found.map(Path::to_owned).ok_or_else(|| {
        Failure::usage(format!("no `{}` in `{}` or above it", platform::PATH, here.display()))
            .hint("run `onramp init` in an empty directory, or name the config repo with `--repo DIR`")
    })
}

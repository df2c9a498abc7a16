//! Finding the config repo and the APIs that arguments mean.

use std::path::{Component, Path, PathBuf};

use super::Global;
use super::clock::today;
use super::terminal::Terminal;
use crate::diagnostic::{Code, Severity, Sink, nearest};
use crate::exceptions::{FREEZES, WAIVERS};
use crate::fleet::{self, ONBOARDING, Work};
use crate::git::{self, GitError};
use crate::outcome::{Failure, Kind, Outcome};
use crate::platform;
use crate::render::codes::{TEMPLATE_FAILURE, UNKNOWN_TEMPLATE, UNSAFE_TEMPLATE};
use crate::report::Report;
use crate::schema;
use crate::snapshot::{Snapshot, SnapshotError};

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
                (Some(platform::PATH | WAIVERS | FREEZES | "templates" | "schemas" | "argocd" | ""), _)
                    if inside.is_some() =>
                {
                    return Ok(None);
                }
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

    /// Runs the pipeline.
    pub(super) fn run(&self, only: Option<&[String]>, work: Work<'_>) -> Result<fleet::Outcome, Failure> {
        let outcome =
            fleet::run(&self.snapshot, only, work, &self.today).map_err(|error| cannot_open(&error))?;
        if outcome.apis == 0 && outcome.skipped == 0 && outcome.findings.is_empty() {
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
    if raised(&[&TEMPLATE_FAILURE, &UNKNOWN_TEMPLATE, &UNSAFE_TEMPLATE]) {
        return Err(Failure::usage("a template of this repo cannot be used"));
    }
    Ok(if report.worst().is_some_and(|worst| worst >= fail_level) {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

/// A repo or revision that is not there is the caller's; the rest is the system's.
pub(super) fn cannot_open(error: &SnapshotError) -> Failure {
    let mut failure = Failure::system(error);
    let usage = match error {
        SnapshotError::Git { .. }
        | SnapshotError::NotADirectory { .. }
        | SnapshotError::OutsideRepo { .. } => true,
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

#[expect(clippy::disallowed_methods, reason = "the search starts where the user stands")]
fn find_upwards() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| Failure::system(&error))?;
    let found = here.ancestors().find(|directory| directory.join(platform::PATH).is_file());
    found.map(Path::to_owned).ok_or_else(|| {
        Failure::usage(format!("no `{}` in `{}` or above it", platform::PATH, here.display()))
            .hint("run `onramp init` in an empty directory, or name the config repo with `--repo DIR`")
    })
}

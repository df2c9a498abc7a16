//! `onramp init`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Global;
use super::render::summary;
use super::repo::{Repo, outcome_of};
use super::terminal::Terminal;
use crate::apply;
use crate::change::{Change, ChangeSet};
use crate::diagnostic::Severity;
use crate::fleet::Work;
use crate::outcome::{Failure, Outcome};
use crate::platform;
use crate::report::{FORMATS, Report};

/// Scaffold a config repo with an example API
///
/// Writes a platform.yaml that explains itself, one API, the pre-commit entry, and renders them: the
/// overlays, the JSON schemas for editors and an Argo CD ApplicationSet for each environment.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Where [default: --repo, or the current directory]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Also write the pipelines: the check of the config repo, and the release for an API's own repository. In a config repo that is
    /// there already only those are written, and no file is overwritten
    #[arg(long, value_name = "CI", env = "ONRAMP_CI")]
    ci: Option<Ci>,
}

/// Whose pipelines
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
}

impl Ci {
    /// Returns what is written, by path: the pipeline of the config repo, that of an API, and what the latter runs.
    fn files(self) -> [(&'static str, &'static str); 3] {
        let script = ("ci/release.sh", include_str!("../../templates/init/ci/release.sh"));
        match self {
            Self::Github => [
                (".github/workflows/onramp.yaml", include_str!("../../templates/init/ci/github.yaml")),
                ("ci/bump.github.yaml", include_str!("../../templates/init/ci/bump.github.yaml")),
                script,
            ],
            Self::Gitlab => [
                (".gitlab-ci.yml", include_str!("../../templates/init/ci/gitlab.yaml")),
                ("ci/bump.gitlab.yaml", include_str!("../../templates/init/ci/bump.gitlab.yaml")),
                script,
            ],
        }
    }
}

/// What a new config repo starts with, by path.
const SCAFFOLD: &[(&str, &str)] = &[
    ("platform.yaml", include_str!("../../templates/init/platform.yaml")),
    ("onboarding/payments/metadata.yaml", include_str!("../../templates/init/metadata.yaml")),
    ("onboarding/payments/config/application.yaml", include_str!("../../templates/init/application.yaml")),
    (
        "onboarding/payments/config/staging/application.yaml",
        include_str!("../../templates/init/application-staging.yaml"),
    ),
    (".pre-commit-config.yaml", include_str!("../../templates/init/pre-commit-config.yaml")),
];

pub(super) fn run(args: &InitArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let root = args.directory.clone().or_else(|| global.repo.clone()).unwrap_or_else(|| PathBuf::from("."));
    if root.join(platform::PATH).exists() {
        if let Some(ci) = args.ci {
            return add(ci, &root, terminal);
        }
        return Err(Failure::usage(format!("`{}` is a config repo already", root.display()))
            .hint("`onramp new NAME` adds an API to it, `onramp init --ci github` pipelines"));
    }
    let pipelines = args.ci.map(Ci::files);
    let files = || SCAFFOLD.iter().chain(pipelines.iter().flatten());
    let taken: Vec<&str> =
        files().map(|(path, _)| *path).filter(|path| root.join(path).symlink_metadata().is_ok()).collect();
    if !taken.is_empty() {
        return Err(
            Failure::usage(format!("would overwrite {}", taken.join(", "))).hint("choose an empty directory")
        );
    }
    for (path, text) in files() {
        apply::create(&root.join(path), text).map_err(|error| Failure::system(&error))?;
    }
    let global = Global {
        repo: Some(root),
        jobs: global.jobs,
        color: global.color,
        today: global.today.clone(),
        quiet: global.quiet,
        verbose: global.verbose,
    };
    let repo = Repo::open(&global, None, terminal)?;
    let found = repo.run(None, Work::Render)?;
    let report = Report::new(found.findings, &repo.snapshot, found.apis, found.skipped).waived(found.waived);
    if !report.findings.is_empty() {
        terminal.print(&(FORMATS[0].write)(&report, terminal.style()))?;
    }
    let outcome = outcome_of(&report, Severity::Error)?;
    if outcome == Outcome::Clean {
        apply::apply(&repo.root, &found.changes).map_err(|error| Failure::system(&error))?;
        for (path, _) in files() {
            terminal.say(&format!("Wrote {path}\n"))?;
        }
        terminal.say(&summary(&found.changes, report.apis))?;
        terminal.say("Next: set the names in platform.yaml, then `onramp lint` and `onramp render`.\n")?;
        if let Some(ci) = args.ci {
            terminal.say(&next(ci))?;
        }
    }
    Ok(outcome)
}

/// Writes the pipelines into a config repo, but for those files that are there.
fn add(ci: Ci, root: &Path, terminal: &Terminal) -> Result<Outcome, Failure> {
    let (kept, new): (Vec<_>, Vec<_>) =
        ci.files().into_iter().partition(|(path, _)| root.join(path).symlink_metadata().is_ok());
    // Not over a link: the repo may be anybody's.
    let added = |(path, text): &(&str, &str)| Change::added(((*path).to_owned(), (*text).to_owned()));
    apply::apply(root, &ChangeSet { changes: new.iter().map(added).collect() })
        .map_err(|error| Failure::system(&error))?;
    for (path, _) in &new {
        terminal.say(&format!("Wrote {path}\n"))?;
    }
    for (path, _) in &kept {
        terminal.say(&format!("Kept {path}, which is there\n"))?;
    }
    terminal.say(&next(ci))?;
    Ok(Outcome::Clean)
}

/// Says what the pipelines still need.
fn next(ci: Ci) -> String {
    let [(own, _), (bump, _), (script, _)] = ci.files();
    format!(
        "Pipelines: set in {own} how onramp gets there. {bump} and {script} are for the repositories of the APIs: copy them there.\n"
    )
}

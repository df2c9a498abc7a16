//! `onramp init`

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::render::summary;
use super::repo::{Repo, outcome_of};
use super::terminal::Terminal;
use crate::apply;
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
        return Err(Failure::usage(format!("`{}` is a config repo already", root.display()))
            .hint("`onramp new NAME` adds an API to it"));
    }
    let taken: Vec<&str> = SCAFFOLD
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| root.join(path).symlink_metadata().is_ok())
        .collect();
    if !taken.is_empty() {
        return Err(
            Failure::usage(format!("would overwrite {}", taken.join(", "))).hint("choose an empty directory")
        );
    }
    for (path, text) in SCAFFOLD {
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
        for (path, _) in SCAFFOLD {
            terminal.say(&format!("Wrote {path}\n"))?;
        }
        terminal.say(&summary(&found.changes, report.apis))?;
        terminal.say("Next: set the names in platform.yaml, then `onramp lint` and `onramp render`.\n")?;
    }
    Ok(outcome)
}

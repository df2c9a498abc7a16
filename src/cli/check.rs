//! `onramp check`

mod show;

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::Global;
use super::baseline;
use super::clock::now;
use super::formats::FormatArgs;
use super::lint::FailLevel;
use super::repo::{Repo, cannot_open, outcome_of};
use super::terminal::Terminal;
use crate::check::{self, Request, Revisions};
use crate::effective::Groups;
use crate::git;
use crate::outcome::{Failure, Outcome};
use crate::platform::Level;
use crate::report::Report;
use crate::snapshot::SnapshotError;
use show::Shown;

/// Check a change before it is merged: what it does in the cluster, and whether it may
///
/// Looks at what is committed, from where the head left the base to the head. What a change may do comes from the
/// tip of the base alone.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The branch that the change is to be merged into
    #[arg(long, value_name = "REV", env = "ONRAMP_BASE")]
    base: String,
    /// The change
    #[arg(long, value_name = "REV", default_value = "HEAD", env = "ONRAMP_HEAD")]
    head: String,
    /// A level that the platform team approved for this change; never to be taken from the change itself
    #[arg(long, value_name = "LEVEL", ignore_case = true, env = "ONRAMP_APPROVED_LEVEL")]
    approved_level: Option<ApprovedLevel>,
    /// How the findings are shown, and where.
    #[command(flatten)]
    formats: FormatArgs,
    /// Findings that this file knows do not count, as it stands at the tip of the base
    #[arg(long, value_name = "FILE", env = "ONRAMP_BASELINE")]
    baseline: Option<PathBuf>,
    /// Also list the findings that pass, with what lets them: in JSON, and as suppressions in SARIF
    #[arg(long, env = "ONRAMP_SHOW_WAIVED", value_parser = FalseyValueParser::new())]
    show_waived: bool,
    /// Where the whole report can be found, for those that a comment has no room for
    #[arg(long, value_name = "URL", env = "ONRAMP_ARTIFACT_URL")]
    artifact_url: Option<String>,
    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "LEVEL", default_value = "error", env = "ONRAMP_FAIL_LEVEL")]
    fail_level: FailLevel,
}

/// Levels that can be approved
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ApprovedLevel {
    /// Tag or digest of an image
    #[value(name = "L0")]
    L0,
    /// Also env and config
    #[value(name = "L1")]
    L1,
    /// Also scaling and resources
    #[value(name = "L2")]
    L2,
    /// Everything
    #[value(name = "L3")]
    L3,
}

impl From<ApprovedLevel> for Level {
    fn from(level: ApprovedLevel) -> Self {
        match level {
            ApprovedLevel::L0 => Self::L0,
            ApprovedLevel::L1 => Self::L1,
            ApprovedLevel::L2 => Self::L2,
            ApprovedLevel::L3 => Self::L3,
        }
    }
}

pub(super) fn run(args: &CheckArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    args.formats.check()?;
    let repo = Repo::open(global, Some(&args.head), terminal)?;
    let revisions =
        git::Repo::discover(&repo.root).and_then(|git| Revisions::find(&git, &args.base, &args.head));
    let revisions = revisions.map_err(|error| {
        let path = repo.root.to_string_lossy().into();
        cannot_open(&SnapshotError::Git { path, error: Box::new(error) })
    })?;
    terminal.note(&format!("what it may do is said by {}\n", revisions.tip.describe()));
    terminal.note(&format!("it started from {}\n", revisions.start.describe()));
    let approved = args.approved_level.map(Level::from);
    let request = Request { approved, today: &repo.today, now: now(global) };
    let checked = check::run(&revisions, request).map_err(|error| cannot_open(&error))?;
    let mut report = Report::new(checked.findings, &repo.snapshot, checked.apis, checked.skipped);
    report = report.waived(checked.passed.len());
    if args.show_waived {
        report = report.showing(checked.passed, &repo.snapshot);
    }
    if let Some(file) = &args.baseline {
        report = baseline::of_base(report, file, &revisions.tip, &repo)?;
    }
    let report = args.formats.place(report, &repo);
    let shown = Shown {
        report: &report,
        groups: checked.groups.as_ref(),
        sides: [revisions.start.describe(), revisions.head.describe()],
        artifact: args.artifact_url.as_deref(),
    };
    let nothing = report.findings.is_empty() && checked.groups.as_ref().is_some_and(Groups::is_empty);
    for output in args.formats.outputs() {
        let text = shown.write(output.format, &output.style(terminal));
        output.deliver(&text, nothing && output.format.name == "human", terminal)?;
    }
    outcome_of(&report, args.fail_level.into())
}

//! `onramp lint`

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::Global;
use super::baseline::{BaselineArgs, LookedAt};
use super::formats::FormatArgs;
use super::repo::{Repo, cannot_open, outcome_of};
use super::select::SelectArgs;
use super::terminal::Terminal;
use crate::diagnostic::Severity;
use crate::fleet::{self, Work};
use crate::outcome::{Failure, Outcome};
use crate::report::Report;
use crate::snapshot::Snapshot;

/// Check metadata and platform, and look for foreign files among the generated ones
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// APIs by name, or paths at or below their directories [default: all]
    #[arg(value_name = "PATH or API")]
    apis: Vec<String>,
    /// Look at a git revision, without checking it out
    #[arg(long, value_name = "REV", env = "ONRAMP_REVISION")]
    revision: Option<String>,
    /// Only APIs in whose directories something differs from where the head left this revision, the work tree included; all
    /// where platform.yaml, a template, a waiver or a freeze differs
    #[arg(long, value_name = "REV", env = "ONRAMP_CHANGED_SINCE")]
    changed_since: Option<String>,
    /// Which findings are shown and count.
    #[command(flatten)]
    select: SelectArgs,
    /// Findings that were there before.
    #[command(flatten)]
    baseline: BaselineArgs,
    /// How the findings are shown, and where.
    #[command(flatten)]
    formats: FormatArgs,
    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "LEVEL", default_value = "error", env = "ONRAMP_FAIL_LEVEL")]
    fail_level: FailLevel,
    /// Exit with 0 whatever is found
    #[arg(long, env = "ONRAMP_EXIT_ZERO", value_parser = FalseyValueParser::new())]
    exit_zero: bool,
    /// Also list the findings that pass, with what lets them: in JSON, and as suppressions in SARIF
    #[arg(long, env = "ONRAMP_SHOW_WAIVED", value_parser = FalseyValueParser::new())]
    show_waived: bool,
}

/// Severities that a run can fail at
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FailLevel {
    /// Only errors
    Error,
    /// Warnings and errors
    Warning,
    /// Any finding
    Info,
}

impl From<FailLevel> for Severity {
    fn from(level: FailLevel) -> Self {
        match level {
            FailLevel::Error => Self::Error,
            FailLevel::Warning => Self::Warning,
            FailLevel::Info => Self::Info,
        }
    }
}

pub(super) fn run(args: &LintArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    args.formats.check()?;
    let selection = args.select.read()?;
    let repo = Repo::open(global, args.revision.as_deref(), terminal)?;
    let only = only(args, &repo)?;
    let baseline = args.baseline.read(only.is_some() || !selection.is_all())?;
    let nothing = args.changed_since.is_some() && only.as_ref().is_some_and(Vec::is_empty);
    let mut found = if nothing { fleet::Outcome::default() } else { repo.run(only.as_deref(), Work::Lint)? };
    found.findings.retain(|finding| selection.has(finding.code));
    found.passed.retain(|passed| selection.has(passed.finding.code));
    let mut report = Report::new(found.findings, &repo.snapshot, found.apis, found.skipped);
    report = report.waived(found.passed.len());
    if args.show_waived {
        report = report.showing(found.passed, &repo.snapshot);
    }
    let looked_at = LookedAt {
        only: only.as_deref(),
        selection: &selection,
        levels: found.levels,
        snapshot: &repo.snapshot,
    };
    let report = args.baseline.apply(baseline, report, &looked_at, &repo, terminal)?;
    let report = args.formats.place(report, &repo);
    if let (true, Some(revision)) = (nothing, &args.changed_since) {
        // What is read by programs has no findings; people are told why.
        terminal.note(&format!("no API differs from where the head left {revision}\n"));
    }
    args.formats.write(&report, terminal)?;
    let outcome = outcome_of(&report, args.fail_level.into())?;
    Ok(if args.exit_zero { Outcome::Clean } else { outcome })
}

/// Returns the APIs that are looked at; nothing for all of them.
fn only(args: &LintArgs, repo: &Repo) -> Result<Option<Vec<String>>, Failure> {
    let named = repo.apis(&args.apis)?;
    let Some(revision) = &args.changed_since else { return Ok(named) };
    let head = args.revision.as_deref().unwrap_or("HEAD");
    let before = Snapshot::merge_base(&repo.root, revision, head).map_err(|error| cannot_open(&error))?;
    let touched = fleet::touched(&before, &repo.snapshot).map_err(|error| cannot_open(&error))?;
    Ok(match (named, touched) {
        (Some(named), Some(touched)) => {
            Some(named.into_iter().filter(|name| touched.contains(name)).collect())
        }
        (named, touched) => named.or(touched),
    })
}

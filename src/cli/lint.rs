//! `onramp lint`

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::Global;
use super::formats::FormatArgs;
use super::repo::{Repo, outcome_of};
use super::terminal::Terminal;
use crate::diagnostic::Severity;
use crate::fleet::Work;
use crate::outcome::{Failure, Outcome};
use crate::report::Report;

/// Check metadata and platform, and look for foreign files among the generated ones
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// APIs by name, or paths at or below their directories [default: all]
    #[arg(value_name = "PATH or API")]
    apis: Vec<String>,
    /// Look at a git revision, without checking it out
    #[arg(long, value_name = "REV", env = "ONRAMP_REVISION")]
    revision: Option<String>,
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
    let repo = Repo::open(global, args.revision.as_deref(), terminal)?;
    let only = repo.apis(&args.apis)?;
    let found = repo.run(only.as_deref(), Work::Lint)?;
    let mut report = Report::new(found.findings, &repo.snapshot, found.apis, found.skipped);
    report = report.waived(found.passed.len());
    if args.show_waived {
        report = report.showing(found.passed, &repo.snapshot);
    }
    let report = args.formats.place(report, &repo);
    args.formats.write(&report, terminal)?;
    let outcome = outcome_of(&report, args.fail_level.into())?;
    Ok(if args.exit_zero { Outcome::Clean } else { outcome })
}

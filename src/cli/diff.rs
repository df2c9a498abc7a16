//! `onramp diff`

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::Global;
use super::repo::{Repo, cannot_open, no_api};
use super::terminal::Terminal;
use crate::diagnostic::{Diagnostic, Severity};
use crate::effective::{Collector, Groups, Kept, UnitChange, compare};
use crate::outcome::{Failure, Outcome};
use crate::policy;
use crate::report::{FORMATS, Report, changes, markdown};
use crate::snapshot::Snapshot;

/// Show what a change of the repo changes in the clusters
///
/// Builds the committed overlays of both sides and compares what would be applied, object by object and field by field.
/// A change that many APIs share is told once; those of few APIs come first.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// APIs by name, or paths at or below their directories [default: all]
    #[arg(value_name = "PATH or API")]
    apis: Vec<String>,
    /// Compare with the commit at which the head left this revision
    #[arg(long, value_name = "REV", env = "ONRAMP_BASE")]
    base: String,
    /// The revision that is compared [default: the work tree]
    #[arg(long, value_name = "REV", env = "ONRAMP_HEAD")]
    head: Option<String>,
    /// Compare with the base itself, whatever else changed there
    #[arg(long, env = "ONRAMP_NO_MERGE_BASE", value_parser = FalseyValueParser::new())]
    no_merge_base: bool,
    /// How to show the changes
    #[arg(long, value_name = "FORMAT", default_value = "text", env = "ONRAMP_DIFF_FORMAT")]
    format: Format,
    /// Exit with 1 if anything changes
    #[arg(long, env = "ONRAMP_EXIT_CODE", value_parser = FalseyValueParser::new())]
    exit_code: bool,
}

/// How to show the changes
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[value(alias = "human")]
    Text,
    /// For programs
    Json,
    /// For a comment on a pull request, never longer than that may be
    Markdown,
    /// The manifests in full, as a unified diff
    Unified,
}

/// What is kept of an API.
struct One {
    kept: Kept,
    /// Its unified diff, where that was asked for.
    unified: String,
}

pub(super) fn run(args: &DiffArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let repo = Repo::open(global, args.head.as_deref(), terminal)?;
    let base = base(args, &repo)?;
    terminal.note(&format!("comparing with {}\n", base.describe()));
    let only = repo.apis_of(&args.apis, &[&base, &repo.snapshot])?;
    let collector = Collector::default();
    let each = |change: &UnitChange<'_>| One {
        kept: collector.keep(change),
        unified: if args.format == Format::Unified { changes::unified(change) } else { String::new() },
    };
    let mut compared =
        compare(&base, &repo.snapshot, only.as_deref(), each).map_err(|error| cannot_open(&error))?;
    if compared.total == 0 {
        return Err(no_api());
    }
    let broken = complain(std::mem::take(&mut compared.findings), &repo.snapshot, compared.total, terminal);
    let groups = collector.group(&compared, |one| &one.kept);
    match args.format {
        Format::Text if groups.is_empty() => terminal.say(&changes::text(&groups))?,
        Format::Text => terminal.print(&changes::text(&groups))?,
        Format::Json => {
            terminal.print(&changes::json(&groups, &base.describe(), &repo.snapshot.describe()))?;
        }
        Format::Markdown => terminal.print(&changes::markdown(&groups, markdown::LIMIT))?,
        Format::Unified => {
            for (_, one) in &compared.units {
                terminal.print(&one.unified)?;
            }
        }
    }
    Ok(outcome(args, &groups, broken))
}

/// Opens what is compared with: where the head, or the commit under the work tree, left the base.
fn base(args: &DiffArgs, repo: &Repo) -> Result<Snapshot, Failure> {
    let head = args.head.as_deref().unwrap_or("HEAD");
    let opened = if args.no_merge_base {
        Snapshot::revision(&repo.root, &args.base)
    } else {
        Snapshot::merge_base(&repo.root, &args.base, head)
    };
    opened.map_err(|error| cannot_open(&error))
}

/// Says on standard error why something of the head cannot be built, and tells whether there is anything.
pub(super) fn complain(
    mut findings: Vec<Diagnostic>,
    snapshot: &Snapshot,
    looked_at: usize,
    terminal: &Terminal,
) -> bool {
    if findings.is_empty() {
        return false;
    }
    policy::sort(&mut findings);
    let report = Report::new(findings, snapshot, looked_at, 0);
    Terminal::error(&(FORMATS[0].write)(&report, terminal.style()));
    report.worst() == Some(Severity::Error)
}

fn outcome(args: &DiffArgs, groups: &Groups, broken: bool) -> Outcome {
    if broken || (args.exit_code && !groups.is_empty()) { Outcome::Findings } else { Outcome::Clean }
}

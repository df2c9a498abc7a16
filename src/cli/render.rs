//! `onramp render`

use clap::Args;
use clap::builder::FalseyValueParser;

use super::Global;
use super::repo::{Repo, outcome_of};
use super::terminal::Terminal;
use crate::apply;
use crate::change::ChangeSet;
use crate::diagnostic::{Severity, count};
use crate::fleet::Work;
use crate::outcome::{Failure, Outcome};
use crate::report::{FORMATS, Report, harmless};

/// Write base and overlays
///
/// Also writes the GitOps engine's files and the JSON schemas, when all APIs are rendered. Nothing is
/// written while an error is open.
#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// APIs by name, or paths at or below their directories [default: all]
    #[arg(value_name = "PATH or API")]
    apis: Vec<String>,
    /// Write nothing; exit with 1 if anything would change
    #[arg(long, env = "ONRAMP_CHECK", value_parser = FalseyValueParser::new())]
    check: bool,
    /// Write nothing; print what would change as a unified diff
    #[arg(long, env = "ONRAMP_DIFF", value_parser = FalseyValueParser::new())]
    diff: bool,
    /// Compare with a git revision, without checking it out
    #[arg(long, value_name = "REV", env = "ONRAMP_REVISION")]
    revision: Option<String>,
}

pub(super) fn run(args: &RenderArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let writes = !args.check && !args.diff;
    if writes && args.revision.is_some() {
        return Err(Failure::usage("a revision cannot be written to").hint("add `--check` or `--diff`"));
    }
    let repo = Repo::open(global, args.revision.as_deref(), terminal)?;
    let only = repo.apis(&args.apis)?;
    let found = repo.run(only.as_deref(), Work::Render)?;
    let changes = found.changes;
    let report = Report::new(found.findings, &repo.snapshot, found.apis, found.skipped).waived(found.waived);
    if !report.findings.is_empty() {
        terminal.print(&(FORMATS[0].write)(&report, terminal.style()))?;
    } else if report.waived > 0 {
        // Nothing passes unsaid.
        terminal.say(&(report.closing_line() + "\n"))?;
    }
    let outcome = outcome_of(&report, Severity::Error);
    if !matches!(outcome, Ok(Outcome::Clean)) {
        if writes && !report.findings.is_empty() {
            Terminal::error("Nothing was written, since there are errors.\n");
        }
        return outcome;
    }
    if changes.is_empty() {
        terminal.say("Nothing changed.\n")?;
        return Ok(Outcome::Clean);
    }
    if args.diff {
        let mut diff = changes.unified();
        // `git apply` needs every byte: a tab, a carriage return. Only a terminal obeys them.
        if Terminal::is_at_output() {
            diff = diff.lines().map(|line| harmless(line) + "\n").collect();
        }
        terminal.print(&diff)?;
    }
    if args.check {
        if !args.diff {
            terminal.print(&listing(&changes))?;
        }
        terminal
            .say(&format!("{} would change; run `onramp render`.\n", count(changes.changes.len(), "file")))?;
        return Ok(Outcome::Findings);
    }
    if writes {
        apply::apply(&repo.root, &changes).map_err(|error| Failure::system(&error))?;
        terminal.say(&summary(&changes, report.apis))?;
    }
    Ok(Outcome::Clean)
}

/// One line for each file that would change.
fn listing(changes: &ChangeSet) -> String {
    let line = |change: &crate::change::Change| {
        let what = match (&change.old, &change.new) {
            (None, _) => "missing",
            (_, None) => "stale, to be removed",
            _ => "out of date",
        };
        format!("{}: {what}\n", harmless(&change.path))
    };
    changes.changes.iter().map(line).collect()
}

/// Says in one line what was written.
pub(super) fn summary(changes: &ChangeSet, apis: usize) -> String {
    let (new, differing, gone) = changes.counts();
    let parts: Vec<String> = [(new, "added"), (differing, "changed"), (gone, "removed")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(number, "file")))
        .collect();
    format!("Rendered {}: {}.\n", count(apis, "API"), parts.join(", "))
}

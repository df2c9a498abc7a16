//! `onramp lint`

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::Global;
use super::baseline::{BaselineArgs, LookedAt};
use super::formats::FormatArgs;
use super::mend::{self, FixArgs};
use super::repo::{Owner, Repo, cannot_open, outcome_of};
use super::select::{SelectArgs, Selection};
use super::terminal::Terminal;
use crate::diagnostic::Severity;
use crate::fix::Fixed;
use crate::fleet::{self, Work};
use crate::outcome::{Failure, Kind, Outcome};
use crate::report::Report;
use crate::snapshot::Snapshot;
use crate::yaml;

/// The argument that stands for standard input.
const STDIN: &str = "-";

/// Check metadata and platform, and look for foreign files among the generated ones
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct LintArgs {
    /// APIs by name, or paths at or below their directories; `-` reads one file from standard input
    /// [default: all]
    #[arg(value_name = "PATH or API")]
    apis: Vec<String>,
    /// The file that standard input stands for; all others are read as they are
    #[arg(long, value_name = "PATH", env = "ONRAMP_STDIN_FILENAME")]
    stdin_filename: Option<String>,
    /// Look at a git revision, without checking it out
    #[arg(long, value_name = "REV", env = "ONRAMP_REVISION")]
    revision: Option<String>,
    /// Look at what is staged for the next commit, and there at the APIs that it changes
    #[arg(long, conflicts_with = "revision", env = "ONRAMP_STAGED", value_parser = FalseyValueParser::new())]
    staged: bool,
    /// The index that git hands to a hook
    #[arg(long, hide = true, value_name = "FILE", env = "GIT_INDEX_FILE", hide_env = true)]
    index_file: Option<PathBuf>,
    /// Read all that rules across APIs could need, and keep nothing of it below `.git/onramp/`
    #[arg(long, env = "ONRAMP_NO_INDEX", value_parser = FalseyValueParser::new())]
    no_index: bool,
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
    /// What is mended.
    #[command(flatten)]
    fixes: FixArgs,
    /// Also list the findings that pass, with what lets them: in JSON, and as suppressions in SARIF
    #[arg(long, env = "ONRAMP_SHOW_WAIVED", value_parser = FalseyValueParser::new())]
    show_waived: bool,
}

impl LintArgs {
    /// Says what is looked at where it is not the files of the work tree.
    fn not_a_file_of_the_work_tree(&self) -> Option<&'static str> {
        if self.revision.is_some() {
            Some("a revision")
        } else if self.staged {
            Some("what is staged")
        } else if self.apis.iter().any(|argument| argument == STDIN) {
            Some("standard input")
        } else {
            None
        }
    }
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

/// What a run looks at.
enum Chosen {
    All,
    /// These APIs, and what all have in common.
    Apis(Vec<String>),
    /// What was named, is staged or has changed is nothing that `lint` looks at.
    Nothing,
}

impl Chosen {
    fn only(&self) -> Option<&[String]> {
        match self {
            Self::All => None,
            Self::Apis(names) => Some(names),
            Self::Nothing => Some(&[]),
        }
    }

    fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

/// Finds out what to look at, and reads standard input where that is a part of it.
fn chosen(args: &LintArgs, repo: &mut Repo) -> Result<Chosen, Failure> {
    if args.apis.iter().any(|argument| argument == STDIN) {
        return from_stdin(args, repo);
    }
    if args.stdin_filename.is_some() {
        return Err(Failure::usage(
            "`--stdin-filename` names what standard input stands for, and no `-` asks for that",
        ));
    }
    let names =
        if args.staged && args.apis.is_empty() { repo.staged_apis()? } else { repo.apis(&args.apis)? };
    let names = match &args.changed_since {
        Some(revision) => changed_since(revision, names, args, repo)?,
        None => names,
    };
    Ok(match names {
        None => Chosen::All,
        Some(names) if names.is_empty() => Chosen::Nothing,
        Some(names) => Chosen::Apis(names),
    })
}

/// Leaves of what was named the APIs that differ from where the head left a revision; nothing for all of them.
fn changed_since(
    revision: &str,
    named: Option<Vec<String>>,
    args: &LintArgs,
    repo: &Repo,
) -> Result<Option<Vec<String>>, Failure> {
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

/// Applies the fixes of what is selected, where any are wanted.
fn mend(
    args: &LintArgs,
    repo: &mut Repo,
    only: Option<&[String]>,
    selection: &Selection,
) -> Result<Option<Fixed>, Failure> {
    let today = repo.today.clone();
    let lint = |snapshot: &Snapshot| fleet::run(snapshot, only, Work::Lint, &today);
    args.fixes.run(repo, only, &|code| selection.has(code), &lint)
}

/// Lays standard input over the file that it stands for.
fn from_stdin(args: &LintArgs, repo: &mut Repo) -> Result<Chosen, Failure> {
    let (Some(name), [_]) = (&args.stdin_filename, args.apis.as_slice()) else {
        return Err(Failure::usage("`-` is read as one file, and stands alone")
            .hint("write `onramp lint - --stdin-filename onboarding/<api>/metadata.yaml`"));
    };
    let Some(path) = repo.inside(name).filter(|path| !path.is_empty()) else {
        return Err(Failure::usage(format!("`{name}` is not in the config repo")));
    };
    let bytes = Terminal::read_input(yaml::MAX_BYTES + 1).map_err(|error| Failure::system(&error))?;
    let laid = repo.snapshot.lay(&path, bytes);
    laid.map_err(|error| Failure { kind: Kind::Usage, ..cannot_open(&error) })?;
    Ok(match Repo::owner(&path) {
        Owner::Api(name) => Chosen::Apis(vec![name]),
        // An editor waits for the answer, and what it shows is this file.
        Owner::All => Chosen::Apis(Vec::new()),
        Owner::Nobody => Chosen::Nothing,
    })
}

pub(super) fn run(args: &LintArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    args.formats.check()?;
    args.fixes.check(args.not_a_file_of_the_work_tree(), &args.formats)?;
    let mut repo = if args.staged {
        Repo::open_staged(global, args.index_file.as_deref(), terminal)?
    } else {
        Repo::open(global, args.revision.as_deref(), terminal)?
    };
    let selection = args.select.read(|| repo.own_codes())?;
    let chosen = chosen(args, &mut repo)?;
    let only = chosen.only();
    let baseline = args.baseline.read(only.is_some() || !selection.is_all())?;
    let mut fixed = (0, 0);
    let mut found = if chosen.is_nothing() {
        fleet::Outcome::default()
    } else if let Some(mended) = mend(args, &mut repo, only, &selection)? {
        if args.fixes.shows() {
            let outcome = mend::show(&mended, terminal)?;
            return Ok(if args.exit_zero { Outcome::Clean } else { outcome });
        }
        mend::write(&repo, &mended.changes)?;
        fixed = (mended.fixed, mended.changes.changes.len());
        mended.outcome
    } else {
        let few = only.is_some_and(|names| !names.is_empty());
        let index = if args.no_index || !few { None } else { repo.index() };
        repo.run_with(only, Work::Lint, index.as_ref())?
    };
    found.findings.retain(|finding| selection.has(finding.code));
    found.passed.retain(|passed| selection.has(passed.finding.code));
    let mut report = Report::new(found.findings, &repo.snapshot, found.apis, found.skipped);
    report = report.waived(found.passed.len()).fixed(fixed.0, fixed.1);
    if args.show_waived {
        report = report.showing(found.passed, &repo.snapshot);
    }
    let looked_at = LookedAt { only, selection: &selection, levels: found.levels, snapshot: &repo.snapshot };
    let report = args.baseline.apply(baseline, report, &looked_at, &repo, terminal)?;
    let report = args.formats.place(report, &repo);
    if let (true, Some(revision)) = (chosen.is_nothing(), &args.changed_since) {
        // What is read by programs has no findings; people are told why.
        terminal.note(&format!("no API differs from where the head left {revision}\n"));
    }
    args.formats.write(&report, terminal)?;
    let outcome = outcome_of(&report, args.fail_level.into())?;
    Ok(if args.exit_zero { Outcome::Clean } else { outcome })
}

//! `onramp lint`

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::Global;
use super::formats::FormatArgs;
use super::mend::{self, FixArgs};
use super::repo::{Owner, Repo, cannot_open, outcome_of};
use super::terminal::Terminal;
use crate::diagnostic::Severity;
use crate::fleet::{self, Work};
use crate::outcome::{Failure, Kind, Outcome};
use crate::report::Report;
use crate::snapshot::Snapshot;
use crate::yaml;

/// The argument that stands for standard input.
const STDIN: &str = "-";

/// Check metadata and platform, and look for foreign files among the generated ones
#[derive(Debug, Args)]
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
    /// What was named, or is staged, is nothing that `lint` looks at.
    Nothing,
}

/// Finds out what to look at, and reads standard input where that is a part of it.
fn chosen(args: &LintArgs, repo: &mut Repo) -> Result<Chosen, Failure> {
    if args.apis.iter().any(|argument| argument == STDIN) {
        return from_stdin(args, repo);
    }
    if args.stdin_filename.is_some() && !args.apis.is_empty() {
        return Err(Failure::usage(
            "`--stdin-filename` names what standard input stands for, and no `-` asks for that",
        ));
    }
    let names =
        if args.staged && args.apis.is_empty() { repo.staged_apis()? } else { repo.apis(&args.apis)? };
    Ok(match names {
        None => Chosen::All,
        Some(names) if names.is_empty() => Chosen::Nothing,
        Some(names) => Chosen::Apis(names),
    })
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
    let only = match chosen(args, &mut repo)? {
        Chosen::All => None,
        Chosen::Apis(names) => Some(names),
        Chosen::Nothing => {
            let nothing = Report::new(Vec::new(), &repo.snapshot, 0, 0);
            args.formats.write(&args.formats.place(nothing, &repo), terminal)?;
            return Ok(Outcome::Clean);
        }
    };
    let today = repo.today.clone();
    let lint = |snapshot: &Snapshot| fleet::run(snapshot, only.as_deref(), Work::Lint, &today);
    let report = if let Some(fixed) = args.fixes.run(&mut repo, only.as_deref(), &lint)? {
        if args.fixes.shows() {
            let outcome = mend::show(&fixed, terminal)?;
            return Ok(if args.exit_zero { Outcome::Clean } else { outcome });
        }
        mend::write(&repo, &fixed.changes)?;
        let files = fixed.changes.changes.len();
        let found = fixed.outcome;
        Report::new(found.findings, &repo.snapshot, found.apis, found.skipped)
            .waived(found.waived)
            .fixed(fixed.fixed, files)
    } else {
        let few = only.as_ref().is_some_and(|names| !names.is_empty());
        let index = if args.no_index || !few { None } else { repo.index() };
        let found = repo.run_with(only.as_deref(), Work::Lint, index.as_ref())?;
        Report::new(found.findings, &repo.snapshot, found.apis, found.skipped).waived(found.waived)
    };
    let report = args.formats.place(report, &repo);
    args.formats.write(&report, terminal)?;
    let outcome = outcome_of(&report, args.fail_level.into())?;
    Ok(if args.exit_zero { Outcome::Clean } else { outcome })
}

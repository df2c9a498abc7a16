//! `onramp migrate`

mod commit;
mod show;

use std::path::PathBuf;
use std::sync::OnceLock;

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};

use super::Global;
use super::formats::{self, Output, OutputParser};
use super::progress::Progress;
use super::repo::{Repo, cannot_open, of_git, read_file};
use super::terminal::Terminal;
use crate::apply;
use crate::change::{Change, ChangeSet};
use crate::diagnostic::Sink;
use crate::git;
use crate::migrate::{self, DIRECTORY, Decisions, Migration, Request, Values};
use crate::outcome::{Failure, Outcome};
use crate::platform;
use crate::report::{FORMATS, Report, harmless};
use crate::snapshot::Snapshot;
use crate::yaml;

/// Take over branches of files by hand, with proof
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[command(subcommand)]
    step: Step,
}

/// The steps of a migration
#[derive(Debug, Subcommand)]
enum Step {
    Run(Box<RunArgs>),
    Verify(VerifyArgs),
    Sync(Box<SyncArgs>),
    Plan(PlanArgs),
}

/// Write an API for each branch, and prove that a cluster sees no difference
///
/// Branches are read from git without a checkout. Each becomes a metadata.yaml with `profile: adopted`, and what that cannot say
/// patches and extra resources beside it. Then every object that the API builds to is held against the one in the branch.
#[derive(Debug, Args)]
struct RunArgs {
    /// Branches by pattern, such as `legacy/*`; several by a comma or another --branches
    #[arg(long, value_name = "PATTERN", value_delimiter = ',', required = true, env = "ONRAMP_BRANCHES")]
    branches: Vec<String>,
    #[command(flatten)]
    how: HowArgs,
}

/// Take over what branches changed since they were migrated, beside what people changed here
///
/// Each API that was migrated is brought up to date from its branches, as its record names them. What people edited stays; where
/// a branch changed the same, nothing is written, and both are named.
#[derive(Debug, Args)]
struct SyncArgs {
    /// Branches by pattern; an API that one of them is a part of comes with all of its branches [default: all that were migrated]
    #[arg(long, value_name = "PATTERN", value_delimiter = ',', env = "ONRAMP_BRANCHES")]
    branches: Vec<String>,
    #[command(flatten)]
    how: HowArgs,
}

/// How APIs are written
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct HowArgs {
    #[command(flatten)]
    common: CommonArgs,
    #[command(flatten)]
    tell: TellArgs,
    /// Only these APIs, by the names that they get
    #[arg(long, value_name = "API", value_delimiter = ',', env = "ONRAMP_ONLY")]
    only: Vec<String>,
    /// Write nothing, and tell what would be written
    #[arg(long, env = "ONRAMP_DRY_RUN", value_parser = FalseyValueParser::new())]
    dry_run: bool,
    /// Commit each API to the branch that is checked out, naming its branches
    #[arg(long, conflicts_with = "dry_run", env = "ONRAMP_COMMIT", value_parser = FalseyValueParser::new())]
    commit: bool,
    /// Make one commit of all
    #[arg(long, requires = "commit", env = "ONRAMP_ONE_COMMIT", value_parser = FalseyValueParser::new())]
    one_commit: bool,
    /// Make the branches parents of the commits, so that their history stays in reach
    #[arg(long, requires = "commit", env = "ONRAMP_WITH_HISTORY", value_parser = FalseyValueParser::new())]
    with_history: bool,
    /// Also write APIs with differences that nothing explains
    #[arg(long, env = "ONRAMP_ALLOW_UNEXPLAINED", value_parser = FalseyValueParser::new())]
    allow_unexplained: bool,
}

/// Prove again what was migrated, from what is committed and what the branches hold now
///
/// Nothing is written. Exits with 1 if a branch moved, if generated files are stale, or if anything else differs than before.
#[derive(Debug, Args)]
struct VerifyArgs {
    /// APIs by name [default: all that were migrated]
    #[arg(value_name = "API")]
    apis: Vec<String>,
    #[command(flatten)]
    common: CommonArgs,
    #[command(flatten)]
    tell: TellArgs,
}

/// Order what was migrated into waves, plain APIs first, and say what an operator does for each
#[derive(Debug, Args)]
struct PlanArgs {
    /// APIs by name [default: all that were migrated]
    #[arg(value_name = "API")]
    apis: Vec<String>,
    /// How many APIs a wave has at most
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..), env = "ONRAMP_WAVE_SIZE")]
    wave_size: u32,
    #[command(flatten)]
    common: CommonArgs,
}

/// What all steps take
#[derive(Debug, Args)]
struct CommonArgs {
    /// The repository that has the branches [default: the one of the config repo]
    #[arg(long, value_name = "DIR", env = "ONRAMP_SOURCE")]
    source: Option<PathBuf>,
    /// What people decided; see `onramp schema decisions` [default: migration/decisions.yaml, where it is there]
    #[arg(long, value_name = "FILE", env = "ONRAMP_DECISIONS")]
    decisions: Option<PathBuf>,
    /// Texts for the variables of templates, as a map
    #[arg(long, value_name = "FILE", env = "ONRAMP_VALUES")]
    values: Option<PathBuf>,
}

/// How it is told
#[derive(Debug, Args)]
struct TellArgs {
    /// How to tell what was found: text, json, markdown or html on standard output, FORMAT=FILE in a file; several by a comma
    /// or another --format
    #[arg(
        long = "format",
        value_name = "FORMAT[=FILE]",
        default_value = "text",
        value_delimiter = ',',
        value_parser = OutputParser(show::FORMATS),
        env = "ONRAMP_MIGRATE_FORMAT"
    )]
    formats: Vec<Output<show::Format>>,
}

pub(super) fn run(args: &MigrateArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    match &args.step {
        Step::Run(args) => migrate(&args.branches, &args.how, false, global, terminal),
        Step::Sync(args) => migrate(&args.branches, &args.how, true, global, terminal),
        Step::Verify(args) => verify(args, global, terminal),
        Step::Plan(args) => plan(args, global, terminal),
    }
}

/// What a step works on.
struct Place {
    repo: Repo,
    source: git::Repo,
    decisions: Decisions,
    values: Option<Values>,
}

impl Place {
    fn open(args: &CommonArgs, global: &Global, terminal: &Terminal) -> Result<Self, Failure> {
        let repo = Repo::open(global, None, terminal)?;
        let source = args.source.as_deref().unwrap_or(&repo.root);
        let source = git::Repo::discover(source).map_err(|error| {
            let why = Failure { message: format!("the branches cannot be read: {error}"), ..of_git(&error) };
            why.hint("name the repository that has them with `--source DIR`")
        })?;
        let usual = repo.root.join(DIRECTORY).join("decisions.yaml");
        let decisions = match (
            &args.decisions,
            read_file(args.decisions.as_ref().unwrap_or(&usual), yaml::MAX_BYTES as u64)?,
        ) {
            (_, Some(bytes)) => {
                let path = args.decisions.as_ref().unwrap_or(&usual).display().to_string();
                parsed(&repo.snapshot, terminal, |sink| Decisions::parse(&path, bytes, sink))?
            }
            (Some(file), None) => {
                return Err(Failure::usage(format!("there is no file `{}`", file.display())));
            }
            (None, None) => Decisions::default(),
        };
        let values = match &args.values {
            Some(file) => {
                let bytes = read_file(file, yaml::MAX_BYTES as u64)?;
                let bytes =
                    bytes.ok_or_else(|| Failure::usage(format!("there is no file `{}`", file.display())))?;
                let path = file.display().to_string();
                Some(parsed(&repo.snapshot, terminal, |sink| Values::parse(&path, bytes, sink))?)
            }
            None => None,
        };
        Ok(Self { repo, source, decisions, values })
    }

    fn request<'a>(&'a self, branches: &'a [String], only: &'a [String]) -> Request<'a> {
        Request {
            branches,
            only,
            decisions: &self.decisions,
            values: self.values.as_ref(),
            sync: false,
            allow_unexplained: false,
            today: &self.repo.today,
        }
    }
}

/// Reads a file of people; what is wrong with it is shown as findings are.
fn parsed<T>(
    snapshot: &Snapshot,
    terminal: &Terminal,
    parse: impl FnOnce(&mut Sink) -> Option<T>,
) -> Result<T, Failure> {
    let mut sink = Sink::default();
    if let Some(read) = parse(&mut sink) {
        return Ok(read);
    }
    let report = Report::new(sink.into_findings(), snapshot, 0, 0);
    Terminal::error(&(FORMATS[0].write)(&report, terminal.style()));
    Err(Failure::usage("a file of the migration cannot be read"))
}

fn migrate(
    branches: &[String],
    args: &HowArgs,
    sync: bool,
    global: &Global,
    terminal: &Terminal,
) -> Result<Outcome, Failure> {
    let place = Place::open(&args.common, global, terminal)?;
    let request =
        Request { sync, allow_unexplained: args.allow_unexplained, ..place.request(branches, &args.only) };
    let mut migration = told("migrated", global.quiet, |watch| {
        migrate::run(&place.repo.snapshot, &place.source, &request, watch)
    })?;
    migrate::settle(&place.repo.snapshot, &place.source, &request, &mut migration)?;
    if args.commit {
        let how = commit::How { one: args.one_commit, with_history: args.with_history };
        commit::land(&place.repo, &place.source, &migration, &how)?;
    } else if !args.dry_run {
        let changes = changes(&place.repo.snapshot, &migration)?;
        apply::apply(&place.repo.root, &changes).map_err(|error| Failure::system(&error))?;
    }
    show::write(&migration.outcome, &args.tell.formats, global, terminal)?;
    Ok(show::outcome(&migration.outcome))
}

/// Shows how far a step is while it runs.
fn told<T>(
    verb: &'static str,
    quiet: bool,
    step: impl FnOnce(&(dyn Fn(migrate::Progress<'_>) + Sync)) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let bar: OnceLock<Progress> = OnceLock::new();
    let done = step(&|far| match far {
        migrate::Progress::Begin(total) => drop(bar.set(Progress::new(total, (verb, "APIs"), quiet))),
        migrate::Progress::Done(api) => {
            if let Some(bar) = bar.get() {
                bar.tick(api);
            }
        }
    });
    if let Some(bar) = bar.get() {
        bar.finish();
    }
    done
}

/// Returns what a migration changes of the work tree, in the order in which it is written.
fn changes(snapshot: &Snapshot, migration: &Migration) -> Result<ChangeSet, Failure> {
    let mut changes = ChangeSet::default();
    for path in migration.in_order() {
        let new = &migration.files[path];
        let old = snapshot.read(path, u64::MAX).map_err(|error| Failure::system(&error))?;
        let is_same = match (&old, new) {
            (Some(old), Some(new)) => old == new.as_bytes(),
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            let old = old.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            changes.changes.push(Change { path: path.to_owned(), old, new: new.clone() });
        }
    }
    Ok(changes)
}

fn verify(args: &VerifyArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    formats::check(&args.tell.formats)?;
    let place = Place::open(&args.common, global, terminal)?;
    let request = place.request(&[], &args.apis);
    let outcome = told("proved", global.quiet, |watch| {
        migrate::verify(&place.repo.snapshot, &place.source, &request, watch)
    })?;
    show::write(&outcome, &args.tell.formats, global, terminal)?;
    Ok(show::outcome(&outcome))
}

fn plan(args: &PlanArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let place = Place::open(&args.common, global, terminal)?;
    let request = place.request(&[], &args.apis);
    let outcome = told("proved", global.quiet, |watch| {
        migrate::verify(&place.repo.snapshot, &place.source, &request, watch)
    })?;
    let size = usize::try_from(args.wave_size).unwrap_or(usize::MAX);
    let platform =
        platform::read(&place.repo.snapshot, &mut Sink::default()).map_err(|error| cannot_open(&error))?;
    if let Some(platform) = platform {
        terminal.print(&harmless_lines(&migrate::plan(&outcome, &platform.model, size)))?;
    }
    Ok(show::outcome(&outcome))
}

/// Makes each line harmless to a terminal.
fn harmless_lines(text: &str) -> String {
    text.lines().map(|line| harmless(line) + "\n").collect()
}

//! `onramp history`

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::Global;
use super::repo::{Repo, cannot_open};
use super::terminal::Terminal;
use crate::diagnostic::{Sink, nearest};
use crate::git::{self, GitError};
use crate::history::{self, Query};
use crate::moment::Moment;
use crate::outcome::{Failure, Outcome};
use crate::platform;
use crate::snapshot::SnapshotError;

/// Say which images were released when, by whom, and whether the commits say so
///
/// What changed is told from what the committed overlays build to, commit by commit along first parents; what a commit
/// says of it only annotates: `recorded`, `unrecorded` or `contradicted`.
#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    /// APIs by name, or paths at or below their directories, also such that are gone [default: all]
    #[arg(value_name = "PATH or API")]
    apis: Vec<String>,
    /// The environment [default: all]
    #[arg(long, value_name = "ENV", env = "ONRAMP_ENV")]
    env: Option<String>,
    /// How many changes to show, the newest ones
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..), env = "ONRAMP_HISTORY_LIMIT")]
    limit: u32,
    /// Also show what else changed: config, scaling, routes
    #[arg(long, env = "ONRAMP_HISTORY_ALL", value_parser = FalseyValueParser::new())]
    all: bool,
    /// Say what was committed at this time instead: a moment (RFC 3339), or a day, of which it is the end in UTC
    #[arg(long, value_name = "TIME", value_parser = moment, env = "ONRAMP_HISTORY_AT")]
    at: Option<Moment>,
    /// The revision that it ends with
    #[arg(long, value_name = "REV", default_value = "HEAD", env = "ONRAMP_REVISION")]
    revision: String,
    /// How to show it
    #[arg(long, value_name = "FORMAT", default_value = "text", env = "ONRAMP_HISTORY_FORMAT")]
    format: Format,
}

/// How to show it
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[value(alias = "human")]
    Text,
    /// For programs
    Json,
}

pub(super) fn run(args: &HistoryArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let repo = Repo::open(global, Some(&args.revision), terminal)?;
    let failed = |error: GitError| {
        let path = repo.root.to_string_lossy().into();
        cannot_open(&SnapshotError::Git { path, error: Box::new(error) })
    };
    let git = git::Repo::discover(&repo.root).map_err(failed)?;
    let from = git.find_commit(&args.revision).map_err(failed)?;
    let (apis, missing) = apis(args, &repo)?;
    let query = Query {
        apis,
        environment: args.env.clone(),
        limit: usize::try_from(args.limit).unwrap_or(usize::MAX),
        all: args.all,
    };
    if let Some(moment) = args.at {
        let at = history::at(&git, &from, moment, &query).map_err(failed)?;
        if at.images.is_empty() {
            known(args, &repo, missing)?;
        }
        terminal.print(&match args.format {
            Format::Text => history::text_at(&at, moment, &query),
            Format::Json => history::json_at(&at, moment),
        })?;
        return Ok(Outcome::Clean);
    }
    let found = history::of(&git, &from, &query).map_err(failed)?;
    if found.entries.is_empty() && found.unknown.is_empty() {
        known(args, &repo, missing)?;
    }
    terminal.print(&match args.format {
        Format::Text => history::text(&found, &query),
        Format::Json => history::json(&found, &from),
    })?;
    Ok(Outcome::Clean)
}

/// Finds the APIs that are meant. One that is there no more has a history all the same; if it has none, the words for that
/// are the second value.
fn apis(args: &HistoryArgs, repo: &Repo) -> Result<(Option<Vec<String>>, Option<Failure>), Failure> {
    let mut names = Vec::new();
    let mut missing = None;
    for argument in &args.apis {
        match repo.apis_of(std::slice::from_ref(argument), &[&repo.snapshot]) {
            Ok(Some(found)) => names.extend(found),
            Ok(None) => return Ok((None, None)),
            Err(failure) if is_name(argument) => {
                names.push(argument.clone());
                missing = Some(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    names.sort();
    names.dedup();
    Ok(((!args.apis.is_empty()).then_some(names), missing))
}

/// Blames the call where nothing was found of what it names.
fn known(args: &HistoryArgs, repo: &Repo, missing: Option<Failure>) -> Result<(), Failure> {
    if let Some(failure) = missing {
        return Err(failure);
    }
    let Some(wanted) = &args.env else { return Ok(()) };
    let Ok(Some(platform)) = platform::read(&repo.snapshot, &mut Sink::default()) else { return Ok(()) };
    let environments: Vec<&str> = platform.model.environments.keys().collect();
    if environments.contains(&wanted.as_str()) {
        return Ok(());
    }
    let failure = Failure::usage(format!("platform.yaml has no environment `{wanted}`"));
    Err(match nearest(wanted, environments.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("it has {}", environments.join(", "))),
    })
}

/// Tells whether an argument can be the name of a directory, so that it leads nowhere else.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Reads a moment; a day is its last second.
fn moment(text: &str) -> Result<Moment, String> {
    if text.len() == 10 { Moment::end(text).map(|end| Moment(end.0 - 1)) } else { Moment::start(text) }
}

//! What the commands that release have in common: where it lands, how it is told.

pub(super) mod ci;
mod land;
mod show;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::Global;
use super::terminal::Terminal;
use crate::outcome::{Failure, Outcome};
use crate::release::{Origin, Request};
pub(super) use land::{Landing, land};
pub(super) use show::{harmless_lines, show};

/// Where a release lands
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct WhereArgs {
    /// Push the commit to the branch's remote; it is made anew on each tip until it is there
    #[arg(long, env = "ONRAMP_PUSH", value_parser = FalseyValueParser::new())]
    pub(super) push: bool,
    /// Push to a branch of its own, for a pull request; the name follows from API, environment and image
    #[arg(long, env = "ONRAMP_PR_BRANCH", value_parser = FalseyValueParser::new())]
    pub(super) pr_branch: bool,
    /// Work on this repository without a checkout: an address as git takes it
    #[arg(long, value_name = "URL", env = "ONRAMP_REMOTE")]
    pub(super) remote: Option<String>,
    /// The branch of the config repo [default: the one that is checked out; with --remote, main]
    #[arg(long, value_name = "NAME", env = "ONRAMP_BRANCH")]
    pub(super) branch: Option<String>,
    /// Where the config repo lies in the remote repository [default: its top]
    #[arg(long, value_name = "DIR", requires = "remote", env = "ONRAMP_DIRECTORY")]
    pub(super) directory: Option<String>,
    /// Write nothing; say what would change
    #[arg(long, env = "ONRAMP_DRY_RUN", value_parser = FalseyValueParser::new())]
    pub(super) dry_run: bool,
    /// How long to try, as in 90s or 5m
    #[arg(long, value_name = "TIME", default_value = "120s", value_parser = duration, env = "ONRAMP_TIMEOUT")]
    pub(super) timeout: Duration,
    /// Add a Signed-off-by of the committer
    #[arg(long, env = "ONRAMP_SIGN_OFF", value_parser = FalseyValueParser::new())]
    pub(super) sign_off: bool,
    /// How to tell what happened
    #[arg(long, value_name = "FORMAT", default_value = "human", env = "ONRAMP_RELEASE_FORMAT")]
    pub(super) format: ReleaseFormat,
    /// Do not wait for others on this machine and share their push
    #[arg(long, hide = true, env = "ONRAMP_NO_QUEUE", value_parser = FalseyValueParser::new())]
    pub(super) no_queue: bool,
    /// Where those that wait on this machine meet
    #[arg(long, hide = true, value_name = "DIR", env = "ONRAMP_QUEUE")]
    pub(super) queue: Option<PathBuf>,
}

/// How to tell what happened
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReleaseFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

/// Who releases, and why
#[derive(Debug, Args)]
pub(super) struct WhoArgs {
    /// Number of the build; a smaller one never takes the place of a greater one
    #[arg(long, value_name = "N", env = "ONRAMP_BUILD_NUMBER")]
    build_number: Option<u64>,
    /// The commit that was built [default: from the CI's variables]
    #[arg(long, value_name = "SHA", env = "ONRAMP_SOURCE_REVISION")]
    source_revision: Option<String>,
    /// The repository that it is of, which has to be the API's `source` [default: from the CI's variables]
    #[arg(long, value_name = "URL", env = "ONRAMP_SOURCE_REPOSITORY")]
    source_repository: Option<String>,
    /// Where the pipeline's run can be seen [default: from the CI's variables]
    #[arg(long, value_name = "URL", env = "ONRAMP_PIPELINE")]
    pipeline: Option<String>,
    /// Who releases it [default: from the CI's variables]
    #[arg(long, value_name = "NAME", env = "ONRAMP_ACTOR")]
    actor: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", env = "ONRAMP_REASON")]
    reason: Option<String>,
}

impl WhoArgs {
    /// The same for what was built elsewhere: the CI that runs this did not build it.
    pub(super) fn origin_of_another_build(&self) -> Origin {
        Origin { source_repository: None, source_revision: None, ..self.origin() }
    }

    /// Returns who asks and why; what no flag says comes from the variables of the CI, and an empty flag says that nobody knows.
    pub(super) fn origin(&self) -> Origin {
        let ci = ci::variables();
        let given = |flag: &Option<String>, known: Option<String>| {
            flag.clone().or(known).filter(|text| !text.is_empty())
        };
        Origin {
            build_number: self.build_number,
            source_revision: given(&self.source_revision, ci.revision),
            source_repository: given(&self.source_repository, ci.repository),
            pipeline: given(&self.pipeline, ci.pipeline),
            actor: given(&self.actor, ci.actor),
            reason: given(&self.reason, None),
            request: None,
        }
    }
}

/// Lands a request, and tells what became of it.
pub(super) fn release(
    request: &Request,
    at: &WhereArgs,
    global: &Global,
    terminal: &Terminal,
) -> Result<Outcome, Failure> {
    let landed = land(request, at, global, terminal);
    show(request, landed, at, terminal)
}

/// Reads a time span as in `90s`, `5m` or `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err("it is written as in 90s or 5m".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "it is written as in 90s or 5m".to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds).min(86_400)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_have_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("5m"), Ok(Duration::from_mins(5)));
        for wrong in ["", "90", "s", "-1s", "1d", "1.5m"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}

//! `onramp rollback`

use clap::Args;

use super::Global;
use super::release::{WhereArgs, WhoArgs, land, show};
use super::repo::Repo;
use super::terminal::Terminal;
use crate::git;
use crate::history;
use crate::outcome::{Failure, Outcome};
use crate::release::{Ask, Bump, Request, Terms};

/// Release again what ran before
///
/// Images alone are taken back. What was changed beside them since, such as config, stays, and is told.
#[derive(Debug, Args)]
pub(super) struct RollbackArgs {
    /// The API
    api: String,
    /// The environment
    #[arg(long, value_name = "ENV", env = "ONRAMP_ENV")]
    env: String,
    /// The image to go back to [default: the one before, by the record]
    #[arg(long, value_name = "IMAGE", env = "ONRAMP_TO")]
    to: Option<String>,
    /// The workload, by its key in metadata.yaml or its name in the cluster; KIND/NAME where two have one name
    #[arg(long, visible_alias = "deployment", value_name = "NAME", env = "ONRAMP_WORKLOAD")]
    workload: Option<String>,
    /// The container
    #[arg(long, value_name = "NAME", env = "ONRAMP_CONTAINER")]
    container: Option<String>,
    /// Who releases, and why.
    #[command(flatten)]
    who: WhoArgs,
    /// Where it lands.
    #[command(flatten)]
    at: WhereArgs,
}

pub(super) fn run(args: &RollbackArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let bump = Bump {
        api: args.api.clone(),
        environment: args.env.clone(),
        image: args.to.clone().unwrap_or_default(),
        workload: args.workload.clone(),
        container: args.container.clone(),
        ..Bump::default()
    };
    let terms = Terms { pull_request: args.at.pr_branch, ..Terms::default() };
    let origin = args.who.origin_of_another_build();
    let request = Request { ask: Ask::Rollback { bump }, terms, origin };
    // Looked up first: afterwards the last release is this one.
    let stays = stays(args, global, terminal);
    let mut landed = land(&request, &args.at, global, terminal);
    if let Ok(landing) = &mut landed
        && landing.commit.is_some()
    {
        landing.hints.extend(stays);
    }
    show(&request, landed, &args.at, terminal)
}

/// Says what changed beside images since what ran before, and stays. Without a clone nobody knows.
fn stays(args: &RollbackArgs, global: &Global, terminal: &Terminal) -> Option<String> {
    if args.at.remote.is_some() {
        return None;
    }
    let repo = Repo::open(global, None, terminal).ok()?;
    let repo = git::Repo::discover(&repo.root).ok()?;
    let tip = repo.find_commit(args.at.branch.as_deref().unwrap_or("HEAD")).ok()?;
    let changed = history::beside(&repo, &tip, &args.api, &args.env).ok()?;
    (!changed.is_empty())
        .then(|| format!("this changed beside the image since, and stays: {}", changed.join("; ")))
}

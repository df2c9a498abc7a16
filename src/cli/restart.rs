//! `onramp restart`

use clap::Args;

use super::Global;
use super::release::{WhereArgs, WhoArgs, release};
use super::terminal::Terminal;
use crate::outcome::{Failure, Outcome};
use crate::release::{Ask, Request, Terms};

/// Replace the pods of an API by new ones with the same images
///
/// Sets the annotation that `kubectl rollout restart` sets, and notes it in `releases/`, so that a render keeps it. Needs a reason.
#[derive(Debug, Args)]
pub(super) struct RestartArgs {
    /// The API
    api: String,
    /// The environment
    #[arg(long, value_name = "ENV", env = "ONRAMP_ENV")]
    env: String,
    /// Who asks for it, and why.
    #[command(flatten)]
    who: WhoArgs,
    /// Where it lands.
    #[command(flatten)]
    at: WhereArgs,
}

pub(super) fn run(args: &RestartArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let ask = Ask::Restart { api: args.api.clone(), environment: args.env.clone() };
    let terms = Terms { pull_request: args.at.pr_branch, ..Terms::default() };
    let origin = args.who.origin_of_another_build();
    let request = Request { ask, terms, origin };
    release(&request, &args.at, global, terminal)
}

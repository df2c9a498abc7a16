//! `onramp promote`

use clap::Args;
use clap::builder::FalseyValueParser;

use super::Global;
use super::release::{WhereArgs, WhoArgs, release};
use super::terminal::Terminal;
use crate::outcome::{Failure, Outcome};
use crate::release::{Ask, Request, Terms};

/// Release in one environment what runs in another
///
/// Every container of the API gets the image that it runs there; nothing else is taken along.
#[derive(Debug, Args)]
pub(super) struct PromoteArgs {
    /// The API
    api: String,
    /// The environment that has it
    #[arg(long, value_name = "ENV", env = "ONRAMP_FROM")]
    from: String,
    /// The environment that gets it
    #[arg(long, value_name = "ENV", env = "ONRAMP_TO")]
    to: String,
    /// Let an older image take the place of a newer one
    #[arg(long, env = "ONRAMP_ALLOW_DOWNGRADE", value_parser = FalseyValueParser::new())]
    allow_downgrade: bool,
    /// Who releases, and why.
    #[command(flatten)]
    who: WhoArgs,
    /// Where it lands.
    #[command(flatten)]
    at: WhereArgs,
}

pub(super) fn run(args: &PromoteArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let PromoteArgs { api, from, to, .. } = args;
    let ask = Ask::Promote { api: api.clone(), from: from.clone(), to: to.clone() };
    let terms =
        Terms { downgrade: args.allow_downgrade, pull_request: args.at.pr_branch, ..Terms::default() };
    // What is promoted was built elsewhere; the CI that runs this did not build it.
    let origin =
        crate::release::Origin { source_repository: None, source_revision: None, ..args.who.origin() };
    let request = Request { ask, terms, origin };
    release(&request, &args.at, global, terminal)
}

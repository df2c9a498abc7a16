//! `onramp man`

use clap::Args;

use super::terminal::Terminal;
use crate::outcome::{Failure, Outcome};

/// Print the manual page
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The page of one command [default: of all]
    command: Option<String>,
}

pub(super) fn run(args: &ManArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut command = super::command();
    command.build();
    let command = match &args.command {
        None => command,
        Some(name) => match command.find_subcommand(name) {
            Some(sub) => sub.clone(),
            None => return Err(Failure::usage(format!("no command is called `{name}`"))),
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(|error| Failure::system(&error))?;
    terminal.print(&String::from_utf8_lossy(&page))?;
    Ok(Outcome::Clean)
}

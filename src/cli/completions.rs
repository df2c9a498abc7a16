//! `onramp completions`

use clap::Args;
use clap_complete::Shell;

use super::terminal::Terminal;
use crate::outcome::{Failure, Outcome};

/// Print the completions of a shell
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// Which shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "onramp", &mut script);
    terminal.print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Clean)
}

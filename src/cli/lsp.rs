//! `onramp lsp`

use std::path::{Path, PathBuf};

use clap::Args;

use super::Global;
use super::clock::today;
use super::repo::repo_of;
use super::terminal::Terminal;
use crate::lsp::{Server, World};
use crate::outcome::{Failure, Outcome};

/// Speak with an editor: findings, hover, completion, fixes
///
/// The language server protocol over standard input and output. The config repo of a file is the nearest directory
/// upwards with a platform.yaml, unless --repo says another.
#[derive(Debug, Args)]
pub(super) struct LspArgs {
    /// Accepted since editors pass it; there is no other way
    #[arg(long, hide = true, env = "ONRAMP_STDIO")]
    stdio: bool,
}

pub(super) fn run(args: &LspArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let LspArgs { stdio: _ } = args;
    let fixed: Option<PathBuf> = global.repo.clone();
    let global = Global {
        repo: None,
        jobs: None,
        color: global.color,
        today: global.today.clone(),
        quiet: global.quiet,
        verbose: global.verbose,
    };
    let mut server = Server::new(World {
        repo: Box::new(move |file: &Path| repo_of(file, fixed.as_deref())),
        today: Box::new(move || today(&global)),
    });
    let messages = Terminal::messages();
    while let Ok(message) = messages.recv() {
        for answer in server.take(message) {
            terminal.send(&answer)?;
        }
        // What has come meanwhile is taken first: findings are about the newest text.
        while let Ok(message) = messages.try_recv() {
            for answer in server.take(message) {
                terminal.send(&answer)?;
            }
        }
        for finding in server.settle() {
            terminal.send(&finding)?;
        }
        if let Some(properly) = server.ended() {
            return Ok(if properly { Outcome::Clean } else { Outcome::Findings });
        }
    }
    // The editor is gone without a word.
    Ok(Outcome::Findings)
}

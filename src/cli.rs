//! The command line: arguments in, exit code out. One file per command.

mod completions;
mod config;
mod explain;
mod init;
mod lint;
mod man;
mod new;
mod render;
mod repo;
mod schema;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::outcome::{Failure, Outcome};
use terminal::Terminal;

/// The on-ramp of an API platform: a GitOps config-repo generator and linter
#[derive(Debug, Parser)]
#[command(name = "onramp", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// The options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command
#[derive(Debug, Args)]
pub struct Global {
    /// The config repo [default: the nearest directory upwards with a platform.yaml]
    #[arg(long, global = true, value_name = "DIR", env = "ONRAMP_REPO")]
    pub repo: Option<PathBuf>,
    /// How many threads to use [default: one for each core]
    #[arg(long, short = 'j', global = true, value_name = "N", env = "ONRAMP_JOBS")]
    pub jobs: Option<usize>,
    /// Whether to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", env = "ONRAMP_COLOR")]
    pub color: Color,
    /// Say nothing but findings and errors
    #[arg(long, short, global = true, env = "ONRAMP_QUIET")]
    pub quiet: bool,
    /// Say what is looked at
    #[arg(long, short, global = true, conflicts_with = "quiet", env = "ONRAMP_VERBOSE")]
    pub verbose: bool,
}

/// When to use colours
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scaffold a config repo with an example API
    Init(init::InitArgs),
    /// Write the metadata.yaml of a new API
    New(new::NewArgs),
    /// Check metadata, platform and generated files
    Lint(lint::LintArgs),
    /// Write base and overlays
    Render(render::RenderArgs),
    /// Print a JSON schema
    Schema(schema::SchemaArgs),
    /// Explain a rule, or list them all
    Explain(explain::ExplainArgs),
    /// Show what is configured, and where each value comes from
    Config(config::ConfigArgs),
    /// Print the completions of a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page
    Man(man::ManArgs),
}

/// Parses the arguments, runs the command, and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error; the rest is usage.
            let code = if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
            // A closed pipe is not worth a word.
            let _ = error.print();
            return code;
        }
    };
    let terminal = Terminal::new(&cli.global);
    match run(&cli, &terminal) {
        Ok(outcome) => outcome.into(),
        Err(failure) if terminal.is_closed() => {
            drop(failure);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            Terminal::error(&failure.to_string());
            failure.kind.into()
        }
    }
}

fn run(cli: &Cli, terminal: &Terminal) -> Result<Outcome, Failure> {
    if let Some(jobs) = cli.global.jobs {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
        pool.map_err(|error| Failure::system(&error))?;
    }
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => init::run(args, global, terminal),
        Command::New(args) => new::run(args, global, terminal),
        Command::Lint(args) => lint::run(args, global, terminal),
        Command::Render(args) => render::run(args, global, terminal),
        Command::Schema(args) => schema::run(args, terminal),
        Command::Explain(args) => explain::run(args, terminal),
        Command::Config(args) => config::run(args, global, terminal),
        Command::Completions(args) => completions::run(args, terminal),
        Command::Man(args) => man::run(args, terminal),
    }
}

/// Returns the definition of the command line, for documents made from it.
pub fn command() -> clap::Command {
    Cli::command()
}

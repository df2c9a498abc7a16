//! The command line: arguments in, exit code out. One file per command.

mod adopt;
mod baseline;
mod build;
mod bump;
mod check;
mod clock;
mod completions;
mod config;
mod diff;
mod explain;
mod formats;
mod history;
mod hook;
mod init;
mod lint;
mod lsp;
mod man;
mod mend;
mod migrate;
mod new;
mod policy;
mod progress;
mod promote;
mod release;
mod render;
mod repo;
mod restart;
mod rollback;
mod route;
mod schema;
mod select;
mod terminal;
mod upgrade;
mod verify_release;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::outcome::{Failure, Outcome};
use crate::report::harmless;
use terminal::Terminal;

/// The on-ramp of an API platform: a GitOps config-repo generator and linter
#[derive(Debug, Parser)]
#[command(name = "onramp", version, propagate_version = true, max_term_width = 100)]
struct Cli {
    /// The options of every command.
    #[command(flatten)]
    global: Global,
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// Options of every command
#[derive(Debug, Args)]
struct Global {
    /// The config repo [default: the nearest directory upwards with a platform.yaml]
    #[arg(long, global = true, value_name = "DIR", env = "ONRAMP_REPO")]
    repo: Option<PathBuf>,
    /// How many threads to use [default: one for each core]
    #[arg(long, short = 'j', global = true, value_name = "N", env = "ONRAMP_JOBS")]
    jobs: Option<usize>,
    /// Whether to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", env = "ONRAMP_COLOR")]
    color: Color,
    /// The day that rules about dates go by [default: today]
    #[arg(long, global = true, value_name = "DATE", value_parser = clock::parse, env = "ONRAMP_TODAY")]
    today: Option<String>,
    /// Say nothing but findings and errors
    #[arg(long, short, global = true, env = "ONRAMP_QUIET", value_parser = FalseyValueParser::new())]
    quiet: bool,
    /// Say what is looked at
    #[arg(long, short, global = true, conflicts_with = "quiet", env = "ONRAMP_VERBOSE", value_parser = FalseyValueParser::new())]
    verbose: bool,
}

/// When to use colours
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands
#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    New(new::NewArgs),
    Lint(lint::LintArgs),
    Render(render::RenderArgs),
    Build(build::BuildArgs),
    Diff(diff::DiffArgs),
    Check(check::CheckArgs),
    #[command(name = "bump-image")]
    Bump(Box<bump::BumpArgs>),
    Promote(promote::PromoteArgs),
    Rollback(rollback::RollbackArgs),
    Restart(restart::RestartArgs),
    History(history::HistoryArgs),
    VerifyRelease(verify_release::VerifyReleaseArgs),
    Migrate(migrate::MigrateArgs),
    Adopt(adopt::AdoptArgs),
    Upgrade(upgrade::UpgradeArgs),
    Schema(schema::SchemaArgs),
    Explain(explain::ExplainArgs),
    Config(config::ConfigArgs),
    Route(route::RouteArgs),
    Hook(hook::HookArgs),
    Lsp(lsp::LspArgs),
    Policy(policy::PolicyArgs),
    Completions(completions::CompletionsArgs),
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
        Err(mut failure) => {
            // It quotes arguments and paths, which may be a stranger's.
            let texts = failure.causes.iter_mut().chain(&mut failure.hints);
            texts.chain([&mut failure.message]).for_each(|text| *text = harmless(text));
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
        Command::Build(args) => build::run(args, global, terminal),
        Command::Diff(args) => diff::run(args, global, terminal),
        Command::Check(args) => check::run(args, global, terminal),
        Command::Bump(args) => bump::run(args, global, terminal),
        Command::Promote(args) => promote::run(args, global, terminal),
        Command::Rollback(args) => rollback::run(args, global, terminal),
        Command::Restart(args) => restart::run(args, global, terminal),
        Command::History(args) => history::run(args, global, terminal),
        Command::VerifyRelease(args) => verify_release::run(args, global, terminal),
        Command::Migrate(args) => migrate::run(args, global, terminal),
        Command::Adopt(args) => adopt::run(args, global, terminal),
        Command::Upgrade(args) => upgrade::run(args, global, terminal),
        Command::Schema(args) => schema::run(args, terminal),
        Command::Explain(args) => explain::run(args, global, terminal),
        Command::Config(args) => config::run(args, global, terminal),
        Command::Route(args) => route::run(args, global, terminal),
        Command::Hook(args) => hook::run(args, global, terminal),
        Command::Lsp(args) => lsp::run(args, global, terminal),
        Command::Policy(args) => policy::run(args, global, terminal),
        Command::Completions(args) => completions::run(args, terminal),
        Command::Man(args) => man::run(args, terminal),
    }
}

/// Returns the definition of the command line, for documents made from it.
pub fn command() -> clap::Command {
    Cli::command()
}

//! `onramp explain`

use clap::Args;

use super::Global;
use super::repo::Repo;
use super::terminal::Terminal;
use crate::diagnostic::{Code, nearest};
use crate::outcome::{Failure, Outcome};
use crate::policy::{self, RULES};

/// Explain a rule, or list them all
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule's code, such as `unknown-key`
    code: Option<String>,
}

pub(super) fn run(args: &ExplainArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let Some(name) = &args.code else {
        terminal.print(&list())?;
        return Ok(Outcome::Clean);
    };
    let Some(code) = policy::code(name).or_else(|| own(name, global, terminal)) else {
        let failure = Failure::usage(format!("no rule is called `{name}`"));
        return Err(match nearest(name, RULES.iter().map(|rule| rule.code.name)) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint("`onramp explain` without a code lists them all"),
        });
    };
    terminal.print(code.page)?;
    Ok(Outcome::Clean)
}

/// Finds a rule of the platform's own, where there is a config repo.
fn own(name: &str, global: &Global, terminal: &Terminal) -> Option<&'static Code> {
    let repo = Repo::open(global, None, terminal).ok()?;
    repo.own_codes().into_iter().find(|code| code.name == name)
}

/// Lists code, severity and summary of every rule, by name.
fn list() -> String {
    let mut codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
    codes.sort_by_key(|code| code.name);
    let width = codes.iter().map(|code| code.name.len()).max().unwrap_or(0);
    let line =
        |code: &&Code| format!("{:width$}  {:7}  {}\n", code.name, code.severity.name(), code.summary());
    codes.iter().map(line).collect()
}

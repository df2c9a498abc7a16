//! `onramp schema`

use clap::Args;

use super::terminal::Terminal;
use crate::outcome::{Failure, Outcome};
use crate::schema::SCHEMAS;

/// Print a JSON schema
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Which one
    #[arg(value_parser = ["metadata", "platform", "waivers", "freezes", "request", "decisions", "baseline", "diagnostics", "changes", "migration"])]
    name: String,
}

pub(super) fn run(args: &SchemaArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let schema = SCHEMAS.iter().find(|schema| schema.name == args.name);
    let Some(schema) = schema else {
        return Err(Failure::usage(format!("no schema is called `{}`", args.name)));
    };
    terminal.print(schema.text)?;
    Ok(Outcome::Clean)
}

//! `onramp config`

use std::fmt::Write as _;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::Global;
use super::repo::{Repo, cannot_open, outcome_of};
use super::terminal::Terminal;
use crate::diagnostic::{Severity, Sink};
use crate::fleet;
use crate::metadata;
use crate::outcome::{Failure, Outcome};
use crate::platform::{self, BUILT_IN};
use crate::report::{FORMATS, Position, Report, masked, shown};
use crate::yaml::{Node, Sources, Value, encode_scalar};

/// Show what is configured, and where each value comes from
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Show platform.yaml, or one API as it is merged, with the origin of each value
    Show(ShowArgs),
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The API [default: the platform itself]
    api: Option<String>,
    /// The environment [default: what holds in all of them]
    #[arg(long, value_name = "ENV", env = "ONRAMP_ENV")]
    env: Option<String>,
}

pub(super) fn run(args: &ConfigArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let ConfigCommand::Show(args) = &args.command;
    let repo = Repo::open(global, None, terminal)?;
    let mut sink = Sink::default();
    let shown = show(args, &repo, &mut sink)?;
    let report = Report::new(sink.into_findings(), &repo.snapshot, 1, 0);
    if !report.findings.is_empty() {
        Terminal::error(&(FORMATS[0].write)(&report, terminal.style()));
    }
    if let Some(text) = shown {
        terminal.print(&text)?;
    }
    outcome_of(&report, Severity::Error)
}

fn show(args: &ShowArgs, repo: &Repo, sink: &mut Sink) -> Result<Option<String>, Failure> {
    let platform = platform::read(&repo.snapshot, sink).map_err(|error| cannot_open(&error))?;
    let Some(platform) = platform else { return Ok(None) };
    let Some(api) = &args.api else {
        let sources = Sources::new(vec![&platform.built_in, &platform.source]);
        return Ok(Some(annotated(&platform.tree, &sources)));
    };
    let names = repo.apis(std::slice::from_ref(api))?.unwrap_or_default();
    let Some(name) = names.first() else { return Err(Failure::usage(format!("`{api}` is not one API"))) };
    let path: Arc<str> = fleet::metadata_path(name).into();
    let bytes = repo.snapshot.read(&path, metadata::MAX_BYTES).map_err(|error| cannot_open(&error))?;
    let Some(bytes) = bytes else { return Err(Failure::usage(format!("`{path}` does not exist"))) };
    let Some(metadata) = metadata::read(&path, bytes, &platform, sink) else { return Ok(None) };
    let wanted = args.env.as_ref().map(|wanted| {
        let found = metadata.environments.iter().find(|environment| environment.name == *wanted);
        found.ok_or_else(|| {
            let known: Vec<&str> = metadata.environments.iter().map(|known| known.name.as_str()).collect();
            Failure::usage(format!("`{name}` is not in an environment `{wanted}`"))
                .hint(format!("it is in {}", known.join(", ")))
        })
    });
    let tree = wanted.transpose()?.map_or(&metadata.top.tree, |environment| &environment.merged.tree);
    let sources = Sources::new(vec![&platform.built_in, &platform.source, &metadata.source]);
    Ok(Some(annotated(tree, &sources)))
}

/// Writes a tree as YAML with the origin behind each value.
fn annotated(tree: &Node, sources: &Sources<'_>) -> String {
    let mut lines = Vec::new();
    write_map(tree, 0, sources, &mut lines);
    let width =
        lines.iter().map(|(line, _)| line.chars().count()).filter(|width| *width <= 60).max().unwrap_or(0);
    // What a line says may depend on the one before: `--password` and its value are two of them.
    let body: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    let body = shown("metadata.yaml", &body.join("\n"));
    let mut out = String::new();
    for (line, (_, origin)) in body.split('\n').zip(&lines) {
        let line = masked(line);
        let _ = match origin {
            Some(origin) => writeln!(out, "{line:width$}  # {origin}"),
            None => writeln!(out, "{line}"),
        };
    }
    out
}

type Line = (String, Option<String>);

fn write_map(node: &Node, indent: usize, sources: &Sources<'_>, lines: &mut Vec<Line>) {
    for entry in node.entries() {
        write_value(
            &format!("{:indent$}{}:", "", encode_scalar(&entry.key)),
            &entry.node,
            indent,
            sources,
            lines,
        );
    }
}

fn write_value(lead: &str, node: &Node, indent: usize, sources: &Sources<'_>, lines: &mut Vec<Line>) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            lines.push((lead.to_owned(), None));
            write_map(node, indent + 2, sources, lines);
        }
        Value::Seq(items) if !items.is_empty() => {
            lines.push((lead.to_owned(), None));
            for item in items {
                match &item.value {
                    // A map in a list starts on the line of its dash.
                    Value::Map(entries) if !entries.is_empty() => {
                        let first = lines.len();
                        write_map(item, indent + 2, sources, lines);
                        lines[first].0.replace_range(indent..=indent, "-");
                    }
                    _ => write_value(&format!("{:indent$}-", ""), item, indent + 2, sources, lines),
                }
            }
        }
        value => {
            let text = match value {
                Value::String(text) => encode_scalar(text),
                Value::Map(_) => "{}".to_owned(),
                Value::Seq(_) => "[]".to_owned(),
                _ => node.to_json().to_string(),
            };
            lines.push((format!("{lead} {text}"), Some(origin(node, sources))));
        }
    }
}

fn origin(node: &Node, sources: &Sources<'_>) -> String {
    let source = sources.of(node.span);
    if source.id == BUILT_IN {
        return "built-in".to_owned();
    }
    format!("{}:{}", source.path, Position::of(&source.text, node.span.start as usize).line)
}

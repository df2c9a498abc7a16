//! What became of a release: for people a few lines, for programs one object.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Landing, ReleaseFormat, WhereArgs};
use crate::cli::terminal::Terminal;
use crate::outcome::{Failure, Kind, Outcome};
use crate::release::{Ask, ImageChange, Request, Step};
use crate::report::harmless;

/// Tells what became of a request, and how the command ends.
///
/// # Errors
/// Hands on why nothing landed, where that is not told already.
pub(in crate::cli) fn show(
    request: &Request,
    landed: Result<Landing, Failure>,
    at: &WhereArgs,
    terminal: &Terminal,
) -> Result<Outcome, Failure> {
    match (landed, at.format) {
        (Ok(landing), ReleaseFormat::Human) => {
            for hint in landing.plan.notes.iter().chain(&landing.hints) {
                Terminal::error(&format!("note: {}\n", harmless(hint)));
            }
            terminal.say(&harmless_lines(&text(request, &landing, at.dry_run)))?;
            Ok(Outcome::Clean)
        }
        (Ok(landing), ReleaseFormat::Json) => {
            terminal.print(&format!("{:#}\n", json_of(&landing, at.dry_run)))?;
            Ok(Outcome::Clean)
        }
        (Err(failure), ReleaseFormat::Human) => Err(failure),
        (Err(failure), ReleaseFormat::Json) => {
            let outcome = if failure.kind == Kind::Refused { "refused" } else { "failed" };
            let Failure { message, causes, hints, .. } = &failure;
            terminal.print(&format!(
                "{:#}\n",
                json!({ "outcome": outcome, "message": message, "causes": causes, "hints": hints })
            ))?;
            Err(failure)
        }
    }
}

/// Names how a request ended.
fn outcome(landing: &Landing, dry_run: bool) -> &'static str {
    let any = |step| landing.plan.lines.iter().any(|line| line.step == step);
    if dry_run && !landing.plan.files.is_empty() {
        return "planned";
    }
    match &landing.commit {
        Some(_) if landing.pull_request => "pr",
        Some(_) => "landed",
        None if any(Step::Superseded) => "superseded",
        None => "nothing",
    }
}

fn json_of(landing: &Landing, dry_run: bool) -> Json {
    let line = |line: &crate::release::Line| {
        let ImageChange { api, environment, namespace, workload, container, old, new } = &line.change;
        json!({
            "outcome": line.step,
            "api": api,
            "environment": environment,
            "namespace": namespace,
            "deployment": workload,
            "container": container,
            "old": old,
            "new": new,
            "note": line.note,
        })
    };
    json!({
        "outcome": outcome(landing, dry_run),
        "commit": landing.commit,
        "branch": landing.branch,
        "remote": landing.remote,
        "changes": landing.plan.lines.iter().map(line).collect::<Vec<_>>(),
        "notes": landing.plan.notes.iter().chain(&landing.hints).collect::<Vec<_>>(),
    })
}

fn text(request: &Request, landing: &Landing, dry_run: bool) -> String {
    let mut text = String::new();
    for line in &landing.plan.lines {
        let ImageChange { environment, workload, container, old, new, .. } = &line.change;
        let place = format!("{environment}: {workload}/{container}");
        let _ = match line.step {
            Step::Changed => writeln!(text, "{place}  {old} -> {new}"),
            Step::Nothing => writeln!(text, "{place}  runs {new} already"),
            Step::Superseded => writeln!(text, "{place}  keeps {old}"),
        };
        if let Some(note) = &line.note {
            let _ = writeln!(text, "  {note}");
        }
    }
    if let (Ask::Restart { api, environment }, false) = (&request.ask, landing.plan.files.is_empty()) {
        let _ = writeln!(text, "{environment}: {api} gets new pods");
    }
    let there = landing.remote.as_ref().map(|remote| format!(" of {remote}")).unwrap_or_default();
    let branch = format!("`{}`{there}", landing.branch);
    let _ = match (&landing.commit, dry_run && !landing.plan.files.is_empty()) {
        (Some(commit), _) => writeln!(text, "Committed {} to {branch}.", commit.get(..12).unwrap_or(commit)),
        (None, true) => writeln!(text, "Nothing was written: this would be a commit on {branch}."),
        (None, false) => writeln!(text, "Nothing to do on {branch}."),
    };
    if landing.commit.is_some() && !landing.pull_request {
        text += &way_back(request, landing);
    }
    text
}

/// Says how to take it back.
fn way_back(request: &Request, landing: &Landing) -> String {
    if matches!(request.ask, Ask::Restart { .. } | Ask::Rollback { .. }) {
        return String::new();
    }
    let mut told = Vec::new();
    for change in landing.plan.changes() {
        let line = format!("To take it back: onramp rollback {} --env {}\n", change.api, change.environment);
        if !told.contains(&line) {
            told.push(line);
        }
    }
    told.concat()
}

/// Makes each line of a text harmless.
pub(in crate::cli) fn harmless_lines(text: &str) -> String {
    text.lines().flat_map(|line| [harmless(line), "\n".to_owned()]).collect()
}

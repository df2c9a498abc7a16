//! The history for people: one line for each change.

use std::fmt::Write as _;

use super::{At, Entry, History, ImageStep, Mark, Query, What};
use crate::diagnostic::count;
use crate::moment::Moment;
use crate::report::harmless;

/// How many objects a line names.
const MOST_OBJECTS: usize = 3;
/// The most characters of a column that anybody may write anything into.
const MOST_CHARACTERS: usize = 60;
/// Stands where there is nothing.
const NOTHING: &str = "-";

/// Writes the changes, the newest first, with a line on what is not there.
pub fn text(history: &History, query: &Query) -> String {
    let several = query.apis.as_ref().is_none_or(|apis| apis.len() != 1);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut entries = history.entries.as_slice();
    while let Some(first) = entries.first() {
        let same = |entry: &&Entry| risk(entry).is_some() && together(first, entry);
        let others = entries.iter().take_while(same).count();
        let (own, rest) = entries.split_at(others.max(1));
        entries = rest;
        let (what, change, mark) = match &first.what {
            What::Image(step) => (place(step), step_text(step), mark(step)),
            What::Other { risk, .. } => (risk.words().to_owned(), objects(own), String::new()),
        };
        let mut row = vec![minute(first.time)];
        if several {
            row.push(cut(&first.api));
        }
        row.extend([cut(&first.environment), what, change, who(first), first.commit.short(), mark]);
        rows.push(row);
    }
    let mut text = table(rows);
    if history.entries.is_empty() {
        let what = if query.all { "Nothing" } else { "No image" };
        _ = writeln!(text, "{what} changed in {}.", count(history.commits, "commit"));
    }
    for unknown in &history.unknown {
        _ = writeln!(
            text,
            "note: what {} changed of {} in {} cannot be told: one side cannot be built",
            unknown.commit.short(),
            cut(&unknown.api),
            cut(&unknown.environment)
        );
    }
    if history.more {
        _ = writeln!(text, "note: these are the last {}; more with `--limit`", history.entries.len());
    }
    if history.shallow {
        text.push_str(SHALLOW);
    }
    text
}

/// Said where a shallow clone ends.
const SHALLOW: &str =
    "note: this is a shallow clone, so what is older is not here; `git fetch --unshallow` gets it\n";

/// Writes what was committed at a moment.
pub fn text_at(at: &At, moment: Moment, query: &Query) -> String {
    let several = query.apis.as_ref().is_none_or(|apis| apis.len() != 1);
    let mut text = match &at.commit {
        Some((commit, time)) => format!("At {moment}: {} of {}\n", commit.short(), minute(*time)),
        None => format!("Nothing was committed by {moment}.\n"),
    };
    let rows = at.images.iter().map(|image| {
        let mut row = if several { vec![cut(&image.api)] } else { Vec::new() };
        let place = format!("{}/{}", cut(&image.container.workload), cut(&image.container.name));
        row.extend([cut(&image.environment), place, harmless(&image.image)]);
        row
    });
    text.push_str(&table(rows.collect()));
    if at.commit.is_some() && at.images.is_empty() && at.unknown.is_empty() {
        text.push_str("Nothing ran.\n");
    }
    for (api, environment) in &at.unknown {
        _ = writeln!(text, "note: {} in {} could not be built", cut(api), cut(environment));
    }
    if at.shallow {
        text.push_str(SHALLOW);
    }
    text
}

/// Tells whether two entries are one line: what one commit changed in one environment, of one risk.
fn together(one: &Entry, other: &Entry) -> bool {
    (one.commit, &one.api, &one.environment, risk(one))
        == (other.commit, &other.api, &other.environment, risk(other))
}

fn risk(entry: &Entry) -> Option<crate::effective::Risk> {
    match &entry.what {
        What::Image(_) => None,
        What::Other { risk, .. } => Some(*risk),
    }
}

/// Names the objects of a line: `ConfigMap payments (data.LEVEL), Deployment payments (2 places)`.
fn objects(entries: &[Entry]) -> String {
    let one = |entry: &Entry| match &entry.what {
        What::Other { object, places, .. } => match places.as_slice() {
            [] => harmless(object),
            [place] => format!("{} ({})", harmless(object), cut(place)),
            places => format!("{} ({} places)", harmless(object), places.len()),
        },
        What::Image(_) => String::new(),
    };
    let mut names: Vec<String> = entries.iter().take(MOST_OBJECTS).map(one).collect();
    if entries.len() > MOST_OBJECTS {
        names.push(format!("{} more", entries.len() - MOST_OBJECTS));
    }
    names.join(", ")
}

fn place(step: &ImageStep) -> String {
    format!("{}/{}", cut(&step.container.workload), cut(&step.container.name))
}

/// Writes `v1 -> v2`, or whole references where the repositories differ or there is no more than a repository.
fn step_text(step: &ImageStep) -> String {
    let (old, new) = (step.old.as_deref(), step.new.as_deref());
    let differ = matches!((old, new), (Some(old), Some(new)) if repository(old) != repository(new));
    let shown = |image: Option<&str>| match image {
        Some(image) if !differ && !version(image).is_empty() => version(image),
        Some(image) => harmless(image),
        None => NOTHING.to_owned(),
    };
    if old == new { format!("stays {}", shown(old)) } else { format!("{} -> {}", shown(old), shown(new)) }
}

fn mark(step: &ImageStep) -> String {
    match (&step.said, step.mark) {
        (Some(said), Mark::Contradicted) => {
            let same = step.new.as_deref().is_some_and(|new| repository(new) == repository(said));
            let said = if same { version(said) } else { harmless(said) };
            format!("{}: the commit says {said}", step.mark.name())
        }
        _ => step.mark.name().to_owned(),
    }
}

fn who(entry: &Entry) -> String {
    let actor = match &entry.what {
        // Whoever says what is not so may say any name.
        What::Image(step) => step.record.as_ref().and_then(|record| record.actor.as_deref()),
        What::Other { .. } => None,
    };
    cut(actor.unwrap_or(&entry.author.name))
}

/// Returns a reference without tag and digest.
fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(name, |(name, _)| name)
}

/// Returns tag and start of the digest.
fn version(image: &str) -> String {
    let rest = image.get(repository(image).len()..).unwrap_or_default().trim_start_matches(':');
    let (tag, digest) = rest.split_once('@').map_or((rest, None), |(tag, digest)| (tag, Some(digest)));
    let digest = digest.map(|digest| digest.chars().take(19).collect::<String>());
    let parts: Vec<String> =
        [Some(tag.to_owned()).filter(|tag| !tag.is_empty()), digest].into_iter().flatten().collect();
    harmless(&parts.join("@"))
}

/// Writes a moment to the minute.
fn minute(time: Moment) -> String {
    let text = time.to_string();
    text.get(..16).unwrap_or(&text).replace('T', " ")
}

fn cut(text: &str) -> String {
    let text = harmless(text);
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Writes rows with columns one below the other.
fn table(rows: Vec<Vec<String>>) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

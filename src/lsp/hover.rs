//! What is said of the place under the mouse.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Files;
use super::cursor::locate;
use super::file::Role;
use super::files::schema;
use super::findings::Finding;
use super::words::Words;
use crate::diagnostic::Sink;
use crate::metadata::{self, Metadata};
use crate::platform::{BUILT_IN, LoadedPlatform};
use crate::report::{Position, masked, shown};
use crate::secrets::is_secret_key;
use crate::yaml::{Node, Sources, Value};

/// Writes what is known of a place, as Markdown, with the bytes that it is about.
pub(super) fn hover(
    files: &Files<'_>,
    path: &str,
    offset: usize,
    findings: &[Finding],
) -> Option<(String, std::ops::Range<usize>)> {
    let text = files.text(path)?;
    let cursor = locate(&text, offset)?;
    let place = cursor.full_path(&text);
    let platform = files.platform();
    let schema = schema(Role::of(path), platform.as_ref())?;
    let words = Words::at(&schema, &place);
    let mut out = String::new();
    if words.is_known() && !place.is_empty() {
        let _ = write!(out, "**{}**", code(&place.join(".")));
        let types = words.types();
        if !types.is_empty() {
            let _ = write!(out, ": {}", types.join(" or "));
        }
        if let Some(description) = words.description() {
            let _ = write!(out, "\n\n{description}");
        }
        if let Some(example) = words.examples().first() {
            let _ = write!(out, "\n\nExample: {}", code(&example.to_string()));
        }
    }
    if let (Role::Metadata, Some(platform)) = (Role::of(path), &platform) {
        for line in holds(files, path, &place, platform) {
            let _ = write!(out, "\n\n{line}");
        }
    }
    for finding in findings.iter().filter(|finding| finding.touches(path, &(offset..offset))) {
        let _ = write!(out, "\n\n**{}**: {}", finding.code.name, finding.code.summary());
    }
    let out = out.trim_start().to_owned();
    (!out.is_empty()).then_some((out, cursor.token))
}

/// Says what a key of metadata.yaml comes to in each environment, and where that is written.
fn holds(files: &Files<'_>, path: &str, place: &[String], platform: &LoadedPlatform) -> Vec<String> {
    let Some(text) = files.text(path) else { return Vec::new() };
    let path: Arc<str> = path.into();
    let Some(metadata) = metadata::read(&path, text.into_bytes(), platform, &mut Sink::default()) else {
        return Vec::new();
    };
    let sources = Sources::new(vec![&platform.built_in, &platform.source, &metadata.source]);
    let (only, rest) = match place {
        [first, environment, rest @ ..] if first == "environments" => (Some(environment), rest),
        rest => (None, rest),
    };
    if rest.is_empty() {
        return Vec::new();
    }
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for environment in trees(&metadata).filter(|(name, _)| only.is_none_or(|only| only == name)) {
        let (name, tree) = environment;
        let (found, taken) = tree.follow(rest.iter().map(String::as_str));
        if taken < rest.len() {
            continue;
        }
        let Some(value) = value(found) else { continue };
        let key = rest.last().map_or("", String::as_str);
        // What looks like a secret does not show, as it would not in a file.
        let line = if is_secret_key(key) {
            format!("{key}: ***")
        } else {
            masked(&shown("metadata.yaml", &format!("{key}: {value}")))
        };
        let said = format!("{} from {}", code(&line), origin(found, &sources));
        match lines.iter_mut().find(|(known, _)| *known == said) {
            Some((_, names)) => names.push(name),
            None => lines.push((said, vec![name])),
        }
    }
    lines.into_iter().map(|(said, names)| format!("In {}: {said}", names.join(", "))).collect()
}

fn trees(metadata: &Metadata) -> impl Iterator<Item = (&str, &Node)> {
    metadata.environments.iter().map(|environment| (environment.name.as_str(), &environment.merged.tree))
}

/// Writes a value that fits on a line.
fn value(node: &Node) -> Option<String> {
    match &node.value {
        Value::Map(_) => None,
        Value::Seq(items) if items.iter().any(|item| !item.entries().is_empty()) => None,
        Value::String(text) => Some(text.to_string()),
        _ => Some(node.to_json().to_string()),
    }
    .filter(|text| text.len() <= 200)
}

fn origin(node: &Node, sources: &Sources<'_>) -> String {
    let source = sources.of(node.span);
    if source.id == BUILT_IN {
        return "what is built in".to_owned();
    }
    code(&format!("{}:{}", source.path, Position::of(&source.text, node.span.start as usize).line))
}

/// Writes a text that is no Markdown.
fn code(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c == '`' || c.is_control() { '\'' } else { c }).take(300).collect();
    format!("`{text}`")
}

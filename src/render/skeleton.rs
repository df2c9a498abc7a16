//! What a template's author wrote, with marks where values go.

use std::ops::Range;

use minijinja::value::Value as Jinja;
use serde_json::{Map, Value as Json};

use super::data::Data;
use crate::diagnostic::Sink;
use crate::yaml::{self, Node, Source, SourceId, Value};

/// Stands around the number of a slot. A private-use character that YAML prints and no template
/// needs; templates that contain it are refused.
pub(super) const SLOT: char = '\u{F0000}';

/// What a template writes before a map whose keys come here, as in YAML's merge keys.
const SPREAD: &str = "<<: ";

/// The same key where YAML readers do not know it.
const SPREAD_KEY: &str = "\u{F0001}";

/// A parsed skeleton.
#[derive(Debug)]
pub(super) enum Shape {
    /// What the template says itself.
    Literal(Json),
    /// Where a value goes.
    Slot(usize),
    /// A list with slots in it.
    Seq(Vec<Shape>),
    /// A map with slots in it.
    Map(Vec<(String, Shape)>),
}

/// Why a skeleton is not usable.
#[derive(Debug)]
pub(super) struct Problem {
    /// The line of the skeleton.
    pub(super) line: String,
    /// A fragment.
    pub(super) why: String,
}

/// Parses a skeleton into one shape per document.
pub(super) fn parse(text: &str) -> Result<Vec<Shape>, Problem> {
    let mut shapes = Vec::new();
    // A skeleton holds no values, so a line `---` is the template's own.
    for document in text.split_inclusive('\n').fold(vec![String::new()], |mut documents, line| {
        if line.trim_end() == "---" {
            documents.push(String::new());
        } else if let Some(last) = documents.last_mut() {
            match line.split_once(SPREAD) {
                Some((indent, value)) if indent.trim().is_empty() => {
                    last.push_str(indent);
                    last.push_str(SPREAD_KEY);
                    last.push_str(": ");
                    last.push_str(value);
                }
                _ => last.push_str(line),
            }
        }
        documents
    }) {
        let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if document.lines().all(blank) {
            continue;
        }
        let source = Source { id: SourceId(0), path: "<template>".into(), text: document };
        let mut sink = Sink::default();
        let tree = yaml::parse(&source, &mut sink);
        if let Some(finding) = sink.into_findings().into_iter().next() {
            let at = finding.primary.span.map_or(0, |span| span.start);
            let line = line_at(&source.text, at);
            return Err(Problem { line, why: format!("its output is not YAML: {}", finding.message) });
        }
        if let Some(tree) = tree {
            shapes.push(shape(&tree, &source)?);
        }
    }
    Ok(shapes)
}

fn shape(node: &Node, source: &Source) -> Result<Shape, Problem> {
    let problem =
        |why: &str| Problem { line: line_at(&source.text, node.span.start as usize), why: why.to_owned() };
    Ok(match &node.value {
        Value::Seq(items) => {
            Shape::Seq(items.iter().map(|item| shape(item, source)).collect::<Result<_, _>>()?)
        }
        Value::Map(entries) => {
            let mut pairs = Vec::with_capacity(entries.len());
            for entry in entries {
                if entry.key.contains(SLOT) {
                    return Err(problem("an expression is used as a key; pass the whole map as one value"));
                }
                pairs.push((entry.key.to_string(), shape(&entry.node, source)?));
            }
            Shape::Map(pairs)
        }
        Value::String(text) if text.contains(SLOT) => {
            let number = text.strip_prefix(SLOT).and_then(|rest| rest.strip_suffix(SLOT));
            match number.and_then(|number| number.parse().ok()) {
                Some(slot) if yaml::is_plain(source, node.span) => Shape::Slot(slot),
                _ => return Err(problem("an expression stands beside other text or inside quotes")),
            }
        }
        _ => Shape::Literal(node.to_json()),
    })
}

/// Puts values into shapes.
pub(super) fn fill(shapes: &[Shape], slots: &[Jinja]) -> Result<Vec<Json>, String> {
    let mut documents = Vec::with_capacity(shapes.len());
    for shape in shapes {
        documents.extend(filled(shape, slots)?);
    }
    Ok(documents)
}

/// Returns the value of a shape; nothing for a slot that says to leave the place out.
fn filled(shape: &Shape, slots: &[Jinja]) -> Result<Option<Json>, String> {
    Ok(match shape {
        Shape::Literal(value) => Some(value.clone()),
        Shape::Slot(slot) => {
            let Some(value) = slots.get(*slot) else {
                return Err("a value is lost between macros".to_owned());
            };
            if value.is_none() { None } else { Some(to_json(value)?) }
        }
        Shape::Seq(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.extend(filled(item, slots)?);
            }
            Some(Json::Array(list))
        }
        Shape::Map(pairs) => {
            let mut map = Map::with_capacity(pairs.len());
            for (key, shape) in pairs {
                match filled(shape, slots)? {
                    Some(Json::Object(more)) if key == SPREAD_KEY => map.extend(more),
                    Some(_) if key == SPREAD_KEY => return Err("`<<` takes a map".to_owned()),
                    Some(value) => drop(map.insert(key.clone(), value)),
                    None => {}
                }
            }
            Some(Json::Object(map))
        }
    })
}

fn to_json(value: &Jinja) -> Result<Json, String> {
    // What a template hands on as it got it. A text of its own making is looked at below.
    if let Some(data) = Data::of(value) {
        return Ok(data.clone());
    }
    let json = serde_json::to_value(value).map_err(|error| format!("a value cannot be written: {error}"))?;
    if has_slot(&json) {
        return Err("the output of a macro or block is joined with other text".to_owned());
    }
    Ok(json)
}

fn has_slot(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains(SLOT),
        Json::Array(items) => items.iter().any(has_slot),
        Json::Object(map) => map.iter().any(|(key, value)| key.contains(SLOT) || has_slot(value)),
        _ => false,
    }
}

/// Finds expressions that are not a whole value, in every branch of a template's text.
///
/// Each comes with its byte range and the reason.
pub(super) fn misplaced_expressions(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    if let Some(at) = text.find(SLOT) {
        found.push((at..at + SLOT.len_utf8(), "templates cannot contain U+F0000".to_owned()));
    }
    let mut at = 0;
    while let Some(start) = find_open(text, at) {
        let Some(end) = find_close(text, start) else { break };
        at = end;
        if &text[start..start + 2] != "{{" {
            continue;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
        let before = without_blocks(&text[line_start..start]);
        let after = without_blocks(&text[end..line_end]);
        let after = after.trim();
        let why = if before.contains(['"', '\'']) {
            Some("an expression stands inside quotes")
        } else if !after.is_empty() && !after.starts_with('#') {
            Some(if after.starts_with(':') {
                "an expression is used as a key"
            } else {
                "an expression stands beside other text"
            })
        } else if !opens_value(&before) {
            Some("an expression stands beside other text")
        } else {
            None
        };
        found.extend(why.map(|why| (start..end, why.to_owned())));
    }
    found
}

/// Tells whether a value may start behind this text: nothing, `- `, or `key: `.
fn opens_value(before: &str) -> bool {
    let mut rest = before.trim_start();
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    if rest.is_empty() {
        return before.is_empty() || before.ends_with(' ');
    }
    let key = rest.trim_end();
    rest.ends_with(' ') && key.ends_with(':') && !key[..key.len() - 1].contains(['{', '[', ' ', ','])
}

/// Removes `{% … %}` and `{# … #}` from a piece of a line.
fn without_blocks(piece: &str) -> String {
    let mut out = String::new();
    let mut rest = piece;
    while let Some(start) = rest.find("{%").or_else(|| rest.find("{#")) {
        out.push_str(&rest[..start]);
        let end = rest[start..].find("%}").or_else(|| rest[start..].find("#}"));
        rest = end.map_or("", |end| &rest[start + end + 2..]);
    }
    out + rest
}

fn find_open(text: &str, from: usize) -> Option<usize> {
    ["{{", "{%", "{#"].iter().filter_map(|open| text[from..].find(open)).min().map(|at| from + at)
}

/// Finds the end of what opens at `start`, looking past strings inside expressions.
fn find_close(text: &str, start: usize) -> Option<usize> {
    let close = match &text[start..start + 2] {
        "{{" => "}}",
        "{%" => "%}",
        _ => return text[start..].find("#}").map(|at| start + at + 2),
    };
    let mut quote = None;
    let mut chars = text[start + 2..].char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            Some(_) if c == '\\' => drop(chars.next()),
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if text[start + 2 + at..].starts_with(close) => return Some(start + 2 + at + 2),
            _ => {}
        }
    }
    None
}

fn line_at(text: &str, at: usize) -> String {
    let at = at.min(text.len());
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or_default().to_owned()
}

/// Finds the line of a template that wrote a line of its skeleton: the first that holds the longest
/// literal piece of it. Returns a 1-based number.
pub(super) fn line_of(template: &str, skeleton_line: &str) -> Option<usize> {
    let piece = skeleton_line
        .split(SLOT)
        .map(str::trim)
        .filter(|piece| piece.parse::<usize>().is_err())
        .max_by_key(|piece| piece.len())
        .filter(|piece| !piece.is_empty())?;
    template.lines().position(|line| line.contains(piece)).map(|index| index + 1)
}

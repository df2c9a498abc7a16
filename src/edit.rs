//! Changes one key of a YAML file and nothing else.
//!
//! The bytes of that key are replaced in the text, so comments, order, quotes and line ends stay as
//! they are. Then old and new text are both read, and everything but the key must be the same in the
//! same order: an edit that cannot be proved so is refused with a reason, and the file is left alone.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Sink;
use crate::yaml::{self, Entry, Node, Source, SourceId, Value, encode_scalar};

/// Why a text is not changed. The words follow "since".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(String);

/// Sets the text of a key at the top of a file.
///
/// A key that is there keeps its place, its style of quotes and its comment. One that is not goes
/// behind the first of `behind` that the file has.
///
/// # Errors
/// Refuses where the key holds no text of its own on one line, where none of `behind` is there, and
/// where the outcome is not the file with that one change.
pub fn set(text: &str, key: &str, value: &str, behind: &[&str]) -> Result<String, Refusal> {
    let source = source(text.to_owned());
    let old = parse(&source)?;
    let mut expected = old.entries().to_vec();
    let splice = if let Some(index) = expected.iter().position(|entry| &*entry.key == key) {
        expected[index].node.value = Value::String(value.into());
        replacement(&source, &old.entries()[index].node, value)?
    } else {
        let mut places = behind.iter().filter_map(|name| expected.iter().position(|e| *e.key == **name));
        let index = places.next().ok_or_else(|| Refusal(format!("none of {behind:?} is there")))?;
        let splice = insertion(&source, &old, index, key, value);
        let mut entry = old.entries()[index].clone();
        entry.key = key.into();
        entry.node.value = Value::String(value.into());
        expected.insert(index + 1, entry);
        splice
    };
    proved(&source.text, &splice, &expected)
}

/// Takes a key at the top of a file out, with its value and the comment behind it.
///
/// # Errors
/// Refuses where the key is not there or the only one, and where the outcome is not the file without
/// that one key.
pub fn remove(text: &str, key: &str) -> Result<String, Refusal> {
    let source = source(text.to_owned());
    let old = parse(&source)?;
    let entries = old.entries();
    let index = entries.iter().position(|entry| &*entry.key == key);
    let index = index.ok_or_else(|| Refusal(format!("`{key}` is not there")))?;
    let range = if is_flow(&source, &old) {
        flow_removal(&source.text, entries, index)?
    } else {
        block_removal(&source.text, &entries[index])?
    };
    let mut expected = entries.to_vec();
    expected.remove(index);
    let without = |range| proved(&source.text, &Splice { range, text: String::new() }, &expected);
    // The line before a last line without an end keeps its own where a block of text ends in it.
    let first_line = source.text[range.clone()].split_inclusive('\n').next().unwrap_or_default();
    let kept = if first_line.trim().is_empty() { first_line.len() } else { 0 };
    let keeping = range.start + kept..range.end;
    without(range).or_else(|refusal| without(keeping).map_err(|_| refusal))
}

/// Bytes to take out, and what comes in their place.
struct Splice {
    range: Range<usize>,
    text: String,
}

/// Replaces the text of a scalar in the style that it is written in.
fn replacement(source: &Source, node: &Node, value: &str) -> Result<Splice, Refusal> {
    let range = bytes(node);
    let written = &source.text[range.clone()];
    let refuse = |why: &str| Err(Refusal(why.to_owned()));
    if node.as_str().is_none() {
        return refuse("its value is not text");
    }
    let encoded = match written.chars().next() {
        Some('*') => return refuse("its value is an alias"),
        Some('|' | '>') => return refuse("its value is a block of text"),
        Some('\'') if !value.contains(|c: char| c == '\'' || c.is_control()) => format!("'{value}'"),
        Some('"') if !value.contains(|c: char| c == '"' || c == '\\' || c.is_control()) => {
            format!("\"{value}\"")
        }
        _ => encode_scalar(value),
    };
    Ok(Splice { range, text: encoded })
}

/// Puts a new key behind another.
fn insertion(source: &Source, map: &Node, behind: usize, key: &str, value: &str) -> Splice {
    let text = &source.text;
    let entry = &map.entries()[behind];
    let end = bytes(&entry.node).end;
    let pair = format!("{key}: {}", encode_scalar(value));
    if is_flow(source, map) {
        return Splice { range: end..end, text: format!(", {pair}") };
    }
    let start = entry.key_span.start as usize;
    let indent: String = text[line_start(text, start)..start].chars().filter(|c| *c == ' ').collect();
    let at = line_end(text, end);
    let text = if text[..at].ends_with('\n') {
        format!("{indent}{pair}{}", line_break(&text[..at]))
    } else {
        // The last line has no end, and the new one will have none either.
        format!("{}{indent}{pair}", line_break(text))
    };
    Splice { range: at..at, text }
}

/// Finds the lines of a key in block style.
fn block_removal(text: &str, entry: &Entry) -> Result<Range<usize>, Refusal> {
    let key = entry.key_span.start as usize;
    let start = line_start(text, key);
    if !text[start..key].chars().all(|c| c == ' ') {
        return Err(Refusal("something stands before it on its line".to_owned()));
    }
    let end = line_end(text, bytes(&entry.node).end);
    if text[..end].ends_with('\n') || start == 0 {
        return Ok(start..end);
    }
    // The last line has no end; the one before it becomes the last, and loses its own.
    let before = &text[..start];
    Ok(start - line_break(before).len()..end)
}

/// Finds a key in flow style, with the comma on one side of it.
fn flow_removal(text: &str, entries: &[Entry], index: usize) -> Result<Range<usize>, Refusal> {
    let key = entries[index].key_span.start as usize;
    let end = bytes(&entries[index].node).end;
    let (range, between) = if let Some(next) = entries.get(index + 1) {
        let next = next.key_span.start as usize;
        (key..next, end..next)
    } else if index > 0 {
        let before = bytes(&entries[index - 1].node).end;
        (before..end, before..key)
    } else {
        return Err(Refusal("it is the only key".to_owned()));
    };
    let between = text.get(between).unwrap_or_default();
    if between.trim() != "," {
        return Err(Refusal("more than a comma stands beside it".to_owned()));
    }
    Ok(range)
}

/// Applies a splice, and proves that it did what was meant.
fn proved(text: &str, splice: &Splice, expected: &[Entry]) -> Result<String, Refusal> {
    let mut changed = text.to_owned();
    changed.replace_range(splice.range.clone(), &splice.text);
    let again = source(changed);
    let same = parse(&again).is_ok_and(|tree| are_same(tree.entries(), expected));
    if !same {
        return Err(Refusal("the change would reach beyond it".to_owned()));
    }
    Ok(again.text)
}

/// Tells whether two maps say the same in the same order, wherever they say it.
fn are_same(one: &[Entry], other: &[Entry]) -> bool {
    let same = |(one, other): (&Entry, &Entry)| one.key == other.key && is_same(&one.node, &other.node);
    one.len() == other.len() && one.iter().zip(other).all(same)
}

fn is_same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Map(one), Value::Map(other)) => are_same(one, other),
        (Value::Seq(one), Value::Seq(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (one, other) => one == other,
    }
}

/// Reads a text that has one map and no finding.
fn parse(source: &Source) -> Result<Node, Refusal> {
    let mut sink = Sink::default();
    let tree = yaml::parse(source, &mut sink).filter(|tree| matches!(tree.value, Value::Map(_)));
    tree.filter(|_| sink.is_empty()).ok_or_else(|| Refusal("the file is not one sound map".to_owned()))
}

fn source(text: String) -> Source {
    Source { id: SourceId(0), path: Arc::from("edit"), text }
}

fn is_flow(source: &Source, map: &Node) -> bool {
    source.slice(map.span).starts_with('{')
}

fn bytes(node: &Node) -> Range<usize> {
    node.span.start as usize..node.span.end as usize
}

fn line_start(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    // A byte order mark stays where it is.
    if text[start..at].starts_with('\u{feff}') { start + '\u{feff}'.len_utf8() } else { start }
}

/// Finds the end of the line that a place is in, behind its line break.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// Returns the last line break of a text, or the usual one.
fn line_break(text: &str) -> &'static str {
    match text.rfind('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests;

//! Changes one key of a YAML file and nothing else.
//!
//! The bytes of that key are replaced in the text, so comments, order, quotes and line ends stay as
//! they are. Then old and new text are both read, and everything but the key must be the same in the
//! same order: an edit that cannot be proved so is refused with a reason, and the file is left alone.
//!
//! A path is keys and, in lists, indices, as [`Node::follow`] takes them.

use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Sink;
use crate::yaml::{self, Entry, Node, Source, SourceId, Value, encode_scalar, is_empty_value};

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
    let there = parse(&source)?;
    if there.get(key).is_none() && !behind.iter().any(|name| there.get(name).is_some()) {
        return Err(Refusal(format!("none of {behind:?} is there")));
    }
    set_at(text, &[key], value, behind)
}

/// Sets the text that a path leads to.
///
/// What is there keeps its place, its style of quotes and its comment. What is not is added with the maps on the way to
/// it: behind the first of `behind` that the deepest map has which is there, else as its first key.
///
/// # Errors
/// Refuses where the path leads to something else than text on one line, or through something else than maps and lists,
/// and where the outcome is not the file with that one change.
pub fn set_at(text: &str, path: &[&str], value: &str, behind: &[&str]) -> Result<String, Refusal> {
    let source = source(text.to_owned());
    let old = parse(&source)?;
    let (node, taken) = old.follow(path.iter().copied());
    let mut expected = old.clone();
    let changed = node_at(&mut expected, &path[..taken])?;
    if taken == path.len() {
        changed.value = Value::String(value.into());
        return proved(&source.text, &replacement(&source, node, value)?, &expected);
    }
    let parent = taken.checked_sub(1).and_then(|last| {
        let (above, _) = old.follow(path[..last].iter().copied());
        above.entry(path[last])
    });
    let (at, splice) = insertion(&source, node, parent, &path[taken..], value, behind)?;
    let mut entries = changed.entries().to_vec();
    entries.insert(at, chain(&path[taken..], value, old.span));
    changed.value = Value::Map(entries);
    proved(&source.text, &splice, &expected)
}

/// Sets the text that a path leads to in one document of a file that may hold several, counted from 0 without those that say
/// nothing. It keeps its style of quotes and its comment.
///
/// # Errors
/// Refuses where the path leads to no text on one line, where any document of the file is not sound, and where the outcome is not
/// the file with that one change.
pub fn set_in(text: &str, document: usize, path: &[&str], value: &str) -> Result<String, Refusal> {
    let whole = source(text.to_owned());
    let old = yaml::documents(&whole);
    let mut expected = trees(&old)?;
    let there = old.get(document).zip(expected.get_mut(document));
    let (read, tree) = there.ok_or_else(|| Refusal("the document is not there".to_owned()))?;
    let (node, taken) = tree.follow(path.iter().copied());
    if taken < path.len() {
        return Err(Refusal(format!("`{}` is not there", path[taken])));
    }
    let Splice { range, text: new } = replacement(&read.source, node, value)?;
    node_at(tree, path)?.value = Value::String(value.into());
    let mut changed = text.to_owned();
    changed.replace_range(read.start + range.start..read.start + range.end, &new);
    let again = source(changed);
    let is = trees(&yaml::documents(&again));
    let same = |is: &[Node]| {
        is.len() == expected.len() && is.iter().zip(&expected).all(|(is, expected)| is_same(is, expected))
    };
    if !is.is_ok_and(|is| same(&is)) {
        return Err(Refusal("the change would reach beyond it".to_owned()));
    }
    Ok(again.text)
}

/// Returns what the documents of a file say, of which none has a finding.
fn trees(documents: &[yaml::Document]) -> Result<Vec<Node>, Refusal> {
    let sound = |document: &yaml::Document| document.node.clone().filter(|_| document.findings.is_empty());
    let all: Option<Vec<Node>> = documents.iter().map(sound).collect();
    all.ok_or_else(|| Refusal("the file is not sound throughout".to_owned()))
}

/// Takes a key at the top of a file out, with its value and the comment behind it.
///
/// # Errors
/// Refuses where the key is not there or the only one, and where the outcome is not the file without
/// that one key.
pub fn remove(text: &str, key: &str) -> Result<String, Refusal> {
    remove_at(text, &[key])
}

/// Takes out the key that a path leads to, with its value and the comment behind it.
///
/// # Errors
/// As [`remove`].
pub fn remove_at(text: &str, path: &[&str]) -> Result<String, Refusal> {
    let source = source(text.to_owned());
    let old = parse(&source)?;
    let (key, above) = path.split_last().ok_or_else(|| Refusal("nothing is named".to_owned()))?;
    let (map, taken) = old.follow(above.iter().copied());
    let entries = map.entries();
    let index = entries.iter().position(|entry| &*entry.key == *key).filter(|_| taken == above.len());
    let index = index.ok_or_else(|| Refusal(format!("`{key}` is not there")))?;
    let range = if is_flow(&source, map) {
        flow_removal(&source.text, entries, index)?
    } else {
        block_removal(&source.text, &entries[index])?
    };
    let mut expected = old.clone();
    if let Value::Map(entries) = &mut node_at(&mut expected, above)?.value {
        entries.remove(index);
    }
    let without = |range| proved(&source.text, &Splice { range, text: String::new() }, &expected);
    // The line before a last line without an end keeps its own where a block of text ends in it.
    let first_line = source.text[range.clone()].split_inclusive('\n').next().unwrap_or_default();
    let kept = if first_line.trim().is_empty() { first_line.len() } else { 0 };
    let keeping = range.start + kept..range.end;
    without(range).or_else(|refusal| without(keeping).map_err(|_| refusal))
}

/// Returns what a path leads to.
fn node_at<'n>(node: &'n mut Node, path: &[&str]) -> Result<&'n mut Node, Refusal> {
    path.iter().try_fold(node, |node, step| {
        let next = match &mut node.value {
            Value::Map(entries) => {
                entries.iter_mut().find(|entry| &*entry.key == *step).map(|entry| &mut entry.node)
            }
            Value::Seq(items) => step.parse().ok().and_then(|at: usize| items.get_mut(at)),
            _ => None,
        };
        next.ok_or_else(|| Refusal(format!("`{step}` is not there")))
    })
}

/// Makes the entry for the rest of a path, with what it leads to.
fn chain(path: &[&str], value: &str, span: yaml::Span) -> Entry {
    let value = match path {
        [_, rest @ ..] if !rest.is_empty() => Value::Map(vec![chain(rest, value, span)]),
        _ => Value::String(value.into()),
    };
    Entry { key: path[0].into(), key_span: span, node: Node { span, value } }
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

/// Puts the rest of a path into the deepest map that is there: the index of the new entry, and the splice.
fn insertion(
    source: &Source,
    map: &Node,
    parent: Option<&Entry>,
    path: &[&str],
    value: &str,
    behind: &[&str],
) -> Result<(usize, Splice), Refusal> {
    let text = &source.text;
    let entries = map.entries();
    let flow = is_flow(source, map);
    let sibling = behind.iter().find_map(|name| entries.iter().position(|entry| *entry.key == **name));
    let braces = |range: Range<usize>| Splice { range, text: format!("{{ {} }}", flow_pair(path, value)) };
    match (&map.value, sibling, entries.first()) {
        (Value::Map(_), Some(index), _) if flow => {
            let end = bytes(&entries[index].node).end;
            Ok((index + 1, Splice { range: end..end, text: format!(", {}", flow_pair(path, value)) }))
        }
        (Value::Map(_), Some(index), _) => {
            let entry = &entries[index];
            let indent = indent(text, entry.key_span.start as usize);
            let at = line_end(text, bytes(&entry.node).end);
            Ok((index + 1, lines(text, at, &indent, path, value)))
        }
        (Value::Map(_), None, Some(_)) if flow => {
            let at = bytes(map).start + 1;
            let pair = flow_pair(path, value);
            let blank = text[at..].starts_with([' ', '\n', '\r']);
            let text = if blank { format!(" {pair},") } else { format!("{pair}, ") };
            Ok((0, Splice { range: at..at, text }))
        }
        // Comments over the first key stay with it.
        (Value::Map(_), None, Some(first)) => {
            let first = first.key_span.start as usize;
            let at = parent.map_or_else(|| line_start(text, first), |parent| after_line(text, parent));
            if at > first {
                return Err(Refusal("its map starts beside another key".to_owned()));
            }
            Ok((0, lines(text, at, &indent(text, first), path, value)))
        }
        (Value::Map(_), None, None) if flow => Ok((0, braces(bytes(map)))),
        (Value::Null, ..) => match parent {
            Some(parent) if is_empty_value(source, map) => {
                let indent = format!("{}  ", indent(text, parent.key_span.start as usize));
                Ok((0, lines(text, after_line(text, parent), &indent, path, value)))
            }
            _ => Ok((0, braces(bytes(map)))),
        },
        _ => Err(Refusal("something else than a map is in its place".to_owned())),
    }
}

/// Writes the rest of a path in flow style.
fn flow_pair(path: &[&str], value: &str) -> String {
    let mut text = String::new();
    for (depth, key) in path.iter().enumerate() {
        text += if depth == 0 { "" } else { "{ " };
        text += &encode_scalar(key);
        text += ": ";
    }
    text + &encode_scalar(value) + &" }".repeat(path.len() - 1)
}

/// Writes the rest of a path in block style, as whole lines.
fn lines(text: &str, at: usize, indent: &str, path: &[&str], value: &str) -> Splice {
    let end = line_break(if text[..at].contains('\n') { &text[..at] } else { text });
    let mut lines = String::new();
    for (depth, key) in path.iter().enumerate() {
        lines += if depth == 0 { "" } else { end };
        let _ = write!(lines, "{indent}{}{}:", "  ".repeat(depth), encode_scalar(key));
    }
    let _ = write!(lines, " {}", encode_scalar(value));
    // Where the last line has no end, the new one will have none either.
    let text = if at == 0 || text[..at].ends_with('\n') { lines + end } else { format!("{end}{lines}") };
    Splice { range: at..at, text }
}

/// Returns the blanks before a key, for the lines of others beside it.
fn indent(text: &str, key: usize) -> String {
    let before = &text[line_start(text, key)..key];
    before.chars().map(|c| if c == '-' { ' ' } else { c }).filter(|c| *c == ' ').collect()
}

/// Finds where the line of a key ends.
fn after_line(text: &str, entry: &Entry) -> usize {
    line_end(text, entry.key_span.end as usize)
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
fn proved(text: &str, splice: &Splice, expected: &Node) -> Result<String, Refusal> {
    let mut changed = text.to_owned();
    changed.replace_range(splice.range.clone(), &splice.text);
    let again = source(changed);
    if !parse(&again).is_ok_and(|tree| is_same(&tree, expected)) {
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

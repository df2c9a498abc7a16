//! Comments of a document, and what each speaks of.

use super::Comment;
use crate::yaml::{self, Entry, Node, Value};

/// The most comments of a document that are kept. One with more is prose.
const MOST: usize = 500;

/// Returns the comments of a document whose first line that says something is `line` of its file.
pub(super) fn of(document: &yaml::Document, line: usize) -> Vec<Comment> {
    let text = document.source.text.as_str();
    if !text.contains('#') {
        return Vec::new();
    }
    let Some(root) = &document.node else { return Vec::new() };
    let mut places = Vec::new();
    collect(root, &mut String::new(), &mut places);
    // In the order of the text; of two at one place the inner one is that of a value.
    places.sort_by_key(|place| place.start);
    let first_line = line - skipped_lines(text);
    let (mut at, mut line) = (0, first_line);
    let mut comments = Vec::new();
    for range in yaml::comments(&document.source).into_iter().take(MOST) {
        line += text.get(at..range.start).unwrap_or_default().matches('\n').count();
        at = range.start;
        let start = text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
        let before = text[start..range.start].trim_start_matches('\u{feff}').trim();
        let trailing = !before.is_empty() && before != "---";
        let place = if trailing { behind(&places, start, range.start) } else { ahead(&places, range.end) };
        let written = text.get(range).unwrap_or_default().trim_start_matches('#').trim();
        if !written.is_empty() {
            let path = place.map_or_else(String::new, |place| place.pointer.clone());
            comments.push(Comment { line, text: written.to_owned(), path, trailing });
        }
    }
    comments
}

/// Where an entry or item begins, and its JSON pointer.
struct Place {
    start: usize,
    pointer: String,
}

fn collect(node: &Node, pointer: &mut String, places: &mut Vec<Place>) {
    let length = pointer.len();
    match &node.value {
        Value::Map(entries) => {
            for Entry { key, key_span, node } in entries {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                places.push(Place { start: key_span.start as usize, pointer: pointer.clone() });
                collect(node, pointer, places);
                pointer.truncate(length);
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                places.push(Place { start: item.span.start as usize, pointer: pointer.clone() });
                collect(item, pointer, places);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Returns the last entry or item that begins on the line in front of a comment.
fn behind(places: &[Place], line: usize, comment: usize) -> Option<&Place> {
    let end = places.partition_point(|place| place.start < comment);
    places[..end].last().filter(|place| place.start >= line).or_else(|| places[..end].last())
}

/// Returns the first entry or item after a comment. Where an item begins with its first key, the item is meant.
fn ahead(places: &[Place], comment: usize) -> Option<&Place> {
    let start = places.partition_point(|place| place.start < comment);
    places.get(start)
}

/// Counts the lines of a document before the first that says something.
fn skipped_lines(text: &str) -> usize {
    let is_nothing = |line: &&str| {
        let said = line.trim_start_matches('\u{feff}').trim_end();
        said.is_empty() || said == "---"
    };
    text.lines().take_while(is_nothing).count()
}

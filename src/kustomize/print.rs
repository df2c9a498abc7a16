//! The bytes that `kustomize build` prints, which are those of go-yaml v2: keys in its order, lists in the column of
//! their key, text folded behind column 80, and every text in quotes that a reader of YAML 1.1 takes for something else.
//!
//! The source is `emitterc.go`, `encode.go` and `sorter.go` of go.yaml.in/yaml/v2, whose state of four fields
//! ([`Printer`]) decides where lines break, so it is kept as it is there. Before it prints an object, kustomize
//! writes it as JSON and reads that with the same library, which is why a number may change its form.

mod keys;
mod number;
mod resolve;
mod scalar;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json};

/// The longest key in bytes that stands before its colon without `? `.
const LONGEST_SIMPLE_KEY: usize = 128;

/// What an object of a usual build takes, so that the text grows once or twice.
const USUAL_OBJECT: usize = 1 << 10;

/// Writes objects as `kustomize build` prints them.
pub(super) fn print<'a>(objects: impl IntoIterator<Item = &'a Json>) -> String {
    let objects = objects.into_iter();
    let mut printer =
        Printer { out: String::with_capacity(objects.size_hint().0 * USUAL_OBJECT), ..Printer::default() };
    for (index, object) in objects.enumerate() {
        if index > 0 {
            printer.out.push_str("---\n");
        }
        printer.document(object);
    }
    printer.out
}

/// Tells whether a text is written without quotes and on one line.
pub(super) fn is_plain(text: &str) -> bool {
    scalar::is_plain(text)
}

/// The text so far, and what go-yaml remembers of its end.
#[derive(Default)]
struct Printer<'a> {
    out: String,
    /// Characters behind the last break of a line.
    column: usize,
    /// The indentation of the block that is being written; nothing outside of all blocks.
    indent: Option<usize>,
    /// Whether the text ends where a word needs no blank before it.
    whitespace: bool,
    /// Whether there are only blanks and indicators on the line.
    indention: bool,
    /// The entries of all maps that are open, each sorted, the innermost last.
    entries: Vec<(&'a str, &'a Json)>,
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Item,
    /// A key, or a value behind one.
    InMap,
    /// A key that its colon follows on the same line.
    SimpleKey,
}

impl<'a> Printer<'a> {
    fn document(&mut self, object: &'a Json) {
        (self.column, self.indent, self.whitespace, self.indention) = (0, None, true, true);
        self.node(object, Place::Root);
        self.indentation();
    }

    fn node(&mut self, node: &'a Json, place: Place) {
        match node {
            Json::Null => self.word("null"),
            Json::Bool(true) => self.word("true"),
            Json::Bool(false) => self.word("false"),
            Json::Number(number) => self.word(&number::text(number)),
            Json::String(text) => self.text(text, place),
            Json::Array(items) => self.list(items, place),
            Json::Object(map) => self.map(map),
        }
    }

    fn list(&mut self, items: &'a [Json], place: Place) {
        if items.is_empty() {
            return self.word("[]");
        }
        let outer = self.indent;
        let in_column_of_key = place == Place::InMap && !self.indention;
        self.indent = if in_column_of_key { outer } else { Some(deeper(outer)) };
        for item in items {
            self.indentation();
            self.indicator("-", true);
            self.node(item, Place::Item);
        }
        self.indent = outer;
    }

    fn map(&mut self, map: &'a Map<String, Json>) {
        if map.is_empty() {
            return self.word("{}");
        }
        let outer = self.indent;
        self.indent = Some(deeper(outer));
        let start = self.entries.len();
        self.entries.extend(map.iter().map(|(key, value)| (key.as_str(), value)));
        keys::sort(&mut self.entries[start..]);
        for index in start..start + map.len() {
            let (key, value) = self.entries[index];
            self.indentation();
            if key.len() <= LONGEST_SIMPLE_KEY && !scalar::breaks(key) {
                self.text(key, Place::SimpleKey);
                self.indicator(":", false);
            } else {
                self.indicator("?", true);
                self.text(key, Place::InMap);
                self.indentation();
                self.indicator(":", true);
            }
            self.node(value, Place::InMap);
        }
        self.entries.truncate(start);
        self.indent = outer;
    }

    /// Writes a word that needs no quotes and has no blank.
    fn word(&mut self, word: &str) {
        self.blank();
        self.push_ascii(word);
        (self.whitespace, self.indention) = (false, false);
    }

    /// Writes `-`, `?` or `:`; whether a block may start behind it on the same line.
    fn indicator(&mut self, indicator: &str, block: bool) {
        if block {
            self.blank();
        }
        self.push_ascii(indicator);
        self.whitespace = false;
        self.indention &= block;
    }

    /// Writes the blank that separates what follows, where it is missing.
    fn blank(&mut self) {
        if !self.whitespace {
            self.push_ascii(" ");
        }
    }

    /// Goes to the indentation of the block, on a new line unless only blanks and indicators are left of it.
    fn indentation(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break();
        }
        while self.column < indent {
            self.push_ascii(" ");
        }
        (self.whitespace, self.indention) = (true, true);
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn push(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    fn push_ascii(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
    }
}

/// The indentation of a block in another one.
fn deeper(indent: Option<usize>) -> usize {
    indent.map_or(0, |indent| indent + 2)
}

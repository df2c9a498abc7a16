//! Finds template tags that nobody rendered: `{{ x }}`, `{% if %}`, `<% x %>`.
//!
//! `${X}` and `__IMAGE_TAG__` are text to YAML, and to us.

use std::ops::Range;

use super::super::Value;
use super::super::codes::TEMPLATE_LEFTOVER;
use super::{Builder, first_line};
use crate::diagnostic::Diagnostic;

const MARKS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("<%", "%>")];

/// Returns the tag in the text of a plain scalar, where there is a whole one.
pub(super) fn in_plain(text: &str) -> Option<&str> {
    // Nearly no text has one, and this runs for every text.
    if !text.bytes().any(|byte| matches!(byte, b'{' | b'<')) {
        return None;
    }
    MARKS.iter().find_map(|(open, close)| {
        let start = text.find(open)?;
        let end = text[start..].find(close)?;
        Some(&text[start..start + end + close.len()])
    })
}

/// Shortens a tag for a message.
pub(super) fn shown(mark: &str) -> &str {
    first_line(mark)
}

/// Finds the first tag that stands outside quotes and comments, in text that YAML could not read.
fn in_broken(text: &str, within: Range<usize>) -> Option<Range<usize>> {
    let mut quote = None;
    let mut before = '\n';
    for (at, c) in text.get(within.clone())?.char_indices() {
        let at = within.start + at;
        match quote {
            Some(open) if c == open || c == '\n' => quote = None,
            Some(_) => {}
            None if c == '#' && before.is_whitespace() => quote = Some('#'),
            // A quote in the middle of a word is an apostrophe.
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            None => {
                let rest = &text[at..];
                if let Some((_, close)) = MARKS.iter().find(|(open, _)| rest.starts_with(open)) {
                    let line = rest.find(['\r', '\n']).unwrap_or(rest.len());
                    let end = rest[..line].find(close).map_or(line, |end| end + close.len());
                    return Some(at..at + end);
                }
            }
        }
        before = c;
    }
    None
}

impl Builder<'_> {
    /// Tells whether a flow map is `{{`, which no YAML author means as a map.
    pub(super) fn is_template(&self, start: usize) -> bool {
        self.source.text.get(start..).is_some_and(|rest| rest.starts_with("{{"))
    }

    /// Takes `{{ x }}`, which YAML reads as a map with a map for a key, for the text that it is.
    pub(super) fn close_template(&mut self, anchor: usize, range: Range<usize>) {
        let written = self.source.text.get(range.clone()).unwrap_or_default().to_owned();
        self.push(self.template_finding(range.clone(), &written));
        let node = self.node(range, Value::String(written.into()));
        self.anchors.finish(anchor, &node);
        self.place(node);
    }

    /// Blames a template tag for a syntax error, if one stands between the last sound token and the
    /// end of the line with the error.
    pub(super) fn blame_template(&self, at: usize) -> Option<Diagnostic> {
        let text = &self.source.text;
        let line_end = text.get(at..)?.find('\n').map_or(text.len(), |end| at + end);
        let start = text.get(..self.last_start.min(at))?.rfind('\n').map_or(0, |end| end + 1);
        let range = in_broken(text, start..line_end)?;
        Some(self.template_finding(range.clone(), &text[range]))
    }

    fn template_finding(&self, range: Range<usize>, written: &str) -> Diagnostic {
        let message = format!("`{}` is a template tag that was never rendered", shown(written));
        self.finding(&TEMPLATE_LEFTOVER, range, message)
            .help("write the value that it stands for, or quote the whole value where the braces are meant")
    }
}

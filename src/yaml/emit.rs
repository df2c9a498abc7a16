//! Writes YAML that every reader reads back as the same value.
//!
//! The layout is that of `kubectl` and Kustomize: two blanks per level, lists in the column of their
//! key, keys in the order given. Text is plain only where no reader takes it for more than text, and
//! is never folded: a reviewer sees one setting on one line.

use std::fmt::Write;

use serde_json::{Map, Number, Value};

use super::scalar::is_text_to_all;

/// The longest text that may stand before a colon without `? `, with room for quotes and margin;
/// readers give up looking for the colon after 1024 characters.
const MAX_IMPLICIT_KEY: usize = 900;

/// Writes one document.
pub fn emit(value: &Value) -> String {
    let mut out = String::new();
    write_document(&mut out, value);
    out
}

/// Writes documents with `---` between them, behind what `out` holds already.
pub fn emit_documents(out: &mut String, values: &[Value]) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push_str("---\n");
        }
        write_document(out, value);
    }
}

/// Writes a text on one line: plain where that is safe, else in double quotes.
pub fn encode_scalar(text: &str) -> String {
    let mut out = String::new();
    write_scalar(&mut out, text);
    out
}

fn write_document(out: &mut String, value: &Value) {
    match value {
        Value::Object(map) if !map.is_empty() => write_map(out, map, 0),
        Value::Array(items) if !items.is_empty() => write_list(out, items, 0),
        // A lone block of text has no parent to be indented from, and readers count differently there.
        leaf => {
            write_one_line(out, leaf);
            out.push('\n');
        }
    }
}

fn write_scalar(out: &mut String, text: &str) {
    if is_plain_safe(text) {
        out.push_str(text);
    } else {
        out.push_str(&quote(text));
    }
}

fn write_map(out: &mut String, map: &Map<String, Value>, indent: usize) {
    for (index, (key, value)) in map.iter().enumerate() {
        // The first key stands behind its dash, or in column zero.
        if index > 0 {
            pad(out, indent);
        }
        let start = out.len();
        write_scalar(out, key);
        if out.len() - start > MAX_IMPLICIT_KEY {
            out.insert_str(start, "? ");
            out.push('\n');
            pad(out, indent);
        }
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                pad(out, indent + 2);
                write_map(out, inner, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                pad(out, indent);
                write_list(out, items, indent);
            }
            leaf => {
                out.push(' ');
                write_leaf(out, leaf, indent + 2);
            }
        }
    }
}

fn write_list(out: &mut String, items: &[Value], indent: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            pad(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(inner) if !inner.is_empty() => write_map(out, inner, indent + 2),
            Value::Array(inner) if !inner.is_empty() => write_list(out, inner, indent + 2),
            leaf => write_leaf(out, leaf, indent + 2),
        }
    }
}

/// Writes what has no children, and the line break behind it.
fn write_leaf(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(text) if is_block_safe(text) => write_block(out, text, indent),
        other => {
            write_one_line(out, other);
            out.push('\n');
        }
    }
}

fn write_one_line(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&encode_number(number)),
        Value::String(text) => write_scalar(out, text),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Python takes an exponent for one only behind a point and with a sign.
fn encode_number(number: &Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return text };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// Writes text line by line below `|`, with the sign that keeps its last line breaks.
fn write_block(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let body = match text.strip_suffix('\n') {
        None => {
            out.push('-');
            text
        }
        Some(body) => {
            if body.ends_with('\n') {
                out.push('+');
            }
            body
        }
    };
    out.push('\n');
    for line in body.split('\n') {
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// Tells whether text survives as a block: several lines of printable characters, none of which ends
/// in a blank (which no reviewer sees and many editors remove) or would be a workflow command where a
/// diff is logged (`::error::`), and the first not starting with a tab (which some readers take for
/// indentation).
fn is_block_safe(text: &str) -> bool {
    text.contains('\n')
        && text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c))
        && !text.split('\n').any(|line| line.ends_with([' ', '\t']) || line.trim_start().starts_with("::"))
        && !text.trim_start_matches('\n').starts_with('\t')
        && !text.trim_matches('\n').is_empty()
}

/// The most letters of a word that some reader takes for a boolean, a null or a number.
const LONGEST_LITERAL: usize = 5;

/// Recognises in one pass what nearly every key and value is: a letter, and then characters that mean
/// nothing to YAML. [`is_plain_safe`] says the same of each of them, only slower.
fn is_word(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last() != Some(&b':')
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/' | b':'))
}

/// Tells whether a text is written without quotes, and so that no reader takes it for more than text.
pub fn is_plain_safe(text: &str) -> bool {
    if is_word(text) {
        // Beside `true`, `null` and their like, which are short, no reader sees more than text here.
        return text.len() > LONGEST_LITERAL || is_text_to_all(text);
    }
    let Some(first) = text.chars().next() else { return false };
    if matches!(
        first,
        ' ' | '?'
            | ':'
            | ','
            | '['
            | ']'
            | '{'
            | '}'
            | '#'
            | '&'
            | '*'
            | '!'
            | '|'
            | '>'
            | '\''
            | '"'
            | '%'
            | '@'
            | '`'
    ) {
        return false;
    }
    let dash = text == "-" || text.starts_with("- ") || text.starts_with("---") || text.starts_with("...");
    let structure = text.contains(": ") || text.contains(" #") || text.ends_with([':', ' ']);
    // Plain to YAML, but a leftover to `parse`, and a reader's mistake waiting to happen.
    let template = text.contains("{{") || text.contains("{%") || text.contains("<%");
    !dash && !structure && !template && text.chars().all(is_printable) && is_text_to_all(text)
}

/// Printable to all readers, and visible: no controls, no breaks of any standard, no byte order mark.
fn is_printable(c: char) -> bool {
    matches!(c,
        '\u{20}'..='\u{7e}'
        | '\u{a0}'..='\u{2027}'
        | '\u{202a}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}'
        | '\u{10000}'..='\u{10ffff}')
}

fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) < 0x100 => hex(&mut out, 'x', 2, c),
            c => hex(&mut out, 'u', 4, c),
        }
    }
    out.push('"');
    out
}

/// Nothing above U+FFFF is escaped, so four digits do.
fn hex(out: &mut String, kind: char, width: usize, c: char) {
    write!(out, "\\{kind}{:0width$X}", u32::from(c)).expect("writing to a string cannot fail");
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests;

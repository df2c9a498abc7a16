//! Text: which style it gets, and how each style is written.

use std::borrow::Cow;

use super::resolve::is_more_than_text;
use super::{Place, Printer};

/// Behind this column a blank becomes a break.
const WIDTH: usize = 80;

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

impl Printer<'_> {
    /// Writes a text as a key or value.
    pub(super) fn text(&mut self, text: &str, place: Place) {
        let text = &*as_read(text);
        let outer = self.indent;
        self.indent = Some(outer.map_or(2, |indent| indent + 2));
        let foldable = place != Place::SimpleKey;
        match style(text, place) {
            Style::Plain => self.plain(text, foldable),
            Style::Single => self.single_quoted(text, foldable),
            Style::Double => self.double_quoted(text, foldable),
            Style::Literal => self.literal(text),
        }
        self.indent = outer;
    }

    fn plain(&mut self, text: &str, foldable: bool) {
        self.blank();
        // Text with a break is never plain, so that blanks are all there is to do.
        self.folded(text, foldable, 0);
        (self.whitespace, self.indention) = (false, false);
    }

    fn single_quoted(&mut self, text: &str, foldable: bool) {
        self.blank();
        self.push('\'');
        if breaks(text) {
            self.single_quoted_with_breaks(text, foldable);
        } else if text.contains('\'') {
            self.folded(&text.replace('\'', "''"), foldable, 1);
        } else {
            self.folded(text, foldable, 1);
        }
        self.push('\'');
        (self.whitespace, self.indention) = (false, false);
    }

    /// Writes text without breaks. A blank behind the width becomes a break, if there is no blank beside it and it is
    /// not among so many bytes at the ends.
    fn folded(&mut self, text: &str, foldable: bool, ends: usize) {
        let length = if text.is_ascii() { text.len() } else { text.chars().count() };
        if !foldable || self.column + length <= WIDTH {
            self.out.push_str(text);
            self.column += length;
            return;
        }
        let mut behind_blank = false;
        for (at, character) in text.char_indices() {
            let blank = character == ' ';
            let inside = at >= ends && at + ends < text.len();
            let next_is_blank = || text.as_bytes().get(at + 1) == Some(&b' ');
            if blank && !behind_blank && self.column > WIDTH && inside && !next_is_blank() {
                self.indentation();
            } else {
                self.push(character);
            }
            self.indention &= blank;
            behind_blank = blank;
        }
    }
}

impl Printer<'_> {
    /// The same for text with LS or PS, which stay as they are and start a new line; others never come here.
    fn single_quoted_with_breaks(&mut self, text: &str, foldable: bool) {
        let (mut behind_blank, mut behind_break) = (false, false);
        for (at, character) in text.char_indices() {
            let blank = character == ' ';
            if is_break(character) {
                self.push_break(character);
            } else if blank
                && foldable
                && !behind_blank
                && self.column > WIDTH
                && !text[at + 1..].starts_with(' ')
                && (1..text.len() - 1).contains(&at)
            {
                self.indentation();
            } else {
                if behind_break {
                    self.indentation();
                }
                self.out.push_str(if character == '\'' { "'" } else { "" });
                self.column += usize::from(character == '\'');
                self.push(character);
                self.indention &= blank;
            }
            behind_blank = blank || (behind_blank && is_break(character));
            behind_break = is_break(character);
        }
    }

    fn double_quoted(&mut self, text: &str, foldable: bool) {
        self.blank();
        self.push('"');
        self.indention = false;
        // go-yaml looks for this mark at the start of the text whatever it is about to write.
        let all_escaped = text.starts_with('\u{feff}');
        let mut behind_blank = false;
        for (at, character) in text.char_indices() {
            let blank = character == ' ' && !all_escaped;
            if all_escaped || is_escaped(character) {
                self.escaped(character);
            } else if blank
                && foldable
                && !behind_blank
                && self.column > WIDTH
                && (1..text.len() - 1).contains(&at)
            {
                self.indentation();
                if text[at + 1..].starts_with(' ') {
                    self.push('\\');
                }
            } else {
                self.push(character);
            }
            behind_blank = blank;
        }
        self.push('"');
        (self.whitespace, self.indention) = (false, false);
    }

    fn escaped(&mut self, character: char) {
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' | '\\' => character,
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(character);
                return self.push_ascii(&match code {
                    0..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                });
            }
        };
        self.push('\\');
        self.push(short);
    }

    fn literal(&mut self, text: &str) {
        self.blank();
        self.push('|');
        // A reader cannot tell from a first line that starts so where the indentation ends.
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.push('2');
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next().is_none_or(is_break)) {
            (false, _) => self.push('-'),
            (true, true) => self.push('+'),
            (true, false) => {}
        }
        self.line_break();
        (self.whitespace, self.indention) = (true, true);
        for line in text.split_inclusive(is_break) {
            let content = line.trim_end_matches(is_break);
            if !content.is_empty() {
                self.indentation();
                // How wide it is does not matter: nothing but a break comes behind it.
                self.push_ascii(content);
                self.indention = false;
            }
            if let Some(character) = line[content.len()..].chars().next() {
                self.push_break(character);
            }
        }
    }

    fn push_break(&mut self, character: char) {
        self.out.push(character);
        (self.column, self.indention) = (0, true);
    }
}

/// What go-yaml reads where kustomize has put a text into JSON: there only U+0085 is a break, and is folded.
fn as_read(text: &str) -> Cow<'_, str> {
    const NEXT_LINE: char = '\u{85}';
    if !text.contains(NEXT_LINE) {
        return Cow::Borrowed(text);
    }
    let mut lines = text.split(NEXT_LINE);
    let mut read = lines.next().unwrap_or_default().to_owned();
    let mut breaks = 0_usize;
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        breaks += 1;
        let line = line.trim_start_matches(' ');
        if line.is_empty() && lines.peek().is_some() {
            continue;
        }
        read.truncate(read.trim_end_matches(' ').len());
        read.push_str(&if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) });
        read.push_str(line);
        breaks = 0;
    }
    Cow::Owned(read)
}

/// What go-yaml would do with a text that nobody forces into quotes.
fn style(text: &str, place: Place) -> Style {
    let multiline = text.contains('\n');
    if !multiline && is_more_than_text(text) {
        return Style::Double;
    }
    let traits = Traits::of(text);
    let key = place == Place::SimpleKey;
    match () {
        () if multiline && traits.literal && !key => Style::Literal,
        () if multiline => Style::Double,
        () if traits.plain => Style::Plain,
        () if traits.single => Style::Single,
        () => Style::Double,
    }
}

/// Tells whether a value is written without quotes and on one line.
pub(super) fn is_plain(text: &str) -> bool {
    style(text, Place::InMap) == Style::Plain
}

/// The styles that a text may be written in.
struct Traits {
    plain: bool,
    single: bool,
    literal: bool,
}

impl Traits {
    /// `yaml_emitter_analyze_scalar`.
    fn of(text: &str) -> Self {
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut line_break, mut special, mut break_blank, mut blank_break) = (false, false, false, false);
        let mut previous = None;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let blank_follows = characters.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
            indicators |= match (previous, character) {
                (
                    None,
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
                    | '`',
                ) => true,
                (None, '?' | '-') | (_, ':') => blank_follows,
                (Some(previous), '#') => matches!(previous, ' ' | '\t' | '\0') || is_break(previous),
                _ => false,
            };
            special |= !is_printable(character);
            line_break |= is_break(character);
            break_blank |= character == ' ' && previous.is_some_and(is_break);
            blank_break |= is_break(character) && previous == Some(' ');
            previous = Some(character);
        }
        let at_ends = |test: fn(char) -> bool| text.starts_with(test) || text.ends_with(test);
        let plain = !indicators && !special && !line_break && !at_ends(|c| c == ' ');
        let single = !special && !break_blank && !blank_break;
        let literal = !special && !blank_break && !text.ends_with(' ');
        Self { plain, single, literal }
    }
}

/// Whether a text takes more than one line, so that it cannot be a key before a colon.
pub(super) fn breaks(text: &str) -> bool {
    text.contains(is_break)
}

fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_escaped(character: char) -> bool {
    !is_printable(character) || is_break(character) || matches!(character, '"' | '\\')
}

/// Nothing above U+FFFF is, although YAML would allow it.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && character != '\u{feff}'
}

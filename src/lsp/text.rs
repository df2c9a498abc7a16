//! Positions as editors count them: lines, and columns in the units of the encoding that was agreed upon.

use std::ops::Range;

use lsp_types::{Position, Range as Lines, TextDocumentContentChangeEvent};

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Halves of a character, as most editors do: two for what lies beyond the first 65,536.
    Utf16,
}

impl Encoding {
    fn units(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
        }
    }

    /// Returns the byte that a position means. Beyond the end of its line it is that end; within a character, its start.
    pub(super) fn offset(self, text: &str, position: Position) -> usize {
        let Some(start) = starts(text).nth(position.line as usize) else { return text.len() };
        let mut left = position.character as usize;
        for (at, c) in text[start..].char_indices() {
            let units = self.units(c);
            if matches!(c, '\n' | '\r') || units > left {
                return start + at;
            }
            left -= units;
        }
        text.len()
    }

    /// Returns the position of a byte.
    pub(super) fn position(self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let (line, start) =
            starts(text).enumerate().take_while(|(_, start)| *start <= offset).last().unwrap_or((0, 0));
        let column: usize = text[start..offset].chars().map(|c| self.units(c)).sum();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: count(line), character: count(column) }
    }

    /// Returns the positions of a range of bytes.
    pub(super) fn lines(self, text: &str, span: Range<usize>) -> Lines {
        Lines { start: self.position(text, span.start), end: self.position(text, span.end.max(span.start)) }
    }

    /// Carries out what an editor did.
    pub(super) fn apply(self, text: &mut String, change: TextDocumentContentChangeEvent) {
        let Some(lines) = change.range else {
            *text = change.text;
            return;
        };
        let start = self.offset(text, lines.start);
        let end = self.offset(text, lines.end).max(start);
        text.replace_range(start..end, &change.text);
    }
}

/// Walks where lines start. A carriage return alone ends one as well.
fn starts(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(move |(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_count_what_was_agreed_upon() {
        let text = "a\r\n\u{1f980}ü: b\rc\n";
        let place = |encoding: Encoding, offset| {
            let position = encoding.position(text, offset);
            (position.line, position.character)
        };
        let b = text.find('b').unwrap();
        assert_eq!(place(Encoding::Utf16, b), (1, 5));
        assert_eq!(place(Encoding::Utf8, b), (1, 8));
        assert_eq!(place(Encoding::Utf16, text.find('c').unwrap()), (2, 0));
        assert_eq!(place(Encoding::Utf16, text.len()), (3, 0));
        let position = Position { line: 1, character: 1 };
        assert_eq!(Encoding::Utf16.offset(text, position), 3, "within the crab is before it");
        assert_eq!(Encoding::Utf16.offset(text, Position { line: 0, character: 99 }), 1);
        assert_eq!(Encoding::Utf16.offset(text, Position { line: 99, character: 0 }), text.len());
    }

    proptest! {
        #[test]
        fn a_position_leads_back(text in "[a\u{e4}\u{1f980}\r\n]{0,40}", at in 0usize..60) {
            let at = text.floor_char_boundary(at.min(text.len()));
            // Between the two halves of a line break there is no position.
            prop_assume!(!(text[..at].ends_with('\r') && text[at..].starts_with('\n')));
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let position = encoding.position(&text, at);
                prop_assert_eq!(encoding.offset(&text, position), at);
            }
        }

        #[test]
        fn any_edit_is_carried_out(text in any::<String>(), edits in proptest::collection::vec((0u32..9, 0u32..20, 0u32..9, 0u32..20, any::<String>()), 0..8)) {
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let mut text = text.clone();
                for (line, column, end_line, end_column, new) in edits.clone() {
                    let range = Some(Lines::new(Position::new(line, column), Position::new(end_line, end_column)));
                    encoding.apply(&mut text, TextDocumentContentChangeEvent { range, range_length: None, text: new.clone() });
                    prop_assert!(text.contains(&new));
                }
            }
        }
    }
}

//! Which bytes go when an entry of a map or an item of a list is taken out.
//!
//! The text alone decides, so that it holds for any file; whoever uses the answer reads the outcome again. Comments above
//! stay, the one behind goes.

use std::ops::Range;

/// Finds the bytes of an entry of a map, by those of its key and its value.
///
/// Nothing where it is the only one, since what is left would say something else, or where more than blanks and a comma
/// stands beside it.
pub fn entry_removal(text: &str, key: &Range<usize>, value: &Range<usize>) -> Option<Range<usize>> {
    let end = value.end.max(key.end);
    removal(text, key.start, end, "")
}

/// Finds the bytes of an item of a list, its dash included.
pub fn item_removal(text: &str, item: &Range<usize>) -> Option<Range<usize>> {
    removal(text, item.start, item.end, "-")
}

fn removal(text: &str, start: usize, end: usize, mark: &str) -> Option<Range<usize>> {
    let line_start = text.get(..start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let before = text[line_start..start].trim_start_matches('\u{feff}');
    let own = before.trim_end_matches([' ', '-']);
    // In block style nothing but the indentation and the dash stands before it.
    if own.is_empty() && before.trim() == mark {
        let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
        let behind = text[end..line_end].trim();
        let indent = before.len() - before.trim_start().len();
        let alone = !has_sibling(&text[..line_start], &text[line_end..], indent, mark);
        if alone || !(behind.is_empty() || behind.starts_with('#')) {
            return None;
        }
        if text[..line_end].ends_with('\n') || line_start == 0 {
            return Some(line_start..line_end);
        }
        // The last line has no end; the one before it becomes the last.
        let ends = if text[..line_start].ends_with("\r\n") { 2 } else { 1 };
        return Some(line_start - ends..line_end);
    }
    // In flow style a comma on one side goes with it.
    let behind = text.get(end..)?;
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    if behind[blanks..].starts_with(',') {
        let rest = &behind[blanks + 1..];
        let more = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        return Some(start..end + blanks + 1 + more);
    }
    let head = text[..start].trim_end_matches([' ', '\t']);
    (behind[blanks..].starts_with(['}', ']']) && head.ends_with(',')).then(|| head.len() - 1..end)
}

/// Tells whether a line above or below stands as deep, with no lesser one between.
fn has_sibling(above: &str, below: &str, indent: usize, mark: &str) -> bool {
    let as_deep = |line: &str| {
        let line = line.trim_end().trim_start_matches('\u{feff}');
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            return None;
        }
        let depth = line.len() - content.len();
        let is_item = content == "-" || content.starts_with("- ");
        // A list may stand as deep as its key.
        let same = depth == indent && is_item != mark.is_empty() && !content.starts_with("---");
        (depth <= indent).then_some(same)
    };
    below.lines().find_map(as_deep).unwrap_or(false) || above.lines().rev().find_map(as_deep).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, entry: &str, mark: &str) -> Option<String> {
        let at = text.find(entry).expect("it is there");
        let place = at..at + entry.len();
        let range =
            if mark.is_empty() { entry_removal(text, &place, &place) } else { item_removal(text, &place) };
        range.map(|range| text[..range.start].to_owned() + &text[range.end..])
    }

    #[test]
    fn an_entry_goes_with_its_line_or_its_comma() {
        for (text, rest) in [
            ("a: 1\nb: 2 # why\nc: 3\n", "a: 1\nc: 3\n"),
            ("a: 1\r\nb: 2\r\n", "a: 1\r\n"),
            ("a: 1\nb: 2", "a: 1"),
            ("b: 2\n# c\nc: 3\n", "# c\nc: 3\n"),
            ("x:\n  b: 2\n  c: 3\n", "x:\n  c: 3\n"),
            ("{ a: 1, b: 2 }", "{ a: 1 }"),
            ("{ b: 2, c: 3 }", "{ c: 3 }"),
        ] {
            assert_eq!(without(text, "b: 2", "").as_deref(), Some(rest), "{text:?}");
        }
        for text in ["x:\n  b: 2\n", "x: { b: 2 }", "b: 2\n", "- b: 2\n  c: 3\n", "x:\n  b: 2\ny: 1\n"] {
            assert_eq!(without(text, "b: 2", ""), None, "{text:?}");
        }
    }

    #[test]
    fn an_item_goes_with_its_dash() {
        for (text, rest) in [
            ("l:\n- a: 1\n- b: 2\n", "l:\n- a: 1\n"),
            ("l:\n  - b: 2\n  - a: 1\n", "l:\n  - a: 1\n"),
            ("l: [a: 1, b: 2]", "l: [a: 1]"),
        ] {
            assert_eq!(without(text, "b: 2", "-").as_deref(), Some(rest), "{text:?}");
        }
        for text in ["l:\n- b: 2\n", "l: [b: 2]", "l:\n- b: 2\nm: 1\n"] {
            assert_eq!(without(text, "b: 2", "-"), None, "{text:?}");
        }
    }
}

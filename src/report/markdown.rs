//! For a comment on a pull request or the summary of a job: markdown in the dialect of forges.
//!
//! A user's text stands in code spans, or is made of words that mean nothing to a forge: it cannot close
//! a span, end a line, start a table, link, image or tag, nor mention anybody.

use std::fmt::Write as _;

use super::{Located, Report, Style, counts, harmless};
use crate::diagnostic::Safety;

/// The most characters of a comment on GitHub.
pub const LIMIT: usize = 65_536;

/// Writes the report so that it fits a comment.
pub(super) fn write(report: &Report, _: &Style) -> String {
    findings(report, LIMIT)
}

/// Writes a section on the findings in at most `budget` bytes, which is at most so many characters, however
/// these are counted. The worst come first; what does not fit is dropped from the end, finding by finding,
/// and counted in a last line. Where not even the heading fits, nothing is written.
pub fn findings(report: &Report, budget: usize) -> String {
    let worst_first = report.worst_first();
    let found = counts(worst_first.iter().copied());
    let found = if found.is_empty() { "none" } else { &found };
    let head = format!("### Findings: {found}\n\n{}\n", report.closing_line());
    let items: Vec<String> = worst_first.iter().map(|finding| item(report, finding)).collect();
    let gap = usize::from(!items.is_empty());
    let all = items.iter().map(String::len).sum::<usize>();
    let mut out = head;
    if out.len() + gap + all <= budget {
        out.push_str(&"\n".repeat(gap));
        out.push_str(&items.concat());
        return out;
    }
    let left_out = |shown: usize| {
        let rest = counts(worst_first[shown..].iter().copied());
        format!("\nNot shown, for want of room: {rest}.\n")
    };
    // No later line is longer than the first, but for the digits of a number, of which there are three.
    let mut room = budget.saturating_sub(out.len() + gap + left_out(0).len());
    let fits = |item: &&String| {
        let fits = item.len() <= room;
        room = room.saturating_sub(item.len());
        fits
    };
    let shown = items.iter().take_while(fits).count();
    if shown > 0 {
        out.push('\n');
    }
    out.push_str(&items[..shown].concat());
    out.push_str(&left_out(shown));
    if out.len() <= budget { out } else { String::new() }
}

/// Writes one finding as an item of a list.
fn item(report: &Report, finding: &Located) -> String {
    let diagnostic = &finding.diagnostic;
    let address = code(&finding.place.address(&report.path(&diagnostic.primary.path)));
    let (severity, name) = (diagnostic.severity.name(), diagnostic.code.name);
    let mut item = format!("- **{severity}** `{name}` at {address}: {}\n", prose(&diagnostic.message));
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(item, "  - help: {}", prose(help));
    }
    if let Some((fix, _)) = finding.fix() {
        let flag = if fix.safety == Safety::Safe { "--fix" } else { "--unsafe-fixes" };
        let _ = writeln!(item, "  - `{flag}`: {}", prose(&fix.message));
    }
    for (related, place) in diagnostic.related.iter().zip(&finding.related) {
        let address = code(&place.address(&report.path(&related.location.path)));
        let _ = writeln!(item, "  - {address}: {}", prose(&related.label));
    }
    item
}

/// Writes a text as one code span; nothing for an empty one.
pub fn code(text: &str) -> String {
    let text = harmless(text);
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space at each end is taken off again; without it a backtick at the end would be part of the fence.
    let padding = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// Writes a sentence with names in backticks, as findings have it. What is in backticks becomes a code
/// span, and so does each other word that could mean something to a forge.
pub fn prose(text: &str) -> String {
    let text = harmless(text);
    let mut out = Spans::default();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out.code(part);
            continue;
        }
        for (index, word) in part.split(' ').enumerate() {
            if index > 0 {
                out.plain(" ");
            }
            if is_plain(word) { out.plain(word) } else { out.code(word) }
        }
    }
    out.text
}

/// Makes a piece of markdown fit a table's cell.
pub fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// Tells whether a word means nothing but itself: it has no marks that format, link or mention, is no
/// address, and names no commit.
fn is_plain(word: &str) -> bool {
    let ordinary = |c: char| c.is_alphanumeric() || ".,;:'\"()/-%?…–".contains(c);
    let lower = word.to_ascii_lowercase();
    let is_address = lower.contains("://") || lower.contains("www.") || lower.contains("gh-");
    let digits = word.trim_matches(|c: char| !c.is_alphanumeric());
    let is_commit = digits.len() >= 7 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    word.chars().all(ordinary) && !is_address && !is_commit && !is_smiley(word)
}

/// Tells whether a word holds `:name:`, which forges draw as a picture.
fn is_smiley(word: &str) -> bool {
    word.matches(':').count() > 1
}

/// Markdown that is being written.
#[derive(Default)]
struct Spans {
    text: String,
}

impl Spans {
    fn plain(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Two spans side by side would be taken for one.
    fn code(&mut self, text: &str) {
        let span = code(text);
        if !span.is_empty() && self.text.ends_with('`') {
            self.text.push(' ');
        }
        self.text.push_str(&span);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes the code spans out, by the rule of the standard: a run of backticks opens a span that ends at
    /// the next run of the same length, and is itself where there is none.
    fn outside_of_code(text: &str) -> String {
        let mut outside = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('`') {
            outside.push_str(&rest[..start]);
            let length = rest[start..].find(|c| c != '`').unwrap_or(rest.len() - start);
            let after = &rest[start + length..];
            let mut at = 0;
            let end = loop {
                let Some(found) = after[at..].find('`').map(|found| at + found) else { break None };
                let run = after[found..].find(|c| c != '`').unwrap_or(after.len() - found);
                if run == length {
                    break Some(found + run);
                }
                at = found + run;
            };
            if end.is_none() {
                outside.push_str(&rest[start..start + length]);
            }
            rest = &after[end.unwrap_or(0)..];
        }
        outside + rest
    }

    fn assert_tame(text: &str, of: &str) {
        let outside = outside_of_code(text);
        let live = outside.find(|c| "`<>[]!*_@#|\\~&$={}^+\n\r".contains(c));
        assert_eq!(live, None, "{of:?} became {text:?}");
        for mark in ["://", "www.", "GH-1"] {
            assert!(!outside.contains(mark), "{of:?} became {text:?}");
        }
    }

    /// Pieces that mean something to a forge.
    const PIECES: &str = "(`{1,4}|@acme/team| |a|\\n|\\||#1|GH-1|https://evil\\.example|www\\.evil\\.example|<img src=x>|\
                          !\\[a\\]\\(b\\)|\\\\|&amp;|:tada:|\\$|<!--|-->|deadbeef0|\u{1b}|\u{202e}|\\*\\*|_|~~|é)";

    proptest! {
        #[test]
        fn no_text_means_anything_to_a_forge(pieces in prop::collection::vec(PIECES, 0..12)) {
            let text = pieces.concat();
            assert_tame(&prose(&text), &text);
            assert_tame(&code(&text), &text);
        }
    }

    #[test]
    fn names_in_backticks_stay_names() {
        assert_eq!(prose("no tier is called `huge`"), "no tier is called `huge`");
        assert_eq!(prose("ask @acme/team, see #1"), "ask `@acme/team,` see `#1`");
        assert_eq!(prose("`a``b`@c"), "`a` `b` `@c`");
        assert_eq!(prose("done :tada: in deadbeef0"), "done `:tada:` in `deadbeef0`");
        assert_eq!(code("a`b``"), "``` a`b`` ```");
        assert_eq!(cell(&code("a|b")), "`a\\|b`");
    }
}

//! How two texts differ, line by line.
//!
//! `similar` has six algorithms behind one function, which puts all of them into the binary, for each kind of text anew. So
//! the one that is used is asked for by its name, of lines that are numbers: a fiftieth of the binary.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{DiffOp, DiffableStr as _, group_diff_ops};

/// How many lines that stay are shown before and after those that do not.
const CONTEXT: usize = 3;

/// A line that is in one of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It goes: its place among the old lines, from 0.
    Gone(usize),
    /// It comes: its place among the new lines, from 0.
    New(usize),
}

/// Tells what goes and what comes, in the order of the texts; of lines at one place first those that go.
pub fn differences(old: &[&str], new: &[&str]) -> Vec<Difference> {
    operations(old, new).iter().flat_map(differing).collect()
}

/// Counts the lines that come and those that go.
pub fn count(old: &str, new: &str) -> (usize, usize) {
    let differences = differences(&old.tokenize_lines(), &new.tokenize_lines());
    let added = differences.iter().filter(|one| matches!(one, Difference::New(_))).count();
    (added, differences.len() - added)
}

/// Writes the difference as a unified diff with the names of both sides; nothing where there is none.
pub fn unified(old: &str, new: &str, names: (&str, &str)) -> String {
    let (old, new) = (old.tokenize_lines(), new.tokenize_lines());
    let mut out = String::new();
    for hunk in group_diff_ops(operations(&old, &new), CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        if out.is_empty() {
            let _ = write!(out, "--- {}\n+++ {}\n", names.0, names.1);
        }
        let range = |start: usize, end: usize| match end - start {
            // Nothing stands behind the line before it.
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            length => format!("{},{length}", start + 1),
        };
        let _ = writeln!(
            out,
            "@@ -{} +{} @@",
            range(first.old_range().start, last.old_range().end),
            range(first.new_range().start, last.new_range().end)
        );
        for operation in &hunk {
            if let DiffOp::Equal { old_index, len, .. } = *operation {
                old.iter().skip(old_index).take(len).for_each(|line| put(' ', line, &mut out));
            }
            for difference in differing(operation) {
                match difference {
                    Difference::Gone(at) => put('-', old[at], &mut out),
                    Difference::New(at) => put('+', new[at], &mut out),
                }
            }
        }
    }
    out
}

fn put(sign: char, line: &str, out: &mut String) {
    out.push(sign);
    out.push_str(line);
    if !line.ends_with(['\r', '\n']) {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// The lines of an operation that are in one of the texts.
fn differing(operation: &DiffOp) -> impl Iterator<Item = Difference> + use<> {
    let (old, new) = match operation {
        DiffOp::Equal { .. } => (0..0, 0..0),
        _ => (operation.old_range(), operation.new_range()),
    };
    old.map(Difference::Gone).chain(new.map(Difference::New))
}

fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut known = BTreeMap::new();
    let mut number = |line| {
        let next = known.len();
        *known.entry(line).or_insert(next)
    };
    let [old, new] = [old, new].map(|lines| lines.iter().map(|line| number(*line)).collect::<Vec<usize>>());
    let mut found = Compact::new(Replace::new(Capture::new()), &old, &new);
    let Ok(()) = myers::diff(&mut found, &old, 0..old.len(), &new, 0..new.len());
    found.into_inner().into_inner().into_ops()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use similar::TextDiff;

    use super::*;

    /// Texts of few words, so that lines come again, with each way in which a line may end.
    fn text() -> impl Strategy<Value = String> {
        let line = ("[abc]?", prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\r"]));
        (prop::collection::vec(line, 0..150), "[abc]?").prop_map(|(lines, last)| {
            let lines: String = lines.iter().flat_map(|(word, end)| [word.as_str(), end]).collect();
            lines + &last
        })
    }

    /// A text, and the same with some lines taken away or put in.
    fn pair() -> impl Strategy<Value = (String, String)> {
        let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize, "[a-z]\n"), 0..6);
        (text(), edits).prop_map(|(old, edits)| {
            let mut lines: Vec<String> = old.tokenize_lines().into_iter().map(str::to_owned).collect();
            for (at, take, put) in edits {
                let at = at.index(lines.len() + 1);
                let end = (at + take).min(lines.len());
                lines.splice(at..end, [put]);
            }
            (old, lines.concat())
        })
    }

    proptest! {
        #[test]
        fn it_is_what_the_library_says_with_everything_in_it((old, new) in prop_oneof![pair(), (text(), text())]) {
            let theirs = TextDiff::from_lines(&old, &new);
            prop_assert_eq!(
                unified(&old, &new, ("a/x", "b/x")),
                theirs.unified_diff().header("a/x", "b/x").to_string()
            );
            let signs = |wanted| theirs.iter_all_changes().filter(|change| change.tag() == wanted).count();
            prop_assert_eq!(count(&old, &new), (signs(similar::ChangeTag::Insert), signs(similar::ChangeTag::Delete)));
        }
    }

    #[test]
    fn what_goes_stands_before_what_comes() {
        let found = differences(&["a", "b", "c"], &["a", "x", "c", "y"]);
        assert_eq!(found, [Difference::Gone(1), Difference::New(1), Difference::New(3)]);
        assert_eq!(count("a\nb\n", "a\n"), (0, 1));
        assert_eq!(unified("a\n", "a\n", ("a", "b")), "");
    }

    #[test]
    fn a_missing_end_is_told() {
        assert_eq!(
            unified("a\n", "b", ("x", "y")),
            "--- x\n+++ y\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n"
        );
    }
}

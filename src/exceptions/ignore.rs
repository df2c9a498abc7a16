//! Comments of an owner that let a finding of one line pass: `# onramp: ignore CODE[,CODE] reason`.
//!
//! They stand in the metadata.yaml that they speak of, so they hold for what the owner decides and for nothing else
//! ([`WaivedBy::Owner`]), also in the change that brings them.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Location, WaivedBy};
use crate::yaml::{self, Source};

/// What such a comment begins with, behind its `#`.
const MARK: &str = "onramp:";

/// The word behind it.
const WORD: &str = "ignore";

/// The most comments of a file that are looked at. One with more is not read by anybody line by line.
const MOST: usize = 500;

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// The codes that it names, as they are written, with their places.
    pub codes: Vec<(Box<str>, Location)>,
    /// Why; empty where it says nothing.
    pub reason: Box<str>,
    /// Where it stands.
    pub location: Location,
    /// The bytes of the line that it is about.
    line: Range<usize>,
}

impl Ignore {
    /// Finds the comments of a file.
    pub fn all(source: &Source) -> Vec<Self> {
        // Nearly no file has one, and to know a comment the whole file has to be read again.
        if !source.text.contains(MARK) {
            return Vec::new();
        }
        let read = |range: &Range<usize>| Self::read(source, range.clone());
        yaml::comments(source).iter().filter_map(read).take(MOST).collect()
    }

    fn read(source: &Source, comment: Range<usize>) -> Option<Self> {
        let text = source.text.get(comment.clone())?;
        let rest =
            text.strip_prefix('#')?.trim_start().strip_prefix(MARK)?.trim_start().strip_prefix(WORD)?;
        if rest.starts_with(|c: char| !c.is_whitespace()) {
            return None;
        }
        let path = &source.path;
        // All parts are slices of the text, so that the length of what is left says where a part stands.
        let place = |rest: &str, length: usize| {
            let start = comment.end - rest.len();
            Location::at(path.clone(), start..start + length)
        };
        let mut rest = rest.trim_start();
        let mut codes = Vec::new();
        loop {
            let end = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
            let code = &rest[..end];
            if !code.is_empty() {
                codes.push((code.into(), place(rest, code.len())));
            }
            rest = rest[end..].trim_start();
            match rest.strip_prefix(',') {
                Some(after) => rest = after.trim_start(),
                None => break,
            }
        }
        let line = line(&source.text, &comment);
        Some(Self { codes, reason: rest.trim().into(), location: Location::at(path.clone(), comment), line })
    }

    /// Returns which of its codes covers a finding, by the place in the list.
    pub fn covers(&self, finding: &Diagnostic) -> Option<usize> {
        let start = finding.primary.span.as_ref()?.start;
        let is_here = finding.primary.path == self.location.path && self.line.contains(&start);
        let may = finding.code.waived_by == WaivedBy::Owner && !self.reason.is_empty();
        let code = || self.codes.iter().position(|(code, _)| **code == *finding.code.name);
        (is_here && may).then(code).flatten()
    }
}

/// Returns the line that a comment is about: its own, or the next one that is more than a comment where it has nothing else
/// on its own.
fn line(text: &str, comment: &Range<usize>) -> Range<usize> {
    let start = text[..comment.start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_from = |start: usize| start..text[start..].find('\n').map_or(text.len(), |end| start + end + 1);
    let own = line_from(start);
    if !text[start..comment.start].trim_start_matches('\u{feff}').trim().is_empty() {
        return own;
    }
    let mut next = line_from(own.end);
    while next.start < text.len() && text[next.clone()].trim_start().starts_with('#') {
        next = line_from(next.end);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Severity};
    use crate::yaml::SourceId;

    static OWN: Code = Code::new("own-code", Severity::Warning, WaivedBy::Owner, "");
    static FIRM: Code = Code::new("firm-code", Severity::Warning, WaivedBy::Platform, "");

    fn ignores(text: &str) -> Vec<Ignore> {
        Ignore::all(&Source { id: SourceId(0), path: "a.yaml".into(), text: text.to_owned() })
    }

    /// What is covered in a text, `own-code` being found at each `!`.
    fn covered(text: &str) -> Vec<usize> {
        let ignores = ignores(text);
        let places = text.match_indices('!').map(|(at, _)| at);
        let is_covered = |at: &usize| {
            let finding = Diagnostic::new(&OWN, Location::at("a.yaml", *at..at + 1), "wrong");
            ignores.iter().any(|ignore| ignore.covers(&finding).is_some())
        };
        places.enumerate().filter(|(_, at)| is_covered(at)).map(|(index, _)| index).collect()
    }

    #[test]
    fn a_comment_names_codes_and_says_why() {
        let text =
            "a: b # onramp: ignore one,two , three because of é # and so on\n#onramp:ignore four\nc: d\n";
        let found = ignores(text);
        let codes = |ignore: &Ignore| -> Vec<String> {
            let spans = ignore.codes.iter().filter_map(|(code, place)| Some((code, place.span.clone()?)));
            spans
                .map(|(code, span)| {
                    assert_eq!(**code, text[span]);
                    code.to_string()
                })
                .collect()
        };
        assert_eq!(codes(&found[0]), ["one", "two", "three"]);
        assert_eq!(&*found[0].reason, "because of é # and so on");
        assert_eq!((codes(&found[1]), &*found[1].reason), (vec!["four".to_owned()], ""));
        assert_eq!(
            ignores("# onramp: ignored x y\n# see onramp: ignore x y\n# onramp ignore x y\na: b\n"),
            []
        );
        assert_eq!(ignores("a: \"# onramp: ignore x y\"\nb: |\n  # onramp: ignore x y\n"), []);
        assert_eq!(ignores("# onramp: ignore\na: b\n")[0].codes, []);
    }

    #[test]
    fn it_is_about_its_own_line_or_the_next() {
        assert_eq!(covered("a: !\nb: ! # onramp: ignore own-code why\nc: !\n"), [1]);
        assert_eq!(covered("a: !\n# onramp: ignore own-code why\nb: !\nc: !\n"), [1]);
        assert_eq!(covered("a: !\n  # onramp: ignore own-code why\n  # more\nb: !\nc: !\n"), [1]);
        assert_eq!(covered("# onramp: ignore own-code why\n\nb: !\n"), Vec::<usize>::new());
        assert_eq!(covered("a: !\n# onramp: ignore own-code why"), Vec::<usize>::new());
        assert_eq!(covered("\u{feff}# onramp: ignore own-code why\r\nb: !\r\nc: !"), [0]);
    }

    #[test]
    fn it_needs_a_reason_and_a_code_of_the_owner() {
        assert_eq!(covered("b: ! # onramp: ignore own-code\n"), Vec::<usize>::new());
        assert_eq!(covered("b: ! # onramp: ignore other-code,own-code why\n"), [0]);
        let ignore = &ignores("b: c # onramp: ignore firm-code why\n")[0];
        assert_eq!(ignore.covers(&Diagnostic::new(&FIRM, Location::at("a.yaml", 3..4), "wrong")), None);
        let elsewhere = Diagnostic::new(&OWN, Location::at("b.yaml", 3..4), "wrong");
        assert_eq!(ignores("b: c # onramp: ignore own-code why\n")[0].covers(&elsewhere), None);
        assert_eq!(ignore.covers(&Diagnostic::new(&OWN, Location::file("a.yaml"), "wrong")), None);
    }
}

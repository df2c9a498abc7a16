//! Names with wildcards.

use globset::{Glob, GlobMatcher};

use crate::diagnostic::{Diagnostic, Location, Sink, shorten};
use crate::schema::codes::INVALID_VALUE;

/// A name or path in which `*` stands for any text, `?` for one character and `{a,b}` for one of several.
///
/// Branches are picked as `git branch --list` does, which reads some of these otherwise: `legacy::branches` has its own.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Box<str>,
    /// Nothing for a plain name, which most are.
    matcher: Option<GlobMatcher>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Says why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        let compile = || Glob::new(text).map(|glob| glob.compile_matcher());
        let has_wildcard = text.contains(['*', '?', '[', ']', '{', '}', '\\']);
        let matcher = has_wildcard.then(compile).transpose().map_err(|error| error.kind().to_string())?;
        Ok(Self { text: text.into(), matcher })
    }

    /// Reads a pattern of a file; one that is none is a finding at its place.
    pub fn read(text: &str, place: impl FnOnce() -> Location, sink: &mut Sink) -> Option<Self> {
        let wrong = |why| {
            let message = format!("`{}` is not a pattern: {why}", shorten(text));
            Diagnostic::new(&INVALID_VALUE, place(), message)
                .label("this pattern")
                .help("`*` stands for any text, `?` for one character, `{a,b}` for one of several")
        };
        Self::new(text).map_err(|why| sink.push(wrong(why))).ok()
    }

    /// Tells whether a text fits.
    pub fn fits(&self, text: &str) -> bool {
        self.matcher.as_ref().map_or(*self.text == *text, |matcher| matcher.is_match(text))
    }

    /// Returns the pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Tells whether only one text fits.
    pub fn is_name(&self) -> bool {
        self.matcher.is_none()
    }
}

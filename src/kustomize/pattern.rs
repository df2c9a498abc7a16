//! Names that kustomize takes for regular expressions. Nearly all are plain, and then nothing is compiled.

use regex::Regex;

/// A pattern that has to fit a whole text.
#[derive(Debug)]
pub(super) enum Pattern {
    /// A text without special characters.
    Plain(Box<str>),
    /// A regular expression. Go's and this crate's have one syntax, for all that is written in names.
    Expression(Regex),
}

impl Pattern {
    /// Reads a pattern of a target.
    ///
    /// # Errors
    /// If it is no regular expression.
    pub(super) fn anchored(text: &str) -> Result<Self, regex::Error> {
        if is_plain(text) && !text.contains('.') {
            return Ok(Self::Plain(text.into()));
        }
        Regex::new(&format!("^(?:{text})$")).map(Self::Expression)
    }

    pub(super) fn fits(&self, text: &str) -> bool {
        match self {
            Self::Plain(plain) => **plain == *text,
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

/// Tells whether no character but the point means anything else than itself.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(['\\', '^', '$', '|', '?', '*', '+', '(', ')', '[', ']', '{', '}'])
}

//! What would mend a finding, byte by byte.

use std::ops::Range;
use std::sync::Arc;

/// Edits that mend a finding together, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an instruction: "quote it".
    pub message: String,
    /// Whether it may be applied unseen.
    pub safety: Safety,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be applied unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It says what was meant, and what is rendered stays the same or becomes what the finding asks for.
    Safe,
    /// It may change what runs beyond that, or needs something done elsewhere.
    Unsafe,
}

/// Bytes of a file, and what takes their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file, relative to the root of the config repo, with `/`.
    pub path: Arc<str>,
    /// The bytes that go; an empty range for an insertion.
    pub span: Range<usize>,
    /// What comes.
    pub text: String,
}

impl Fix {
    /// Starts a fix that may be applied unseen.
    pub fn safe(message: impl Into<String>) -> Self {
        Self { message: message.into(), safety: Safety::Safe, edits: Vec::new() }
    }

    /// Starts a fix that somebody has to look at.
    pub fn risky(message: impl Into<String>) -> Self {
        Self { message: message.into(), safety: Safety::Unsafe, edits: Vec::new() }
    }

    /// Writes a word in place of another at a place that holds it alone, with or without quotes; nothing where it holds
    /// something else. Only the case of letters may differ without a look at the outcome.
    pub fn word(place: &super::Location, wrong: &str, right: &str) -> Option<Self> {
        let span = place.span.clone()?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        let plain = right.starts_with(|c: char| c.is_ascii_alphabetic()) && right.chars().all(is_word);
        let quotes = span.len().checked_sub(wrong.len())?;
        if !plain || wrong.is_empty() || !matches!(quotes, 0 | 2) {
            return None;
        }
        let message = format!("write `{right}`");
        let fix = if wrong.eq_ignore_ascii_case(right) { Self::safe(message) } else { Self::risky(message) };
        let edge = quotes / 2;
        Some(fix.edit(place.path.clone(), span.start + edge..span.end - edge, right))
    }

    /// Takes bytes out.
    #[must_use]
    pub fn without(self, path: impl Into<Arc<str>>, span: Range<usize>) -> Self {
        self.edit(path, span, "")
    }

    /// Adds an edit: bytes of a file that go, and what comes.
    #[must_use]
    pub fn edit(mut self, path: impl Into<Arc<str>>, span: Range<usize>, text: impl Into<String>) -> Self {
        self.edits.push(Edit { path: path.into(), span, text: text.into() });
        self
    }

    /// Tells whether an edit of it stands at an alias, or within one: what is written there is the name of another place,
    /// where the value is. `text` returns the text of a file.
    pub fn is_at_alias<'t>(&self, text: impl Fn(&Arc<str>) -> Option<&'t str>) -> bool {
        self.edits.iter().filter(|edit| !edit.text.is_empty()).any(|edit| {
            let Some(text) = text(&edit.path) else { return false };
            let starts = |at: usize| {
                let before = text.get(..at).unwrap_or_default();
                text.get(at..).is_some_and(|rest| rest.starts_with('*'))
                    && before
                        .chars()
                        .next_back()
                        .is_none_or(|c| c.is_whitespace() || matches!(c, '[' | '{' | ','))
            };
            // A word in quotes is replaced between them, and an alias has none.
            starts(edit.span.start) || edit.span.start.checked_sub(1).is_some_and(starts)
        })
    }

    /// Makes the fix that puts a place in double quotes. The bytes between stay, so nothing of them stands in the fix.
    /// There is none for an alias: in quotes its name would be the value.
    pub fn quotes(path: &Arc<str>, span: &Range<usize>, written: &str) -> Option<Self> {
        let fix = Self::safe("put it in quotes").edit(path.clone(), span.start..span.start, "\"");
        (!written.starts_with('*')).then(|| fix.edit(path.clone(), span.end..span.end, "\""))
    }
}

impl Safety {
    /// Returns the lowercase name, as the JSON output spells it.
    pub fn name(self) -> &'static str {
        match self {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        }
    }
}

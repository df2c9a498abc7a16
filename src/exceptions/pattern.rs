//! Names with wildcards.

use globset::{Glob, GlobMatcher};

/// A name or path in which `*` stands for any text, `?` for one character and `{a,b}` for one of several.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Box<str>,
    matcher: GlobMatcher,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Says why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        let glob = Glob::new(text).map_err(|error| error.kind().to_string())?;
        Ok(Self { text: text.into(), matcher: glob.compile_matcher() })
    }

    /// Tells whether a text fits.
    pub fn fits(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }

    /// Returns the pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Tells whether only one text fits.
    pub fn is_name(&self) -> bool {
        !self.text.contains(['*', '?', '[', '{', '\\'])
    }
}

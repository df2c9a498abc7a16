//! The findings about structure: each in the words that the author of the file needs.

use std::ops::Range;

use granit_parser::Tag;

use super::super::Value;
use super::super::codes::{EMPTY_DOCUMENT, EXPLICIT_TAG, MERGE_KEY, NON_STRING_KEY, SEVERAL_DOCUMENTS};
use super::{Builder, Unreadable, encode_quoted};
use crate::diagnostic::{Diagnostic, Fix, Location};

impl Builder<'_> {
    pub(super) fn explicit_tag(&mut self, tag: &Tag, range: Range<usize>) {
        let written = tag.original();
        let message =
            format!("the tag `{written}` means nothing to Kubernetes tools, or something different to each");
        let help = "remove the tag; quote the value where it is text".to_owned();
        self.push(self.finding(&EXPLICIT_TAG, range, message).help(help));
    }

    pub(super) fn tagged_collection(&mut self, tag: Option<&Tag>, range: Option<Range<usize>>) {
        if let Some(tag) = tag
            && !self.in_template()
        {
            self.explicit_tag(tag, range.unwrap_or(self.last_end..self.last_end));
        }
    }

    pub(super) fn merge_key(&mut self, range: &Range<usize>) {
        let message = "the merge key `<<` is read by some Kubernetes tools and taken for text by others";
        let help = "write the keys out; what environments share belongs at the top of the file";
        self.push(self.finding(&MERGE_KEY, range.clone(), message).help(help));
    }

    pub(super) fn non_string_key(&mut self, range: &Range<usize>, kind: &str, written: &str) {
        let shown = if written.is_empty() { "this key".to_owned() } else { format!("the key `{written}`") };
        let message = format!("{shown} is {kind}, not text");
        let help = match kind {
            "a list" | "a map" => "write a plain name before the colon".to_owned(),
            _ => format!("write it in quotes: `{}`", encode_quoted(written)),
        };
        let is_plain = !written.is_empty() && !written.contains(['"', '\\', '*', '\n']);
        let fix = (is_plain && !matches!(kind, "a list" | "a map"))
            .then(|| Fix::quotes(&self.source.path, range, written))
            .flatten();
        self.push(self.finding(&NON_STRING_KEY, range.clone(), message).help(help).maybe_fix(fix));
    }

    pub(super) fn several_documents(&mut self, second: &Range<usize>, first: &Range<usize>) {
        let message = "the file holds more than one document";
        let mut finding = self
            .finding(&SEVERAL_DOCUMENTS, second.clone(), message)
            .label("the second one starts here")
            .help(
                "keep one document; remove the `---` line and what follows, or move it to a file of its own",
            );
        if self.source.text.get(first.clone()) == Some("---") {
            finding = finding
                .related(Location::at(self.source.path.clone(), first.clone()), "the first one starts here");
        }
        self.push(finding);
    }

    /// Reports a file that says nothing. A `null` that somebody wrote is a value like any other.
    pub(super) fn check_nonempty(&mut self) -> Result<(), Unreadable> {
        let written = self
            .root
            .as_ref()
            .is_some_and(|root| root.value != Value::Null || !self.source.slice(root.span).is_empty());
        if written {
            return Ok(());
        }
        // Nothing before the `---` that was reported is not worth a second finding.
        if self.findings.is_empty() {
            let what = if self.source.text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() {
                "the file is empty"
            } else {
                "the file holds no value, only comments"
            };
            self.push(
                Diagnostic::new(&EMPTY_DOCUMENT, Location::file(self.source.path.clone()), what)
                    .help("write the document, or delete the file"),
            );
        }
        Err(Unreadable)
    }
}

//! Edits that do not touch each other, put into a text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Edit, Fix};

/// The places that fixes of one round take, by file.
#[derive(Debug, Default)]
pub(super) struct Splices(BTreeMap<Arc<str>, Vec<Range<usize>>>);

impl Splices {
    /// Takes the places of a fix; false where one is taken already, or is none in its file.
    ///
    /// A fix takes all from its first byte to its last: what another changes between its own edits is not what it was
    /// made for.
    pub(super) fn take<'a>(&mut self, fix: &Fix, text: &impl Fn(&Arc<str>) -> &'a str) -> bool {
        let mut places: Vec<(Arc<str>, Range<usize>)> = Vec::new();
        for (path, edits) in by_file([fix]) {
            let text = text(&path);
            let sound = edits
                .iter()
                .all(|edit| edit.span.start <= edit.span.end && text.get(edit.span.clone()).is_some())
                && edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
            let (Some(first), Some(last)) = (edits.first(), edits.last()) else { return false };
            let place = first.span.start..last.span.end;
            let taken = self.0.get(&path).is_some_and(|taken| {
                taken.iter().any(|other| place.start <= other.end && other.start <= place.end)
            });
            if !sound || taken {
                return false;
            }
            places.push((path, place));
        }
        for (path, place) in places {
            self.0.entry(path).or_default().push(place);
        }
        true
    }
}

/// Sorts the edits of fixes by file and place.
pub(super) fn by_file<'a>(fixes: impl IntoIterator<Item = &'a Fix>) -> BTreeMap<Arc<str>, Vec<&'a Edit>> {
    let mut sorted: BTreeMap<Arc<str>, Vec<&Edit>> = BTreeMap::new();
    for edit in fixes.into_iter().flat_map(|fix| &fix.edits) {
        sorted.entry(edit.path.clone()).or_default().push(edit);
    }
    for edits in sorted.values_mut() {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    }
    sorted
}

/// Puts edits, which are sorted and do not overlap, into a text.
pub(super) fn apply(text: &str, edits: &[&Edit]) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out + &text[at..]
}

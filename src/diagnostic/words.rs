//! Words that several messages share.

use std::ops::Range;

/// The longest user text that a message repeats.
const LONGEST: usize = 60;

/// Returns the candidate that a reader most likely meant, or none that is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let plain = strsim::damerau_levenshtein(word, candidate);
            let folded = strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase());
            (plain.min(folded), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Cuts a user's text to a length that a message can carry.
pub fn shorten(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(LONGEST).collect();
    format!("{head}…")
}

/// Writes a count with its noun: "1 API", "2 APIs".
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Returns the byte range of a 1-based line, without its line break; the end of the text beyond it.
pub fn line_range(text: &str, line: usize) -> Range<usize> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            return start..start + content.trim_end_matches(['\n', '\r']).len();
        }
        start += content.len();
    }
    text.len()..text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_needs_to_be_near() {
        assert_eq!(nearest("prot", ["port", "prefix"]), Some("port"));
        assert_eq!(nearest("Image", ["image"]), Some("image"));
        assert_eq!(nearest("zebra", ["port", "prefix"]), None);
        assert_eq!(nearest("replica", ["replicas", "resources"]), Some("replicas"));
    }
}

//! Words that several messages share.

use std::ops::Range;

/// The longest user text that a message repeats.
const LONGEST: usize = 60;

/// Returns the candidate that a reader most likely meant, or none that is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    // In a word of two letters one typo is half of it: no guess is better than that one.
    let allowed = if length < 3 { 0 } else { (length / 3).max(1) };
    let distance = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let distance = strsim::damerau_levenshtein(&word, &candidate);
        // `RollingUpdate` for `rolling`, `nginx` for `ingress-nginx`.
        let (short, long) =
            if word.len() < candidate.len() { (&word, &candidate) } else { (&candidate, &word) };
        let inside = short.len() > 3 && long.contains(short.as_str());
        if inside { distance.min(allowed) } else { distance }
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
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
        assert_eq!(nearest("RollingUpdate", ["rolling", "recreate"]), Some("rolling"));
        assert_eq!(nearest("nginx", ["ingress-nginx"]), Some("ingress-nginx"));
        assert_eq!(nearest("L9", ["L0", "L1"]), None);
    }
}

//! Paths: segment-wise matching, and replacing a prefix, as the Gateway API defines them.

use std::fmt::Write as _;

/// Splits a request's target into its path and its query, which keeps its `?`.
pub(super) fn split(target: &str) -> (&str, &str) {
    target.split_at(target.find('?').unwrap_or(target.len()))
}

/// Returns a prefix without the slash at its end, which no segment-wise match looks at.
pub(super) fn trimmed(prefix: &str) -> &str {
    prefix.trim_end_matches('/')
}

/// Tells whether a prefix matches a path by whole segments.
pub(super) fn has_prefix(path: &str, prefix: &str) -> bool {
    below(path, prefix).is_some()
}

/// Returns what follows a prefix that matches by whole segments: nothing, or a slash and more.
pub(super) fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(trimmed(prefix)).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Replaces a matching prefix.
///
/// Source: the table of `HTTPPathModifier.replacePrefixMatch`,
/// <https://gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier>.
pub(super) fn replace(path: &str, prefix: &str, replacement: &str) -> String {
    let rest = below(path, prefix).unwrap_or(path);
    let path = format!("{}{rest}", trimmed(replacement));
    if path.is_empty() { "/".to_owned() } else { path }
}

/// Reads the two hexadecimal digits behind a `%`.
pub(super) fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match bytes {
        [high, low, ..] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

/// Returns the segments of a decoded path, dot segments resolved and slashes merged, and whether it ever leads out of the
/// root, where it goes on from the root.
pub(super) fn resolved(path: &[u8]) -> (Vec<&[u8]>, bool) {
    let mut segments: Vec<&[u8]> = Vec::new();
    let mut leaves = false;
    let last = path.split(|byte| *byte == b'/').count() - 1;
    for (index, segment) in path.split(|byte| *byte == b'/').enumerate().skip(1) {
        match segment {
            b"." | b"" if index < last => {}
            b"." => segments.push(b""),
            b".." => {
                leaves |= segments.pop().is_none();
                if index == last {
                    segments.push(b"");
                }
            }
            _ => segments.push(segment),
        }
    }
    (segments, leaves)
}

/// Encodes all bytes but the safe ones.
pub(super) fn percent_encoded(bytes: &[u8], is_safe: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if is_safe(*byte) && byte.is_ascii() {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_with_a_segment() {
        assert_eq!(below("/ab/c", "/ab"), Some("/c"));
        assert_eq!(below("/ab", "/ab/"), Some(""));
        assert_eq!(below("/abc", "/ab"), None);
        assert_eq!(below("/abc", "/"), Some("/abc"));
    }

    #[test]
    fn the_query_keeps_its_mark() {
        assert_eq!(split("/a?b=/c?d"), ("/a", "?b=/c?d"));
        assert_eq!(split("/a"), ("/a", ""));
    }
}

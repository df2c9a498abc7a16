//! Time zones: the names of the IANA database (public domain), with those that it keeps for old uses.

/// One name a line, sorted by bytes.
const NAMES: &str = include_str!("zones.txt");

/// `validateTimeZone`: tells whether a name is one that the server can load.
pub(super) fn is_known(name: &str) -> bool {
    NAMES.lines().any(|known| known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_as_they_are_written() {
        assert!(is_known("Europe/Berlin") && is_known("UTC") && is_known("Etc/GMT+5"));
        assert!(
            !is_known("") && !is_known("Europe/Berln") && !is_known("europe/berlin") && !is_known("Local")
        );
        assert!(NAMES.lines().is_sorted());
    }
}

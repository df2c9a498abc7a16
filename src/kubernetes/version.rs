//! The versions of Kubernetes that the store knows.

use std::fmt;

/// Minor versions in their order.
pub const VERSIONS: &[Version] = &[
    Version("1.25"),
    Version("1.26"),
    Version("1.27"),
    Version("1.28"),
    Version("1.29"),
    Version("1.30"),
    Version("1.31"),
    Version("1.32"),
    Version("1.33"),
    Version("1.34"),
    Version("1.35"),
    Version("1.36"),
    Version("1.37"),
];

/// A minor version of Kubernetes that the store knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(&'static str);

/// The version that serves for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The one that is known.
    pub version: Version,
    /// Whether it is the one that was asked for; patch versions do not differ.
    pub exact: bool,
}

impl Version {
    /// Finds the known version nearest to a text such as `1.33`, `v1.33.4` or `1.33.4-gke.100`; `None` if
    /// the text is no version.
    pub fn nearest(text: &str) -> Option<Nearest> {
        let (major, rest) = text.strip_prefix('v').unwrap_or(text).split_once('.')?;
        let minor: u32 = rest.split(['.', '-', '+']).next()?.parse().ok()?;
        // There is one major version. Another is as far away as can be.
        let minor = match major.parse::<u32>().ok()? {
            0 => 0,
            1 => minor,
            _ => u32::MAX,
        };
        let version = *VERSIONS.iter().min_by_key(|version| version.minor().abs_diff(minor))?;
        Some(Nearest { version, exact: version.minor() == minor })
    }

    /// Its second number: 33 for 1.33.
    pub fn minor(self) -> u32 {
        self.0.split_once('.').and_then(|(_, minor)| minor.parse().ok()).unwrap_or_default()
    }

    /// Its name, `1.33`.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(text: &str) -> Option<(&'static str, bool)> {
        Version::nearest(text).map(|nearest| (nearest.version.as_str(), nearest.exact))
    }

    #[test]
    fn a_minor_version_is_itself_and_others_are_near_one() {
        for text in ["1.33", "1.33.4", "v1.33", "v1.33.4", "1.33.4-gke.1172000", "1.33.1+k3s1"] {
            assert_eq!(nearest(text), Some(("1.33", true)), "{text}");
        }
        assert_eq!(nearest("1.19"), Some(("1.25", false)));
        assert_eq!(nearest("1.99.1"), Some(("1.37", false)));
        assert_eq!(nearest("2.0"), Some(("1.37", false)));
        for text in ["", "1", "v1", "latest", "1.x", "1.", ".33", "-1.33"] {
            assert_eq!(nearest(text), None, "{text}");
        }
    }

    #[test]
    fn versions_are_in_order() {
        assert!(VERSIONS.is_sorted_by(|one, next| one.minor() + 1 == next.minor()));
    }
}

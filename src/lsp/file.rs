//! Files as editors name them, and what each is to onramp.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use lsp_types::Uri;

use crate::exceptions::{FREEZES, WAIVERS};
use crate::fleet::{METADATA_FILE, ONBOARDING};
use crate::platform;

/// What is looked at together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    /// One API.
    Api(String),
    /// What all APIs have in common.
    Common,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Metadata,
    Platform,
    Waivers,
    Freezes,
    /// One that is looked at, and has no schema of ours.
    Other,
}

impl Unit {
    /// Says what a file is looked at with, by its path from the root; nothing for what no API is made of.
    pub(super) fn of(path: &str) -> Option<Self> {
        let mut parts = path.splitn(3, '/');
        match (parts.next()?, parts.next(), parts.next()) {
            (ONBOARDING, Some(name), Some(_)) => Some(Self::Api(name.to_owned())),
            (platform::PATH, None, None) | (WAIVERS | FREEZES | "templates", Some(_), _) => {
                Some(Self::Common)
            }
            _ => None,
        }
    }

    /// Tells whether a file belongs to it.
    pub(super) fn has(&self, path: &str) -> bool {
        match self {
            Self::Common => !path.strip_prefix(ONBOARDING).is_some_and(|rest| rest.starts_with('/')),
            Self::Api(_) => Self::of(path).as_ref() == Some(self),
        }
    }
}

impl Role {
    pub(super) fn of(path: &str) -> Self {
        let mut parts = path.split('/');
        match (parts.next().unwrap_or_default(), parts.next(), parts.next(), parts.next()) {
            (ONBOARDING, Some(_), Some(METADATA_FILE), None) => Self::Metadata,
            (platform::PATH, None, ..) => Self::Platform,
            (WAIVERS, Some(_), ..) => Self::Waivers,
            (FREEZES, Some(_), ..) => Self::Freezes,
            _ => Self::Other,
        }
    }
}

/// Returns the path that a `file:` address means.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    // The name of a machine may stand in between, and is this one.
    let path = &rest[rest.find('/')?..];
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.as_bytes();
    while let [first, tail @ ..] = left {
        left = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        left = &tail[2..];
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// Returns the address of a path.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    let mut text = "file://".to_owned();
    for byte in path.to_str()?.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // A text takes whatever is written to it.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    Uri::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_back() {
        for path in ["/a/b.yaml", "/with space/ü#?%41/[x].yaml", "/"] {
            let uri = uri_of(Path::new(path)).unwrap();
            assert_eq!(path_of(uri.as_str()), Some(PathBuf::from(path)), "{}", uri.as_str());
        }
        assert_eq!(path_of("file:///c%3A/x"), Some("/c:/x".into()));
        for none in ["untitled:1", "file:///%zz", "file:///%4", "file:///%ff", "https://a/b"] {
            assert_eq!(path_of(none), None, "{none}");
        }
    }

    #[test]
    fn files_belong_to_units() {
        let api = |name: &str| Some(Unit::Api(name.to_owned()));
        assert_eq!(Unit::of("onboarding/a/metadata.yaml"), api("a"));
        assert_eq!(Unit::of("onboarding/a/config/prod/x.yaml"), api("a"));
        for common in ["platform.yaml", "waivers/a.yaml", "freezes/x/a.yaml", "templates/a.j2"] {
            assert_eq!(Unit::of(common), Some(Unit::Common));
        }
        for none in ["README.md", "onboarding/README.md", "platform.yaml/x", "x/platform.yaml", ""] {
            assert_eq!(Unit::of(none), None, "{none}");
        }
        assert_eq!(Role::of("onboarding/a/metadata.yaml"), Role::Metadata);
        assert_eq!(Role::of("onboarding/a/config/metadata.yaml"), Role::Other);
    }
}

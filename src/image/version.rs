//! Tags in the order of Semantic Versioning.

use super::ImageRef;

/// A version in the order of Semantic Versioning: three numbers, and what comes before a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    numbers: [u64; 3],
    /// A release is newer than what came before it.
    released: bool,
    before: Vec<Identifier>,
}

/// A part of a pre-release: numbers are older than words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl ImageRef {
    /// Reads a tag such as `v1.2.3-rc.1`; nothing where it is no such version.
    ///
    /// Source: <https://semver.org/spec/v2.0.0.html#spec-item-11>. A `v` before it is common in tags, and `+` cannot be in one.
    pub fn version(&self) -> Option<Version> {
        let tag = self.tag()?;
        let tag = tag.strip_prefix('v').unwrap_or(tag);
        let (core, before) = tag.split_once('-').map_or((tag, None), |(core, before)| (core, Some(before)));
        let mut parts = core.split('.').map(|part| part.parse::<u64>().ok());
        let numbers = [parts.next()??, parts.next()??, parts.next()??];
        if parts.next().is_some() {
            return None;
        }
        let identifier = |part: &str| match part.parse() {
            Ok(number) => Identifier::Number(number),
            Err(_) => Identifier::Word(part.to_owned()),
        };
        let released = before.is_none();
        let before = before.into_iter().flat_map(|text| text.split('.')).map(identifier).collect();
        Some(Version { numbers, released, before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_order_of_semver() {
        let order = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "v1.0.0-rc.1",
            "1.0.0",
            "v1.2.0",
            "1.10.0",
        ];
        let versions: Vec<_> =
            order.iter().map(|tag| ImageRef::parse(&format!("r/a:{tag}")).unwrap().version()).collect();
        assert!(versions.is_sorted() && versions.iter().all(Option::is_some));
        for none in ["latest", "1.2", "1.2.3.4", "build-17"] {
            assert!(ImageRef::parse(&format!("r/a:{none}")).unwrap().version().is_none(), "{none}");
        }
    }
}

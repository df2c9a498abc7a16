//! Image references, by the grammar of the `distribution/reference` package.
//!
//! Source: <https://github.com/distribution/reference/blob/main/reference.go>. Stricter in one
//! point: a bare repository without tag or digest is read, but [`ImageRef::is_complete`] says no.

mod version;

pub use version::Version;

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};

/// A parsed reference: `repository[:tag][@digest]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    text: Box<str>,
    repository: usize,
    tag: Option<(usize, usize)>,
    digest: Option<usize>,
}

/// Why a text is not an image reference: a lowercase fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRefError(pub &'static str);

/// The limit of the grammar for the name, in bytes.
const MAX_NAME: usize = 255;
/// The limit of the grammar for a tag, in bytes.
const MAX_TAG: usize = 128;

impl ImageRef {
    /// Parses a reference.
    ///
    /// # Errors
    /// Says which part breaks the grammar.
    pub fn parse(text: &str) -> Result<Self, ImageRefError> {
        if text.is_empty() {
            return Err(ImageRefError("it is empty"));
        }
        if text.contains(['$', '{', '}', '<', '>']) {
            return Err(ImageRefError("it holds a placeholder that nobody filled in"));
        }
        if text.contains(char::is_whitespace) {
            return Err(ImageRefError("it contains a blank"));
        }
        let (name_and_tag, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let last_segment = name_and_tag.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name_and_tag[last_segment..].find(':') {
            Some(colon) => {
                let colon = last_segment + colon;
                (&name_and_tag[..colon], Some(&name_and_tag[colon + 1..]))
            }
            None => (name_and_tag, None),
        };
        check_name(name)?;
        if let Some(tag) = tag {
            check_tag(tag)?;
        }
        if let Some(digest) = digest {
            check_digest(digest)?;
        }
        Ok(Self {
            repository: name.len(),
            tag: tag.map(|tag| (name.len() + 1, name.len() + 1 + tag.len())),
            digest: digest.map(|_| name_and_tag.len() + 1),
            text: text.into(),
        })
    }

    /// Tells whether it is a tag that somebody wrote in place of a reference: `v2.1.0`, `2.1`.
    pub fn is_tag_alone(&self) -> bool {
        let digits = self.text.strip_prefix('v').unwrap_or(&self.text);
        let is_version = digits.contains('.') && digits.starts_with(|c: char| c.is_ascii_digit());
        self.tag.is_none() && self.digest.is_none() && is_version && !self.text.contains('/')
    }

    /// Returns the reference as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns registry and path, without tag and digest.
    pub fn repository(&self) -> &str {
        &self.text[..self.repository]
    }

    /// Returns registry and path with what a short name leaves out: `nginx` is
    /// `docker.io/library/nginx`, and `index.docker.io` is `docker.io`.
    pub fn full_repository(&self) -> String {
        let repository = self.repository();
        let (registry, path) = match repository.split_once('/') {
            Some(("index.docker.io" | "docker.io", path)) => ("docker.io", path),
            Some((registry, _)) if is_registry(registry) => return repository.to_owned(),
            _ => ("docker.io", repository),
        };
        let library = if path.contains('/') { "" } else { "library/" };
        format!("{registry}/{library}{path}")
    }

    /// Returns the tag.
    pub fn tag(&self) -> Option<&str> {
        self.tag.map(|(start, end)| &self.text[start..end])
    }

    /// Returns the digest with its algorithm, such as `sha256:…`.
    pub fn digest(&self) -> Option<&str> {
        self.digest.map(|start| &self.text[start..])
    }

    /// Tells whether the reference names one image: a tag, a digest or both.
    pub fn is_complete(&self) -> bool {
        self.tag.is_some() || self.digest.is_some()
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for ImageRefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de> Deserialize<'de> for ImageRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

fn check_name(name: &str) -> Result<(), ImageRefError> {
    if name.len() > MAX_NAME {
        return Err(ImageRefError("its name is longer than 255 characters"));
    }
    let mut segments = name.split('/');
    let first = segments.next().unwrap_or_default();
    let mut path: Vec<&str> = segments.collect();
    if path.is_empty() || !is_registry(first) {
        path.insert(0, first);
    } else {
        check_registry(first)?;
    }
    if path.iter().any(|segment| segment.is_empty()) {
        return Err(ImageRefError("a part of its path is empty"));
    }
    if path.iter().any(|segment| segment.contains(|c: char| c.is_ascii_uppercase())) {
        return Err(ImageRefError("its path has upper-case letters"));
    }
    if !path.iter().all(|segment| is_path_component(segment)) {
        return Err(ImageRefError("its path has characters that no registry accepts"));
    }
    // 64 hex digits alone are an image ID, which no registry can serve.
    if path.len() == 1 && path[0] == name && name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(ImageRefError("it is an image ID, not a name"));
    }
    Ok(())
}

/// Docker's rule for telling a registry from the first part of a path.
fn is_registry(segment: &str) -> bool {
    segment == "localhost"
        || segment.contains(['.', ':'])
        || segment.contains(|c: char| c.is_ascii_uppercase())
}

fn check_registry(registry: &str) -> Result<(), ImageRefError> {
    let (host, port) = match registry.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else {
                return Err(ImageRefError("the address of its registry lacks `]`"));
            };
            if address.is_empty() || !address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
                return Err(ImageRefError("the address of its registry is not an IPv6 address"));
            }
            ("ipv6", port.strip_prefix(':').or((!port.is_empty()).then_some("x")))
        }
        None => match registry.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (registry, None),
        },
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !host.split('.').all(is_label) {
        return Err(ImageRefError("its registry is not a host name"));
    }
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit())) {
        return Err(ImageRefError("the port of its registry is not a number"));
    }
    Ok(())
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_path_component(component: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = component.as_bytes();
    if !bytes.first().copied().is_some_and(is_word) || !bytes.last().copied().is_some_and(is_word) {
        return false;
    }
    component
        .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        .filter(|separator| !separator.is_empty())
        .all(|separator| matches!(separator, "." | "_" | "__") || separator.bytes().all(|b| b == b'-'))
}

fn check_tag(tag: &str) -> Result<(), ImageRefError> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = tag.as_bytes();
    if bytes.is_empty() {
        return Err(ImageRefError("its tag is empty"));
    }
    if bytes.len() > MAX_TAG {
        return Err(ImageRefError("its tag is longer than 128 characters"));
    }
    if !is_word(bytes[0]) || !bytes.iter().all(|&b| is_word(b) || b == b'.' || b == b'-') {
        return Err(ImageRefError("its tag has characters that no registry accepts"));
    }
    Ok(())
}

fn check_digest(digest: &str) -> Result<(), ImageRefError> {
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return Err(ImageRefError("its digest names no algorithm, such as `sha256:`"));
    };
    let wanted = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Err(ImageRefError("its digest is neither sha256, sha384 nor sha512")),
    };
    if hex.len() != wanted || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Err(ImageRefError("its digest has not the number of lower-case hex digits of its algorithm"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn parts() {
        let digest = format!("sha256:{HEX}");
        let full = format!("reg.example:5000/a/b:v1@{digest}");
        for (text, repository, tag, sum) in [
            ("nginx", "nginx", None, None),
            ("nginx:1.10", "nginx", Some("1.10"), None),
            ("localhost/x", "localhost/x", None, None),
            ("reg.example:5000/a/b", "reg.example:5000/a/b", None, None),
            ("[2001:db8::1]:5000/a:t", "[2001:db8::1]:5000/a", Some("t"), None),
            ("a__b/c---d.e:_x", "a__b/c---d.e", Some("_x"), None),
            (full.as_str(), "reg.example:5000/a/b", Some("v1"), Some(digest.as_str())),
        ] {
            let image = ImageRef::parse(text).unwrap();
            assert_eq!((image.repository(), image.tag(), image.digest()), (repository, tag, sum), "{text}");
        }
    }

    #[test]
    fn short_names_are_docker_hub() {
        for (text, full) in [
            ("redis:4", "docker.io/library/redis"),
            ("prom/statsd", "docker.io/prom/statsd"),
            ("docker.io/redis", "docker.io/library/redis"),
            ("index.docker.io/prom/x", "docker.io/prom/x"),
            ("localhost/x", "localhost/x"),
            ("reg.example:5000/x", "reg.example:5000/x"),
        ] {
            assert_eq!(ImageRef::parse(text).unwrap().full_repository(), full, "{text}");
        }
    }

    #[test]
    fn refused() {
        let cases = [
            "",
            " a",
            "a b",
            "A",
            "a/B",
            "a:",
            "a:té",
            "a:-x",
            "a@",
            "a@sha256:12",
            "a@md5:12",
            "a//b",
            "/a",
            "a/",
            "reg.example:port/a",
            "-x.example/a",
            "a_-b",
            "a___b",
            ".a",
            "a:x:y",
            "[::1/a",
            HEX,
        ];
        for text in cases {
            assert!(ImageRef::parse(text).is_err(), "{text} should be refused");
        }
    }
}

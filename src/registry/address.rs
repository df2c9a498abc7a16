//! Where a registry is: from a reference to the address of its manifest, and the addresses that it leads to.

use super::said;
use crate::image::ImageRef;
use crate::outcome::Failure;

/// The registry that a reference without one means.
const HUB: &str = "docker.io";
/// Where its API is.
const HUB_API: &str = "registry-1.docker.io";
/// What the Docker config calls it.
pub(super) const HUB_KEY: &str = "https://index.docker.io/v1/";

/// A tag in a repository of a registry.
pub(super) struct Place {
    /// The registry as the reference names it, with its port.
    pub(super) registry: String,
    /// The repository below it.
    pub(super) path: String,
    /// The tag.
    pub(super) tag: String,
}

/// An address that may be asked: HTTPS, or HTTP on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) secure: bool,
    /// Host and port, in lower case.
    pub(super) authority: String,
    /// From the first slash on, with the query.
    path: String,
}

impl Place {
    /// Takes a reference apart.
    pub(super) fn of(image: &ImageRef) -> Result<Self, Failure> {
        let full = image.full_repository();
        let parts = full.split_once('/').zip(image.tag());
        let ((registry, path), tag) = parts.ok_or_else(|| {
            Failure::usage(format!("`{image}` has no tag that a registry could be asked for"))
        })?;
        Ok(Self { registry: registry.to_owned(), path: path.to_owned(), tag: tag.to_owned() })
    }

    /// Returns the address of the manifest. Its parts are by a grammar that has no letter that an address would read differently.
    pub(super) fn manifest(&self) -> Result<Url, Failure> {
        let host = if self.registry == HUB { HUB_API } else { &self.registry };
        let scheme = if is_loopback(host) { "http" } else { "https" };
        Url::parse(&format!("{scheme}://{host}/v2/{}/manifests/{}", self.path, self.tag), true)
            .ok_or_else(|| Failure::usage(format!("`{}` is no registry that can be asked", self.registry)))
    }

    /// Returns where tokens are had. Passwords go there, so it has to be HTTPS; on this machine only for a registry of this machine.
    pub(super) fn realm(&self, text: &str) -> Result<Url, Failure> {
        Url::parse(text, is_loopback(&self.registry)).ok_or_else(|| {
            said::system(format!(
                "registry `{}` sends for tokens to an address that is not taken: it has to be https",
                self.registry
            ))
        })
    }

    /// What the Docker config may call the registry, as it is written first.
    pub(super) fn keys(&self) -> Vec<&str> {
        if self.registry == HUB {
            vec![HUB_KEY, "index.docker.io", HUB, HUB_API]
        } else {
            vec![&self.registry]
        }
    }

    /// Repository and tag, as they are shown.
    pub(super) fn shown(&self) -> String {
        format!("{}/{}:{}", self.registry, self.path, self.tag)
    }
}

/// Tells whether a host with its port is this machine.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => return rest == "::1]" || rest.starts_with("::1]:"),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1"
}

impl Url {
    /// Reads an address; nothing where it is none that may be asked. HTTP is for this machine alone, and `local` tells whether that
    /// may be asked at all.
    pub(super) fn parse(text: &str, local: bool) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let rest = rest.split('#').next()?;
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        // No user name, nothing encoded: what is compared here is what is connected to.
        if authority.is_empty() || !authority.chars().all(known) {
            return None;
        }
        if !path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>')) {
            return None;
        }
        let may_be_plain = local && is_loopback(authority);
        if !(secure || may_be_plain) {
            return None;
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Some(Self { secure, authority: authority.to_ascii_lowercase(), path: format!("{slash}{path}") })
    }

    /// Follows a redirect from here; nothing where it leads to what may not be asked.
    pub(super) fn join(&self, location: &str) -> Option<Self> {
        let scheme = if self.secure { "https" } else { "http" };
        let absolute = match location {
            other if other.starts_with("//") => format!("{scheme}:{other}"),
            path if path.starts_with('/') => format!("{scheme}://{}{path}", self.authority),
            other => other.to_owned(),
        };
        Self::parse(&absolute, is_loopback(&self.authority))
    }

    /// Tells whether credentials for the one are for the other too.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.secure == other.secure && self.authority == other.authority
    }

    /// Returns it with more in its query, which is encoded.
    pub(super) fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        let mut text = self.text();
        for (key, value) in pairs {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.push_str(key);
            text.push('=');
            text.push_str(&encode(value));
        }
        text
    }

    /// Returns it as text. Its query may be a secret, so it is not shown.
    pub(super) fn text(&self) -> String {
        format!("{}://{}{}", if self.secure { "https" } else { "http" }, self.authority, self.path)
    }
}

/// Encodes a value of a query.
fn encode(value: &str) -> String {
    use std::fmt::Write as _;
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_leads_to_its_manifest() {
        for (image, url) in [
            ("nginx:1", "https://registry-1.docker.io/v2/library/nginx/manifests/1"),
            ("docker.io/prom/x:1", "https://registry-1.docker.io/v2/prom/x/manifests/1"),
            ("index.docker.io/prom/x:1", "https://registry-1.docker.io/v2/prom/x/manifests/1"),
            ("ghcr.io/a/b:v1", "https://ghcr.io/v2/a/b/manifests/v1"),
            ("reg.example:5000/a:v1", "https://reg.example:5000/v2/a/manifests/v1"),
            ("localhost:5000/a:v1", "http://localhost:5000/v2/a/manifests/v1"),
            ("127.0.0.1:5000/a:v1", "http://127.0.0.1:5000/v2/a/manifests/v1"),
            ("[::1]:5000/a:v1", "http://[::1]:5000/v2/a/manifests/v1"),
            ("localhost.example/a:v1", "https://localhost.example/v2/a/manifests/v1"),
            ("127.0.0.1.example/a:v1", "https://127.0.0.1.example/v2/a/manifests/v1"),
        ] {
            let place = Place::of(&ImageRef::parse(image).unwrap()).unwrap();
            assert_eq!(place.manifest().unwrap().text(), url, "{image}");
        }
        assert!(Place::of(&ImageRef::parse("ghcr.io/a/b").unwrap()).is_err());
    }

    #[test]
    fn only_safe_addresses_are_asked() {
        for (text, local) in [
            ("http://ghcr.io/token", true),
            ("http://127.0.0.1/token", false),
            ("http://localhost@ghcr.io/token", true),
            ("https://user:secret@ghcr.io/token", true),
            ("https:///token", true),
            ("https://ghcr.io%2f.example/token", true),
            ("https://ghcr.io\\.example/token", true),
            ("https://ghcr.io/to ken", true),
            ("file:///etc/passwd", true),
            ("ftp://ghcr.io/", true),
            ("token", true),
        ] {
            assert_eq!(Url::parse(text, local), None, "{text}");
        }
        let url = Url::parse("HTTPS://Ghcr.IO?x=1#y", false).unwrap();
        assert_eq!(url.with_query(&[("scope", "a:b/c d")]), "https://ghcr.io/?x=1&scope=a%3Ab%2Fc%20d");
    }

    #[test]
    fn a_redirect_is_followed_where_it_is_safe() {
        let url = Url::parse("https://ghcr.io/v2/a", true).unwrap();
        let joined = |location: &str| url.join(location).map(|to| (to.text(), to.is_beside(&url)));
        assert_eq!(joined("/x"), Some(("https://ghcr.io/x".to_owned(), true)));
        assert_eq!(joined("//cdn.example/x"), Some(("https://cdn.example/x".to_owned(), false)));
        assert_eq!(joined("https://ghcr.io:444/x"), Some(("https://ghcr.io:444/x".to_owned(), false)));
        assert_eq!(joined("http://ghcr.io/x"), None);
        assert_eq!(joined("http://127.0.0.1/x"), None);
        assert_eq!(joined("x"), None);
    }
}

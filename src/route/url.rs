//! The argument of `route explain`: a URL as a person types or pastes it.

use std::fmt;

use super::path::percent_encoded;
use super::plain_host;

/// What a request says: a host, and what it asks for there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// The host, in lower case and without port.
    pub host: String,
    /// Path and query, as a client sends them.
    pub target: String,
}

/// Why a text is no URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlError(&'static str);

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for UrlError {}

impl Url {
    /// Reads `[http[s]://]host[:port][/path][?query][#fragment]`.
    ///
    /// What a client cannot send as it stands is percent-encoded; `//`, `..` and `%2F` stay, since
    /// asking about them is what this is for, although browsers resolve `..` before they send.
    ///
    /// # Errors
    /// Fails where there is no host, or where it is none.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let rest = match text.split_once("://") {
            Some((scheme, rest))
                if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) =>
            {
                rest
            }
            Some((scheme, _)) if !scheme.contains(['/', '?', '#']) => {
                return Err(UrlError("its scheme is neither http nor https"));
            }
            _ => text,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(UrlError("it names a user; leave that out"));
        }
        let port = authority.split_once(':').map_or("", |(_, port)| port);
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(UrlError("its port is no number"));
        }
        let host = plain_host(authority);
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() {
            return Err(UrlError("it names no host"));
        }
        if !host.chars().all(is_host) {
            return Err(UrlError("its host is no host name"));
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self { host, target: format!("{slash}{}", encoded(target)) })
    }
}

/// Encodes what no client sends as it stands: spaces, control characters, and all beyond ASCII.
fn encoded(text: &str) -> String {
    percent_encoded(text.as_bytes(), |byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, String) {
        let url = Url::parse(text).unwrap();
        (url.host, url.target)
    }

    #[test]
    fn urls_as_people_paste_them() {
        let pair = |host: &str, target: &str| (host.to_owned(), target.to_owned());
        assert_eq!(
            parsed("https://Api.Acme.Example/Pay//a?q=/b#c"),
            pair("api.acme.example", "/Pay//a?q=/b")
        );
        assert_eq!(parsed("api.acme.example"), pair("api.acme.example", "/"));
        assert_eq!(parsed("api.acme.example:8443?q"), pair("api.acme.example", "/?q"));
        assert_eq!(parsed("a.example/ä b"), pair("a.example", "/%C3%A4%20b"));
        assert_eq!(parsed("a.example/x?to=https://b.example"), pair("a.example", "/x?to=https://b.example"));
    }

    #[test]
    fn what_is_no_url_is_said() {
        for bad in [
            "",
            "/path",
            "ftp://a.example",
            "https://",
            "a b/x",
            "user@a.example",
            "https:///x",
            "a.example:x/",
            "[::1]/x",
        ] {
            assert!(Url::parse(bad).is_err(), "{bad}");
        }
    }
}

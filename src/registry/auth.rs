//! How a registry is opened: its challenge, and the token that answers it.
//!
//! Source: <https://distribution.github.io/distribution/spec/auth/token/> and `/oauth/` beside it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::address::Url;
use super::config::Credentials;
use super::http::{Client, Method};
use crate::outcome::Failure;

/// What a registry wants to see.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password.
    Basic,
    /// A token, had at the realm.
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

/// The most bytes of a token; some servers pack all rights of a user into it.
const MOST_TOKEN: usize = 32 << 10;

/// Reads the `WWW-Authenticate` headers; a token is taken before a password.
pub(super) fn challenge(headers: &[&str]) -> Option<Challenge> {
    let all: Vec<(String, Vec<(String, String)>)> = headers.iter().flat_map(|text| schemes(text)).collect();
    for (_, parameters) in all.iter().filter(|(scheme, _)| scheme == "bearer") {
        let get = |key: &str| parameters.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
        if let Some(realm) = get("realm") {
            return Some(Challenge::Bearer { realm, service: get("service"), scope: get("scope") });
        }
    }
    all.iter().any(|(scheme, _)| scheme == "basic").then_some(Challenge::Basic)
}

/// Reads one header: schemes with their parameters, both in lower case. A word before `=` is a parameter, any other a scheme.
fn schemes(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',', '=']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        if end == 0 {
            return found;
        }
        let word = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start_matches([' ', '\t']);
        let Some(value) = rest.strip_prefix('=') else {
            found.push((word, Vec::new()));
            continue;
        };
        let value = value.trim_start_matches([' ', '\t']);
        let (value, after) = if let Some(quoted) = value.strip_prefix('"') {
            unquote(quoted)
        } else {
            let (value, after) = value.split_at(value.find([' ', '\t', ',']).unwrap_or(value.len()));
            (value.to_owned(), after)
        };
        if let Some((_, parameters)) = found.last_mut() {
            parameters.push((word, value));
        }
        rest = after;
    }
}

/// Reads what follows a quote up to the next one.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter => value.push(letter),
        }
    }
    (value, "")
}

/// Returns the header for a name and a password.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// Returns the header for a token; nothing where it could not stand in one.
pub(super) fn bearer(token: &str) -> Option<String> {
    let fits = !token.is_empty() && token.len() <= MOST_TOKEN && token.bytes().all(|b| b.is_ascii_graphic());
    fits.then(|| format!("Bearer {token}"))
}

/// What a server of tokens answers; the names are of the one or the other specification.
#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

/// Gets a token; nothing where it is refused.
///
/// # Errors
/// Blames the system where the server cannot be reached, or does not answer with a token.
pub(super) fn token(
    client: &Client,
    realm: &Url,
    service: Option<&str>,
    scope: &str,
    credentials: Option<&Credentials>,
) -> Result<Option<String>, Failure> {
    let mut pairs = vec![("scope", scope)];
    pairs.extend(service.map(|service| ("service", service)));
    let reply = match credentials {
        Some(Credentials::Identity(token)) => {
            pairs.extend([
                ("grant_type", "refresh_token"),
                ("client_id", "onramp"),
                ("refresh_token", token),
            ]);
            client.post(realm, &pairs)?
        }
        other => {
            let header = match other {
                Some(Credentials::Password { user, password }) => Some(basic(user, password)),
                _ => None,
            };
            let url = Url::parse(&realm.with_query(&pairs), !realm.secure);
            let url = url.ok_or_else(|| client.nonsense(realm, "its address for tokens cannot be asked"))?;
            client.fetch(Method::Get, &url, "application/json", header.as_deref())?
        }
    };
    match reply.status {
        200 => {
            let answer: Option<Answer> = serde_json::from_slice(&reply.body).ok();
            let token = answer.and_then(|answer| answer.token.or(answer.access_token));
            token.map(Some).ok_or_else(|| client.nonsense(realm, "its answer holds no token"))
        }
        400 | 401 | 403 | 404 => Ok(None),
        status => Err(client.nonsense(realm, &format!("it answered {status} when it was asked for a token"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token_at(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
            scope: scope.map(str::to_owned),
        }
    }

    #[test]
    fn challenges() {
        let hub = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:library/nginx:pull,push\"";
        let hub_means = token_at(
            "https://auth.docker.io/token",
            Some("registry.docker.io"),
            Some("repository:library/nginx:pull,push"),
        );
        for (headers, means) in [
            (vec![hub], Some(hub_means)),
            (vec!["Basic realm=\"x, Bearer realm=y\""], Some(Challenge::Basic)),
            (vec!["basic"], Some(Challenge::Basic)),
            (
                vec!["Basic realm=x, BEARER Realm = \"a\\\"b\" , service=c"],
                Some(token_at("a\"b", Some("c"), None)),
            ),
            (vec!["Basic realm=x", "Bearer realm=y"], Some(token_at("y", None, None))),
            (vec!["Bearer service=x"], None),
            (vec!["Negotiate YWJj=="], None),
            (vec!["Bearer realm=\"open"], Some(token_at("open", None, None))),
            (vec!["", "=,=", "\"", "=\"\""], None),
            (vec![], None),
        ] {
            assert_eq!(challenge(&headers), means, "{headers:?}");
        }
    }

    #[test]
    fn a_token_cannot_become_a_header_of_its_own() {
        assert_eq!(bearer("abc.def").as_deref(), Some("Bearer abc.def"));
        for wrong in ["", "a b", "a\r\nX: y", "é", &"x".repeat(MOST_TOKEN + 1)] {
            assert_eq!(bearer(wrong), None);
        }
    }
}

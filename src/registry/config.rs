//! The Docker config: who one is at which registry.
//!
//! Source: <https://github.com/docker/cli/blob/master/cli/config/configfile/file.go>. A helper for the registry counts most, then the
//! store of all, then what the file itself holds.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use serde::Deserialize;

use super::address::Place;
use super::helper;
use crate::outcome::Failure;

/// The file that Docker keeps credentials in, or that there is none.
pub struct DockerConfig {
    path: Option<String>,
    bytes: Option<Vec<u8>>,
}

/// What opens a registry. It is never printed, so it has no `Debug`.
pub(super) enum Credentials {
    /// A name and a password.
    Password { user: String, password: String },
    /// What tokens are had for.
    Identity(String),
    /// A token for the registry itself.
    Token(String),
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct File {
    auths: BTreeMap<String, Option<Entry>>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl DockerConfig {
    /// Takes the file as it was read, and its path as it is shown; no bytes where there is no file, no path where nobody knows
    /// where it would lie. It is looked at when a registry asks for credentials.
    pub fn new(path: Option<String>, bytes: Option<Vec<u8>>) -> Self {
        Self { path, bytes }
    }

    /// Looks for the credentials of a registry. What did not work on the way goes to `notes`, and is not the end: the registry may
    /// let everybody read.
    pub(super) fn credentials(
        &self,
        place: &Place,
        left: Duration,
        notes: &mut Vec<String>,
    ) -> Result<Option<Credentials>, Failure> {
        let Some(file) = self.file()? else { return Ok(None) };
        let names = place.keys();
        let helper = find(&file.cred_helpers, &names).or(file.creds_store.as_ref());
        if let Some(helper) = helper.filter(|helper| !helper.is_empty()) {
            match helper::ask(helper, names[0], left) {
                Ok(Some(credentials)) => return Ok(Some(credentials)),
                Ok(None) => {}
                Err(why) => notes.push(why),
            }
        }
        let auth = find(&file.auths, &names).and_then(Option::as_ref);
        Ok(auth.and_then(|auth| {
            let found = auth.credentials();
            if found.is_none() && (auth.auth.is_some() || auth.username.is_some()) {
                notes.push("what it holds for the registry is no name and password".to_owned());
            }
            found
        }))
    }

    /// Says where was looked for credentials, and whether there are any; nothing of what they are.
    pub(super) fn describe(&self, place: &Place) -> String {
        let Some(path) = &self.path else {
            return "no Docker config was looked at: neither DOCKER_CONFIG nor a home directory is known"
                .to_owned();
        };
        let registry = &place.registry;
        match self.file() {
            Ok(None) => format!("there is no Docker config `{path}`"),
            Err(failure) => failure.message,
            Ok(Some(file)) => {
                let names = place.keys();
                match find(&file.cred_helpers, &names).or(file.creds_store.as_ref()) {
                    Some(helper) => {
                        format!("`{path}` has the credential helper `{helper}` for `{registry}`")
                    }
                    None if find(&file.auths, &names).is_some() => {
                        format!("`{path}` has credentials for `{registry}`")
                    }
                    None => format!("`{path}` has no credentials for `{registry}`"),
                }
            }
        }
    }

    fn file(&self) -> Result<Option<File>, Failure> {
        let Some(bytes) = &self.bytes else { return Ok(None) };
        // The words of the parser may quote a value.
        serde_json::from_slice(bytes).map(Some).map_err(|error| {
            let path = self.path.as_deref().unwrap_or("config.json");
            Failure::usage(format!(
                "`{path}` is no Docker config: line {}, column {}",
                error.line(),
                error.column()
            ))
        })
    }
}

impl Entry {
    fn credentials(&self) -> Option<Credentials> {
        let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = some(&self.registrytoken) {
            return Some(Credentials::Token(token));
        }
        if let Some(token) = some(&self.identitytoken) {
            return Some(Credentials::Identity(token));
        }
        let pair = match some(&self.auth) {
            Some(auth) => decode(&auth)?,
            None => (some(&self.username)?, some(&self.password)?),
        };
        Some(Credentials::Password { user: pair.0, password: pair.1 })
    }
}

/// Decodes `name:password` in base64; Docker ends some with a zero.
fn decode(auth: &str) -> Option<(String, String)> {
    let bytes = STANDARD_PAD_INDIFFERENT.decode(auth.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.trim_end_matches('\0').to_owned())).filter(|(user, _)| !user.is_empty())
}

/// Returns the entry of a registry: under its name, or under an address of it, as older files have it.
fn find<'a, T>(entries: &'a BTreeMap<String, T>, names: &[&str]) -> Option<&'a T> {
    names.iter().find_map(|name| entries.get(*name)).or_else(|| {
        let host = |key: &str| {
            let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
            rest.split('/').next().unwrap_or_default().to_ascii_lowercase()
        };
        // A key with a path and no scheme is for a part of the registry, which is no matter of Docker's own.
        let whole = |key: &str| key.contains("://") || !key.contains('/');
        let fits = |key: &str| whole(key) && names.iter().any(|name| host(name) == host(key));
        entries.iter().find(|(key, _)| fits(key)).map(|(_, entry)| entry)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::ImageRef;

    fn look(config: &str, image: &str) -> String {
        let place = Place::of(&ImageRef::parse(image).unwrap()).unwrap();
        let config = DockerConfig::new(Some("config.json".to_owned()), Some(config.into()));
        let mut notes = Vec::new();
        match config.credentials(&place, Duration::from_mins(1), &mut notes) {
            Ok(Some(Credentials::Password { user, password })) => format!("{user} {password}"),
            Ok(Some(Credentials::Identity(token))) => format!("identity {token}"),
            Ok(Some(Credentials::Token(token))) => format!("token {token}"),
            Ok(None) => format!("none{}", notes.concat()),
            Err(failure) => failure.message,
        }
    }

    #[test]
    fn entries_are_found_as_docker_writes_them() {
        // `ann:s3:cret`
        let auth = "{\"auth\": \"YW5uOnMzOmNyZXQ=\"}";
        for (key, image) in [
            ("reg.example:5000", "reg.example:5000/a:1"),
            ("https://reg.example", "reg.example/a:1"),
            ("https://reg.example/v2/", "reg.example/a:1"),
            ("https://index.docker.io/v1/", "nginx:1"),
            ("docker.io", "docker.io/prom/x:1"),
        ] {
            assert_eq!(look(&format!("{{\"auths\": {{\"{key}\": {auth}}}}}"), image), "ann s3:cret", "{key}");
        }
        for (key, image) in [
            ("reg.example", "reg.example:5000/a:1"),
            ("reg.example/team", "reg.example/a:1"),
            ("docker.io", "ghcr.io/a:1"),
        ] {
            assert_eq!(look(&format!("{{\"auths\": {{\"{key}\": {auth}}}}}"), image), "none", "{key}");
        }
    }

    #[test]
    fn entries_hold_several_kinds() {
        let of = |entry: &str| look(&format!("{{\"auths\": {{\"r.example\": {entry}}}}}"), "r.example/a:1");
        assert_eq!(of("{\"auth\": \"YW5uOnMzOmNyZXQ\"}"), "ann s3:cret");
        assert_eq!(of("{\"username\": \"ann\", \"password\": \"x\"}"), "ann x");
        assert_eq!(of("{\"auth\": \"YW5uOng=\", \"identitytoken\": \"abc\"}"), "identity abc");
        assert_eq!(of("{\"registrytoken\": \"abc\"}"), "token abc");
        assert_eq!(of("{}"), "none");
        assert_eq!(of("null"), "none");
        assert_eq!(of("{\"auth\": \"!\"}"), "nonewhat it holds for the registry is no name and password");
        assert_eq!(of("\"s3cret\""), "`config.json` is no Docker config: line 1, column 32");
    }

    #[test]
    fn a_helper_is_no_path() {
        for name in ["../../bin/x", "a b", "A", "a/b", "-", ""] {
            let said = look(&format!("{{\"credsStore\": \"{name}\"}}"), "r.example/a:1");
            assert!(said.starts_with("none"), "{said}");
            assert!(
                name.is_empty() || name == "-" || said.contains("no name of a credential helper"),
                "{said}"
            );
        }
    }
}

//! What a registry says of a tag: its digest, by the HTTP API of the distribution specification.
//!
//! Source: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>, and for tokens
//! <https://distribution.github.io/distribution/spec/auth/token/>. Asked for by `bump-image --resolve-digest` alone; everything else
//! works without a network. Credentials are those of the Docker config, are sent to who asks for them only, and are in no message.

mod address;
mod auth;
mod config;
mod helper;
mod http;
mod said;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

pub use config::DockerConfig;

use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256, Sha512};

use crate::image::ImageRef;
use crate::outcome::Failure;
use address::Place;
use auth::Challenge;
use config::Credentials;
use http::{Client, Method, Reply};

/// How long all questions about one image may take together.
pub const LIMIT: Duration = Duration::from_secs(30);

/// What a manifest may be: an index of several platforms, or one image; by OCI and by Docker.
const ACCEPT: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// Asks the registry for the digest of an image's tag, such as `sha256:…`; `limit` bounds all of it.
///
/// The digest is the one that the registry names. Where the manifest itself was read, it has to be the hash of its bytes.
///
/// # Errors
/// Blames the call where the tag is not there, or may not be read with the credentials at hand, and the system where the registry
/// cannot be reached or gives no sensible answer.
pub fn resolve(image: &ImageRef, config: &DockerConfig, limit: Duration) -> Result<String, Failure> {
    let place = Place::of(image)?;
    let client = Client::new(Instant::now() + limit);
    let mut session =
        Session { place: &place, client: &client, config, authorization: None, notes: Vec::new() };
    let head = session.ask(Method::Head)?;
    if head.status == 200
        && let Some(digest) = head.header("docker-content-digest").filter(|digest| is_digest(image, digest))
    {
        return Ok(digest.to_owned());
    }
    // A registry may leave the digest out of HEAD, or not know HEAD, and says in a body only what it is that it does not have.
    let got = session.ask(Method::Get)?;
    match got.status {
        200 => digest_of(image, &place, &got),
        404 => Err(said::not_found(&place, &got.body, session.authorization.is_none(), config)),
        429 => Err(said::busy(&place)),
        status => Err(said::answered(&place, status)),
    }
}

/// Tells whether a text is the digest of an image.
fn is_digest(image: &ImageRef, text: &str) -> bool {
    ImageRef::parse(&format!("{}@{text}", image.repository())).is_ok()
}

/// Returns the digest of a manifest that was read.
fn digest_of(image: &ImageRef, place: &Place, got: &Reply) -> Result<String, Failure> {
    let hash = |algorithm: &str| match algorithm {
        "sha256" => Some(hex(&Sha256::digest(&got.body))),
        "sha512" => Some(hex(&Sha512::digest(&got.body))),
        _ => None,
    };
    let Some(named) = got.header("docker-content-digest") else {
        // The bytes say it too, where they are a manifest and not the page of some login.
        let kind = got.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        return if ACCEPT.contains(&kind.as_str()) {
            Ok(format!("sha256:{}", hex(&Sha256::digest(&got.body))))
        } else {
            Err(said::no_digest(place))
        };
    };
    if !is_digest(image, named) {
        return Err(said::no_digest(place));
    }
    match named.split_once(':').and_then(|(algorithm, said)| Some(hash(algorithm)? == said)) {
        Some(true) => Ok(named.to_owned()),
        Some(false) => Err(said::wrong_digest(place)),
        None => Err(said::no_digest(place)),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The questions about one image: what opened the registry once is shown again.
struct Session<'a> {
    place: &'a Place,
    client: &'a Client,
    config: &'a DockerConfig,
    authorization: Option<String>,
    /// What did not work while looking for credentials.
    notes: Vec<String>,
}

impl Session<'_> {
    /// Asks for the manifest, and once more with credentials if they are asked for.
    fn ask(&mut self, method: Method) -> Result<Reply, Failure> {
        let url = self.place.manifest()?;
        let accept = ACCEPT.join(", ");
        let ask = |authorization: Option<&str>| self.client.fetch(method, &url, &accept, authorization);
        let mut reply = ask(self.authorization.as_deref())?;
        // Who stands where a redirect led to is not who the credentials are for.
        if reply.status == 401 && self.authorization.is_none() && !reply.elsewhere {
            self.authorization = Some(self.open(&reply)?);
            reply = self.client.fetch(method, &url, &accept, self.authorization.as_deref())?;
        }
        match reply.status {
            401 | 403 => Err(self.refused()),
            _ => Ok(reply),
        }
    }

    /// Returns what answers a challenge.
    fn open(&mut self, reply: &Reply) -> Result<String, Failure> {
        let credentials = self.config.credentials(self.place, self.client.left(), &mut self.notes)?;
        match (auth::challenge(&reply.headers("www-authenticate")), credentials) {
            (_, Some(Credentials::Token(token))) => auth::bearer(&token).ok_or_else(|| self.refused()),
            (Some(Challenge::Bearer { realm, service, scope }), credentials) => {
                let realm = self.place.realm(&realm)?;
                let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", self.place.path));
                let token =
                    auth::token(self.client, &realm, service.as_deref(), &scope, credentials.as_ref())?;
                token.and_then(|token| auth::bearer(&token)).ok_or_else(|| self.refused())
            }
            (Some(Challenge::Basic), Some(Credentials::Password { user, password })) => {
                Ok(auth::basic(&user, &password))
            }
            _ => Err(self.refused()),
        }
    }

    fn refused(&self) -> Failure {
        said::refused(self.place, self.config, &self.notes)
    }
}

//! What a registry's answer means to a person.

use std::fmt;

use serde::Deserialize;

use super::address::Place;
use super::config::DockerConfig;
use crate::outcome::Failure;

/// The errors of an answer, by the specification.
#[derive(Deserialize)]
struct Errors {
    errors: Vec<Error>,
}

#[derive(Deserialize)]
struct Error {
    code: String,
}

/// A failure of the network or of who answers, in its own words.
#[derive(Debug)]
struct Words(String);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Words {}

/// Blames the network, or who answers.
pub(super) fn system(message: String) -> Failure {
    Failure::system(&Words(message))
}

/// Blames the call for a tag that is not there.
pub(super) fn not_found(place: &Place, body: &[u8], anonymous: bool, config: &DockerConfig) -> Failure {
    let errors = serde_json::from_slice::<Errors>(body).map(|body| body.errors).unwrap_or_default();
    let says = |code: &str| errors.iter().any(|error| error.code == code);
    let failure = Failure::usage(if says("NAME_UNKNOWN") {
        format!("registry `{}` has no repository `{}`", place.registry, place.path)
    } else if says("MANIFEST_UNKNOWN") {
        format!("registry `{}` has no tag `{}` in `{}`", place.registry, place.tag, place.path)
    } else {
        format!("registry `{}` has no `{}:{}`", place.registry, place.path, place.tag)
    });
    let failure = failure.hint("push the image before it is released, or leave `--resolve-digest` out");
    if anonymous {
        failure.hint(format!(
            "it did not ask for credentials, and may hide what is private; {}",
            config.describe(place)
        ))
    } else {
        failure
    }
}

/// Blames the credentials.
pub(super) fn refused(place: &Place, config: &DockerConfig, notes: &[String]) -> Failure {
    let mut failure =
        Failure::usage(format!("registry `{}` does not let `{}` be read", place.registry, place.shown()));
    failure.causes.push(config.describe(place));
    failure.causes.extend(notes.iter().cloned());
    failure.hint(format!(
        "log in with `docker login {}`; some registries say the same of a repository that is not there",
        place.registry
    ))
}

/// Blames the registry for having too much to do.
pub(super) fn busy(place: &Place) -> Failure {
    system(format!("registry `{}` has had too many requests", place.registry))
        .hint("try again later; with credentials, registries allow more")
}

/// Blames the registry for an answer that nobody expects.
pub(super) fn answered(place: &Place, status: u16) -> Failure {
    system(format!("registry `{}` answered {status} to the question for `{}`", place.registry, place.shown()))
}

/// Blames the registry for an answer without a digest.
pub(super) fn no_digest(place: &Place) -> Failure {
    system(format!("registry `{}` answered, but with no digest of `{}`", place.registry, place.shown()))
        .hint("what answers may be no registry, such as the page of a login")
}

/// Blames the registry for a digest that is not that of what it sent.
pub(super) fn wrong_digest(place: &Place) -> Failure {
    system(format!(
        "the digest that registry `{}` names for `{}` is not that of the manifest that it sent",
        place.registry,
        place.shown()
    ))
}

//! Routers: what answers for hosts and paths.
//!
//! Each is one file behind one small interface; [`ROUTERS`] names them all. A router gets the entries
//! of an API, neutral as metadata.yaml says them, and either renders them or says what it cannot do.

mod backend;
mod entry;
mod gateway_api;
mod gce_ingress;
mod health;
mod ingress;
mod ingress_nginx;
mod kong;
mod written;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::metadata::{Api, Timeout};
use crate::platform::{Environment, RouterKind};

pub use backend::{Backend, Leg, backend_of, backends, legs};
pub use entry::{Entry, EntryHost, EntryKind, EntryPath, Rewrite, Target, entries, rewrites_host};
pub use health::{HealthCheck, Protocol};
pub use written::{PathKind, Placed, Written};

/// A router that routes can be rendered for.
pub trait Router: Sync {
    /// Which value of `router` in platform.yaml means this one.
    fn kind(&self) -> RouterKind;

    /// The template that it renders.
    fn template(&self) -> &'static str;

    /// Says what it cannot do of what the entries ask for. Where there is anything, nothing is
    /// rendered.
    fn refusals(&self, entries: &[Entry<'_>], environment: &Environment) -> Vec<Refusal>;

    /// Writes a path in the router's own words. `mixed` tells whether the API rewrites any path of
    /// the host.
    fn written(&self, path: &EntryPath<'_>, mixed: bool) -> Written;

    /// Says in which object each path of the entries stands, and how.
    fn placed<'e, 'a>(&self, entries: &'e [Entry<'a>], environment: &Environment) -> Vec<Placed<'e, 'a>>;

    /// Prepares the template's context for one API in one environment.
    fn context(&self, entries: &[Entry<'_>], environment: &Environment) -> Json;

    /// Says which objects its template makes of the context.
    fn objects(&self) -> &'static [Made];

    /// Returns what it wants to find on the Services that the entries lead to, by Service.
    fn service_annotations(&self, _entries: &[Entry<'_>]) -> ServiceAnnotations {
        ServiceAnnotations::new()
    }

    /// Returns what Argo Rollouts needs in order to lead a share of the requests to a canary, where the
    /// router can do that. `context` is what this router has made of the entries.
    fn rollout_routing(&self, _service: &str, _context: &Json) -> Option<Json> {
        None
    }

    /// Tells whether the router's load balancer asks for the health of a target at `/`, since no probe
    /// says anything else that it could ask.
    fn asks_root(&self, _target: &Target<'_>, _environment: &Environment) -> bool {
        false
    }

    /// Returns how early the router tries a path: it takes the greatest that matches. `regex` tells
    /// whether another API makes the router read the host's paths as regular expressions.
    ///
    /// Nothing where a longer prefix always wins.
    fn precedence(&self, _path: &EntryPath<'_>, _regex: bool) -> Option<usize> {
        None
    }
}

/// Objects that a template makes: one of each element of a list in its context.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// The key of the list.
    pub list: &'static str,
    /// The key of the object's name in an element.
    pub name: &'static str,
    /// API group and version.
    pub api_version: &'static str,
    /// Kind.
    pub kind: &'static str,
}

impl Made {
    const fn of(
        list: &'static str,
        name: &'static str,
        api_version: &'static str,
        kind: &'static str,
    ) -> Self {
        Self { list, name, api_version, kind }
    }
}

/// What a router that reads Ingress objects makes of each route.
const INGRESS: Made = Made::of("routes", "name", "networking.k8s.io/v1", "Ingress");

/// Annotations by key, by the name of the Service.
pub type ServiceAnnotations = BTreeMap<String, BTreeMap<String, String>>;

/// Something that a router cannot do.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The key in metadata.yaml that asks for it.
    pub at: Vec<String>,
    /// Why not, as a fragment.
    pub why: String,
    /// What to do instead.
    pub help: String,
}

/// All routers.
pub static ROUTERS: &[&dyn Router] =
    &[&ingress_nginx::IngressNginx, &gateway_api::GatewayApi, &gce_ingress::GceIngress, &kong::Kong];

/// Walks the routers of an environment.
pub fn of(environment: &Environment) -> impl Iterator<Item = &'static dyn Router> {
    environment.router.iter().filter_map(by_kind)
}

/// Finds a router.
pub fn by_kind(kind: RouterKind) -> Option<&'static dyn Router> {
    ROUTERS.iter().copied().find(|router| router.kind() == kind)
}

/// Returns what the routers of an environment want to find on an API's Services.
pub(super) fn service_annotations(api: &Api, environment: &Environment) -> ServiceAnnotations {
    // The routers that most platforms have want nothing, and a fleet is large.
    if !environment.router.has(RouterKind::GceIngress) && !environment.router.has(RouterKind::Kong) {
        return ServiceAnnotations::new();
    }
    let entries = entries(api, environment);
    let mut all = ServiceAnnotations::new();
    for router in of(environment) {
        for (service, annotations) in router.service_annotations(&entries) {
            all.entry(service).or_default().extend(annotations);
        }
    }
    all
}

/// The features that only some routers have, with the keys that ask for them.
fn refuse_settings(entry: &Entry<'_>, features: &[&str], why: &str, help: &str) -> Vec<Refusal> {
    let settings = &entry.settings;
    let asked = [
        ("maxBodySize", settings.max_body_size.is_some()),
        ("allowedSources", !settings.allowed_sources.is_empty()),
        ("rateLimit", settings.rate_limit.is_some()),
    ];
    asked
        .into_iter()
        .filter(|(key, asked)| *asked && features.contains(key))
        .map(|(key, _)| Refusal { at: entry.at(&[key]), why: why.to_owned(), help: help.to_owned() })
        .collect()
}

/// Refuses certificates that the load balancer of Google Cloud has.
fn refuse_pre_shared(entry: &Entry<'_>) -> Vec<Refusal> {
    entry
        .certificates()
        .filter(|(_, tls)| tls.pre_shared_certificate.is_some())
        .map(|(mut at, _)| {
            at.push("preSharedCertificate".to_owned());
            Refusal {
                at,
                why: "it takes certificates from Secrets".to_owned(),
                help: "write `tls: { secret: NAME }`, or `issuer` to have one made".to_owned(),
            }
        })
        .collect()
}

/// Returns the timeout of each Service that has one, for a router that keeps it there.
fn service_timeouts(entries: &[Entry<'_>]) -> BTreeMap<String, Timeout> {
    let mut timeouts = BTreeMap::new();
    for entry in entries {
        for target in entry.targets() {
            if let Some(timeout) = entry.settings.timeout {
                timeouts.insert(target.service.clone(), timeout);
            }
        }
    }
    timeouts
}

/// Refuses timeouts of entries that lead to one Service and disagree, for a router that keeps them
/// there: one of them would hold for both.
fn refuse_split_timeouts(entries: &[Entry<'_>], where_kept: &str) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for entry in entries.iter().filter(|entry| entry.settings.timeout.is_some()) {
        let disagrees = |other: &&Entry<'_>| {
            other.settings.timeout != entry.settings.timeout
                && other.targets().any(|one| entry.targets().any(|target| target.service == one.service))
        };
        if let Some(other) = entries.iter().find(disagrees) {
            let said = match other.settings.timeout {
                Some(Timeout(seconds)) => format!("says {seconds} s"),
                None => "says none".to_owned(),
            };
            refusals.push(Refusal {
                at: entry.at(&["timeout"]),
                why: format!(
                    "it keeps the timeout {where_kept}, where it would hold for `routes.{}` too, which {said}",
                    other.kind.key()
                ),
                help: "write the same `timeout` in both".to_owned(),
            });
        }
    }
    refusals
}

#[cfg(test)]
mod tests;

//! The entries of an API: what its routes say, neutral, resolved, and the same for every router.

use super::backend::{Backend, backend_of, backends};
use super::health::HealthCheck;
use crate::metadata::{Api, IntOrString, LegacyRoute, Settings, Tls, UnifiedRoute};
use crate::platform::Environment;

/// One way into an API. The two entries are objects of their own, since a rewrite on one changes the
/// matching of a whole host.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Which of the two.
    pub kind: EntryKind,
    /// Name of the object: the live one where the API says it.
    pub name: String,
    /// Whether the API says the name.
    pub is_live_name: bool,
    /// Hosts that it answers on, with the paths that lead somewhere.
    pub hosts: Vec<EntryHost<'a>>,
    /// Certificate of the hosts that name none.
    pub tls: Option<&'a Tls>,
    /// What it says beside hosts and paths.
    pub settings: Settings<'a>,
}

/// Which entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// The hosts of old.
    Legacy,
    /// The prefix on the unified host.
    Unified,
}

/// A host of an entry.
#[derive(Debug)]
pub struct EntryHost<'a> {
    /// Its name.
    pub host: &'a str,
    /// Its place in `hosts`.
    pub index: usize,
    /// Its paths, at least one.
    pub paths: Vec<EntryPath<'a>>,
    /// A certificate of its own.
    pub own_tls: Option<&'a Tls>,
}

/// A path of a host.
#[derive(Clone, Debug)]
pub struct EntryPath<'a> {
    /// The path, and all below it, by whole segments; `/` for the whole host.
    pub prefix: &'a str,
    /// Whether only the path itself is meant.
    pub exact: bool,
    /// What the container sees in its place.
    pub rewrite: Rewrite<'a>,
    /// Where it leads.
    pub target: Target<'a>,
    /// Its place in `paths`, where the host has any.
    pub index: Option<usize>,
}

/// What the container sees in place of a prefix. What changes nothing is always [`Rewrite::Keep`], and
/// what leaves nothing is [`Rewrite::Strip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite<'a> {
    /// The prefix itself.
    Keep,
    /// Nothing: the path begins behind it.
    Strip,
    /// Another prefix.
    Prefix(&'a str),
}

/// Where a path leads.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// Name of the workload.
    pub workload: &'a str,
    /// Name of the Service.
    pub service: String,
    /// Its port by name.
    pub port_name: Option<String>,
    /// Its port by number.
    pub port_number: u16,
    /// Whether the API names the port by its number, as its live objects may, or the port has no name.
    pub by_number: bool,
    /// How a load balancer can find out whether the pods behind it can serve.
    pub health: Option<HealthCheck<'a>>,
}

impl EntryKind {
    /// Returns its key below `routes`.
    pub fn key(self) -> &'static str {
        match self {
            EntryKind::Legacy => "legacy",
            EntryKind::Unified => "unified",
        }
    }
}

impl<'a> Entry<'a> {
    /// Returns the way to a key of the entry in metadata.yaml.
    pub fn at(&self, keys: &[&str]) -> Vec<String> {
        ["routes", self.kind.key()].iter().chain(keys).map(|key| (*key).to_owned()).collect()
    }

    /// Returns the way to a key of a path of the entry: where paths are not written out, that of the
    /// host, and for the unified entry the entry itself.
    pub fn at_path(&self, host: &EntryHost<'_>, path: &EntryPath<'_>, key: &str) -> Vec<String> {
        let host_index = host.index.to_string();
        match (self.kind, path.index) {
            (EntryKind::Unified, _) => self.at(&[key]),
            (EntryKind::Legacy, None) => self.at(&["hosts", &host_index]),
            (EntryKind::Legacy, Some(index)) => {
                self.at(&["hosts", &host_index, "paths", &index.to_string(), key])
            }
        }
    }

    /// Returns the certificate of a host.
    pub fn tls_of(&self, host: &EntryHost<'a>) -> Option<&'a Tls> {
        host.own_tls.or(self.tls)
    }

    /// Walks the certificates that are named, with their places in metadata.yaml.
    pub fn certificates(&self) -> impl Iterator<Item = (Vec<String>, &'a Tls)> {
        let own =
            |host: &EntryHost<'a>| Some((self.at(&["hosts", &host.index.to_string(), "tls"]), host.own_tls?));
        self.tls.map(|tls| (self.at(&["tls"]), tls)).into_iter().chain(self.hosts.iter().filter_map(own))
    }

    /// Walks where its paths lead.
    pub fn targets(&self) -> impl Iterator<Item = &Target<'a>> {
        self.hosts.iter().flat_map(|host| &host.paths).map(|path| &path.target)
    }
}

impl EntryPath<'_> {
    /// Tells whether it takes the whole host.
    pub fn is_whole_host(&self) -> bool {
        self.prefix == "/" && !self.exact
    }
}

/// Tells whether paths of a host are rewritten, as far as one API's entries say. On the unified host
/// they always are: other APIs strip theirs.
pub fn rewrites_host(entries: &[Entry<'_>], host: &str) -> bool {
    entries.iter().any(|entry| {
        entry.hosts.iter().filter(|own| own.host == host).any(|own| {
            entry.kind == EntryKind::Unified || own.paths.iter().any(|path| path.rewrite != Rewrite::Keep)
        })
    })
}

/// Returns the entries of an API that are served in an environment: the legacy hosts, and the prefix
/// on the unified host. What leads nowhere is left out; rules say so.
pub fn entries<'a>(api: &'a Api, environment: &'a Environment) -> Vec<Entry<'a>> {
    let backends = backends(api);
    let legacy = api.routes.served_legacy().map(|route| legacy(api, route, &backends));
    let unified = api.routes.served_unified().and_then(|route| unified(api, route, environment, &backends));
    legacy.into_iter().chain(unified).filter(|entry| !entry.hosts.is_empty()).collect()
}

fn legacy<'a>(api: &'a Api, route: &'a LegacyRoute, backends: &[Backend<'a>]) -> Entry<'a> {
    let target = |workload: Option<&'a String>, port: Option<&'a IntOrString>| {
        let workload = workload.or(route.workload.as_ref()).map(String::as_str);
        Target::find(backends, workload, port.or(route.port.as_ref()))
    };
    let hosts = route.hosts.iter().enumerate().filter_map(|(index, host)| {
        let paths: Vec<EntryPath<'a>> = if host.paths.is_empty() {
            let whole =
                |target| EntryPath { prefix: "/", exact: false, rewrite: Rewrite::Keep, target, index: None };
            target(None, None).map(whole).into_iter().collect()
        } else {
            let paths = host.paths.iter().enumerate();
            paths
                .filter_map(|(index, path)| {
                    let strip = path.strip.unwrap_or(false);
                    let rewrite = Rewrite::of(&path.prefix, strip, path.rewrite_prefix.as_deref());
                    Some(EntryPath {
                        prefix: &path.prefix,
                        exact: path.exact,
                        rewrite,
                        target: target(path.workload.as_ref(), path.port.as_ref())?,
                        index: Some(index),
                    })
                })
                .collect()
        };
        let host = EntryHost { host: &host.host, index, paths, own_tls: host.tls.as_ref() };
        (!host.paths.is_empty()).then_some(host)
    });
    Entry {
        kind: EntryKind::Legacy,
        name: route.name.clone().unwrap_or_else(|| format!("{}-legacy", api.name)),
        is_live_name: route.name.is_some(),
        hosts: hosts.collect(),
        tls: route.tls.as_ref(),
        settings: route.settings(),
    }
}

fn unified<'a>(
    api: &'a Api,
    route: &'a UnifiedRoute,
    environment: &'a Environment,
    backends: &[Backend<'a>],
) -> Option<Entry<'a>> {
    let prefix = route.prefix.as_deref()?;
    let path = EntryPath {
        prefix,
        exact: false,
        rewrite: Rewrite::of(prefix, route.strip.unwrap_or(true), route.rewrite_prefix.as_deref()),
        target: Target::find(backends, route.workload.as_deref(), route.port.as_ref())?,
        index: None,
    };
    let host = environment.unified_host.as_deref()?;
    Some(Entry {
        kind: EntryKind::Unified,
        name: route.name.clone().unwrap_or_else(|| format!("{}-unified", api.name)),
        is_live_name: route.name.is_some(),
        hosts: vec![EntryHost { host, index: 0, paths: vec![path], own_tls: None }],
        tls: route.tls.as_ref(),
        settings: route.settings(),
    })
}

impl<'a> Rewrite<'a> {
    fn of(prefix: &str, strip: bool, other: Option<&'a str>) -> Self {
        match other {
            Some(other) if other == prefix => Rewrite::Keep,
            Some("/") => Rewrite::Strip,
            Some(other) => Rewrite::Prefix(other),
            // Nothing can be stripped off a `/`.
            None if strip && prefix != "/" => Rewrite::Strip,
            None => Rewrite::Keep,
        }
    }
}

impl<'a> Target<'a> {
    fn find(backends: &[Backend<'a>], workload: Option<&str>, port: Option<&IntOrString>) -> Option<Self> {
        let backend = backend_of(backends, workload)?;
        let found = backend.port(port)?;
        Some(Self {
            workload: &backend.workload.name,
            service: backend.service.clone(),
            port_name: found.name.clone(),
            port_number: found.port,
            by_number: found.name.is_none() || matches!(port, Some(IntOrString::Int(_))),
            health: HealthCheck::of(backend),
        })
    }
}

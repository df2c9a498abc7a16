//! What routers share that read Ingress objects.
//!
//! An annotation holds for a whole object, so an entry becomes as many objects as it has ways of
//! rewriting and issuers of certificates.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::Router;
use super::entry::{Entry, EntryHost, EntryPath, Rewrite, Target, rewrites_host};
use super::written::{Placed, Written};
use crate::metadata::Tls;
use crate::ordered::map;
use crate::platform::{Environment, RouterKind};

/// What cert-manager makes a certificate by, for the Secrets that `spec.tls` names.
/// Source: <https://cert-manager.io/docs/usage/ingress/>.
const ISSUER: &str = "cert-manager.io/cluster-issuer";

/// What routers that read Ingress objects put behind a name: ingress-nginx, Google Cloud's, Kong.
const ROUTER_WORDS: [&str; 3] = ["nginx", "gce", "kong"];

/// The longest suffix that a path gives to a name.
const MOST_SUFFIX: usize = 40;

/// The paths of an entry that can stand in one object.
#[derive(Debug)]
pub(super) struct Group<'e, 'a> {
    /// Name of the object.
    pub(super) name: String,
    /// The path that all of them are, where it is rewritten.
    pub(super) rewritten: Option<&'e EntryPath<'a>>,
    /// Where the certificates of its hosts come from.
    secrets: Secrets<'a>,
    /// Whether its paths are regular expressions; open where they mean the same either way.
    regex: Option<bool>,
    /// Hosts with their paths.
    pub(super) hosts: Vec<(&'e EntryHost<'a>, Vec<&'e EntryPath<'a>>)>,
}

/// Where certificates come from, as far as it holds for a whole object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrets<'a> {
    /// None is asked for.
    Open,
    /// They exist.
    Exist,
    /// This issuer makes them; it would write into those that exist, too.
    Issued(&'a str),
}

/// Splits an entry into objects. The first has the name that is given: the paths that are not rewritten, or
/// else the first one. Others are named after their path, so that adding one renames none.
///
/// `regex` says of a path that is not rewritten whether the router would have to be told for the whole
/// object that it is an expression; nothing where that makes no difference.
pub(super) fn groups<'e, 'a>(
    entry: &'e Entry<'a>,
    name: String,
    regex: &dyn Fn(&EntryHost<'a>, &EntryPath<'a>) -> Option<bool>,
) -> Vec<Group<'e, 'a>> {
    let mut groups: Vec<Group<'e, 'a>> = Vec::new();
    for host in &entry.hosts {
        let secrets = Secrets::of(entry.tls_of(host));
        for path in &host.paths {
            let rewritten = (path.rewrite != Rewrite::Keep).then_some(path);
            let regex = if rewritten.is_some() { None } else { regex(host, path) };
            let same = |group: &Group<'e, 'a>| {
                group.secrets.fits(secrets)
                    && group.regex.is_none_or(|own| regex.is_none_or(|other| own == other))
                    && group.rewritten.map(way) == rewritten.map(way)
            };
            let at = groups.iter().position(same).unwrap_or(groups.len());
            if at == groups.len() {
                groups.push(Group { name: String::new(), rewritten, secrets, regex, hosts: Vec::new() });
            }
            let group = &mut groups[at];
            if group.secrets == Secrets::Open {
                group.secrets = secrets;
            }
            group.regex = group.regex.or(regex);
            match group.hosts.last_mut().filter(|(last, _)| last.index == host.index) {
                Some((_, paths)) => paths.push(path),
                None => group.hosts.push((host, vec![path])),
            }
        }
    }
    groups.sort_by_key(|group| group.rewritten.is_some());
    let mut names = Names::new(name);
    for group in &mut groups {
        let prefix = group.rewritten.map_or("", |path| path.prefix);
        // A path that reads like a router's own suffix would take the name of the other router's object.
        let first = prefix.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| !word.is_empty());
        let is_suffix = |word: &str| ROUTER_WORDS.iter().any(|own| word.eq_ignore_ascii_case(own));
        group.name = if first.is_some_and(is_suffix) {
            names.next(&format!("path{prefix}"))
        } else {
            names.next(prefix)
        };
    }
    groups
}

impl<'a> Secrets<'a> {
    fn of(tls: Option<&'a Tls>) -> Self {
        match tls {
            Some(Tls { issuer: Some(issuer), .. }) => Secrets::Issued(issuer),
            Some(Tls { secret: Some(_), .. }) => Secrets::Exist,
            _ => Secrets::Open,
        }
    }

    /// Tells whether both can stand in one object.
    fn fits(self, other: Self) -> bool {
        self == other || self == Secrets::Open || other == Secrets::Open
    }
}

/// What makes two rewritten paths fit into one object.
fn way<'a>(path: &EntryPath<'a>) -> (&'a str, bool, Rewrite<'a>) {
    (path.prefix, path.exact, path.rewrite)
}

/// Returns the name of an entry's first object.
///
/// Where onramp names it, a router has always the same suffix, so that two routers which read Ingress
/// objects can serve during a move, and leaving one renames nothing of the other. A live name is that
/// of the first such router.
pub(super) fn object_name(entry: &Entry<'_>, router: RouterKind, environment: &Environment) -> String {
    let [nginx, gce, kong] = ROUTER_WORDS;
    let suffix = match router {
        RouterKind::IngressNginx => nginx,
        RouterKind::GceIngress => gce,
        RouterKind::Kong => kong,
        RouterKind::GatewayApi => return entry.name.clone(),
    };
    let reads_ingress = |kind: &RouterKind| *kind != RouterKind::GatewayApi;
    let bare = if entry.is_live_name {
        environment.router.iter().find(reads_ingress) == Some(router)
    } else {
        router == RouterKind::IngressNginx
    };
    if bare { entry.name.clone() } else { format!("{}-{suffix}", entry.name) }
}

/// Names of one entry's objects.
pub(super) struct Names {
    base: String,
    taken: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(base: String) -> Self {
        Self { base, taken: BTreeSet::new() }
    }

    /// Returns a name that is not taken: the base alone first, then with what sets the object apart.
    pub(super) fn next(&mut self, difference: &str) -> String {
        let words = difference.to_ascii_lowercase();
        let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut slug: String = words.collect::<Vec<_>>().join("-").chars().take(MOST_SUFFIX).collect();
        slug.truncate(slug.trim_end_matches('-').len());
        let name = if self.taken.is_empty() || slug.is_empty() {
            self.base.clone()
        } else {
            format!("{}-{slug}", self.base)
        };
        let mut free = name.clone();
        let mut number = 1;
        while !self.taken.insert(free.clone()) {
            number += 1;
            free = format!("{name}-{number}");
        }
        free
    }
}

/// Returns `spec.tls` of each object, and the annotation of those whose certificate has to be made.
///
/// A host's certificate is named by the first object that has the host: it holds for the host as a
/// whole, and two objects that ask for one certificate would make two.
pub(super) fn certificates(
    entry: &Entry<'_>,
    groups: &[Group<'_, '_>],
) -> Vec<(Option<Json>, Map<String, Json>)> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for group in groups {
        let mut secrets: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (host, _) in &group.hosts {
            let Some(tls) = entry.tls_of(host).filter(|_| seen.insert(host.host)) else { continue };
            let secret = match (&tls.secret, &tls.issuer) {
                (Some(secret), _) => secret.clone(),
                (None, Some(_)) => format!("{}-tls", group.name),
                (None, None) => continue,
            };
            secrets.entry(secret).or_default().push(host.host);
        }
        let mut annotations = Map::new();
        if let (Secrets::Issued(issuer), false) = (group.secrets, secrets.is_empty()) {
            annotations.insert(ISSUER.to_owned(), issuer.into());
        }
        let tls: Vec<Json> =
            secrets.into_iter().map(|(name, hosts)| json!({ "hosts": hosts, "secretName": name })).collect();
        all.push(((!tls.is_empty()).then(|| tls.into()), annotations));
    }
    all
}

/// Says in which object each path stands, given the objects of each entry.
pub(super) fn placed<'e, 'a>(
    entries: &'e [Entry<'a>],
    router: &dyn Router,
    groups: &dyn Fn(&'e Entry<'a>) -> Vec<Group<'e, 'a>>,
) -> Vec<Placed<'e, 'a>> {
    let mut all = Vec::new();
    for entry in entries {
        for Group { name, hosts, .. } in groups(entry) {
            for (host, paths) in hosts {
                let mixed = rewrites_host(entries, host.host);
                all.extend(paths.into_iter().map(|path| {
                    let written = router.written(path, mixed);
                    Placed { entry, host, path, object: name.clone(), written }
                }));
            }
        }
    }
    all
}

/// Makes one rule: a host with its paths, each as `written` says.
pub(super) fn rule<'e, 'a>(
    host: &str,
    paths: &[&'e EntryPath<'a>],
    written: &dyn Fn(&'e EntryPath<'a>) -> Written,
) -> Json {
    let paths: Vec<Json> = paths
        .iter()
        .map(|one| {
            let Written { text, kind, .. } = written(one);
            let backend = map([("service", service(&one.target))]);
            map([("path", text.into()), ("pathType", kind.path_type().into()), ("backend", backend)])
        })
        .collect();
    map([("host", host.into()), ("paths", paths.into())])
}

fn service(target: &Target<'_>) -> Json {
    let port = if target.by_number {
        json!({ "number": target.port_number })
    } else {
        json!({ "name": target.port_name })
    };
    map([("name", target.service.as_str().into()), ("port", port)])
}

/// Returns a prefix as the start of a regular expression. What it may hold and an expression would read
/// is the dot; a `/` that is all of it is left to what follows.
pub(super) fn escape(prefix: &str) -> String {
    prefix.trim_end_matches('/').replace('.', "\\.")
}

/// Adds the API's own annotations for a router, which have the last word; none are left out whole.
pub(super) fn annotations(mut own: Map<String, Json>, entry: &Entry<'_>, router: RouterKind) -> Json {
    for (key, value) in entry.settings.annotations.of(router).iter() {
        own.insert(key.to_owned(), value.clone().into());
    }
    if own.is_empty() { Json::Null } else { Json::Object(own) }
}

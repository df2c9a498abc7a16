//! Two objects of one kind and name in one namespace of a cluster.

use std::collections::{BTreeMap, HashMap};

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, count};
use crate::policy::{Check, FleetContext, Held, Holding, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::new(
    "duplicate-object",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/duplicate-object.md"),
);

/// How many objects one finding names.
const NAMED: usize = 3;

/// A namespace of a cluster; where an environment names no cluster, of that environment.
type Place<'a> = (Option<&'a str>, &'a str, &'a str);

/// An object and whose it is.
type Owned<'a> = (&'a Holding, &'a Held);

/// Two of one name: the first, and the one that comes in its way.
type Pair<'a> = (Owned<'a>, Owned<'a>);

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    // Nearly every namespace is one API's: only the others are put in order.
    let mut places: HashMap<Place<'_>, Vec<&Holding>> = HashMap::new();
    for holding in context.holdings {
        // Within one API Kustomize meets the names before it hashes some. Of what it renders all have names of their
        // own, by another rule.
        if holding.objects.iter().any(|held| held.place.is_some()) {
            report(holding.objects.iter().map(|held| (holding, held)).collect(), sink);
        }
        let settings = context.platform.model.environments.get(&holding.environment);
        let clusters = settings.map(|settings| settings.clusters.as_slice()).unwrap_or_default();
        for cluster in clusters {
            places.entry((Some(cluster), "", &holding.namespace)).or_default().push(holding);
        }
        if clusters.is_empty() {
            places.entry((None, &holding.environment, &holding.namespace)).or_default().push(holding);
        }
    }
    let shared: BTreeMap<_, _> = places.into_iter().filter(|(_, holdings)| holdings.len() > 1).collect();
    for holdings in shared.into_values() {
        let all =
            holdings.iter().flat_map(|holding| holding.objects.iter().map(move |held| (*holding, held)));
        report(all.filter(|(_, held)| !held.id.hashed).collect(), sink);
    }
}

/// Reports all objects that an earlier one, or one that onramp renders itself, has the name of.
fn report(mut all: Vec<Owned<'_>>, sink: &mut Sink) {
    let key =
        |(_, held): &Owned<'_>| (held.id.group().to_owned(), held.id.kind.clone(), held.id.name.clone());
    // A stable sort: of those with one name the APIs stay in order, and what was brought along comes last.
    all.sort_by_cached_key(|owned| (key(owned), owned.1.place.is_some()));
    let mut whole: BTreeMap<[&str; 4], Vec<Pair<'_>>> = BTreeMap::new();
    for same in all.chunk_by(|one, other| key(one) == key(other)) {
        for again in &same[1..] {
            if again.1.place.is_some() {
                sink.push(finding(&[(same[0], *again)]));
            } else if !std::ptr::eq(same[0].0, again.0) {
                let (first, here) = (same[0].0, again.0);
                let between = [&*here.api, &*here.environment, &*first.api, &*first.environment];
                whole.entry(between).or_default().push((same[0], *again));
            }
        }
    }
    for pairs in whole.into_values() {
        sink.push(finding(&pairs));
    }
}

/// Makes one finding of the objects that two holdings have in common.
fn finding(pairs: &[Pair<'_>]) -> Diagnostic {
    let ((first, first_held), (here, held)) = pairs[0];
    let place =
        |holding: &Holding, held: &Held| held.place.clone().unwrap_or_else(|| holding.location.clone());
    let names: Vec<String> = pairs
        .iter()
        .take(NAMED)
        .map(|(_, (_, held))| format!("`{} {}`", held.id.kind, held.id.name))
        .collect();
    let more = match pairs.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {}", count(more, "other")),
    };
    let (relation, advice) = if first.api != here.api {
        (format!("also belongs to `{}`", first.api), "choose another name or namespace")
    } else if first.environment != here.environment {
        (
            format!("is also that of `{}`", first.environment),
            "give the environments namespaces or clusters of their own",
        )
    } else if held.place.is_some() && first_held.place.is_none() {
        (
            "is rendered from metadata.yaml already".to_owned(),
            "change it with a patch, or choose another name",
        )
    } else {
        ("is there twice".to_owned(), "remove one, or choose another name")
    };
    let message = format!("{}{more} in namespace `{}` {relation}", names.join(", "), here.namespace);
    let mut finding = Diagnostic::new(&CODE, place(here, held), message)
        .help(advice)
        .in_environment(here.environment.clone());
    if place(first, first_held) != place(here, held) {
        finding = finding.related(place(first, first_held), "the other one");
    }
    finding.api = Some(here.api.clone());
    finding
}

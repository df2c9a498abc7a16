//! For programs: one JSON document, described by `schemas/changes.schema.json`.

use serde_json::{Map, Value as Json, json};

use super::show;
use crate::effective::{
    Changed, Difference, Group, GroupedChange, Groups, Lines, Member, Shape, Unit, Value,
};
use crate::report::text::quiet_in_logs;

/// The version of the format; it rises when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// Writes the changes between two revisions, which are named as the snapshot describes them.
pub fn json(groups: &Groups, base: &str, head: &str) -> String {
    quiet_in_logs(&format!("{:#}\n", value(groups, base, head)))
}

/// The same as a value, for a document that has it as a part.
pub fn value(groups: &Groups, base: &str, head: &str) -> Json {
    let by_risk = groups.counts.iter().map(|count| {
        let mut json = changed(count.changed);
        json.insert("risk".to_owned(), count.risk.name().into());
        Json::Object(json)
    });
    let mut summary = changed(groups.changed);
    summary.insert("total".to_owned(), groups.total.into());
    summary.insert("byRisk".to_owned(), by_risk.collect());
    let unknown = groups.unknown.iter().map(|one| {
        let mut json = unit(&one.unit);
        json.insert("environment".to_owned(), one.environment.as_ref().into());
        json.insert("base".to_owned(), one.base.into());
        json.insert("head".to_owned(), one.head.into());
        Json::Object(json)
    });
    json!({
        "version": VERSION,
        "tool": { "name": "onramp", "version": env!("CARGO_PKG_VERSION") },
        "base": base,
        "head": head,
        "summary": summary,
        "groups": groups.groups.iter().map(group).collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
    })
}

fn changed(changed: Changed) -> Map<String, Json> {
    let Changed { apis, namespaces, environments } = changed;
    let pairs = [("apis", apis), ("namespaces", namespaces), ("environments", environments)];
    pairs.map(|(key, number)| (key.to_owned(), number.into())).into_iter().collect()
}

fn group(group: &Group) -> Json {
    json!({
        "risk": group.risk.name(),
        "members": group.members.iter().map(member).collect::<Vec<_>>(),
        "changes": group.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn member(member: &Member) -> Json {
    let mut json = unit(&member.unit);
    let environments: Vec<&str> = member.environments.iter().map(AsRef::as_ref).collect();
    json.insert("environments".to_owned(), environments.into());
    Json::Object(json)
}

fn unit(unit: &Unit) -> Map<String, Json> {
    let key = match unit {
        Unit::Api(_) => "api",
        Unit::Namespace(_) => "namespace",
    };
    Map::from_iter([(key.to_owned(), unit.name().into())])
}

fn change(change: &GroupedChange) -> Json {
    let mut json = shape(&change.shape);
    if !change.examples.is_empty() {
        let examples = change.examples.iter().map(|(of, shape)| {
            let mut json = values(&shape.difference);
            json.insert("member".to_owned(), member(of));
            Json::Object(json)
        });
        json.insert("examples".to_owned(), examples.collect::<Vec<_>>().into());
    }
    Json::Object(json)
}

fn shape(shape: &Shape) -> Map<String, Json> {
    let mut json = Map::new();
    json.insert("risk".to_owned(), shape.risk.name().into());
    json.insert("difference".to_owned(), name(&shape.difference).into());
    for (key, text) in [("object", &shape.object), ("path", &shape.path)] {
        if !text.is_empty() {
            json.insert(key.to_owned(), show(text, None).into());
        }
    }
    if !shape.restarts.is_empty() {
        let restarts: Vec<String> = shape.restarts.iter().map(|name| show(name, None)).collect();
        json.insert("restarts".to_owned(), restarts.into());
    }
    json.extend(values(&shape.difference));
    json
}

fn name(difference: &Difference) -> &'static str {
    match difference {
        Difference::EnvironmentComes { whole: true, .. } => "new-api",
        Difference::EnvironmentComes { .. } => "new-environment",
        Difference::EnvironmentGoes { whole: true, .. } => "removed-api",
        Difference::EnvironmentGoes { .. } => "removed-environment",
        Difference::Comes => "new-object",
        Difference::Goes => "removed-object",
        Difference::Moves(..) => "moved",
        Difference::Value(None, _) => "added",
        Difference::Value(_, None) => "removed",
        Difference::Value(..) => "changed",
        Difference::Lines(_) => "lines",
        Difference::Order => "order",
        Difference::Various => "various",
    }
}

fn values(difference: &Difference) -> Map<String, Json> {
    let mut json = Map::new();
    match difference {
        Difference::EnvironmentComes { kinds, .. } | Difference::EnvironmentGoes { kinds, .. } => {
            let kinds: Map<String, Json> =
                kinds.iter().map(|(kind, number)| (kind.to_string(), (*number).into())).collect();
            json.insert("kinds".to_owned(), kinds.into());
        }
        Difference::Moves(from, to) => {
            json.insert("before".to_owned(), show(from, None).into());
            json.insert("after".to_owned(), show(to, None).into());
        }
        Difference::Value(before, after) => {
            let mut put = |key: &str, value: &Option<Value>| {
                if let Some(value) = value {
                    json.insert(key.to_owned(), show(&value.shown, None).into());
                }
            };
            put("before", before);
            put("after", after);
        }
        Difference::Lines(Lines { added, removed, excerpt, .. }) => {
            json.insert("linesAdded".to_owned(), (*added).into());
            json.insert("linesRemoved".to_owned(), (*removed).into());
            let excerpt: Vec<String> = excerpt.iter().map(|line| show(line, None)).collect();
            json.insert("excerpt".to_owned(), excerpt.into());
        }
        Difference::Comes | Difference::Goes | Difference::Order | Difference::Various => {}
    }
    json
}

//! A lifecycle state requires a key that metadata.yaml cannot have.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Sink, nearest};
use crate::platform::LoadedPlatform;
use crate::policy::{Check, Rule};
use crate::schema;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Platform(check) };

static CODE: Code =
    Code::unreadable("unknown-required-key", include_str!("../../../docs/rules/unknown-required-key.md"));

fn check(platform: &LoadedPlatform, sink: &mut Sink) {
    for (state, lifecycle) in platform.model.lifecycles.iter() {
        for (index, path) in lifecycle.requires.iter().enumerate() {
            let Err(near) = find(&schema::METADATA.json, path) else { continue };
            let place = platform.locate(["lifecycles", state, "requires", &index.to_string()]);
            sink.push(
                Diagnostic::new(&CODE, place, format!("no `metadata.yaml` can have the key `{path}`"))
                    .label("not a key")
                    .help(near.as_deref().map_or_else(
                        || "`onramp schema metadata` describes every key".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    ))
                    .meant(path, near.as_deref()),
            );
        }
    }
}

/// Follows a dotted path through a schema. Where it ends too early, returns what may have been meant.
fn find(schema: &Json, path: &str) -> Result<(), Option<String>> {
    // What holds in one environment is looked for there, under the key's own name.
    if path.split('.').next() == Some("environments") {
        return Err(path.split('.').nth(2).map(|_| path.splitn(3, '.').skip(2).collect()));
    }
    let mut here = alternatives(schema, schema);
    let mut before = String::new();
    for key in path.split('.') {
        let next: Vec<&Json> = here
            .iter()
            .filter_map(|node| child(node, key))
            .flat_map(|node| alternatives(schema, node))
            .collect();
        if next.is_empty() {
            let known = here.iter().filter_map(|node| node["properties"].as_object());
            let near = nearest(key, known.flat_map(|keys| keys.keys().map(String::as_str)));
            return Err(near.map(|near| format!("{before}{near}")));
        }
        before = format!("{before}{key}.");
        here = next;
    }
    Ok(())
}

/// Returns the schema of a key.
fn child<'a>(node: &'a Json, key: &str) -> Option<&'a Json> {
    static ANYTHING: Json = Json::Bool(true);
    if *node == ANYTHING {
        return Some(&ANYTHING);
    }
    let is_map = match &node["type"] {
        Json::Array(types) => types.iter().any(|kind| kind == "object"),
        kind => kind == "object",
    };
    match (node["properties"].get(key), node.get("additionalProperties")) {
        (Some(known), _) => Some(known),
        (None, Some(further)) => Some(further).filter(|further| **further != Json::Bool(false)),
        // Kubernetes' own words, which the schema leaves open.
        (None, None) => is_map.then_some(&ANYTHING),
    }
}

/// Returns a schema and all that it refers to for the same value.
fn alternatives<'a>(root: &'a Json, node: &'a Json) -> Vec<&'a Json> {
    let mut all = vec![node];
    if let Some(pointer) = node["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
        all.extend(root.pointer(pointer).into_iter().flat_map(|node| alternatives(root, node)));
    }
    for word in ["allOf", "anyOf", "oneOf"] {
        let several = node[word].as_array().into_iter().flatten();
        all.extend(several.flat_map(|node| alternatives(root, node)));
    }
    for word in ["then", "else"] {
        all.extend(node.get(word).into_iter().flat_map(|node| alternatives(root, node)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_the_schema() {
        let find = |path| find(&schema::METADATA.json, path);
        for path in [
            "source",
            "owner.costCenter",
            "probes.readiness",
            "probes.readiness.httpGet.path",
            "labels.cost-center",
            "env.LOG_LEVEL",
            "routes.unified.prefix",
            "pod.affinity.nodeAffinity",
            "workloads.web.probes.liveness",
        ] {
            assert_eq!(find(path), Ok(()), "{path}");
        }
        let near = |path| find(path).expect_err(path);
        assert_eq!(near("owner.costCentre").as_deref(), Some("owner.costCenter"));
        assert_eq!(near("sourse").as_deref(), Some("source"));
        assert_eq!(near("source.url"), None);
        assert_eq!(near("environments.prod.replicas").as_deref(), Some("replicas"));
        assert_eq!(near("environments"), None);
    }
}

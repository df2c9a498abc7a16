//! A pod reads a key that a ConfigMap of the API does not have.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, nearest};
use crate::effective::Path;
use crate::policy::{Built, Check, EffectiveContext, PodTemplate, Rule, list, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "missing-config-key",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/missing-config-key.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for pod in built.pods() {
            for container in pod.containers() {
                let variables = list(container.json, "/env");
                for (index, variable) in variables.iter().enumerate() {
                    let Some(wanted) = variable.pointer("/valueFrom/configMapKeyRef") else { continue };
                    let path = container.path.clone().below(&["env"]).element(variables, index);
                    let path = path.below(&["valueFrom", "configMapKeyRef", "key"]);
                    if let Some(finding) = missing(
                        context,
                        built,
                        &pod,
                        wanted,
                        text(wanted, "/key"),
                        text(wanted, "/name"),
                        &path,
                    ) {
                        sink.push(finding);
                    }
                }
            }
            let volumes = list(pod.json, "/spec/volumes");
            for (index, volume) in volumes.iter().enumerate() {
                let Some(source) = volume.get("configMap") else { continue };
                let items = list(source, "/items");
                for (at, item) in items.iter().enumerate() {
                    let way = pod.path.clone().below(&["spec", "volumes"]).element(volumes, index);
                    let path = way.below(&["configMap", "items"]).element(items, at);
                    let name = text(source, "/name");
                    if let Some(finding) =
                        missing(context, built, &pod, source, text(item, "/key"), name, &path)
                    {
                        sink.push(finding);
                    }
                }
            }
        }
    }
}

/// Makes the finding about a key of a ConfigMap that is built and does not have it. Of one from elsewhere nothing is known.
fn missing(
    context: &EffectiveContext<'_>,
    built: &Built<'_>,
    pod: &PodTemplate<'_>,
    reference: &Json,
    key: &str,
    name: &str,
    path: &Path<'_>,
) -> Option<Diagnostic> {
    let map = built.named("ConfigMap", name)?;
    let keys = ["data", "binaryData"].into_iter().filter_map(|data| map.json[data].as_object());
    let keys: Vec<&str> = keys.flat_map(|data| data.keys().map(String::as_str)).collect();
    if keys.contains(&key) || reference["optional"] == true {
        return None;
    }
    let message = format!("`{}` reads `{key}` of `{}`, which has no such key", pod.title(), title(map));
    let finding = context.finding(built, pod.object, path, &CODE, message).label("no such key");
    Some(finding.help(match nearest(key, keys.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "add it to `config`, or write `optional: true`".to_owned(),
    }))
}

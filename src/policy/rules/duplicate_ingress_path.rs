//! Two paths of one host in Ingress objects of one API.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::kustomize::Object;
use crate::policy::{Check, EffectiveContext, Rule, list, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "duplicate-ingress-path",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/duplicate-ingress-path.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        let mut seen: BTreeMap<[&str; 4], (&Object, Path<'_>)> = BTreeMap::new();
        for ingress in built.of_kind("Ingress").filter(|ingress| !is_canary(ingress)) {
            let rules = list(&ingress.json, "/spec/rules");
            for (index, rule) in rules.iter().enumerate() {
                let paths = list(rule, "/http/paths");
                for (at, path) in paths.iter().enumerate() {
                    let way = Path::keys(&["spec", "rules"]).element(rules, index).below(&["http", "paths"]);
                    let way = way.element(paths, at);
                    let (host, from) = (text(rule, "/host"), text(path, "/path"));
                    let key = [class(ingress), host, from, text(path, "/pathType")];
                    let Some((other, there)) = seen.get(&key) else {
                        seen.insert(key, (ingress, way));
                        continue;
                    };
                    let message = format!("`{}` has `{host}{from}` a second time", title(ingress));
                    let first = context.locate(built, other, there);
                    let finding = context.finding(built, ingress, &way.below(&["path"]), &CODE, message);
                    let finding = finding.label("one of the two answers, and nobody says which");
                    let finding = finding.help("leave the path to one of the two");
                    sink.push(if first == finding.primary {
                        finding
                    } else {
                        finding.related(first, format!("`{}` has it too", title(other)))
                    });
                }
            }
        }
    }
}

/// Returns the class of an Ingress, by the field or the annotation of old.
fn class(ingress: &Object) -> &str {
    let field = text(&ingress.json, "/spec/ingressClassName");
    if field.is_empty() {
        text(&ingress.json, "/metadata/annotations/kubernetes.io~1ingress.class")
    } else {
        field
    }
}

/// Tells whether an Ingress takes a share of another one's requests.
fn is_canary(ingress: &Object) -> bool {
    text(&ingress.json, "/metadata/annotations/nginx.ingress.kubernetes.io~1canary") == "true"
}

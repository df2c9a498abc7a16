//! What a step does to the objects of an API, beside the fields that it changes: whose pods are replaced, what is new, and what could not stay.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::diagnostic::count;
use crate::effective::{ObjectChange, Risk, UnitChange, is_immutable};
use crate::policy::is_replaced;
use crate::report::harmless;

/// How many objects of a kind of effect are named, unless more are asked for.
const MOST_NAMED: usize = 20;

/// What a step does to one API. Objects are named as `Deployment payments`, each with its environments.
#[derive(Debug, Default)]
pub(super) struct Effect {
    restarts: BTreeMap<String, Vec<String>>,
    new: BTreeMap<String, Vec<String>>,
    /// ConfigMaps and Secrets that get a hash in their name. Whoever else reads them goes by the plain one.
    renamed: BTreeMap<String, Vec<String>>,
    refused: Vec<String>,
}

impl Effect {
    /// Reads it off the changes of all environments.
    pub(super) fn of(change: &UnitChange<'_>) -> Self {
        let mut effect = Self::default();
        for environment in &change.environments {
            let name = environment.environment;
            for object in &environment.objects {
                let id = object.id.to_string();
                if let Some(why) = recreated(object) {
                    effect.refused.push(format!("`{id}` of `{}` in `{name}` {why}", change.unit.name()));
                } else if object.before.is_none() {
                    effect.new.entry(id).or_default().push(name.to_owned());
                } else if is_renamed(object) {
                    effect.renamed.entry(id).or_default().push(name.to_owned());
                } else if restarts(object) {
                    effect.restarts.entry(id).or_default().push(name.to_owned());
                }
            }
        }
        effect
    }
}

/// Tells whether running pods are replaced.
fn restarts(object: &ObjectChange<'_>) -> bool {
    let template = object.fields.iter().any(|field| {
        // What Argo CD makes anew has no rolling one.
        field.risk == Risk::RollingRestart || (field.risk == Risk::Replace && field.path.is_within(&["spec"]))
    });
    // A ConfigMap has the risk of those who read it, and no pods.
    !object.id.is_content()
        && (template || (!object.content.is_empty() && object.risk >= Risk::RollingRestart))
}

/// Tells whether an object gets a hash in its name.
fn is_renamed(object: &ObjectChange<'_>) -> bool {
    object.before.is_some_and(|before| !before.hashed) && object.after.is_some_and(|after| after.hashed)
}

/// Says why an object cannot stay what it is; nothing where it can.
fn recreated(object: &ObjectChange<'_>) -> Option<String> {
    if object.after.is_none() {
        return Some("would go".to_owned());
    }
    if let Some(from) = object.moved_from {
        return Some(format!("would move here from the namespace `{from}`"));
    }
    if object.before.is_none() || object.after.is_some_and(is_replaced) {
        return None;
    }
    let field = object.fields.iter().find(|field| is_immutable(&object.id, field))?;
    Some(format!("would change in `{}`, which no object can", field.path))
}

/// Writes what restarts, what is new, and what gets another name, an object a line.
pub(super) fn text(effects: &[(&str, &Effect)], all: bool) -> String {
    let mut text = String::new();
    let most = if all { usize::MAX } else { MOST_NAMED };
    let restarts = lines(effects, |effect| &effect.restarts);
    let title = match restarts.len() {
        0 => "No pod is replaced.".to_owned(),
        1 => "The pods of 1 workload are replaced:".to_owned(),
        number => format!("The pods of {} are replaced:", count(number, "workload")),
    };
    list(&mut text, &title, &restarts, most);
    let new = lines(effects, |effect| &effect.new);
    let title = match new.len() {
        0 => "No object is new.".to_owned(),
        1 => "1 object is new:".to_owned(),
        number => format!("{} are new:", count(number, "object")),
    };
    list(&mut text, &title, &new, most);
    let renamed = lines(effects, |effect| &effect.renamed);
    let title = match renamed.len() {
        0 => String::new(),
        1 => "1 object gets a hash in its name, and the one without goes:".to_owned(),
        number => format!("{} get a hash in their names, and those without go:", count(number, "object")),
    };
    if !renamed.is_empty() {
        list(&mut text, &title, &renamed, most);
    }
    text.push('\n');
    text
}

impl Effect {
    /// Says the same for programs.
    pub(super) fn json(&self, api: &str) -> Json {
        let list = |objects: &BTreeMap<String, Vec<String>>| -> Json {
            objects.iter().map(|(object, here)| json!({ "object": object, "environments": here })).collect()
        };
        json!({
            "api": api,
            "restarts": list(&self.restarts),
            "new": list(&self.new),
            "renamed": list(&self.renamed),
            "refused": self.refused,
        })
    }
}

/// Returns what could not stay, API by API.
pub(super) fn refusals(effects: &[(&str, &Effect)]) -> Vec<String> {
    effects.iter().flat_map(|(_, effect)| effect.refused.iter().cloned()).collect()
}

fn lines(effects: &[(&str, &Effect)], of: impl Fn(&Effect) -> &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let one = |api: &str, object: &str, environments: &[String]| {
        harmless(&format!("{api}: {object} in {}", environments.join(", ")))
    };
    effects
        .iter()
        .flat_map(|(api, effect)| of(effect).iter().map(|(object, here)| one(api, object, here)))
        .collect()
}

fn list(text: &mut String, title: &str, lines: &[String], most: usize) {
    let _ = writeln!(text, "{title}");
    for line in lines.iter().take(most) {
        let _ = writeln!(text, "  {line}");
    }
    let more = lines.len().saturating_sub(most);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more, which `--verbose` names");
    }
}

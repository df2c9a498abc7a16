//! A reference to a key that the Secret will not have.

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest};
use crate::metadata::{EnvValue, ExternalSecret};
use crate::policy::{ApiContext, Check, InWorkload, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("unknown-secret-key", include_str!("../../../docs/rules/unknown-secret-key.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    // Most APIs make no Secrets of their own, and of others onramp does not know the keys.
    let makes_any =
        |environment: &crate::policy::InEnvironment<'_>| !environment.api.external_secrets.is_empty();
    for environment in context.environments().filter(makes_any) {
        for here in environment.workloads() {
            check_variables(context, here, sink);
            check_volumes(context, here, sink);
        }
    }
}

fn check_variables(context: &ApiContext<'_>, here: InWorkload<'_>, sink: &mut Sink) {
    for container in here.workload.containers() {
        for (variable, value) in container.container.env.iter() {
            let EnvValue::Secret(reference) = value else { continue };
            let Some(secret) = here.environment.api.external_secrets.get(&reference.name) else { continue };
            if reference.optional != Some(true) && !secret.makes(&reference.key) {
                let at = context.locate_workload(&here, &container.path(&["env", variable, "key"]));
                sink.push(finding(&reference.name, secret, &reference.key, at));
            }
        }
    }
}

fn check_volumes(context: &ApiContext<'_>, here: InWorkload<'_>, sink: &mut Sink) {
    for (name, volume) in here.workload.volumes.iter().filter(|(_, volume)| volume.optional != Some(true)) {
        let Some(wanted) = &volume.secret else { continue };
        let Some(secret) = here.environment.api.external_secrets.get(wanted) else { continue };
        for key in volume.items.keys().filter(|key| !secret.makes(key)) {
            let at = context.locate_workload(&here, &["volumes", name, "items", key]);
            sink.push(finding(wanted, secret, key, at));
        }
    }
}

fn finding(name: &str, secret: &ExternalSecret, key: &str, location: Location) -> Diagnostic {
    let known: Vec<String> = secret.keys.keys().map(|key| format!("`{key}`")).collect();
    Diagnostic::new(&CODE, location, format!("`externalSecrets.{name}` makes no key `{key}`"))
        .label("the pod would not start")
        .help(nearest(key, secret.keys.keys()).map_or_else(
            || format!("add it under `keys`; those that are made are {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        ))
        .meant(key, nearest(key, secret.keys.keys()))
}

//! A store of secrets that platform.yaml does not name.

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest};
use crate::platform::LoadedPlatform;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::PlatformAndState(check_platform, check) };

static CODE: Code =
    Code::unreadable("unknown-secret-store", include_str!("../../../docs/rules/unknown-secret-store.md"));

/// The stores of the environments.
fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    for (name, environment) in platform.model.environments.iter() {
        let Some(store) = &environment.secret_store else { continue };
        if platform.model.secret_stores.get(store).is_none() {
            sink.push(finding(platform, store, platform.locate(["environments", name, "secretStore"])));
        }
    }
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let platform = context.platform;
    for environment in context.environments() {
        for (name, secret) in environment.api.external_secrets.iter() {
            let here = ["externalSecrets", name];
            if let Some(store) = &secret.store {
                if platform.model.secret_stores.get(store).is_none() {
                    let location = context.locate_in(&environment, &["externalSecrets", name, "store"]);
                    sink.push(finding(platform, store, location));
                }
            } else if environment.settings.secret_store.is_none() && platform.model.secret_stores.len() != 1 {
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_key(environment.tree, &here),
                        format!("nobody says which store holds `{name}` in `{}`", environment.name),
                    )
                    .label("from no store")
                    .help(format!("set `store`: {}", known(platform))),
                );
            }
        }
    }
}

fn finding(platform: &LoadedPlatform, name: &str, location: Location) -> Diagnostic {
    let stores = platform.model.secret_stores.keys();
    Diagnostic::new(&CODE, location, format!("`platform.yaml` has no store of secrets `{name}`"))
        .label("not a store")
        .help(nearest(name, stores).map_or_else(|| known(platform), |near| format!("did you mean `{near}`?")))
        .meant(name, nearest(name, platform.model.secret_stores.keys()))
}

fn known(platform: &LoadedPlatform) -> String {
    let names: Vec<String> = platform.model.secret_stores.keys().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "`secretStores` in `platform.yaml` names none".to_owned()
    } else {
        format!("stores are {}", names.join(", "))
    }
}

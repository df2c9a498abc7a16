//! What is rendered of an API whose lifecycle state does not render it in full.

use serde_json::{Value as Json, json};

use super::{Files, KUSTOMIZATION, Templates, context};
use crate::diagnostic::Diagnostic;
use crate::metadata::{Api, Kind, Routes};
use crate::platform::{self, Environment};

/// The file of an overlay with the record.
const RECORD: &str = "record.yaml";

/// Returns an API as it is when nothing of it runs: no routes, no pods, jobs suspended.
///
/// What others may hold on to stays as it is: Services, ConfigMaps, service accounts and volumes.
pub(super) fn scaled_down(api: &Api) -> Api {
    let mut api = api.clone();
    api.routes = Routes::default();
    for workload in &mut api.workloads {
        workload.autoscaling = None;
        workload.replicas = Some(0);
        workload.disruption_budget.enabled = Some(false);
        let fields = match workload.kind {
            Kind::CronJob => &mut workload.spec,
            Kind::Job => &mut workload.job,
            Kind::Deployment | Kind::StatefulSet => continue,
        };
        fields.insert("suspend".to_owned(), Json::Bool(true));
    }
    api
}

/// Renders the overlay of an API of which nothing is left: one object that says so.
///
/// Argo CD's automated sync refuses to prune the last object of an application, so an empty overlay
/// would leave everything running.
pub(super) fn record(
    files: &mut Files<'_>,
    api: &Api,
    (environment, settings): (&str, &Environment),
    templates: &Templates,
) -> Result<(), Box<Diagnostic>> {
    let directory = format!("overlays/{environment}");
    let record = json!({ "record": {
        "name": format!("{}-lifecycle", api.name),
        "api": api.name,
        "lifecycle": api.lifecycle,
        "team": api.owner.team,
    } });
    files.add(&format!("{directory}/{RECORD}"), &templates.render("record.yaml.j2", record)?);
    let pattern = api.namespace.as_deref().unwrap_or(&settings.namespace);
    let overlay = json!({ "overlay": {
        "namespace": platform::namespace(pattern, &api.name),
        "resources": [RECORD],
        "components": null,
        "images": null,
        "replicas": null,
        "labels": context::overlay_labels(api),
    } });
    files.add(&format!("{directory}/{KUSTOMIZATION}"), &templates.render("overlay.yaml.j2", overlay)?);
    Ok(())
}

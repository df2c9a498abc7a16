//! What is rendered of an API whose lifecycle state does not render it in full.

use std::borrow::Cow;

use serde_json::{Value as Json, json};

use super::{Files, KUSTOMIZATION, Templates, context};
use crate::diagnostic::Diagnostic;
use crate::metadata::{Api, Kind, Routes};
use crate::platform::{self, Environment, Extent};

/// The file of an overlay with the record.
const RECORD: &str = "record.yaml";

/// Returns an API as its state renders it, where that renders any of it.
pub(super) fn at(extent: Extent, api: &Api) -> Cow<'_, Api> {
    match extent {
        Extent::ScaledDown => Cow::Owned(scaled_down(api)),
        Extent::Full | Extent::None => Cow::Borrowed(api),
    }
}

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
    files.add(&format!("{directory}/{RECORD}"), record_object(api, templates)?);
    let pattern = api.namespace.as_deref().unwrap_or(&settings.namespace);
    let overlay = json!({ "overlay": {
        "namespace": platform::namespace(pattern, &api.name),
        "resources": [RECORD],
        "components": null,
        "images": null,
        "replicas": null,
        "labels": context::overlay_labels(api),
    } });
    files.add(&format!("{directory}/{KUSTOMIZATION}"), templates.render("overlay.yaml.j2", overlay)?);
    Ok(())
}

/// Renders the record.
pub(super) fn record_object(api: &Api, templates: &Templates) -> Result<Vec<Json>, Box<Diagnostic>> {
    let record = json!({ "record": {
        "name": record_name(api),
        "api": api.name,
        "lifecycle": api.lifecycle,
        "team": api.owner.team,
    } });
    templates.render("record.yaml.j2", record)
}

/// Returns the name of the record, a ConfigMap.
pub(super) fn record_name(api: &Api) -> String {
    format!("{}-lifecycle", api.name)
}

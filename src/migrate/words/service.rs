//! The Service of a workload in the words of the model.

use serde_json::{Value as Json, json};

use super::maps::{Object, put, take, take_text};
use super::report::{Naming, Report};

/// Converts a Service. Where it offers each named port of the main container by that name, the ports say it, and
/// `service.ports` is left out.
pub(super) fn convert(
    mut object: Object,
    naming: &Naming<'_>,
    selector: &Object,
    main: &mut Object,
    identity: &mut Object,
    report: &mut Report,
) -> Object {
    let mut metadata = take(&mut object, "metadata");
    let mut spec = take(&mut object, "spec");
    let mut words = Object::new();
    if let Some(name) = take_text(&mut metadata, "name").filter(|name| *name != naming.object()) {
        put(identity, "service", name);
    }
    report.namespace(&mut metadata);
    match (take_text(&mut spec, "type").as_deref(), spec.get("clusterIP").is_some_and(|ip| ip == "None")) {
        (None, true) => {
            spec.shift_remove("clusterIP");
            put(&mut words, "type", "Headless");
        }
        (None, false) => {}
        (Some(kind @ ("NodePort" | "LoadBalancer")), _) => put(&mut words, "type", kind),
        (Some(other), _) => report.residue("/spec/type", other.into(), "`service.type` has no such type"),
    }
    put(&mut words, "annotations", take(&mut metadata, "annotations"));
    put(&mut words, "labels", take(&mut metadata, "labels"));
    report.leftover("/metadata", metadata, "`service` has no word for it");
    put(&mut words, "sessionAffinity", spec.shift_remove("sessionAffinity").unwrap_or_default());
    let selected = take(&mut spec, "selector");
    if selected.is_empty() {
        report.residue("/spec/selector", Json::Null, "a Service of the model leads to its workload");
    } else if selected != *selector {
        put(&mut words, "selector", selected);
    }
    let ports = spec.shift_remove("ports").unwrap_or_else(|| json!([]));
    match offered(main.get("ports"), &ports) {
        Some(named) => put(main, "ports", named),
        // A headless Service may offer none, which is not the same as leaving it to the names.
        None => drop(words.insert("ports".to_owned(), ports)),
    }
    put(&mut words, "spec", spec);
    words
}

/// Returns the named ports with the numbers that the Service offers them by, if it offers just these, in this order.
fn offered(named: Option<&Json>, ports: &Json) -> Option<Object> {
    let named = named?.as_object()?;
    let ports = ports.as_array()?;
    if named.len() != ports.len() {
        return None;
    }
    let pairs = named.iter().zip(ports).map(|((name, port), offered)| {
        let mut offered = offered.as_object()?.clone();
        let number = offered.shift_remove("port")?;
        let container = port.get("containerPort").unwrap_or(port);
        let mut same = Object::from_iter([
            ("name".to_owned(), name.as_str().into()),
            ("targetPort".to_owned(), name.as_str().into()),
        ]);
        put(&mut same, "protocol", port.get("protocol").cloned().unwrap_or_default());
        if offered != same {
            return None;
        }
        if number == *container {
            return Some((name.clone(), port.clone()));
        }
        let mut long = match port {
            Json::Object(long) => long.clone(),
            number => Object::from_iter([("containerPort".to_owned(), number.clone())]),
        };
        long.insert("servicePort".to_owned(), number);
        Some((name.clone(), json!(long)))
    });
    pairs.collect()
}

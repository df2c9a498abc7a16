//! The pods that objects make, and who selects them.

use serde_json::{Map, Value as Json};

use super::{Built, at};
use crate::effective::Path;
use crate::kustomize::Object;
use crate::ordered::field;

/// The template of pods in an object.
#[derive(Clone, Debug)]
pub struct PodTemplate<'a> {
    /// The object that makes the pods.
    pub object: &'a Object,
    /// The way to the template: its `metadata` and `spec` stand there.
    pub path: Path<'static>,
    /// The template.
    pub json: &'a Json,
}

/// A container of such a pod.
#[derive(Clone, Debug)]
pub struct PodContainer<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it runs to its end before the others start.
    pub init: bool,
    /// The way to it in the object.
    pub path: Path<'a>,
    /// The container.
    pub json: &'a Json,
}

/// Where each kind has its template.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("Deployment", &["spec", "template"]),
    ("StatefulSet", &["spec", "template"]),
    ("DaemonSet", &["spec", "template"]),
    ("ReplicaSet", &["spec", "template"]),
    ("Rollout", &["spec", "template"]),
    ("Job", &["spec", "template"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("Pod", &[]),
];

impl Built<'_> {
    /// Walks the templates of all pods.
    pub fn pods(&self) -> impl Iterator<Item = PodTemplate<'_>> {
        self.objects.iter().filter_map(PodTemplate::of)
    }

    /// Returns the pods in the namespace that have all labels.
    pub fn selected(&self, labels: &Map<String, Json>) -> Vec<PodTemplate<'_>> {
        self.pods().filter(|pod| pod.has(labels)).collect()
    }

    /// Finds an object of a kind by the name that it has in the cluster.
    pub fn named(&self, kind: &str, name: &str) -> Option<&Object> {
        self.of_kind_named(kind, name).next()
    }

    fn of_kind_named(&self, kind: &str, name: &str) -> impl Iterator<Item = &Object> {
        self.objects
            .iter()
            .filter(move |object| object.json["kind"] == *kind && object.json["metadata"]["name"] == *name)
    }
}

impl<'a> PodTemplate<'a> {
    /// Finds the template in an object; nothing where it makes no pods.
    pub fn of(object: &'a Object) -> Option<Self> {
        let kind = field(&object.json, "kind")?.as_str()?;
        let (_, keys) = TEMPLATES.iter().find(|(known, _)| *known == kind)?;
        let json = keys.iter().try_fold(&object.json, |json, key| field(json, key))?;
        Some(Self { object, path: Path::keys(keys), json })
    }

    /// Tells whether the pods have all of some labels.
    pub fn has(&self, labels: &Map<String, Json>) -> bool {
        let own = &self.json["metadata"]["labels"];
        labels.iter().all(|(key, value)| own.get(key) == Some(value))
    }

    /// Tells whether the pods are under a selector with `matchLabels` and `matchExpressions`. One without either takes all
    /// pods, and one that is not there none.
    pub fn is_selected_by(&self, selector: &Json) -> bool {
        let own = &self.json["metadata"]["labels"];
        selector.is_object()
            && selector["matchLabels"].as_object().is_none_or(|labels| self.has(labels))
            && list(selector, "/matchExpressions").iter().all(|wanted| {
                let label = wanted["key"].as_str().and_then(|key| own.get(key));
                let among = || label.is_some_and(|label| list(wanted, "/values").contains(label));
                match wanted["operator"].as_str() {
                    Some("In") => among(),
                    Some("NotIn") => !among(),
                    Some("Exists") => label.is_some(),
                    Some("DoesNotExist") => label.is_none(),
                    _ => false,
                }
            })
    }

    /// Walks the containers, those first that run before the others.
    pub fn containers(&self) -> impl Iterator<Item = PodContainer<'a>> {
        [("initContainers", true), ("containers", false)].into_iter().flat_map(move |(list, init)| {
            let all = self.json["spec"][list].as_array().map(Vec::as_slice).unwrap_or_default();
            let path: Path<'a> = self.path.clone().below(&["spec", list]);
            all.iter().enumerate().map(move |(index, json)| PodContainer {
                name: json["name"].as_str().unwrap_or_default(),
                // One that restarts runs beside the others.
                init: init && json["restartPolicy"] != "Always",
                path: path.clone().element(all, index),
                json,
            })
        })
    }

    /// Finds a port of the containers that run on.
    pub fn port(&self, wanted: &dyn Fn(&Json) -> bool) -> Option<Path<'static>> {
        let containers = list(self.json, "/spec/containers");
        containers.iter().enumerate().find_map(|(index, container)| {
            let ports = list(container, "/ports");
            let at = ports.iter().position(wanted)?;
            let path =
                self.path.clone().below(&["spec", "containers"]).named("containers", containers, index);
            Some(path.below(&["ports"]).named("ports", ports, at))
        })
    }

    /// Names the object in a message, as `Deployment payments`.
    pub fn title(&self) -> String {
        title(self.object)
    }
}

/// Names an object in a message, as `Service payments`.
pub fn title(object: &Object) -> String {
    format!("{} {}", object.json["kind"].as_str().unwrap_or_default(), object.name)
}

/// Returns the elements of the list at a pointer.
pub fn list<'a>(json: &'a Json, pointer: &str) -> &'a [Json] {
    at(json, pointer).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

//! The way back: converted words as a `metadata.yaml`, read and rendered as any other, and the objects that its overlay
//! builds.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use onramp::diagnostic::{Severity, Sink};
use onramp::metadata;
use onramp::migrate::Converted;
use onramp::platform::{self, LoadedPlatform};
use onramp::policy::{ApiContext, Hatch};
use onramp::render::{self, FileTree, Templates};
use onramp::snapshot::Snapshot;
use onramp::yaml::{Source, SourceId, documents};
use serde_json::{Map, Value as Json, json};

/// A platform that opens all that Kubernetes has. What an image must be, which selectors live with each other, and
/// what is unwise, is another matter than whether it can be said.
pub(crate) const PLATFORM: &str = "\
apiVersion: onramp/v1
environments: { prod: {} }
rules:
  image-without-tag: ignore
  image-not-pinned: ignore
  selector-overlap: ignore
  literal-secret: ignore
  unresolved-variable: ignore
  autoscaler-without-request: ignore
  blocked-drain: ignore
  missing-backend: ignore
  missing-service-name: ignore
  privilege-escalation: ignore
  root-user: ignore
  replicas-under-autoscaler: ignore
  selector-without-pods: ignore
  server-warning: ignore
  shared-selector: ignore
  spread-without-pods: ignore
  undeclared-target-port: ignore
  unshareable-volume: ignore
passthrough:
  pod:
  - '*'
  - hostNetwork
  - hostPID
  - hostIPC
  - hostUsers
  - nodeName
  - securityContext.sysctls
  - volumes.awsElasticBlockStore
  - volumes.azureFile
  - volumes.flexVolume
  - volumes.gcePersistentDisk
  - volumes.gitRepo
  - volumes.glusterfs
  - volumes.hostPath
  - volumes.nfs
  container: ['*', securityContext.privileged, securityContext.procMount, ports.hostPort, volumeDevices]
";

/// Where APIs are rendered, each alone.
pub(crate) struct Workshop {
    platform: LoadedPlatform,
    templates: Templates,
    /// Of an empty directory: an API that was converted needs no files beside its own.
    snapshot: Snapshot,
    _directory: tempfile::TempDir,
}

impl Workshop {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let platform =
            platform::parse(PLATFORM.into(), &mut Sink::default()).ok_or("the platform is wrong")?;
        let directory = tempfile::tempdir()?;
        Ok(Self {
            platform,
            templates: Templates::load("templates", BTreeMap::new(), &mut Vec::new()),
            snapshot: Snapshot::work_tree(directory.path())?,
            _directory: directory,
        })
    }

    /// Returns the objects that an API builds, or the errors that reading it and `rules` find, each as `code: message`.
    pub(crate) fn build(
        &self,
        api: &str,
        metadata: &Json,
        rules: impl Fn(&ApiContext<'_>, &mut Sink),
    ) -> Result<Vec<Json>, Vec<String>> {
        let directory = format!("onboarding/{api}");
        let path: Arc<str> = format!("{directory}/metadata.yaml").into();
        let text = onramp::yaml::emit(metadata);
        let mut sink = Sink::new(Arc::new(self.platform.levels()));
        let read = metadata::read(&path, text.into_bytes(), &self.platform, &mut sink);
        if let Some(metadata) = &read {
            let context = ApiContext {
                name: api,
                directory: &directory,
                metadata,
                platform: &self.platform,
                entries: &[],
                snapshot: &self.snapshot,
                hatch: Hatch::default(),
                holdings: Vec::new(),
                today: "2026-01-01",
            };
            rules(&context, &mut sink);
        }
        let findings = sink.into_findings();
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let errors: Vec<String> =
            errors.map(|finding| format!("{}: {}", finding.code.name, finding.message)).collect();
        match read {
            Some(read) if errors.is_empty() => {
                let tree = render::render(&read, &self.platform.model, &self.templates);
                tree.map(|tree| assembled(&tree)).map_err(|finding| vec![finding.message])
            }
            _ => Err(errors),
        }
    }
}

/// Writes a `metadata.yaml` of one workload at the top, or of several by name, with stand-ins for what no object says.
pub(crate) fn metadata(api: &str, workloads: &[(Option<&str>, &Converted)]) -> Json {
    let mut whole = json!({
        "apiVersion": "onramp/v1",
        "name": api,
        "owner": { "team": "team", "email": "team@acme.example" },
        "profile": "adopted",
    });
    let mut several = Map::new();
    for (name, converted) in workloads {
        if let Some(namespace) = &converted.namespace {
            whole["namespace"] = namespace.clone().into();
        }
        match name {
            Some(name) => drop(several.insert((*name).to_owned(), converted.metadata.clone().into())),
            None => {
                for (key, value) in &converted.metadata {
                    whole[key] = value.clone();
                }
            }
        }
    }
    if !several.is_empty() {
        whole["workloads"] = several.into();
    }
    whole["environments"] = json!({ "prod": {} });
    whole
}

/// Does what Kustomize does with the one overlay of an API without patches: base and overlay together, with
/// namespace, images and numbers of pods.
fn assembled(tree: &FileTree) -> Vec<Json> {
    let mut objects = Vec::new();
    let mut overlay = Json::Null;
    for (path, text) in tree {
        let source = Source { id: SourceId(0), path: path.as_str().into(), text: text.clone() };
        let mut read = documents(&source).into_iter().filter_map(|document| document.to_json());
        if path.ends_with("/overlays/prod/kustomization.yaml") {
            overlay = read.next().unwrap_or_default();
        } else if !path.ends_with("/kustomization.yaml") {
            objects.extend(read);
        }
    }
    for object in &mut objects {
        object["metadata"]["namespace"] = overlay["namespace"].clone();
        let name = object["metadata"]["name"].clone();
        if matches!(object["kind"].as_str(), Some("Deployment" | "StatefulSet"))
            && let Some(entry) = items(&overlay["replicas"]).iter().find(|entry| entry["name"] == name)
        {
            object["spec"]["replicas"] = entry["count"].clone();
        }
        for container in containers(object) {
            let image = items(&overlay["images"]).iter().find(|image| image["name"] == container["image"]);
            if let Some(image) = image {
                container["image"] = reference(image).into();
            }
        }
    }
    objects
}

/// Returns all containers of the pod template of a workload; none of another object.
pub(crate) fn containers(object: &mut Json) -> impl Iterator<Item = &mut Json> {
    let path = if object["kind"] == "CronJob" { "/spec/jobTemplate/spec/template" } else { "/spec/template" };
    let pod = object.pointer_mut(path).and_then(|template| template.get_mut("spec")?.as_object_mut());
    let lists = pod.into_iter().flat_map(Map::iter_mut);
    let lists = lists.filter(|(key, _)| matches!(key.as_str(), "containers" | "initContainers"));
    lists.filter_map(|(_, list)| list.as_array_mut()).flatten()
}

fn reference(image: &Json) -> String {
    let part = |key: &str, lead: &str| image[key].as_str().map(|text| format!("{lead}{text}"));
    ["newName", "newTag", "digest"]
        .into_iter()
        .zip(["", ":", "@"])
        .filter_map(|(key, lead)| part(key, lead))
        .collect()
}

fn items(list: &Json) -> &[Json] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

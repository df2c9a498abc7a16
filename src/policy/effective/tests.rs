use std::collections::BTreeMap;

use super::*;
use crate::change::is_generated;
use crate::effective::Step;
use crate::kustomize;
use crate::metadata;
use crate::platform::{self, LoadedPlatform};
use crate::policy::Hatch;
use crate::render::{self, TEMPLATES_DIRECTORY, TemplateSets};
use crate::snapshot::{Kind, ONBOARDING, Snapshot};

/// A config repo, and a look at what its APIs build to.
struct Repo {
    snapshot: Snapshot,
    platform: LoadedPlatform,
    templates: TemplateSets,
}

impl Repo {
    fn open(directory: &std::path::Path) -> Self {
        let snapshot = Snapshot::work_tree(directory).unwrap();
        let mut sink = Sink::default();
        let platform = platform::read(&snapshot, &mut sink).unwrap().unwrap();
        let mut own: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for entry in snapshot.walk(TEMPLATES_DIRECTORY).unwrap() {
            let below = entry.path.strip_prefix("templates/").unwrap();
            let (version, name) = below.split_once('/').unwrap_or(("current", below));
            if entry.kind == Kind::File {
                let text = String::from_utf8(snapshot.read(&entry.path, 1 << 20).unwrap().unwrap()).unwrap();
                own.entry(version.to_owned()).or_default().insert(name.to_owned(), text);
            }
        }
        let templates = TemplateSets::load(own, &platform, &mut Vec::new());
        Self { snapshot, platform, templates }
    }

    fn each(&self, look: &mut dyn FnMut(&EffectiveContext<'_>)) {
        for api in self.snapshot.list(ONBOARDING).unwrap() {
            let name = api.path.rsplit('/').next().unwrap();
            let entries = self.snapshot.walk(&api.path).unwrap();
            let mut sink = Sink::default();
            let path = format!("{}/metadata.yaml", api.path);
            let bytes = self.snapshot.read(&path, 1 << 20).unwrap().unwrap();
            let metadata = metadata::read(&path.as_str().into(), bytes, &self.platform, &mut sink).unwrap();
            let templates = self.templates.of(metadata.top.api.template.as_deref()).unwrap();
            let mut context = ApiContext {
                name,
                directory: &api.path,
                metadata: &metadata,
                platform: &self.platform,
                entries: &entries,
                snapshot: &self.snapshot,
                hatch: Hatch::default(),
                holdings: Vec::new(),
                today: "2026-01-01",
            };
            context.hatch = Hatch::read(&context, templates, &mut sink);
            let tree = render::drafts(&metadata, &self.platform.model, templates).unwrap();
            let built = EffectiveContext::build(&context, &tree, templates, &mut sink);
            assert_eq!(sink.findings(), [], "{path}");
            look(&built);
        }
    }

    /// Returns file, line and text of a place.
    fn shown(&self, location: &Location) -> String {
        let bytes = self.snapshot.read(&location.path, 1 << 20).unwrap();
        let text = String::from_utf8_lossy(&bytes.unwrap_or_else(|| panic!("{location:?} is not on disk")))
            .into_owned();
        let name = location.path.rsplit('/').next().unwrap();
        let Some(span) = location.span.clone() else { return name.to_owned() };
        let line = text[..span.start].matches('\n').count() + 1;
        format!("{name}:{line} {}", &text[span])
    }
}

/// Fixtures of repos with APIs that build.
const CASES: &[&str] = &[
    "adopted",
    "around",
    "hatches",
    "hatches-by-environment",
    "layout",
    "lifecycle",
    "rollouts",
    "routes",
    "routes-gateway-api",
    "routes-gce-ingress",
    "routes-ingress-nginx",
    "routes-kong",
    "routes-two-routers",
    "smallest",
    "versions",
    "workloads",
];

#[test]
fn rendered_files_build_the_same_as_values_and_as_text() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/render");
    let mut count = 0;
    for case in CASES {
        let directory = fixtures.join(case).join("in");
        let repo = Repo::open(&directory);
        repo.each(&mut |context| {
            let api = context.api;
            let drafts = render::drafts(api.metadata, &api.platform.model, context.templates).unwrap();
            let files = Own::rendered(api.snapshot, api.directory, api.entries, &drafts).as_text();
            let mut sink = Sink::default();
            let as_text = EffectiveContext::built(api, &files, &mut sink);
            assert_eq!(sink.findings(), []);
            assert_eq!(context.environments.len(), as_text.len());
            for (one, other) in context.environments.iter().zip(&as_text) {
                let print =
                    |built: &Built<'_>| kustomize::print(built.objects.iter().map(|object| &object.json));
                assert_eq!(one.objects, other.objects, "{case}");
                assert_eq!(print(one), print(other), "{case}");
                count += 1;
            }
        });
    }
    assert!(count > 30, "{count} overlays");
}

#[test]
fn pointers_lead_where_those_of_json_do() {
    let json = serde_json::json!({ "a": { "b/c": [{ "d": "x" }], "e~f": "y" }, "": "z" });
    for pointer in ["", "/", "/a", "/a/b~1c/0/d", "/a/e~0f", "/a/b~1c", "/a/e", "/a/b~1c/1", "/a/b~1c/0/d/e"]
    {
        assert_eq!(at(&json, pointer), json.pointer(pointer), "{pointer}");
    }
    let plain = serde_json::json!({ "a": [{ "b": "x" }] });
    for pointer in ["/a/0/b", "/a/0", "/a/1", "/a/b", "/b"] {
        assert_eq!(at(&plain, pointer), plain.pointer(pointer), "{pointer}");
    }
}

/// Walks every leaf below a place of an object.
fn leaves<'j>(json: &'j Json, path: &Path<'j>, found: &mut Vec<Path<'j>>) {
    match json {
        Json::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                leaves(value, &path.clone().then(Step::Key(key)), found);
            }
        }
        Json::Array(list) if !list.is_empty() => {
            for (index, value) in list.iter().enumerate() {
                leaves(value, &path.clone().element(list, index), found);
            }
        }
        _ => found.push(path.clone()),
    }
}

/// Reads a path as messages write it.
fn path(text: &str) -> Path<'_> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (element, behind) = inner.split_once(']').unwrap();
            steps.push(match element.strip_prefix('"') {
                Some(key) => Step::Key(key.trim_end_matches('"')),
                None => element.parse().map_or(Step::Element(element.into()), Step::Index),
            });
            rest = behind;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(Step::Key(&rest[..end]));
            rest = &rest[end..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    Path(steps)
}

#[test]
fn every_leaf_leads_to_a_line_that_people_edit() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/render");
    let mut count = 0;
    for case in CASES {
        let repo = Repo::open(&fixtures.join(case).join("in"));
        repo.each(&mut |context| {
            for (built, object) in context.objects() {
                let mut found = Vec::new();
                leaves(&object.json, &Path::default(), &mut found);
                for path in found {
                    let location = context.locate(built, object, &path);
                    let bytes = repo.snapshot.read(&location.path, 1 << 20).unwrap();
                    let bytes = bytes.unwrap_or_else(|| panic!("{case} {path}: {location:?} is not there"));
                    assert!(!is_generated(&bytes), "{case} {path}: {location:?} is generated");
                    assert!(location.span.is_none_or(|span| span.end <= bytes.len()), "{case} {path}");
                    count += 1;
                }
            }
        });
    }
    assert!(count > 5_000, "{count} leaves");
}

const PLATFORM: &str = "\
apiVersion: onramp/v1
kubernetesVersion: \"1.33\"
environments:
  staging: { namespace: \"{name}-staging\", unifiedHost: api.staging.example, router: ingress-nginx }
  prod: { namespace: \"{name}\", unifiedHost: api.example, router: ingress-nginx }
tiers:
  standard:
    requests: { cpu: 500m, memory: 1Gi }
defaults:
- podAnnotations: { example.com/scrape: \"true\" }
extraResources: { kinds: [CronJob] }
";

const METADATA: &str = "\
apiVersion: onramp/v1
name: payments
owner: { team: money, email: payments@acme.example }
tier: standard
labels: { example.com/cost: m12 }
image: registry.example/apis/payments:v2.0.0
env:
  LOG_LEVEL: info
  DB: { secret: payments-db, key: url }
ports: { http: 8080, admin: { containerPort: 9090, servicePort: 90 } }
probes:
  readiness:
    httpGet: { path: /ready, port: http }
resources:
  limits: { memory: 2Gi }
config:
  files: [config/application.yaml]
  literals: { MODE: fast }
  mountPath: /etc/payments
volumes:
  cache: { emptyDir: {}, mountPath: /cache }
sidecars:
  proxy:
    image: registry.example/proxy:1.0.0
    args: [--port, \"1\"]
    container: { securityContext: { privileged: true } }
pod: { terminationGracePeriodSeconds: 45 }
container: { imagePullPolicy: Always }
autoscaling: { min: 2, max: 4, cpu: 70 }
routes:
  legacy: { hosts: [payments.old.example, { host: b.old.example, paths: [{ prefix: /b }] }] }
  unified: { prefix: /pay }
patches:
- patches/merge.yaml
- { path: patches/steps.yaml, target: { kind: Deployment } }
extraResources: [resources/nightly.yaml]
environments:
  staging: {}
  prod:
    image: registry.example/apis/payments:v1.9.0
    env: { LOG_LEVEL: warn }
    autoscaling: { min: 3, max: 9, cpu: 70 }
";

const MERGE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: payments }
spec:
  minReadySeconds: 7
  template:
    spec:
      containers:
      - name: app
        env:
        - { name: PATCHED, value: yes-it-is }
      - name: agent
        image: registry.example/agent:2
";

const STEPS: &str = "\
- { op: add, path: /spec/template/spec/containers/0/env/-, value: { name: LAST, value: one } }
- op: add
  path: /spec/template/spec/priorityClassName
  value: high
";

const NIGHTLY: &str = "\
apiVersion: batch/v1
kind: CronJob
metadata: { name: payments-nightly }
spec:
  schedule: \"0 3 * * *\"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: job
            image: registry.example/job:1
            env:
            - { name: A, value: b }
";

/// Object, path, and what stands behind it in `prod`.
const PLACES: &[(&str, &str, &str)] = &[
    ("Deployment", "spec.template.spec.containers[app].env[LOG_LEVEL].value", "metadata.yaml:41 warn"),
    (
        "Deployment",
        "spec.template.spec.containers[app].env[DB].valueFrom.secretKeyRef.name",
        "metadata.yaml:9 payments-db",
    ),
    (
        "Deployment",
        "spec.template.spec.containers[app].env[DB].valueFrom.secretKeyRef.key",
        "metadata.yaml:9 url",
    ),
    (
        "Deployment",
        "spec.template.spec.containers[app].image",
        "metadata.yaml:40 registry.example/apis/payments:v1.9.0",
    ),
    (
        "Deployment",
        "spec.template.spec.containers[app].ports[9090/TCP].containerPort",
        "metadata.yaml:10 9090",
    ),
    (
        "Deployment",
        "spec.template.spec.containers[app].ports[8080/TCP].containerPort",
        "metadata.yaml:10 8080",
    ),
    ("Deployment", "spec.template.spec.containers[app].readinessProbe.httpGet.port", "metadata.yaml:13 http"),
    ("Deployment", "spec.template.spec.containers[app].readinessProbe", "metadata.yaml:12 readiness"),
    ("Deployment", "spec.template.spec.containers[app].resources.requests.cpu", "platform.yaml:8 500m"),
    ("Deployment", "spec.template.spec.containers[app].resources.limits.memory", "metadata.yaml:15 2Gi"),
    ("Deployment", "spec.template.spec.containers[app].imagePullPolicy", "metadata.yaml:28 Always"),
    (
        "Deployment",
        "spec.template.spec.containers[app].volumeMounts[/cache].mountPath",
        "metadata.yaml:21 /cache",
    ),
    (
        "Deployment",
        "spec.template.spec.containers[app].volumeMounts[/etc/payments].mountPath",
        "metadata.yaml:19 /etc/payments",
    ),
    ("Deployment", "spec.template.spec.containers[app].livenessProbe", "metadata.yaml:11 probes"),
    ("Deployment", "spec.template.spec.containers[proxy].args[1]", "metadata.yaml:25 \"1\""),
    (
        "Deployment",
        "spec.template.spec.containers[proxy].securityContext.privileged",
        "metadata.yaml:26 true",
    ),
    ("Deployment", "spec.template.spec.containers[proxy].readinessProbe", "metadata.yaml:23 proxy"),
    ("Deployment", "spec.template.spec.containers[app].env[PATCHED].value", "merge.yaml:11 yes-it-is"),
    ("Deployment", "spec.template.spec.containers[app].env[LAST].value", "steps.yaml:1 one"),
    ("Deployment", "spec.template.spec.containers[agent].image", "merge.yaml:13 registry.example/agent:2"),
    ("Deployment", "spec.template.spec.containers[agent]", "merge.yaml:12 agent"),
    ("Deployment", "spec.template.spec.priorityClassName", "steps.yaml:4 high"),
    ("Deployment", "spec.minReadySeconds", "merge.yaml:5 7"),
    ("Deployment", "spec.template.spec.volumes[cache]", "metadata.yaml:21 cache"),
    ("Deployment", "spec.template.spec.terminationGracePeriodSeconds", "metadata.yaml:27 45"),
    ("Deployment", "spec.template.metadata.annotations[\"example.com/scrape\"]", "platform.yaml:10 \"true\""),
    ("Deployment", "spec.template.metadata.labels[\"platform/team\"]", "metadata.yaml:3 money"),
    ("Deployment", "metadata.labels[\"platform/tier\"]", "metadata.yaml:4 standard"),
    ("Deployment", "metadata.labels[\"example.com/cost\"]", "metadata.yaml:5 m12"),
    ("Deployment", "metadata.namespace", "platform.yaml:5 \"{name}\""),
    ("Deployment", "metadata.name", "metadata.yaml:2 payments"),
    ("Service", "spec.ports[90/TCP].port", "metadata.yaml:10 90"),
    ("Service", "spec.ports[90/TCP].targetPort", "metadata.yaml:10 9090"),
    ("Service", "metadata.name", "metadata.yaml:10 ports"),
    ("HorizontalPodAutoscaler", "spec.minReplicas", "metadata.yaml:42 3"),
    (
        "HorizontalPodAutoscaler",
        "spec.metrics[cpu].resource.target.averageUtilization",
        "metadata.yaml:42 70",
    ),
    ("ConfigMap", "data[\"application.yaml\"]", "application.yaml"),
    ("ConfigMap", "data.MODE", "metadata.yaml:18 fast"),
    ("CronJob", "spec.schedule", "nightly.yaml:5 \"0 3 * * *\""),
    ("CronJob", "spec.jobTemplate.spec.template.spec.containers[job].env[A].value", "nightly.yaml:15 b"),
    ("CronJob", "spec.jobTemplate.spec.template.spec.containers[job].resources", "nightly.yaml:12 job"),
    ("CronJob", "metadata.namespace", "platform.yaml:5 \"{name}\""),
    ("CronJob", "metadata.labels[\"platform/team\"]", "metadata.yaml:3 money"),
    (
        "Ingress payments-legacy",
        "spec.rules[payments.old.example].host",
        "metadata.yaml:31 payments.old.example",
    ),
    ("Ingress payments-legacy", "spec.rules[b.old.example].http.paths[/b].path", "metadata.yaml:31 /b"),
    ("Ingress payments-unified", "spec.rules[0].http.paths[0].path", "metadata.yaml:32 /pay"),
    ("Ingress payments-unified", "spec.rules[0].host", "platform.yaml:5 api.example"),
    ("Ingress payments-unified", "metadata.name", "metadata.yaml:32 unified"),
];

#[test]
#[expect(clippy::disallowed_methods, reason = "the test writes the repo that it looks at")]
fn a_place_leads_to_the_line_that_says_it() {
    let directory = tempfile::tempdir().unwrap();
    let below = directory.path().join("onboarding/payments");
    let files = [
        ("metadata.yaml", METADATA),
        ("config/application.yaml", "a: 1\n"),
        ("patches/merge.yaml", MERGE),
        ("patches/steps.yaml", STEPS),
        ("resources/nightly.yaml", NIGHTLY),
        ("../../platform.yaml", PLATFORM),
    ];
    for (name, text) in files {
        let path = below.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let repo = Repo::open(directory.path());
    let mut wrong = Vec::new();
    repo.each(&mut |context| {
        let built = context.environments.iter().find(|built| built.environment.name == "prod").unwrap();
        for (object, place, expected) in PLACES {
            let (kind, name) =
                object.split_once(' ').map_or((*object, None), |(kind, name)| (kind, Some(name)));
            let mut all = built.of_kind(kind).filter(|object| name.is_none_or(|name| *object.name == *name));
            let object = all.next().unwrap_or_else(|| panic!("no {object}"));
            let path = path(place);
            let shown = repo.shown(&context.locate(built, object, &path));
            if shown != *expected {
                wrong.push(format!("{kind} {place}: {shown}, not {expected}"));
            }
        }
    });
    assert_eq!(wrong, Vec::<String>::new());
}

//! The store of Kubernetes schemas, on what onramp renders and on mistakes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use onramp::diagnostic::{Diagnostic, Sink};
use onramp::kubernetes::{self, Target, VERSIONS, Version};
use onramp::yaml::{self, Node, Source, SourceId, Sources};

use crate::env::Env;

/// The code and the words of each finding, with a guess where there is one.
type Findings = Vec<(&'static str, String)>;

fn parse(path: &str, text: &str) -> (Source, Node) {
    let source = Source { id: SourceId(0), path: path.into(), text: text.to_owned() };
    let mut sink = Sink::default();
    let tree =
        yaml::parse(&source, &mut sink).unwrap_or_else(|| panic!("{path}: {:?}", sink.into_findings()));
    (source, tree)
}

fn check(version: Version, target: Target<'_>, place: &[&str], path: &str, text: &str) -> Findings {
    let (source, tree) = parse(path, text);
    let mut sink = Sink::default();
    let sources = Sources::new(vec![&source]);
    let known = kubernetes::check(version, target, place, &tree, &sources, &mut sink);
    assert!(known.is_some(), "{path}: {target:?} is not known in {version}");
    let words = |finding: Diagnostic| {
        let guess = finding.help.filter(|help| help.starts_with("did you mean"));
        (
            finding.code.name,
            guess.map_or(finding.message.clone(), |guess| format!("{}: {guess}", finding.message)),
        )
    };
    sink.into_findings().into_iter().map(words).collect()
}

/// Checks an object against its own kind.
fn check_object(version: Version, path: &str, text: &str) -> Findings {
    let (_, tree) = parse(path, text);
    let word = |key| tree.get(key).and_then(Node::as_str).unwrap_or_default();
    let target = Target::Kind { api_version: word("apiVersion"), kind: word("kind") };
    check(version, target, &[], path, text)
}

/// Checks rendered files in every version, and returns how many objects there were of each kind.
fn check_rendered(files: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let mut kinds = Vec::new();
    for (path, text) in files {
        // What is below `changes` is patches.
        if path.ends_with("kustomization.yaml") || path.contains("/changes/") {
            continue;
        }
        for document in text.split("\n---\n") {
            let kind = document.lines().find_map(|line| line.strip_prefix("kind: "));
            let kind = kind.unwrap_or_else(|| panic!("{path} is no object"));
            // Kustomize takes a list apart.
            if kind == "List" {
                continue;
            }
            for version in VERSIONS {
                assert_eq!(
                    check_object(*version, &path, &format!("{document}\n")),
                    [],
                    "{path} in {version}"
                );
            }
            kinds.push(kind.to_owned());
        }
    }
    kinds
}

#[test]
fn golden_trees_are_valid_in_every_version() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/render");
    let mut files = Vec::new();
    let mut directories = vec![root];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).expect("fixtures can be listed") {
            let path = entry.expect("entries can be read").path();
            let name = path.display().to_string();
            if path.is_dir() {
                directories.push(path);
            } else if name.contains("/out/") || name.contains("/resources/") {
                files.push((name, std::fs::read_to_string(path).expect("fixtures are text")));
            }
        }
    }
    let kinds = check_rendered(files.into_iter());
    for kind in ["Deployment", "Service", "Ingress", "HorizontalPodAutoscaler", "ApplicationSet", "CronJob"] {
        assert!(kinds.iter().any(|known| known == kind), "no {kind} was looked at");
    }
    assert!(kinds.len() > 15, "{} objects were looked at", kinds.len());
}

#[test]
fn what_init_writes_is_valid_in_every_version() {
    let env = Env::new();
    env.run(&["init"]).success();
    let rendered = |path: &str| ["/base/", "/overlays/", "argocd/"].iter().any(|part| path.contains(part));
    let files = env.files().into_iter().filter(|(path, _)| rendered(path));
    let files = files.map(|(path, bytes)| (path, String::from_utf8(bytes).expect("files are text")));
    let kinds = check_rendered(files);
    assert!(
        kinds.contains(&"ApplicationSet".to_owned()) && kinds.contains(&"Deployment".to_owned()),
        "{kinds:?}"
    );
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: a, labels: { app: a } }
spec:
  replicas: 2
  selector: { matchLabels: { app: a } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 25%, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: a } }
    spec:
      containers:
      - name: app
        image: registry.example/a:v1
        ports: [{ name: http, containerPort: 8080, protocol: TCP }]
        env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }]
        resources: { requests: { cpu: 100m, memory: 0.5 }, limits: { memory: 1Gi } }
        readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 5 }
        volumeMounts: [{ name: v, mountPath: /v }]
      tolerations: [{ key: a, operator: Equal, value: b, effect: NoSchedule }]
      volumes: [{ name: v, configMap: { name: c, defaultMode: 420 } }]
";

const ROUTE: &str = "\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a }
spec:
  parentRefs: [{ name: public, namespace: gateways }]
  hostnames: [a.example]
  rules:
  - matches: [{ path: { type: PathPrefix, value: /a } }]
    filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } } }]
    backendRefs: [{ name: a, port: 80 }]
";

const INGRESS: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: a, annotations: { a.example/b: \"true\" } }
spec:
  rules:
  - host: a.example
    http:
      paths: [{ path: /, pathType: Prefix, backend: { service: { name: a, port: { name: http } } } }]
";

const AUTOSCALER: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: a }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: a }
  minReplicas: 2
  maxReplicas: 4
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }]
";

const ROLLOUT: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: a }
spec:
  selector: { matchLabels: { app: a } }
  template:
    metadata: { labels: { app: a } }
    spec: { containers: [{ name: app, image: a }] }
  strategy: { canary: { maxSurge: 25%, steps: [{ setWeight: 20 }, { pause: { duration: 60 } }] } }
";

const SECRET: &str = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: a }
spec:
  refreshInterval: 1h
  secretStoreRef: { name: gcp, kind: ClusterSecretStore }
  target: { name: a, creationPolicy: Owner }
  data: [{ secretKey: k, remoteRef: { key: r } }]
";

const HEALTH: &str = "\
apiVersion: networking.gke.io/v1
kind: HealthCheckPolicy
metadata: { name: a }
spec:
  default: { checkIntervalSec: 15, config: { type: HTTP, httpHealthCheck: { port: 8080, requestPath: / } } }
  targetRef: { group: \"\", kind: Service, name: a }
";

/// What is written instead of what, and what is said then.
const MISTAKES: &[(&str, &str, &str, &str, &str)] = &[
    (
        DEPLOYMENT,
        "replicas: 2",
        "replicas: two",
        "wrong-type",
        "`spec.replicas` must be an integer, but is a string",
    ),
    (
        DEPLOYMENT,
        "replicas: 2",
        "replicas: \"2\"",
        "wrong-type",
        "`spec.replicas` must be an integer, but is a string",
    ),
    (
        DEPLOYMENT,
        "replicas: 2",
        "replicas: 3000000000",
        "invalid-value",
        "`spec.replicas` cannot be 3000000000: the greatest is 2147483647",
    ),
    (
        DEPLOYMENT,
        "replicas: 2",
        "replcas: 2",
        "unknown-key",
        "unknown key `replcas` in `spec`: did you mean `replicas`?",
    ),
    (
        DEPLOYMENT,
        "  selector: { matchLabels: { app: a } }\n",
        "",
        "missing-key",
        "`spec` lacks the key `selector`",
    ),
    (
        DEPLOYMENT,
        "labels: { app: a } }\nspec",
        "labels: { app: 1 } }\nspec",
        "wrong-type",
        "`metadata.labels.app` must be text, but YAML reads `1` as the number 1",
    ),
    (
        DEPLOYMENT,
        "type: RollingUpdate",
        "type: Rolling",
        "invalid-value",
        "`spec.strategy.type` cannot be `Rolling`: it is not one of `Recreate`, `RollingUpdate`: did you mean `RollingUpdate`?",
    ),
    (
        DEPLOYMENT,
        "maxSurge: 25%",
        "maxSurge: 0.25",
        "wrong-type",
        "`spec.strategy.rollingUpdate.maxSurge` must be text, but YAML reads `0.25` as the number 0.25",
    ),
    (
        DEPLOYMENT,
        "- name: app\n        image",
        "- image",
        "missing-key",
        "`spec.template.spec.containers.0` lacks the key `name`",
    ),
    (
        DEPLOYMENT,
        "image: registry",
        "img: registry",
        "unknown-key",
        "unknown key `img` in `spec.template.spec.containers.0`",
    ),
    (
        DEPLOYMENT,
        "containerPort: 8080",
        "containerPort: 80800",
        "invalid-value",
        "`spec.template.spec.containers.0.ports.0.containerPort` cannot be 80800: the greatest is 65535",
    ),
    (
        DEPLOYMENT,
        "containerPort: 8080",
        "port: 8080",
        "unknown-key",
        "unknown key `port` in `spec.template.spec.containers.0.ports.0`: did you mean `containerPort`?",
    ),
    (
        DEPLOYMENT,
        "protocol: TCP",
        "protocol: tcp",
        "invalid-value",
        "`spec.template.spec.containers.0.ports.0.protocol` cannot be `tcp`: it is not one of `TCP`, `UDP`, `SCTP`: did you mean `TCP`?",
    ),
    (
        DEPLOYMENT,
        "name: s, key: k",
        "name: s",
        "missing-key",
        "`spec.template.spec.containers.0.env.0.valueFrom.secretKeyRef` lacks the key `key`",
    ),
    (
        DEPLOYMENT,
        "secretKeyRef",
        "secretRef",
        "unknown-key",
        "unknown key `secretRef` in `spec.template.spec.containers.0.env.0.valueFrom`: did you mean `secretKeyRef`?",
    ),
    (
        DEPLOYMENT,
        "memory: 1Gi",
        "memory: 1GB",
        "invalid-value",
        "`spec.template.spec.containers.0.resources.limits.memory` cannot be `1GB`: it is not a quantity",
    ),
    (
        DEPLOYMENT,
        "memory: 1Gi",
        "memory: [1]",
        "wrong-type",
        "`spec.template.spec.containers.0.resources.limits.memory` must be a number or text, but is a list",
    ),
    (
        DEPLOYMENT,
        "path: /, port: http",
        "path: /",
        "missing-key",
        "`spec.template.spec.containers.0.readinessProbe.httpGet` lacks the key `port`",
    ),
    (
        DEPLOYMENT,
        "periodSeconds: 5",
        "periodSeconds: 5s",
        "wrong-type",
        "`spec.template.spec.containers.0.readinessProbe.periodSeconds` must be an integer, but is a string",
    ),
    (
        DEPLOYMENT,
        "mountPath: /v",
        "path: /v",
        "unknown-key",
        "unknown key `path` in `spec.template.spec.containers.0.volumeMounts.0`: did you mean `mountPath`?",
    ),
    (
        DEPLOYMENT,
        "operator: Equal",
        "operator: equals",
        "invalid-value",
        "`spec.template.spec.tolerations.0.operator` cannot be `equals`: it is not one of `Exists`, `Equal`: did you mean `Equal`?",
    ),
    (
        DEPLOYMENT,
        "effect: NoSchedule",
        "effect: NoSchedul",
        "invalid-value",
        "`spec.template.spec.tolerations.0.effect` cannot be `NoSchedul`: it is not one of `NoSchedule`, `PreferNoSchedule`, `NoExecute`: did you mean `NoSchedule`?",
    ),
    (
        DEPLOYMENT,
        "volumes: [{ name: v, configMap: { name: c, defaultMode: 420 } }]",
        "volumes: { v: {} }",
        "wrong-type",
        "`spec.template.spec.volumes` must be a list, but is a map",
    ),
    (
        DEPLOYMENT,
        "defaultMode: 420",
        "defaultMode: \"0644\"",
        "wrong-type",
        "`spec.template.spec.volumes.0.configMap.defaultMode` must be an integer, but is a string",
    ),
    (
        DEPLOYMENT,
        "[{ name: v, configMap",
        "[{ configMap",
        "missing-key",
        "`spec.template.spec.volumes.0` lacks the key `name`",
    ),
    (
        INGRESS,
        ", pathType: Prefix",
        "",
        "missing-key",
        "`spec.rules.0.http.paths.0` lacks the key `pathType`",
    ),
    (
        INGRESS,
        "pathType: Prefix",
        "pathType: prefix",
        "invalid-value",
        "`spec.rules.0.http.paths.0.pathType` cannot be `prefix`: it is not one of `Exact`, `Prefix`, `ImplementationSpecific`: did you mean `Prefix`?",
    ),
    (
        INGRESS,
        "{ name: http }",
        "http",
        "wrong-type",
        "`spec.rules.0.http.paths.0.backend.service.port` must be a map, but is a string",
    ),
    (
        INGRESS,
        "\"true\"",
        "true",
        "wrong-type",
        "`metadata.annotations.a.example/b` must be text, but YAML reads `true` as the boolean true",
    ),
    (
        INGRESS,
        "service: { name: a, port: { name: http } }",
        "serviceName: a",
        "unknown-key",
        "unknown key `serviceName` in `spec.rules.0.http.paths.0.backend`: did you mean `service`?",
    ),
    (AUTOSCALER, "  maxReplicas: 4\n", "", "missing-key", "`spec` lacks the key `maxReplicas`"),
    (
        AUTOSCALER,
        "averageUtilization",
        "averageUtilisation",
        "unknown-key",
        "unknown key `averageUtilisation` in `spec.metrics.0.resource.target`: did you mean `averageUtilization`?",
    ),
    (
        AUTOSCALER,
        "type: Resource,",
        "type: CPU,",
        "invalid-value",
        "`spec.metrics.0.type` cannot be `CPU`: it is not one of `Object`, `Pods`, `Resource`, `ContainerResource`, `External`",
    ),
    (
        ROUTE,
        "type: PathPrefix",
        "type: Prefix",
        "invalid-value",
        "`spec.rules.0.matches.0.path.type` cannot be `Prefix`: it is not one of `Exact`, `PathPrefix`, `RegularExpression`: did you mean `PathPrefix`?",
    ),
    (
        ROUTE,
        "port: 80",
        "port: http",
        "wrong-type",
        "`spec.rules.0.backendRefs.0.port` must be an integer, but is a string",
    ),
    (
        ROUTE,
        "parentRefs: [{ name: public, ",
        "parentRefs: [{ ",
        "missing-key",
        "`spec.parentRefs.0` lacks the key `name`",
    ),
    (
        ROUTE,
        "[a.example]",
        "[a_b.example]",
        "invalid-value",
        "`spec.hostnames.0` cannot be `a_b.example`: wanted is a host of lowercase letters, digits, hyphens and dots, perhaps with `*.` in front",
    ),
    (
        ROUTE,
        "type: URLRewrite",
        "type: Rewrite",
        "invalid-value",
        "`spec.rules.0.filters.0.type` cannot be `Rewrite`: it is not one of `RequestHeaderModifier`, `ResponseHeaderModifier`, `RequestMirror`, `RequestRedirect`, `URLRewrite`, `ExtensionRef`, `CORS`: did you mean `URLRewrite`?",
    ),
    (
        ROLLOUT,
        "setWeight: 20",
        "weight: 20",
        "unknown-key",
        "unknown key `weight` in `spec.strategy.canary.steps.0`: did you mean `setWeight`?",
    ),
    (
        ROLLOUT,
        "canary: {",
        "canery: {",
        "unknown-key",
        "unknown key `canery` in `spec.strategy`: did you mean `canary`?",
    ),
    (
        SECRET,
        "creationPolicy: Owner",
        "creationPolicy: Own",
        "invalid-value",
        "`spec.target.creationPolicy` cannot be `Own`: it is not one of `Owner`, `Orphan`, `Merge`, `None`, `CreateOrMerge`",
    ),
    (SECRET, "secretKey: k, ", "", "missing-key", "`spec.data.0` lacks the key `secretKey`"),
    (
        SECRET,
        "remoteRef: { key: r }",
        "remoteRef: { key: r, proprety: p }",
        "unknown-key",
        "unknown key `proprety` in `spec.data.0.remoteRef`: did you mean `property`?",
    ),
    (
        HEALTH,
        "checkIntervalSec: 15",
        "checkIntervalSec: 301",
        "invalid-value",
        "`spec.default.checkIntervalSec` cannot be 301: the greatest is 300",
    ),
    (
        HEALTH,
        "kind: Service, name: a",
        "kind: Service",
        "missing-key",
        "`spec.targetRef` lacks the key `name`",
    ),
];

#[test]
fn the_data_stays_small() {
    for file in ["core.txt", "custom.txt"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/kubernetes").join(file);
        let bytes = std::fs::metadata(path).expect("the data is a file").len();
        assert!((50_000..200_000).contains(&bytes), "{file} has {bytes} bytes");
    }
}

/// The data is as large as all else that is read at a start: who asks for no schema must not pay for it.
#[test]
fn starting_reads_nothing_of_the_store() {
    const ALONE: &str = "ONRAMP_TEST_ALONE";
    const NAME: &str = "kubernetes::starting_reads_nothing_of_the_store";
    if std::env::var_os(ALONE).is_none() {
        // In a process of its own, since the other tests of this one read the store.
        let this = std::env::current_exe().expect("a test has a path");
        let run = Command::new(this).args(["--exact", NAME]).env(ALONE, "1").output().expect("it runs");
        let stdout = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && stdout.contains("1 passed"), "{stdout}");
        return;
    }
    // What every run does, and what a command without schemas asks.
    let command = onramp::cli::command();
    assert!(command.try_get_matches_from(["onramp", "--version"]).is_err(), "clap prints the version");
    assert!(Version::nearest("1.33.4").is_some_and(|nearest| nearest.exact));
    assert!(kubernetes::removed("batch/v1beta1", "CronJob").is_some());
    assert!(kubernetes::scope("v1", "Namespace").is_some());
    assert!(!kubernetes::is_loaded());
    assert!(kubernetes::schema(VERSIONS[0], Target::Definition("Nothing")).is_none());
    assert!(kubernetes::is_loaded(), "the question is answered from the store");
}

/// One of each kind, with much in it: what a strict schema could refuse wrongly.
#[test]
fn good_objects_raise_nothing() {
    let core = include_str!("../../fixtures/kubernetes/core.yaml");
    let custom = include_str!("../../fixtures/kubernetes/custom.yaml");
    let files = [("fixtures/kubernetes/core.yaml", core), ("fixtures/kubernetes/custom.yaml", custom)];
    let kinds = check_rendered(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())));
    let kinds: BTreeSet<String> = kinds.into_iter().collect();
    assert_eq!(kinds.len(), 24 + 13, "{kinds:?}");
    let mistaken = MISTAKES.iter().map(|(object, ..)| ((*object).to_owned(), (*object).to_owned()));
    assert_eq!(check_rendered(mistaken).len(), MISTAKES.len());
}

#[test]
fn each_mistake_is_found_where_it_is() {
    for version in VERSIONS.iter().copied().filter(|version| (25..35).contains(&version.minor())) {
        for (object, good, bad, code, message) in MISTAKES {
            assert_eq!(object.matches(good).count(), 1, "{good} stands there once");
            let found = check_object(version, "a.yaml", &object.replace(good, bad));
            assert_eq!(found, [(*code, (*message).to_owned())], "{version} {bad}");
        }
    }
    assert!(MISTAKES.len() > 25, "{} mistakes", MISTAKES.len());
}

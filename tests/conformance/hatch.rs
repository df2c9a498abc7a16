//! Patches and extra resources: what lint accepts, every kustomize builds; what lint refuses, kustomize fails on, or
//! builds into something else than the file says, as the table has it.

use std::path::Path;

use onramp::policy::RULES;
use serde_json::{Value as Json, json};

use crate::env::Env;
use crate::fixtures::fixtures;
use crate::tools::{build, documents, kustomizes, try_build};

/// What kustomize makes of a bad file.
enum Kustomize {
    /// It fails, and says this.
    Fails(&'static str),
    /// It prints what it prints without the file.
    Ignores,
    /// It builds something that has this line.
    Writes(&'static str),
}
use Kustomize::{Fails, Ignores, Writes};

const METADATA: &str = "\
apiVersion: onramp/v1
name: payments
owner: { team: payments, email: payments@acme.example }
image: registry.example/apis/payments:v2.0.0
ports: { http: 8080 }
environments: { staging: {}, prod: {} }
";
const API: &str = "onboarding/payments";
const MERGE: &str = "patches: [patches/a.yaml]\n";
const TARGET: &str = "patches: [{ path: patches/a.yaml, target: { kind: Deployment, name: payments } }]\n";
const RESOURCE: &str = "extraResources: [resources/a.yaml]\n";

/// Entry of metadata.yaml, file, code of the finding, what kustomize does.
const BAD: &[(&str, &str, &str, Kustomize)] = &[
    (MERGE, "kind: Deployment\n  metadata: x\n", "yaml-syntax", Fails("unable to parse")),
    (
        MERGE,
        "apiVersion: apps/v1\nkind: Deployment\nspec: { paused: true }\n",
        "invalid-patch",
        Fails("unable to parse"),
    ),
    (
        MERGE,
        "{DEPLOYMENT}metadata: { name: payment }\n",
        "unknown-patch-target",
        Fails("no resource matches"),
    ),
    (
        MERGE,
        "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: { name: payments }\n",
        "unknown-patch-target",
        Fails("no resource matches"),
    ),
    (
        MERGE,
        "{DEPLOYMENT}metadata: { name: payments, namespace: payments }\n",
        "unknown-patch-target",
        Fails("no resource matches"),
    ),
    (
        MERGE,
        "{PAYMENTS}$patch: delete\n---\n{PAYMENTS}spec: { paused: true }\n",
        "unknown-patch-target",
        Fails("no resource matches"),
    ),
    (MERGE, "{PAYMENTS}spec: { $patch: remove }\n", "invalid-patch", Fails("unknown patch strategy")),
    (
        MERGE,
        "{PAYMENTS}spec: { strategy: { $retainKeys: [type] } }\n",
        "invalid-patch",
        Writes("$retainKeys:"),
    ),
    (MERGE, "{PAYMENTS}$patch: replace\nspec: { paused: true }\n", "ineffective-patch", Ignores),
    (MERGE, "{PAYMENTS}spec: { paused: null }\n", "ineffective-patch", Ignores),
    (
        MERGE,
        "{PAYMENTS}spec: { template: { spec: { containers: [{ name: web, $patch: delete }] } } }\n",
        "ineffective-patch",
        Ignores,
    ),
    (
        MERGE,
        "{PAYMENTS}spec: { template: { spec: { containers: [{ name: app, ports: [{ containerPort: 8080, name: web }] }] } } }\n",
        "ineffective-patch",
        Ignores,
    ),
    (
        MERGE,
        "{PAYMENTS}spec: { template: { spec: { containers: [{ name: app, ports: [{ containerPort: 8080, $patch: delete }] }] } } }\n",
        "ineffective-patch",
        Ignores,
    ),
    (
        MERGE,
        "apiVersion: v1\nkind: Service\nmetadata: { name: payments }\nspec: { ports: [{ port: 8080, appProtocol: http }] }\n",
        "ineffective-patch",
        Ignores,
    ),
    (
        MERGE,
        "{PAYMENTS}spec: { template: { spec: { containers: [{ name: ap, workingDir: /x }] } } }\n",
        "unknown-patch-target",
        Writes("name: ap"),
    ),
    (MERGE, "{PAYMENTS}spec: { selector: { matchLabels: { a: b } } }\n", "patched-identity", Writes("a: b")),
    (
        MERGE,
        "- { op: add, path: /spec/paused, value: true }\n",
        "invalid-patch",
        Fails("must specify a target"),
    ),
    (
        TARGET,
        "{PAYMENTS}spec: { paused: true }\n---\n{PAYMENTS}spec: { minReadySeconds: 5 }\n",
        "invalid-patch",
        Fails("not allowed to set `patches.target`"),
    ),
    (TARGET, "[{op: add, path: /spec/paused, value: true}]\n", "invalid-patch", Fails("unable to parse")),
    (
        TARGET,
        "- { op: put, path: /spec/paused, value: true }\n",
        "invalid-patch",
        Fails("Unexpected kind: put"),
    ),
    (TARGET, "- { op: add, path: spec/paused, value: true }\n", "invalid-patch", Writes("paused: true")),
    (TARGET, "- { op: add, path: /spec/paused }\n", "invalid-patch", Writes("paused: null")),
    (
        TARGET,
        "- { op: test, path: /kind, value: Deployment }\n---\n- { op: add, path: /spec/paused, value: true }\n",
        "invalid-patch",
        Ignores,
    ),
    (
        TARGET,
        "- { op: remove, path: /spec/paused }\n",
        "missing-patch-path",
        Fails("Unable to remove nonexistent key"),
    ),
    (
        TARGET,
        "- { op: replace, path: /spec/paused, value: true }\n",
        "missing-patch-path",
        Writes("paused: true"),
    ),
    (
        TARGET,
        "- { op: add, path: /spec/a/b, value: true }\n",
        "missing-patch-path",
        Fails("doc is missing path"),
    ),
    (
        TARGET,
        "- { op: add, path: /spec/template/spec/containers/2, value: {} }\n",
        "missing-patch-path",
        Fails("invalid index"),
    ),
    (TARGET, "- { op: test, path: /kind, value: Job }\n", "missing-patch-path", Fails("test failed")),
    (
        TARGET,
        "- { op: replace, path: /metadata/name, value: shop }\n",
        "patched-identity",
        Writes("name: shop"),
    ),
    (
        TARGET,
        "- { op: replace, path: /kind, value: DaemonSet }\n",
        "patched-identity",
        Writes("kind: DaemonSet"),
    ),
    (RESOURCE, "apiVersion: v1\nkind: ConfigMap\n", "invalid-resource", Fails("missing metadata.name")),
    (RESOURCE, "{ACCOUNT}$patch: delete\n", "invalid-resource", Writes("$patch: delete")),
    (
        RESOURCE,
        "apiVersion: v1\nkind: Service\nmetadata: { name: payments }\nspec: { ports: [{ port: 80 }] }\n",
        "duplicate-object",
        Fails("already registered"),
    ),
    (RESOURCE, "{ACCOUNT}---\n{ACCOUNT}", "duplicate-object", Fails("already registered")),
    (
        RESOURCE,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x, namespace: kube-system }\n",
        "foreign-namespace",
        Writes("namespace: payments-staging"),
    ),
    (
        RESOURCE,
        "apiVersion: v1\nkind: Namespace\nmetadata: { name: payments }\n",
        "cluster-scoped-resource",
        Writes("kind: Namespace"),
    ),
    (
        RESOURCE,
        "apiVersion: v1\nkind: Secret\nmetadata: { name: x }\ndata: { greeting: aGVsbG8= }\n",
        "committed-secret",
        Writes("kind: Secret"),
    ),
    (
        RESOURCE,
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: x }\nrules: []\n",
        "resource-kind-not-allowed",
        Writes("kind: Role"),
    ),
];

fn expanded(text: &str) -> String {
    text.replace("{PAYMENTS}", "{DEPLOYMENT}metadata: { name: payments }\n")
        .replace("{DEPLOYMENT}", "apiVersion: apps/v1\nkind: Deployment\n")
        .replace("{ACCOUNT}", "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: x }\n")
}

/// A repo of one API, rendered with an entry whose file is harmless.
fn rendered(entry: &str) -> (Env, String) {
    let env = Env::with_api(&format!("{METADATA}{entry}"));
    let (file, harmless) = match entry {
        MERGE => ("patches/a.yaml", "{PAYMENTS}"),
        TARGET => ("patches/a.yaml", "- { op: test, path: /kind, value: Deployment }\n"),
        _ => ("resources/a.yaml", "{ACCOUNT}"),
    };
    let file = format!("{API}/{file}");
    env.write(&file, expanded(harmless));
    env.run(&["render"]).success();
    (env, file)
}

#[test]
fn hatch_files_that_lint_refuses_do_not_build_what_they_say() {
    let mut wrong = Vec::new();
    for (entry, text, code, kustomize) in BAD {
        assert!(RULES.iter().any(|rule| rule.code.name == *code), "{code}");
        let (env, file) = rendered(entry);
        let overlay = env.path(&format!("{API}/overlays/staging"));
        let before = build(&overlay);
        env.write(&file, expanded(text));
        let found = env.run(&["lint", "--format", "json"]).findings();
        if found.is_empty() || !found.iter().all(|finding| finding.starts_with(&format!("{code} {file}"))) {
            wrong.push(format!("{text}: {code} expected, {found:?}"));
        }
        for version in kustomizes() {
            let built = try_build(&version, &overlay);
            let as_said = match (kustomize, &built) {
                (Fails(why), Err(stderr)) => stderr.contains(why),
                (Ignores, Ok((out, _))) => *out == before,
                (Writes(line), Ok((out, _))) => {
                    out.lines().any(|other| other.trim_start_matches(['-', ' ']) == *line)
                }
                _ => false,
            };
            if !as_said {
                wrong.push(format!("{text}: {} {built:?}", version.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A target that fits nothing is silent in kustomize; the rest of the API is built.
#[test]
fn hatch_target_that_fits_nothing_is_silent() {
    let (env, file) = rendered(TARGET);
    let overlay = env.path(&format!("{API}/overlays/staging"));
    let before = build(&overlay);
    env.edit(&format!("{API}/metadata.yaml"), "name: payments }", "name: payment }");
    env.edit(&format!("{API}/patches/kustomization.yaml"), "name: payments", "name: payment");
    env.write(&file, "- { op: add, path: /spec/paused, value: true }\n");
    assert_eq!(build(&overlay), before);
    let found = env.run(&["lint", "--format", "json"]).findings();
    assert_eq!(found, [format!("unknown-patch-target {API}/metadata.yaml:7:11")]);
}

/// Every form of patch in the fixture arrives, in both versions alike.
#[test]
fn hatch_fixture_builds_what_its_patches_say() {
    let cases = fixtures();
    let (_, env) = cases.iter().find(|(name, _)| name.ends_with("hatches")).expect("the fixture is there");
    for environment in ["staging", "prod"] {
        let overlay = env.path(&format!("{API}/overlays/{environment}"));
        let built = documents(&build(Path::new(&overlay)));
        let object = |kind: &str, name: &str| -> &Json {
            let mut found = built.iter().filter(|object| {
                let called = object["metadata"]["name"].as_str().unwrap_or_default();
                object["kind"] == kind && called.starts_with(name)
            });
            found.next().unwrap_or_else(|| panic!("{kind} {name} in {environment}"))
        };
        let web = object("Deployment", "payments-web");
        let worker = object("Deployment", "payments-worker");
        let pod = &web["spec"]["template"]["spec"];
        assert_eq!(pod["hostAliases"], json!([{ "ip": "10.0.0.1", "hostnames": ["db.internal"] }]));
        let env_names: Vec<&Json> = pod["containers"][0]["env"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|item| &item["name"])
            .collect();
        assert_eq!(env_names, ["C", "B"]);
        assert_eq!(pod["containers"][1]["name"], "proxy");
        assert_eq!(pod["terminationGracePeriodSeconds"], 40);
        assert_eq!(worker["spec"]["template"]["spec"].get("terminationGracePeriodSeconds"), None);
        assert_eq!(worker["spec"]["minReadySeconds"], 10);
        assert_eq!(worker["spec"]["strategy"], json!({ "type": "Recreate" }));
        assert_eq!(
            worker["spec"]["template"]["spec"]["containers"][0]["args"],
            json!(["worker", "--verbose"])
        );
        assert_eq!(worker["spec"]["template"]["metadata"]["labels"]["acme.example/container"], "app");
        for deployment in [web, worker] {
            assert_eq!(deployment["spec"]["revisionHistoryLimit"], 3);
        }
        assert_eq!(web["metadata"]["annotations"]["acme.example/from"], "list");
        let account = object("ServiceAccount", "payments-jobs");
        assert_eq!(account["metadata"]["annotations"]["acme.example/from"], "list");
        assert_eq!(object("Service", "payments-web")["spec"]["ports"][0]["appProtocol"], "http");
        assert_eq!(
            object("ConfigMap", "payments-config")["data"],
            json!({ "LEVEL": "debug", "EXTRA": "yes" })
        );
        let nightly = object("CronJob", "payments-nightly");
        assert_eq!(
            (&nightly["spec"]["schedule"], nightly["spec"].get("suspend")),
            (&"30 3 * * *".into(), None)
        );
        let scaler = object("HorizontalPodAutoscaler", "payments-web");
        assert_eq!(scaler["metadata"]["annotations"]["acme.example/checked"], "true");
        let budgets: Vec<&Json> =
            built.iter().filter(|object| object["kind"] == "PodDisruptionBudget").collect();
        assert_eq!(budgets.len(), 1, "{environment}");
        object("NetworkPolicy", "payments-deny");
        object("PersistentVolumeClaim", "payments-scratch");
    }
}

//! What several workloads, several names and several entries of one list can get wrong.

use crate::env::{Env, METADATA};

/// Lints an API with further lines, and returns its findings.
#[track_caller]
fn findings(more: &str) -> Vec<String> {
    let metadata =
        METADATA.split("environments:").next().unwrap_or_default().replace("ports: { http: 8080 }\n", "");
    let env = Env::with_api(&format!("{metadata}{more}"));
    if more.contains("config/a.yaml") {
        env.write("onboarding/payments/config/a.yaml", "a: 1\n");
    }
    env.run(&["lint", "--format", "json"]).findings()
}

/// Codes of findings with their lines, counted from the first of the further lines.
#[track_caller]
fn check(more: &str, expected: &[&str]) {
    let found = findings(&format!("{more}environments: {{ prod: {{}} }}\n"));
    let found: Vec<_> =
        found.iter().map(|found| found.replace("onboarding/payments/metadata.yaml:", "")).collect();
    assert_eq!(found, expected, "{more}");
}

#[test]
fn entries_that_a_merge_would_lose_are_found() {
    check(
        "pod:\n  hostAliases:\n  - { ip: 10.0.0.1, hostnames: [a] }\n  - { ip: 10.0.0.1, hostnames: [b] }\n",
        &["duplicate-name 11:5"],
    );
    check("pod: { imagePullSecrets: [{ name: a }, { name: b }] }\n", &[]);
    check("pod: { imagePullSecrets: [{ name: a }, { name: a }] }\n", &["duplicate-name 8:40"]);
    check(
        "volumes:\n  a: { secret: a, mountPath: /a }\ncontainer: { volumeMounts: [{ name: a, mountPath: /a }] }\n",
        &["duplicate-name 10:29"],
    );
    check(
        "ports: { http: 8080 }\ncontainer: { ports: [{ containerPort: 8080 }] }\n",
        &["duplicate-port 9:22"],
    );
    check(
        "ports: { http: 8080 }\nservice: { ports: [{ port: 80, name: a }, { port: 80, name: b }] }\n",
        &["duplicate-port 9:43"],
    );
}

#[test]
fn names_that_workloads_take_from_each_other_are_found() {
    check(
        "workloads:\n  web:\n    sidecars: { x-app: { image: registry.example/x:v1 } }\n  web-x: {}\n",
        &["duplicate-name 11:10"],
    );
    check("serviceAccount: { name: runner }\nworkloads: { web: {}, worker: {} }\n", &["duplicate-name 8:25"]);
    check("kind: Job\nspec: { suspend: true }\n", &["misplaced-key 9:1"]);
    check("identity: { selector: {} }\n", &["invalid-value 8:23"]);
    check("volumes:\n  a: { emptyDir: {}, mode: \"0400\", mountPath: /a }\n", &["exclusive-keys 9:22"]);
}

/// Kustomize reads files of another ConfigMap from the directory of the environment alone.
#[test]
fn files_do_not_follow_a_config_map_to_another_name() {
    let found =
        findings("config: { files: [config/a.yaml] }\nenvironments:\n  prod: { config: { name: other } }\n");
    assert_eq!(found, ["misplaced-file onboarding/payments/metadata.yaml:8:19"]);
}

/// An environment may leave out a workload. It may not leave out all, nor bring `workloads` along by itself: names
/// of objects hang on it.
#[test]
fn an_environment_may_leave_out_a_workload() {
    let several = "workloads: { web: {}, worker: {} }\n";
    let with = |prod: &str, top: &str| {
        let metadata = METADATA.replace("  prod: {}\n", &format!("  prod: {{ workloads: {prod} }}\n"));
        Env::with_api(&format!("{metadata}{top}"))
    };
    let env = with("{ web: null }", several);
    env.run(&["render"]).success();
    let patch = env.read("onboarding/payments/overlays/prod/changes/web-deployment.yaml");
    assert!(patch.contains("name: payments-web\n") && patch.contains("$patch: delete"), "{patch}");
    for (prod, top) in [("null", several), ("{ web: null, worker: null }", several), ("{ web: {} }", "")] {
        let found = with(prod, top).run(&["lint", "--format", "json"]).findings();
        assert_eq!(found, ["misplaced-key onboarding/payments/metadata.yaml:11:11"], "{prod} {top}");
    }
}

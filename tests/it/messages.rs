//! What findings say: in words that help whoever reads them, and once.

use crate::env::{Env, METADATA};

/// Lints an API with one text of it replaced: `code: message; help` of each finding.
fn said(old: &str, new: &str) -> Vec<String> {
    assert!(METADATA.contains(old), "{old}");
    let env = Env::with_api(&METADATA.replacen(old, new, 1));
    lint(&env)
}

fn lint(env: &Env) -> Vec<String> {
    let report = env.run(&["lint", "--format", "json"]).json();
    let each = report["findings"].as_array().expect("a list").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    each.map(|finding| {
        format!("{}: {}; {}", text(&finding["code"]), text(&finding["message"]), text(&finding["help"]))
    })
    .collect()
}

#[test]
fn a_form_is_told_in_words() {
    let found = said("tier: standard", "tier: \"standard!\"");
    assert_eq!(found.len(), 1, "{found:?}");
    let words = "`tier` cannot be `standard!`: wanted is letters, digits, hyphens, underscores and dots";
    assert!(found[0].contains(words) && !found[0].contains('^'), "{found:?}");
}

#[test]
fn a_time_without_unit_is_told_so() {
    let routes = "routes: { legacy: { timeout: 30, hosts: [{ host: a.example, paths: [{ prefix: /a }] }] } }\nenvironments:";
    let found = said("environments:", routes);
    assert_eq!(
        found,
        [
            "wrong-type: `routes.legacy.timeout` is a time, and `30` says no unit; write `timeout: 30s` for seconds"
        ]
    );
    let env = Env::with_api(&METADATA.replacen("environments:", routes, 1));
    assert_eq!(env.run(&["lint", "--fix"]).code, 1);
    assert!(env.read("onboarding/payments/metadata.yaml").contains("timeout: 30,"), "nothing was guessed");
    let _ = env.run(&["lint", "--unsafe-fixes"]);
    assert!(env.read("onboarding/payments/metadata.yaml").contains("timeout: 30s,"));
}

#[test]
fn a_tag_in_place_of_an_image_is_told_once() {
    let found = said("registry.example/apis/payments:v2.0.0", "v2.1.0");
    assert_eq!(
        found,
        [
            "image-without-tag: `v2.1.0` is a tag, and the image is missing; write `registry/repository:v2.1.0`"
        ]
    );
    // A name of an image is none.
    let found = said("registry.example/apis/payments:v2.0.0", "busybox");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_route_to_a_cron_job_is_told_that_there_is_no_service() {
    let routes = "kind: CronJob\nschedule: 0 3 * * *\nroutes: { unified: { prefix: /pay } }\nenvironments:";
    let found = said("environments:", routes);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("leads to a CronJob, which has no Service"), "{found:?}");
    assert!(!found[0].contains("write `ports"), "{found:?}");
}

#[test]
fn help_for_an_extra_resource_is_in_the_words_of_kubernetes() {
    let env = Env::new();
    env.write(
        "platform.yaml",
        "apiVersion: onramp/v1\nenvironments: { staging: {} }\nrules: { missing-probe: warning, missing-request: warning, missing-limit: warning }\n",
    );
    let metadata = METADATA.replacen("environments:\n  staging: {}\n  prod: {}\n", "", 1);
    let metadata = metadata.replacen("tier: standard\nlifecycle: approved\n", "", 1);
    env.write(
        "onboarding/payments/metadata.yaml",
        format!("{metadata}extraResources: [resources/a.yaml]\nenvironments: {{ staging: {{}} }}\n"),
    );
    env.write(
        "onboarding/payments/resources/a.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: payments-tool }\nspec:\n  selector: { matchLabels: { app: tool } }\n  template:\n    metadata: { labels: { app: tool } }\n    spec: { containers: [{ name: app, image: \"registry.example/tool:v1\", ports: [{ containerPort: 80 }] }] }\n---\napiVersion: v1\nkind: Service\nmetadata: { name: payments-tool }\nspec: { selector: { app: tool }, ports: [{ port: 80 }] }\n",
    );
    let found = lint(&env);
    let of = |code: &str, about: &str| {
        let mut all = found.iter().filter(|found| found.starts_with(code) && found.contains(about));
        all.next().unwrap_or_else(|| panic!("{code} {about}: {found:?}")).clone()
    };
    assert!(of("missing-probe", "payments-tool").contains("add `readinessProbe:"));
    assert!(of("missing-probe", "Deployment payments`").contains("add `probes:"));
    assert!(!of("missing-request", "payments-tool").contains("tier"));
    assert!(of("missing-request", "Deployment payments`").contains("tier"));
}

#[test]
fn an_environment_that_is_unlike_all_is_answered_with_their_names() {
    let env = Env::with_api(METADATA);
    let run = env.run(&["policy", "export", "--env", "nope"]);
    assert!(run.code == 2 && run.stderr.contains("platform.yaml has `staging`, `prod`"), "{run}");
}

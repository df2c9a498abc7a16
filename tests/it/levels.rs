//! Severities that platform.yaml sets by environment and by state of life.

use crate::env::{Env, METADATA};

/// `payments` has a tag that moves, and the platform says of it by place.
fn moving_tag(lifecycle: &str) -> Env {
    let metadata = METADATA.replace("v2.0.0", "latest").replace("lifecycle: approved", lifecycle);
    let env = Env::with_api(&metadata);
    let rules = "rules:\n  forbidden-image-tag:\n    default: warning\n    environments: { prod: error, staging: ignore }\n    \
                 lifecycles: { billing: info }\n";
    let platform = env.read("platform.yaml");
    env.write(
        "platform.yaml",
        platform.replace("billing: { requires: [owner.costCenter] }", "billing: {}") + rules,
    );
    env
}

fn severities(env: &Env) -> Vec<String> {
    let json = env.run(&["lint", "--format", "json"]).json();
    let findings = json["findings"].as_array().expect("findings are a list").iter();
    let line =
        |finding: &serde_json::Value| format!("{} {}", finding["code"], finding["severity"]).replace('"', "");
    findings.map(line).filter(|line| !line.starts_with("missing-probe")).collect()
}

#[test]
fn a_finding_has_the_severity_of_where_it_is() {
    let env = moving_tag("lifecycle: approved");
    // One line for both environments: the worst of them.
    assert_eq!(severities(&env), ["forbidden-image-tag error"]);
    let path = "onboarding/payments/metadata.yaml";
    env.edit(path, "payments:latest", "payments:v2.0.0");
    let own = |env: &Env, name: &str| {
        env.edit(
            path,
            &format!("{name}: {{}}"),
            &format!("{name}: {{ image: \"registry.example/apis/payments:latest\" }}"),
        );
    };
    own(&env, "staging");
    assert_eq!(severities(&env), Vec::<String>::new());
    own(&env, "prod");
    assert_eq!(severities(&env), ["forbidden-image-tag error"]);
    // What the state says comes before what the environment says.
    assert_eq!(severities(&moving_tag("lifecycle: billing")), ["forbidden-image-tag info"]);
    let shown = env.run(&["config", "show"]).success();
    assert!(shown.contains("staging: ignore"), "{shown}");
}

#[test]
fn names_that_there_are_not_are_found() {
    let env = moving_tag("lifecycle: approved");
    env.edit("platform.yaml", "{ prod: error", "{ prd: error");
    env.edit("platform.yaml", "{ billing: info", "{ biling: info");
    let findings = env.run(&["lint", "--format", "json"]).findings();
    let of_platform: Vec<&String> =
        findings.iter().filter(|finding| finding.contains("platform.yaml")).collect();
    assert_eq!(
        of_platform,
        ["unknown-environment platform.yaml:29:21", "unknown-lifecycle platform.yaml:30:19"]
    );
}

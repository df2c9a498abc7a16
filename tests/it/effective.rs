//! Rules on what an API builds to: where they point, and what is not said twice.

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

/// Lints an API with some keys in front of its environments, and further files.
#[track_caller]
fn findings(more: &str, files: &[(&str, &str)]) -> Vec<String> {
    let (head, environments) = METADATA.split_once("environments:").expect("it has environments");
    let env = Env::with_api(&format!("{head}{more}environments:{environments}"));
    for (name, text) in files {
        env.write(&format!("onboarding/payments/{name}"), text);
    }
    env.run(&["lint", "--format", "json"]).findings()
}

#[test]
fn one_cause_is_told_once() {
    // The rule on the state names the line, and that it does not build is not said beside it.
    let resource = "apiVersion: v1\nkind: Service\nmetadata: { name: payments }\n";
    assert_eq!(
        findings("extraResources: [resources/a.yaml]\n", &[("resources/a.yaml", resource)]),
        // In each of the two environments.
        ["duplicate-object onboarding/payments/resources/a.yaml:3:19"; 2]
    );
    // An error elsewhere in the API hides nothing that the objects show.
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: other }\nspec: { paused: true }\n";
    assert_eq!(
        findings("patches: [patches/a.yaml]\n", &[("patches/a.yaml", patch)]),
        ["unknown-patch-target onboarding/payments/patches/a.yaml:3:19"]
    );
}

#[test]
fn what_cannot_be_built_stands_where_it_is_written() {
    // The overlay's own file, which is not on disk, has the key without quotes.
    assert_eq!(findings("labels: { \"404\": a }\n", &[]), [format!("invalid-kustomization {PATH}:9:11")]);
}

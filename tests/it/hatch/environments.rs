//! What one environment alone names.

use super::{METADATA, PATH, findings, messages};
use crate::env::Env;

const NAMED: &str = "\
environments:
  staging: {}
  prod:
    patches: [patches/prod/a.yaml]
    extraResources: [resources/prod/a.yaml]
";
const PATCH: &str = "onboarding/payments/patches/prod/a.yaml";
const RESOURCE: &str = "onboarding/payments/resources/prod/a.yaml";

const GRACE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: payments }
spec: { template: { spec: { terminationGracePeriodSeconds: 40 } } }
";
const SETTINGS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { A: b }
";

fn env() -> Env {
    let env = Env::with_api(&format!("{METADATA}{NAMED}"));
    env.write(PATCH, GRACE);
    env.write(RESOURCE, SETTINGS);
    env
}

#[test]
fn what_is_wrong_is_said_of_the_one_environment() {
    let env = env();
    assert_eq!(findings(&env), Vec::<String>::new());
    // In an environment of another name nothing of it is there.
    env.edit(RESOURCE, "{ name: settings }", "{ name: settings, namespace: payments-staging }");
    env.edit(PATCH, "name: payments", "name: paymets");
    assert_eq!(
        messages(&env),
        [
            "the API has no `Deployment paymets` in `prod`",
            "`payments-staging` is not the namespace of the API in `prod`",
        ]
    );
    let report = env.run(&["lint", "--format", "json"]).json();
    for finding in report["findings"].as_array().expect("a list") {
        assert_eq!(finding["environments"], serde_json::json!(["prod"]), "{finding}");
        assert_eq!(finding["related"][0]["location"]["path"], PATH.replace("patches/prod/a", "metadata"));
    }
    // A target that meets nothing where the patch is for.
    env.edit(RESOURCE, ", namespace: payments-staging", "");
    env.write(PATCH, "- { op: add, path: /spec/minReadySeconds, value: 5 }\n");
    env.edit(PATH, "[patches/prod/a.yaml]", "[{ path: patches/prod/a.yaml, target: { kind: CronJob } }]");
    assert_eq!(messages(&env), ["no object of the API is a `CronJob` in `prod`"]);
}

#[test]
fn a_patch_of_an_environment_comes_last_and_meets_what_is_brought_along_there() {
    let env = env();
    env.write(PATCH, "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { C: d }\n");
    assert_eq!(findings(&env), Vec::<String>::new());
    // One of all environments does not know it.
    env.edit(PATH, "environments:", "patches: [patches/a.yaml]\nenvironments:");
    env.write("onboarding/payments/patches/a.yaml", env.read(PATCH));
    assert_eq!(messages(&env), ["the API has no `ConfigMap settings` in `staging`"]);
    env.write("onboarding/payments/patches/a.yaml", GRACE);
    env.write(PATCH, "- { op: test, path: /spec/template/spec/terminationGracePeriodSeconds, value: 40 }\n");
    env.edit(PATH, "[patches/prod/a.yaml]", "[{ path: patches/prod/a.yaml, target: { kind: Deployment } }]");
    assert_eq!(findings(&env), Vec::<String>::new());
}

#[test]
fn environments_may_have_objects_of_one_name() {
    let env = env();
    env.edit(PATH, "staging: {}", "staging: { extraResources: [resources/staging/a.yaml] }");
    env.write("onboarding/payments/resources/staging/a.yaml", SETTINGS);
    assert_eq!(findings(&env), Vec::<String>::new());
    env.edit(PATH, "environments:", "extraResources: [resources/a.yaml]\nenvironments:");
    env.write("onboarding/payments/resources/a.yaml", SETTINGS);
    let twice = "`ConfigMap settings` in namespace `payments` is there twice";
    let staging = twice.replace("`payments`", "`payments-staging`");
    let mut found = messages(&env);
    found.sort();
    assert_eq!(found, [staging, twice.to_owned()]);
}

#[test]
fn images_of_an_environment_are_held_to_its_rules_alone() {
    let env = env();
    env.write(
        "platform.yaml",
        "apiVersion: onramp/v1\nenvironments: { staging: { requireDigest: true }, prod: {} }\n",
    );
    env.write(
        RESOURCE,
        "apiVersion: batch/v1\nkind: Job\nmetadata: { name: x }\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      \
         containers: [{ name: e, image: registry.example/e:v1 }]\n",
    );
    let own = format!("image-not-pinned {PATH}:4:8");
    assert_eq!(findings(&env), std::slice::from_ref(&own));
    env.edit("platform.yaml", "prod: {}", "prod: { requireDigest: true }");
    let both = [own.clone(), own, format!("image-not-pinned {RESOURCE}:8:38")];
    assert_eq!(findings(&env), both);
}

#[test]
fn files_lie_in_the_directory_of_their_environment() {
    let env = env();
    env.edit(PATH, "staging: {}", "staging: { patches: [patches/prod/a.yaml] }");
    assert_eq!(findings(&env), [format!("misplaced-file {PATH}:7:24")]);
    assert_eq!(messages(&env), ["`patches/prod/a.yaml` lies outside `patches/staging/`"]);
    env.edit(PATH, "staging: { patches: [patches/prod/a.yaml] }", "staging: {}");
    env.edit(PATH, "environments:", "extraResources: [resources/prod/a.yaml]\nenvironments:");
    env.edit(PATH, "    extraResources: [resources/prod/a.yaml]\n", "");
    assert_eq!(
        messages(&env),
        ["`resources/prod/a.yaml` is named for all environments, and lies in `resources/prod/`"]
    );
    // A directory of another name is nobody's.
    env.rename("onboarding/payments/resources/prod", "onboarding/payments/resources/more");
    env.edit(PATH, "resources/prod/a.yaml", "resources/more/a.yaml");
    assert_eq!(findings(&env), Vec::<String>::new());
}

#[test]
fn what_is_not_there_or_not_named_is_found() {
    let env = env();
    env.rename(RESOURCE, "onboarding/payments/resources/prod/b.yaml");
    assert_eq!(
        findings(&env),
        [
            format!("missing-file {PATH}:10:22"),
            "unused-file onboarding/payments/resources/prod/b.yaml".to_owned(),
        ]
    );
    let report = env.run(&["lint", "--format", "json"]).json();
    let help = "name it under `environments.prod.extraResources` in metadata.yaml, or remove it";
    assert_eq!(report["findings"][1]["help"], help);
    // An environment that waits keeps its files.
    env.rename("onboarding/payments/resources/prod/b.yaml", RESOURCE);
    env.edit(PATH, "  prod:\n", "  prod:\n    enabled: false\n");
    assert_eq!(findings(&env), Vec::<String>::new());
}

#[test]
fn generated_files_come_and_go_with_what_is_named() {
    let env = env();
    let _ = env.run(&["render"]).success();
    let components =
        ["patches", "resources"].map(|key| format!("onboarding/payments/{key}/prod/kustomization.yaml"));
    for component in &components {
        assert!(env.read(component).starts_with("# Generated by onramp"), "{component}");
        assert!(env.read(component).contains("a.yaml"), "{component}");
    }
    let _ = env.run(&["render", "--check"]).success();
    env.edit(
        PATH,
        "    patches: [patches/prod/a.yaml]\n    extraResources: [resources/prod/a.yaml]\n",
        "    {}\n",
    );
    let _ = env.run(&["render"]).success();
    for component in &components {
        assert!(!env.path(component).exists(), "{component}");
    }
    // One by hand is nobody's to remove, and would be taken for one that is rendered.
    env.write(&components[0], "kind: Component\n");
    let foreign = format!("foreign-file {}", components[0]);
    assert!(findings(&env).contains(&foreign), "{:?}", findings(&env));
}

#[test]
fn hosts_are_claimed_where_the_object_is() {
    let env = env();
    let ingress = |name: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: {name}-extra }}\nspec:\n  ingressClassName: nginx\n  \
             rules:\n  - host: pay.acme.example\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        \
             backend: {{ service: {{ name: {name}, port: {{ number: 8080 }} }} }}\n"
        )
    };
    env.write(RESOURCE, ingress("payments"));
    let other = format!("{METADATA}{NAMED}").replace("payments", "orders");
    let other = other.replace("staging: {}", "staging: { extraResources: [resources/staging/a.yaml] }");
    env.write(
        "onboarding/orders/metadata.yaml",
        other.replace("    extraResources: [resources/prod/a.yaml]\n", ""),
    );
    env.write("onboarding/orders/patches/prod/a.yaml", GRACE.replace("payments", "orders"));
    env.write("onboarding/orders/resources/staging/a.yaml", ingress("orders"));
    assert_eq!(findings(&env), Vec::<String>::new());
    env.rename("onboarding/orders/resources/staging", "onboarding/orders/resources/prod");
    env.edit(
        "onboarding/orders/metadata.yaml",
        "staging: { extraResources: [resources/staging/a.yaml] }",
        "staging: {}",
    );
    env.edit(
        "onboarding/orders/metadata.yaml",
        "    patches:",
        "    extraResources: [resources/prod/a.yaml]\n    patches:",
    );
    let found = findings(&env);
    assert!(
        found.iter().any(|finding| finding.starts_with("route-claimed-twice")),
        "both are in prod: {found:?}"
    );
}

#[test]
fn a_fault_of_an_object_is_found_in_the_file_of_its_environment() {
    let env = env();
    let other = "onboarding/payments/resources/staging/a.yaml";
    env.edit(PATH, "staging: {}", "staging: { extraResources: [resources/staging/a.yaml] }");
    let budget = |minimum: &str| {
        format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{ name: extra }}\nspec:\n  minAvailable: {minimum}\n  \
             selector: {{ matchLabels: {{ app: extra }} }}\n"
        )
    };
    env.write(other, budget("1"));
    env.write(RESOURCE, budget("-1"));
    let of_budget = |env: &Env| -> Vec<String> {
        findings(env)
            .into_iter()
            .filter(|finding| finding.contains("/resources/") && finding.starts_with("refused-object"))
            .collect()
    };
    assert_eq!(of_budget(&env), [format!("refused-object {RESOURCE}:5:17")]);
    env.write(RESOURCE, budget("1"));
    env.write(other, budget("-1"));
    assert_eq!(of_budget(&env), [format!("refused-object {other}:5:17")]);
    // A patch of the environment that says it is what is to blame.
    env.write(other, budget("1"));
    env.write(PATCH, "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: extra }\nspec: { minAvailable: -2 }\n");
    let found = findings(&env);
    assert!(found.contains(&format!("refused-object {PATCH}:4:23")), "{found:?}");
}

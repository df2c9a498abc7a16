//! `onramp adopt`: what the step shows, what it writes, and what it leaves alone.

use onramp::schema::CHANGES;

use crate::env::Env;

const PLATFORM: &str = "\
apiVersion: onramp/v1
environments: { staging: { namespace: \"{name}-staging\" }, prod: {} }
images: { forbidTags: [latest] }
tiers:
  standard:
    requests: { cpu: 500m, memory: 1Gi }
defaults:
- podAnnotations: { prometheus.io/scrape: \"true\" }
";

const GUIDE: &str = include_str!("../../../docs/migrate.md");

/// Where the API of most tests is written.
const PATH: &str = "onboarding/payments/metadata.yaml";

/// An API as `onramp migrate` writes it, with words of its owners.
const ADOPTED: &str = "\
# Asks: the payments team.
apiVersion: onramp/v1
name: payments
owner: { team: payments, email: payments@acme.example }
profile: adopted # until June
tier: standard # agreed with the platform
identity:
  name: payments-production
  container: payments-api
  selector: { app: payments }
  service: payments-svc
image: registry.example/apis/payments:v2.0.0
ports: { http: 8080 }
probes: { readiness: { httpGet: { path: /ready, port: http } } }
replicas: 2
config: { name: payments-settings, literals: { MODE: fast } }
environments:
  staging: { replicas: 1 }
  prod: {}
";

fn repo() -> Env {
    let env = Env::new();
    env.write("platform.yaml", PLATFORM);
    env.write(PATH, ADOPTED);
    let _ = env.run(&["render"]).success();
    env
}

/// Adds an adopted API of another name.
fn add(env: &Env, name: &str) {
    env.write(&format!("onboarding/{name}/metadata.yaml"), ADOPTED.replace("payments", name));
    let _ = env.run(&["render"]).success();
}

/// Returns selectors, names and namespaces of all objects that an environment builds to; a name without kustomize's hash.
fn identities(env: &Env, environment: &str) -> Vec<String> {
    let built = env.run(&["build", "payments", "--env", environment]).success();
    let mut lines: Vec<String> = Vec::new();
    for document in built.split("---\n") {
        let named = |key: &str| document.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        let kind = named("kind: ");
        let selector = document.split("selector:\n").nth(1).unwrap_or_default();
        let selector: Vec<&str> = selector.lines().take(2).map(str::trim).collect();
        if matches!(kind, "kind: Deployment" | "kind: Service") {
            lines.push(format!("{kind} {} {} {selector:?}", named("  name: "), named("  namespace: ")));
        }
    }
    lines
}

#[test]
fn the_plan_tells_what_restarts_first_and_writes_nothing() {
    let env = repo();
    let before = env.files();
    insta::assert_snapshot!(env.run(&["adopt", "--standard", "--plan", "payments"]), @r#"
    exit code: 0
    ----- stdout -----
    The pods of 1 workload are replaced:
      payments: Deployment payments-production in prod, staging
    1 object is new:
      payments: PodDisruptionBudget payments in prod, staging
    1 object gets a hash in its name, and the one without goes:
      payments: ConfigMap payments-settings in prod, staging

    1 of 1 API changes, in 2 environments.
      rolling restart  1 API  2 environments

    payments in prod and staging: rolling restart
      Deployment payments-production
        + spec.template.metadata.annotations: {"prometheus.io/scrape":"true"}
        + spec.template.metadata.labels["app.kubernetes.io/managed-by"]: onramp
        + spec.template.metadata.labels["app.kubernetes.io/name"]: payments
        + spec.template.metadata.labels["app.kubernetes.io/part-of"]: payments
        + spec.template.metadata.labels["platform/api-name"]: payments
        + spec.template.metadata.labels["platform/team"]: payments
        + spec.template.metadata.labels["platform/tier"]: standard
        + spec.template.spec.containers[payments-api].resources: {"requests":{"cpu":"500m","memory":"1Gi"}}
      + PodDisruptionBudget payments: scaling: new
      ConfigMap payments-settings: no effect
        + metadata.labels: {"app.kubernetes.io/managed-by":"onramp","app.kubernetes.io/name":"payments","app.kubernetes.io/part-of":"payments","platform/api-name":"payments","platform/tea…
        ~ metadata.name: payments-settings -> payments-settings-{hash}
      Deployment payments-production: no effect
        + metadata.labels: {"app.kubernetes.io/managed-by":"onramp","app.kubernetes.io/name":"payments","app.kubernetes.io/part-of":"payments","platform/api-name":"payments","platform/tea…
      Service payments-svc: no effect
        + metadata.labels: {"app.kubernetes.io/managed-by":"onramp","app.kubernetes.io/name":"payments","app.kubernetes.io/part-of":"payments","platform/api-name":"payments","platform/tea…

    Would take 1 API to the full standard: 2 files added, 4 files changed. Nothing was written.
    "#);
    assert!(env.files() == before);
    // The guide shows the same, up to where it leaves out the rest.
    let shown = GUIDE.split("$ onramp adopt --standard --plan payments\n").nth(1).unwrap_or_default();
    let (first, rest) = shown.split_once("  ...\n").unwrap_or_default();
    let told = env.run(&["adopt", "--standard", "--plan", "payments"]).success();
    assert!(told.starts_with(first) && first.lines().count() > 10, "{told}");
    assert!(told.ends_with(rest.split("```").next().unwrap_or_default()), "{told}");
}

#[test]
fn the_step_writes_metadata_and_what_it_renders_to() {
    let env = repo();
    let before = (identities(&env, "staging"), identities(&env, "prod"));
    assert_eq!(before.0.len(), 2);
    let told = env.run(&["adopt", "--standard", "payments"]).success();
    assert!(told.ends_with("\nTook 1 API to the full standard: 2 files added, 4 files changed.\n"), "{told}");
    // The line goes with its comment; everybody else's words stay.
    assert_eq!(env.read(PATH), ADOPTED.replace("profile: adopted # until June\n", ""));
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
    assert_eq!((identities(&env, "staging"), identities(&env, "prod")), before);
    let built = env.run(&["build", "payments", "--env", "prod"]).success();
    assert!(
        built.contains("platform/api-name: payments") && built.contains("prometheus.io/scrape"),
        "{built}"
    );
    let written = env.files();
    insta::assert_snapshot!(env.run(&["adopt", "--standard", "payments"]), @r"
    exit code: 0
    ----- stdout -----
    `payments` has the full standard already.
    Nothing to do.
    ");
    assert!(env.files() == written);
}

#[test]
fn programs_get_json() {
    let env = repo();
    let json = |more: &[&str]| {
        let run = env.run(&[&["adopt", "--standard", "--format", "json"], more].concat());
        (run.code, run.json())
    };
    let (code, planned) = json(&["--plan", "payments"]);
    assert_eq!(code, 0);
    assert!(CHANGES.accepts(&planned["changes"]), "{planned:#}");
    assert_eq!(planned["changes"]["summary"]["apis"], 1);
    let mut short = planned.clone();
    short.as_object_mut().expect("it is a map").shift_remove("changes");
    insta::assert_snapshot!(format!("{short:#}"), @r#"
    {
      "written": false,
      "apis": [
        "payments"
      ],
      "standard": [],
      "files": {
        "added": 2,
        "changed": 4,
        "removed": 0
      },
      "renderNamespaces": false,
      "effects": [
        {
          "api": "payments",
          "restarts": [
            {
              "object": "Deployment payments-production",
              "environments": [
                "prod",
                "staging"
              ]
            }
          ],
          "new": [
            {
              "object": "PodDisruptionBudget payments",
              "environments": [
                "prod",
                "staging"
              ]
            }
          ],
          "renamed": [
            {
              "object": "ConfigMap payments-settings",
              "environments": [
                "prod",
                "staging"
              ]
            }
          ],
          "refused": []
        }
      ]
    }
    "#);
    let (code, mut done) = json(&["payments"]);
    assert_eq!((code, &done["written"]), (0, &true.into()));
    done["written"] = false.into();
    assert_eq!(done, planned);
    let (code, nothing) = json(&["payments"]);
    assert_eq!((code, &nothing["written"], &nothing["apis"]), (0, &false.into(), &serde_json::json!([])));
    assert_eq!(nothing["standard"], serde_json::json!(["payments"]));
    assert!(CHANGES.accepts(&nothing["changes"]), "{nothing:#}");
}

#[test]
fn programs_learn_what_would_be_recreated_and_get_no_document_of_errors() {
    let env = repo();
    env.edit(PATH, "identity:\n", "kind: StatefulSet\nidentity:\n");
    let _ = env.run(&["render"]).success();
    let before = env.files();
    let run = env.run(&["adopt", "--standard", "--format", "json", "payments"]);
    assert!(run.code == 1 && run.stderr.starts_with("error: the step would recreate what runs: "), "{run}");
    let refused = run.json();
    assert_eq!(refused["written"], false);
    let why = refused["effects"][0]["refused"].as_array().map(Vec::len);
    assert_eq!(why, Some(2), "{refused:#}");
    env.edit(PATH, "kind: StatefulSet\n", "kind: StatfulSet\n");
    let run = env.run(&["adopt", "--standard", "--format", "json", "payments"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run}");
    assert!(run.stderr.contains("StatfulSet"), "{run}");
    env.edit(PATH, "kind: StatfulSet\n", "kind: StatefulSet\n");
    assert!(env.files() == before);
}

#[test]
fn a_wave_is_several_names_or_patterns() {
    let env = repo();
    add(&env, "shop-cart");
    add(&env, "shop-search");
    let told = env.run(&["adopt", "--standard", "shop-*"]).success();
    let first = "The pods of 2 workloads are replaced:\n  shop-cart: Deployment shop-cart-production in prod, staging\n  shop-search: ";
    assert!(told.starts_with(first), "{told}");
    assert!(told.contains("Took 2 APIs to the full standard"), "{told}");
    assert_eq!(env.read(PATH), ADOPTED);
    let told = env.run(&["adopt", "--standard", "onboarding/payments", "shop-cart"]).success();
    assert!(told.starts_with("`shop-cart` has the full standard already.\n"), "{told}");
    assert!(told.contains("Took 1 API to the full standard"), "{told}");
    assert_eq!(env.run(&["adopt", "--standard", "--all"]).success(), "Nothing to do.\n");
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
}

#[test]
fn an_error_keeps_all_of_it_from_being_written_and_points_into_the_file_as_it_is() {
    let env = repo();
    add(&env, "shop");
    // Nobody asks for the probes of what was adopted.
    env.edit("platform.yaml", "images:", "rules: { missing-probe: error }\nimages:");
    env.edit(PATH, "probes: { readiness: { httpGet: { path: /ready, port: http } } }\n", "");
    let _ = env.run(&["render"]).success();
    let before = env.files();
    insta::assert_snapshot!(env.run(&["adopt", "--standard", "payments", "shop"]), @r"
    exit code: 1
    ----- stdout -----
    missing-probe

      × nobody asks `payments-api` of `Deployment payments-production` whether it is ready
        ╭─[onboarding/payments/metadata.yaml:12:8]
     12 │ image: registry.example/apis/payments:v2.0.0
        ·        ──────────────────┬──────────────────
        ·                          ╰── no readiness probe
        ╰────
      help: add `probes: { readiness: { httpGet: { path: /ready, port: http } } }`

    missing-limit

      ⚠ the container `payments-api` of `Deployment payments-production` has no limit for memory
       ╭─[platform.yaml:7:5]
     7 │     requests: { cpu: 500m, memory: 1Gi }
       ·     ──────────────────┬─────────────────
       ·                       ╰── no limit
       ╰────
      help: add `resources.limits.memory`, or choose a `tier` that gives it

    missing-limit

      ⚠ the container `shop-api` of `Deployment shop-production` has no limit for memory
       ╭─[platform.yaml:7:5]
     7 │     requests: { cpu: 500m, memory: 1Gi }
       ·     ──────────────────┬─────────────────
       ·                       ╰── no limit
       ╰────
      help: add `resources.limits.memory`, or choose a `tier` that gives it

    Checked 2 APIs: 1 error, 2 warnings.
    ----- stderr -----
    Nothing was written, since there are errors.
    ");
    assert!(env.files() == before);
    env.edit("platform.yaml", "missing-probe: error", "missing-probe: warning");
    let told = env.run(&["adopt", "--standard", "payments", "shop"]).success();
    assert!(told.contains("missing-probe") && told.contains("Took 2 APIs"), "{told}");
}

#[test]
fn what_cannot_be_changed_in_a_cluster_is_not() {
    let env = repo();
    // A set without the name of its Service, which cannot be given to it later.
    env.edit(PATH, "identity:\n", "kind: StatefulSet\nidentity:\n");
    let _ = env.run(&["render"]).success();
    let before = env.files();
    let run = env.run(&["adopt", "--standard", "payments"]);
    let text = run.to_string();
    assert!(text.starts_with("exit code: 1\n"), "{text}");
    insta::assert_snapshot!(text.split("----- stderr -----").nth(1).unwrap_or_default(), @r"
    error: the step would recreate what runs: `StatefulSet payments-production` of `payments` in `prod` would change in `spec.serviceName`, which no object can, and 1 more like it
    hint: say in metadata.yaml what the object has today (`identity`, `service`, `spec`), or leave the API adopted
    ");
    assert!(env.files() == before);
    // What it has today can be said, and stays.
    env.edit(PATH, "kind: StatefulSet\n", "kind: StatefulSet\nspec: { serviceName: payments-nodes }\n");
    let _ = env.run(&["render"]).success();
    let told = env.run(&["adopt", "--standard", "payments"]).success();
    assert!(told.contains("payments: StatefulSet payments-production in prod, staging"), "{told}");
    let built = env.run(&["build", "payments", "--env", "prod"]).success();
    assert!(built.contains("  serviceName: payments-nodes\n"), "{built}");
}

#[test]
fn a_job_takes_the_step_where_it_is_made_anew_at_each_sync() {
    let env = repo();
    env.write(
        PATH,
        "apiVersion: onramp/v1\nname: payments\nowner: { team: payments, email: payments@acme.example }\nprofile: \
         adopted\nkind: Job\ntier: standard\nimage: registry.example/apis/payments:v2.0.0\nenvironments: { prod: {} }\n",
    );
    let _ = env.run(&["render"]).success();
    let text = env.run(&["adopt", "--standard", "payments"]).to_string();
    assert!(text.starts_with("exit code: 1\n") && text.contains("would change in `spec.template"), "{text}");
    env.edit(
        PATH,
        "kind: Job\n",
        "kind: Job\nannotations: { argocd.argoproj.io/sync-options: Replace=true }\n",
    );
    let _ = env.run(&["render"]).success();
    let told = env.run(&["adopt", "--standard", "payments"]).success();
    assert!(
        told.starts_with("The pods of 1 workload are replaced:\n  payments: Job payments in prod\n"),
        "{told}"
    );
}

#[test]
fn a_stale_render_comes_first_and_a_killed_run_is_completed() {
    let env = repo();
    env.edit(PATH, "MODE: fast", "MODE: slow");
    let before = env.files();
    insta::assert_snapshot!(env.run(&["adopt", "--standard", "payments"]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error: `onboarding/payments/config/kustomization.yaml` is not what metadata.yaml renders to today
    hint: run `onramp render` first, so that what is shown is the step and nothing else
    ");
    assert!(env.files() == before);

    let _ = env.run(&["render"]).success();
    let old = env.read(PATH);
    let planned = env.run(&["adopt", "--standard", "--plan", "payments"]).success();
    let _ = env.run(&["adopt", "--standard", "payments"]).success();
    let done = env.files();
    // Everything was written but metadata.yaml, which comes last.
    env.write(PATH, old);
    let again = env.run(&["adopt", "--standard", "payments"]).success();
    assert_eq!(again.split("\nTook").next(), planned.split("\nWould take").next());
    assert!(env.files() == done);
}

#[test]
fn what_is_meant_has_to_be_said() {
    let env = repo();
    insta::assert_snapshot!(env.run(&["adopt", "payments"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      --standard

    Usage: onramp adopt --standard <API>...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(env.run(&["adopt", "--standard", "paymets"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `paymets` is neither an API nor a path of one
    hint: did you mean `payments`?
    ");
    insta::assert_snapshot!(env.run(&["adopt", "--standard", "shop-*"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: no API fits `shop-*`
    ");
    insta::assert_snapshot!(env.run(&["adopt", "--standard", "platform.yaml"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `platform.yaml` is about no single API
    hint: `--all` means all adopted APIs
    ");
    insta::assert_snapshot!(env.run_with(&["adopt", "payments"], &[("ONRAMP_STANDARD", "no")]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `onramp adopt` has no other way than `--standard`
    hint: `onramp adopt --standard --plan API` shows what the step would change
    ");
    assert_eq!(env.read(PATH), ADOPTED);
}

#[test]
fn a_line_that_cannot_be_taken_out_is_named() {
    let env = repo();
    env.write(PATH, ADOPTED.replace("profile: adopted # until June\n", "? profile\n: adopted\n"));
    let _ = env.run(&["render"]).success();
    let before = env.files();
    insta::assert_snapshot!(env.run(&["adopt", "--standard", "payments"]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error: `profile` cannot be taken out of `onboarding/payments/metadata.yaml`, since something stands before it on its line
    hint: take it out by hand, run `onramp render` and read `onramp diff --base HEAD`
    ");
    assert!(env.files() == before);
}

#[test]
fn quotas_of_namespaces_are_rendered_by_the_next_render() {
    let env = repo();
    env.edit(
        "platform.yaml",
        "images:",
        "namespaceObjects: { enabled: true, quota: { headroomPercent: 10 } }\nimages:",
    );
    add(&env, "orders");
    let _ = env.run(&["render"]).success();
    let told = env.run(&["adopt", "--standard", "payments"]).success();
    let last = "Run `onramp render` for the namespaces, whose quotas follow what their APIs ask for.\n";
    assert!(told.ends_with(last), "{told}");
    let json = env.run(&["adopt", "--standard", "--format", "json", "orders"]).json();
    assert_eq!(json["renderNamespaces"], true);
    let _ = env.run(&["render"]).success();
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
}

//! `onramp diff`: what a change of the repo changes in the clusters, against real git.

use onramp::schema::CHANGES;

use crate::env::{Env, METADATA};

mod manifests;

/// A rendered and committed repo of some APIs, and a branch `change` to work on.
pub(crate) fn fleet(apis: &[&str]) -> Env {
    let env = Env::new();
    env.write("platform.yaml", include_str!("../../fixtures/rules/platform.yaml"));
    for api in apis {
        env.write(&metadata(api), METADATA.replace("payments", api));
    }
    let _ = env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    commit(&env, "first");
    env.git(&["checkout", "--quiet", "-b", "change"]);
    env
}

fn metadata(api: &str) -> String {
    format!("onboarding/{api}/metadata.yaml")
}

pub(crate) fn commit(env: &Env, message: &str) {
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
}

/// Edits the metadata of an API, and renders.
#[track_caller]
fn change(env: &Env, api: &str, old: &str, new: &str) {
    env.edit(&metadata(api), old, new);
    let _ = env.run(&["render"]).success();
}

/// Lets the literal secrets of a test pass.
const WAIVER: &str =
    "apiVersion: onramp/v1\nwaivers: [{ code: literal-secret, api: payments, reason: a test }]\n";

const MAIN: [&str; 3] = ["diff", "--base", "main"];

#[test]
fn nothing_changed_is_said_and_is_success() {
    let env = fleet(&["cart", "payments"]);
    insta::assert_snapshot!(env.run(&[&MAIN[..], &["--exit-code"]].concat()), @r"
    exit code: 0
    ----- stdout -----
    Nothing changes in the clusters.
    ");
    // A comment changes files and no object.
    env.edit(&metadata("cart"), "name: cart", "name: cart # the cart");
    assert_eq!(env.run(&MAIN).success(), "Nothing changes in the clusters.\n");
    assert_eq!(env.run(&["diff", "-q", "--base", "main"]).success(), "");
    assert_eq!(env.run(&["diff", "--base", "main", "--format", "unified"]).success(), "");
}

#[test]
fn what_many_share_is_told_once_after_what_one_has_alone() {
    let env = fleet(&["cart", "ledger", "payments"]);
    for api in ["cart", "ledger", "payments"] {
        env.edit(&metadata(api), "LOG_LEVEL: info", "LOG_LEVEL: debug");
    }
    change(&env, "payments", "prod: {}", "prod: { replicas: 4 }");
    insta::assert_snapshot!(env.run(&MAIN), @r"
    exit code: 0
    ----- stdout -----
    3 of 3 APIs change, in 6 environments.
      rolling restart  3 APIs  6 environments

    payments in prod: scaling
      Deployment payments
        ~ spec.replicas: 1 -> 4

    3 APIs in prod and staging (cart, ledger, payments): rolling restart
      Deployment {api}
        ~ spec.template.spec.containers[app].env[LOG_LEVEL].value: info -> debug
    ");
    assert_eq!(env.run(&[&MAIN[..], &["--exit-code"]].concat()).code, 1);
    insta::assert_snapshot!(env.run(&[&MAIN[..], &["cart"]].concat()).success(), @r"
    1 of 1 API changes, in 2 environments.
      rolling restart  1 API  2 environments

    cart in prod and staging: rolling restart
      Deployment cart
        ~ spec.template.spec.containers[app].env[LOG_LEVEL].value: info -> debug
    ");
    // Work tree, index and commit are one.
    let here = env.run(&MAIN).success();
    commit(&env, "change");
    assert_eq!(env.run(&MAIN).success(), here);
    assert_eq!(env.run(&["diff", "--base", "main", "--head", "change"]).success(), here);
    assert_eq!(
        env.run(&["diff", "--base", "main", "--head", "main"]).success(),
        "Nothing changes in the clusters.\n"
    );
}

#[test]
fn the_base_is_where_the_head_left_it() {
    let env = fleet(&["cart", "payments"]);
    change(&env, "payments", "LOG_LEVEL: info", "LOG_LEVEL: debug");
    commit(&env, "change");
    env.git(&["checkout", "--quiet", "main"]);
    change(&env, "cart", "LOG_LEVEL: info", "LOG_LEVEL: warn");
    commit(&env, "somebody else");
    env.git(&["checkout", "--quiet", "change"]);
    let mine = env.run(&MAIN).success();
    assert!(
        mine.starts_with("1 of 2 APIs changes, in 2 environments.\n") && !mine.contains("cart"),
        "{mine}"
    );
    let both = env.run(&["diff", "--base", "main", "--no-merge-base"]).success();
    assert!(both.starts_with("2 of 2 APIs change, in 4 environments.\n"), "{both}");

    // A shallow clone does not know it.
    env.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--no-single-branch",
        "--branch=change",
        &format!("file://{}", env.root().display()),
        "clone",
    ]);
    insta::assert_snapshot!(env.run_in("clone", &["diff", "--base", "origin/main"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `origin/main` and `HEAD` have no common ancestor in the repository `[ROOT]/clone` (it is a shallow clone, which lacks older commits)
    hint: get more history with `git fetch --unshallow` (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` of GitLab), or compare with exactly that revision by `--no-merge-base`
    ");
    assert_eq!(env.run_in("clone", &["diff", "--base", "origin/main", "--no-merge-base"]).success(), both);
    insta::assert_snapshot!(env.run(&["diff", "--base", "nowhere"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: the repository `[ROOT]` has no revision `nowhere`
    hint: `git fetch` gets what a remote has; `git log` and `git branch --all` list what is here
    ");
}

#[test]
fn apis_and_environments_come_and_go() {
    let env = fleet(&["cart", "payments", "wallet"]);
    env.remove("onboarding/cart");
    env.write(&metadata("checkout"), METADATA.replace("payments", "checkout"));
    env.edit(&metadata("payments"), "  staging: {}\n", "");
    change(&env, "wallet", "image: registry", "namespace: money\nimage: registry");
    insta::assert_snapshot!(env.run(&MAIN), @r"
    exit code: 0
    ----- stdout -----
    4 of 4 APIs change, in 7 environments.
      delete   2 APIs  3 environments
      replace  1 API   2 environments
      create   1 API   2 environments

    cart in prod and staging: delete
      - the API goes: Deployment, PodDisruptionBudget, Service

    payments in staging: delete
      - the environment goes: Deployment, PodDisruptionBudget, Service

    wallet in prod: replace
      ~ Deployment wallet: moves to another namespace: wallet -> money
      ~ PodDisruptionBudget wallet: moves to another namespace: wallet -> money
      ~ Service wallet: moves to another namespace: wallet -> money

    wallet in staging: replace
      ~ Deployment wallet: moves to another namespace: wallet-staging -> money
      ~ PodDisruptionBudget wallet: moves to another namespace: wallet-staging -> money
      ~ Service wallet: moves to another namespace: wallet-staging -> money

    checkout in prod and staging: create
      + new API: Deployment, PodDisruptionBudget, Service
    ");
    // An API that is gone can still be asked for.
    let gone = env.run(&[&MAIN[..], &["cart"]].concat()).success();
    assert!(gone.contains("\ncart in prod and staging: delete\n"), "{gone}");
    assert_eq!(env.run(&[&MAIN[..], &["nobody"]].concat()).code, 2);
}

#[test]
fn a_config_map_is_one_change_and_names_who_restarts() {
    let env = fleet(&["payments"]);
    env.write("onboarding/payments/config/application.yaml", "level: info\npassword: hunter2\nsize: 1\n");
    env.write("waivers/a.yaml", WAIVER);
    change(
        &env,
        "payments",
        "env: {",
        "config: { files: [config/application.yaml], mountPath: /etc/payments }\nenv: {",
    );
    commit(&env, "config");
    env.write("onboarding/payments/config/application.yaml", "level: debug\npassword: hunter3\nsize: 1\n");
    let base = ["diff", "--base", "HEAD"];
    insta::assert_snapshot!(env.run(&base), @r#"
    exit code: 0
    ----- stdout -----
    1 of 1 API changes, in 2 environments.
      rolling restart  1 API  2 environments

    payments in prod and staging: rolling restart
      ConfigMap payments-config (restarts Deployment payments)
        ~ data["application.yaml"]: 2 lines added, 2 removed
            -level: info
            -password: ***
            +level: debug
            +password: ***
    "#);
    insta::assert_snapshot!(env.run(&[&base[..], &["--format", "unified"]].concat()), @r"
    exit code: 0
    ----- stdout -----
    diff --git a/prod/payments.yaml b/prod/payments.yaml
    --- a/prod/payments.yaml
    +++ b/prod/payments.yaml
    @@ -1,7 +1,7 @@
     apiVersion: v1
     data:
       application.yaml: |
    -    level: info
    +    level: debug
         password: ***
         size: 1
     kind: ConfigMap
    @@ -13,7 +13,7 @@
         platform/api-name: payments
         platform/team: payments
         platform/tier: standard
    -  name: payments-config-dbt68t4f5k
    +  name: payments-config-4b7mm8m4gf
       namespace: payments
     ---
     apiVersion: v1
    @@ -88,7 +88,7 @@
               readOnly: true
           volumes:
           - configMap:
    -          name: payments-config-dbt68t4f5k
    +          name: payments-config-4b7mm8m4gf
             name: config
     ---
     apiVersion: policy/v1
    diff --git a/staging/payments.yaml b/staging/payments.yaml
    --- a/staging/payments.yaml
    +++ b/staging/payments.yaml
    @@ -1,7 +1,7 @@
     apiVersion: v1
     data:
       application.yaml: |
    -    level: info
    +    level: debug
         password: ***
         size: 1
     kind: ConfigMap
    @@ -13,7 +13,7 @@
         platform/api-name: payments
         platform/team: payments
         platform/tier: standard
    -  name: payments-config-dbt68t4f5k
    +  name: payments-config-4b7mm8m4gf
       namespace: payments-staging
     ---
     apiVersion: v1
    @@ -88,7 +88,7 @@
               readOnly: true
           volumes:
           - configMap:
    -          name: payments-config-dbt68t4f5k
    +          name: payments-config-4b7mm8m4gf
             name: config
     ---
     apiVersion: policy/v1
    ");
    insta::assert_snapshot!(env.run(&[&base[..], &["--format", "markdown"]].concat()), @r#"
    exit code: 0
    ----- stdout -----
    ### Effect: 1 of 1 API changes, in 2 environments.

    | in the clusters | APIs and namespaces | environments |
    |---|---:|---:|
    | rolling restart | 1 | 2 |

    **rolling restart** `payments` in `prod` and `staging`

    - `ConfigMap payments-config` (restarts `Deployment payments`)
      - `data["application.yaml"]` 2 lines added, 2 removed: `-level: info`, `-password: ***`, `+level: debug`, `+password: ***`
    "#);
    let json = env.run(&[&base[..], &["--format", "json"]].concat()).json();
    insta::assert_snapshot!(format!("{:#}", json["groups"][0]["changes"][0]), @r#"
    {
      "risk": "rolling-restart",
      "difference": "lines",
      "object": "ConfigMap {api}-config",
      "path": "data[\"application.yaml\"]",
      "restarts": [
        "Deployment {api}"
      ],
      "linesAdded": 2,
      "linesRemoved": 2,
      "excerpt": [
        "-level: info",
        "-password: ***",
        "+level: debug",
        "+password: ***"
      ]
    }
    "#);
}

#[test]
fn json_is_as_its_schema_says() {
    let env = fleet(&["cart", "payments", "wallet"]);
    env.remove("onboarding/cart");
    env.write(&metadata("checkout"), METADATA.replace("payments", "checkout"));
    change(&env, "wallet", "tier: standard", "namespace: money\ntier: standard");
    env.edit("onboarding/payments/overlays/prod/kustomization.yaml", "resources:", "resurces:");
    let run = env.run(&[&MAIN[..], &["--format", "json"]].concat());
    assert!(CHANGES.accepts(&run.json()), "{run}");
    assert!(!run.stderr.is_empty() && run.code == 1, "{run}");
    assert_eq!(run.json()["unknown"][0]["api"], "payments");
}

#[test]
fn what_cannot_be_built_is_said_of_its_side() {
    let env = fleet(&["cart", "payments"]);
    let overlay = "onboarding/payments/overlays/prod/kustomization.yaml";
    env.edit(overlay, "resources:", "resurces:");
    env.edit(&metadata("cart"), "LOG_LEVEL: info", "LOG_LEVEL: debug");
    let _ = env.run(&["render", "cart"]).success();
    insta::assert_snapshot!(env.run(&MAIN), @r"
    exit code: 1
    ----- stdout -----
    1 of 2 APIs changes, in 2 environments; 1 environment cannot be compared.
      rolling restart  1 API  2 environments

    payments in prod cannot be compared: the head cannot be built

    cart in prod and staging: rolling restart
      Deployment cart
        ~ spec.template.spec.containers[app].env[LOG_LEVEL].value: info -> debug
    ----- stderr -----
    invalid-kustomization

      × kustomize knows no field `resurces` here
       ╭─[onboarding/payments/overlays/prod/kustomization.yaml:5:1]
     5 │ resurces:
       · ────────
       ╰────
      help: did you mean `resources`?

    Checked 2 APIs: 1 error.
    ");
    commit(&env, "broken");
    env.edit(overlay, "resurces:", "resources:");
    insta::assert_snapshot!(env.run(&["diff", "--base", "HEAD"]), @r"
    exit code: 0
    ----- stdout -----
    Nothing that can be compared changes in the clusters; 1 environment cannot be compared.

    payments in prod cannot be compared: the base cannot be built
    ");
    insta::assert_snapshot!(env.run(&["diff", "--base", "HEAD", "--format", "unified"]).success(), @r"
    diff --git a/prod/payments.yaml b/prod/payments.yaml
    # cannot be compared: the base cannot be built
    ");
}

#[test]
fn one_large_group_hides_no_other_from_a_comment() {
    let env = fleet(&["cart", "payments"]);
    let object = |value: &str| {
        format!("apiVersion: apps/v1\nkind: {}\nmetadata: {{ name: x }}\ntext: {value}\n", "K".repeat(70_000))
    };
    env.write("onboarding/payments/base/x.yaml", object("one"));
    env.edit("onboarding/payments/base/kustomization.yaml", "resources:", "resources:\n- x.yaml");
    commit(&env, "a long name");
    env.write("onboarding/payments/base/x.yaml", object("two"));
    env.edit("onboarding/cart/base/deployment.yaml", "value: info", "value: debug");
    let shown = env.run(&["diff", "--base", "HEAD", "--format", "markdown"]).success();
    assert!(shown.len() < 65_536 && shown.contains("`info` → `debug`"), "{shown}");
    assert!(shown.ends_with("Not shown, for want of room: 1 group.\n"), "{shown}");
}

#[test]
fn no_line_of_a_manifest_or_name_of_a_kind_is_a_command() {
    let env = fleet(&["payments"]);
    let object = |kind: &str, value: &str| {
        format!(
            "apiVersion: x/v1\nkind: \"{kind}\"\nmetadata: {{ name: x }}\ntext: |\n  ::error::a\n  {value}\n"
        )
    };
    env.write("onboarding/payments/base/x.yaml", object("::error::X", "one"));
    env.edit("onboarding/payments/base/kustomization.yaml", "resources:", "resources:\n- x.yaml");
    commit(&env, "with a stranger's");
    env.write("onboarding/payments/base/x.yaml", object("::error::X", "two"));
    for format in ["text", "markdown", "json", "unified"] {
        let run = env.run(&["diff", "--base", "HEAD", "--format", format]);
        assert!(run.stdout.contains("two"), "{format}: {run}");
        assert!(!run.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{format}: {run}");
    }
}

#[test]
fn nothing_of_a_stranger_reaches_the_reader() {
    let env = fleet(&["payments"]);
    let hostile = r#""\e[31m ##[error]x `| <b>@all</b> \u202e""#;
    env.edit(
        &metadata("payments"),
        "LOG_LEVEL: info",
        &format!("LOG_LEVEL: {hostile}\n  , DB_PASSWORD: hunter2"),
    );
    // What is committed counts, whoever wrote it.
    env.write("waivers/a.yaml", WAIVER);
    let _ = env.run(&["render"]);
    for format in ["text", "markdown", "json", "unified"] {
        let run = env.run(&[&MAIN[..], &["--format", format]].concat());
        for bad in ["\u{1b}", "##[", "\u{202e}", "hunter2"] {
            assert!(!run.stdout.contains(bad), "{format} {bad:?}: {run}");
        }
        assert!(run.stdout.contains("LOG_LEVEL"), "{run}");
    }
}

#[test]
fn an_overlay_cannot_reach_out_of_its_directory() {
    let env = fleet(&["cart", "payments"]);
    let overlay = "onboarding/payments/overlays/prod/kustomization.yaml";
    env.edit(overlay, "../../base", "../../../cart/base");
    let run = env.run(&MAIN);
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stdout.contains("payments in prod cannot be compared: the head cannot be built"), "{run}");
}

#[test]
fn namespaces_take_part() {
    let env = fleet(&["payments"]);
    env.edit(
        "platform.yaml",
        "images:",
        "namespaceObjects: { enabled: true, quota: { headroomPercent: 20 } }\nimages:",
    );
    let _ = env.run(&["render"]).success();
    insta::assert_snapshot!(env.run(&MAIN), @r"
    exit code: 0
    ----- stdout -----
    2 namespaces change, in 2 environments.
      create  2 namespaces  2 environments

    2 namespaces in 2 environments (payments, payments-staging): create
      + new namespace: Namespace, ResourceQuota
    ");
    commit(&env, "namespaces");
    env.edit("platform.yaml", "headroomPercent: 20", "headroomPercent: 50");
    let _ = env.run(&["render"]).success();
    insta::assert_snapshot!(env.run(&["diff", "--base", "HEAD"]), @r#"
    exit code: 0
    ----- stdout -----
    2 namespaces change, in 2 environments.
      scaling  2 namespaces  2 environments

    2 namespaces in 2 environments (payments, payments-staging): scaling
      ResourceQuota onramp
        ~ spec.hard["limits.cpu"]: 4800m -> "6"
        ~ spec.hard["limits.memory"]: 9831Mi -> 12Gi
        ~ spec.hard["requests.cpu"]: 1200m -> 1500m
        ~ spec.hard["requests.memory"]: 2458Mi -> 3Gi
    "#);
    // An API that is asked for is looked at alone.
    assert_eq!(
        env.run(&["diff", "--base", "HEAD", "payments"]).success(),
        "Nothing changes in the clusters.\n"
    );
}

#[test]
fn a_comment_has_room_for_any_change() {
    let apis: Vec<String> = (0..40).map(|number| format!("api-{number:02}")).collect();
    let names: Vec<&str> = apis.iter().map(String::as_str).collect();
    let env = fleet(&names);
    for (number, api) in names.iter().enumerate() {
        // Each its own variables, so that no two of them group.
        let variables: Vec<String> =
            (0..30).map(|at| format!("V{number}_{at}: \"{}\"", "x".repeat(90))).collect();
        env.edit(&metadata(api), "LOG_LEVEL: info", &format!("LOG_LEVEL: info, {}", variables.join(", ")));
    }
    env.remove("onboarding/api-39");
    let _ = env.run(&["render"]).success();
    let markdown = env.run(&[&MAIN[..], &["--format", "markdown"]].concat()).success();
    assert!(markdown.len() <= 65_536 && markdown.len() > 50_000, "{}", markdown.len());
    let groups: Vec<&str> = markdown.lines().filter(|line| line.starts_with("**")).collect();
    assert_eq!(groups[0], "**delete** `api-39` in `prod` and `staging`", "the riskiest first");
    let last = markdown.lines().last().unwrap_or_default();
    assert_eq!(last, format!("Not shown, for want of room: {} groups.", 40 - groups.len()));
    // Another run says the same, whatever the threads do.
    for jobs in ["1", "4"] {
        let again = env.run(&[&MAIN[..], &["--format", "markdown", "--jobs", jobs]].concat()).success();
        assert!(again == markdown);
    }
}

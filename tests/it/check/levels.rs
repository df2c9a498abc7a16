//! Which change needs which level.

use super::{METADATA, PATH, check, commit, findings, messages, render, repo};
use crate::env::Env;

/// What an author does.
type Change = fn(&Env);

/// Each change, and the least level that lets it pass.
const CHANGES: &[(&str, Change, &str)] = &[
    ("a tag", |env| env.edit(PATH, "payments:v2.0.0", "payments:v2.1.0"), "L0"),
    (
        "a tag in one environment",
        |env| env.edit(PATH, "prod: {}", "prod: { image: registry.example/apis/payments:v2.1.0 }"),
        "L0",
    ),
    (
        "the tag of an extra resource",
        |env| env.edit("onboarding/payments/resources/nightly.yaml", "v2.0.0", "v2.1.0"),
        "L0",
    ),
    ("a comment", |env| env.edit(PATH, "replicas: 2", "replicas: 2 # enough"), "L0"),
    ("a file that nothing names", |env| env.write("onboarding/payments/README.md", "# Payments\n"), "L0"),
    ("a variable", |env| env.edit(PATH, "LOG_LEVEL: info", "LOG_LEVEL: debug"), "L1"),
    ("a new variable", |env| env.edit(PATH, "LOG_LEVEL: info", "LOG_LEVEL: info, A: b"), "L1"),
    ("a variable of a secret", |env| env.edit(PATH, "LOG_LEVEL: info", "A: { secret: a, key: b }"), "L3"),
    ("config", |env| env.edit(PATH, "MODE: fast", "MODE: slow"), "L1"),
    (
        "another ConfigMap",
        |env| env.edit(PATH, "config: {", "configMaps: { more: { literals: { A: b } } }\nconfig: {"),
        "L1",
    ),
    ("replicas", |env| env.edit(PATH, "replicas: 2", "replicas: 3"), "L2"),
    ("autoscaling", |env| env.edit(PATH, "replicas: 2", "autoscaling: { min: 2, max: 4, cpu: 70 }"), "L2"),
    (
        "resources",
        |env| env.edit(PATH, "replicas: 2", "replicas: 2\nresources: { requests: { cpu: 100m } }"),
        "L2",
    ),
    (
        "a disruption budget",
        |env| env.edit(PATH, "replicas: 2", "replicas: 2\ndisruptionBudget: { maxUnavailable: 2 }"),
        "L2",
    ),
    ("another repository", |env| env.edit(PATH, "apis/payments:v2.0.0", "apis/other:v2.0.0"), "L3"),
    ("a command", |env| env.edit(PATH, "replicas: 2", "replicas: 2\ncommand: [sh]"), "L3"),
    ("a port", |env| env.edit(PATH, "http: 8080", "http: 8080, web: 8081"), "L3"),
    (
        "a route",
        |env| env.edit(PATH, "replicas: 2", "replicas: 2\nroutes: { unified: { prefix: /payments } }"),
        "L3",
    ),
    ("an owner", |env| env.edit(PATH, "payments@acme.example", "mallory@acme.example"), "L3"),
    (
        "a source",
        |env| env.edit(PATH, "replicas: 2", "replicas: 2\nsource: https://git.acme.example/other"),
        "L3",
    ),
    ("a level", |env| env.edit(PATH, "replicas: 2", "replicas: 2\nlevel: L3"), "L3"),
    (
        "a new API",
        |env| env.write("onboarding/new/metadata.yaml", crate::env::METADATA.replace("payments", "new")),
        "L3",
    ),
    ("a pipeline", |env| env.write(".github/workflows/ci.yaml", "on: push\n"), "L3"),
    ("a file beside the APIs", |env| env.write("onboarding/kustomization.yaml", "resources: []\n"), "L3"),
];

#[test]
fn each_change_needs_its_level() {
    let mut wrong = Vec::new();
    let base = repo("levels: { default: L0 }\n");
    for (name, change, least) in CHANGES {
        let levels = ["L0", "L1", "L2", "L3"];
        let env = base.copy();
        change(&env);
        render(&env);
        commit(&env, name);
        let passes = |level: &&str| {
            let found = findings(&env, &["--approved-level", level]);
            !found.iter().any(|finding| finding.starts_with("level-exceeded"))
        };
        let first = levels.iter().find(|level| passes(level));
        if first != Some(least) {
            wrong.push(format!("{name} needs {least}, and passes with {first:?}: {:?}", messages(&env)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_secret_that_is_read_already_is_no_other() {
    let env = repo("levels: { default: L1 }\n");
    env.git(&["checkout", "--quiet", "main"]);
    env.edit(PATH, "LOG_LEVEL: info", "A: { secret: own, key: a }");
    render(&env);
    commit(&env, "a secret");
    for (old, new, code) in [
        ("key: a }", "key: b }", 0),
        ("key: a }", "key: a }, B: { secret: own, key: b }", 0),
        ("secret: own", "secret: of-orders", 1),
        ("key: a } }", "key: a } }\nenvFrom: [{ secret: of-orders }]", 1),
    ] {
        env.git(&["checkout", "--quiet", "-B", "change", "main"]);
        env.edit(PATH, old, new);
        render(&env);
        commit(&env, new);
        let run = check(&env, &[]);
        assert_eq!(run.code, code, "{new}: {run}");
    }
}

#[test]
fn levels_are_those_of_the_base() {
    for (levels, passes) in [("default: L1", false), ("default: L2", true), ("default: L3", true)] {
        let env = repo(&format!("levels: {{ {levels} }}\n"));
        env.edit(PATH, "replicas: 2", "replicas: 3");
        render(&env);
        commit(&env, "replicas");
        assert_eq!(check(&env, &[]).code, i32::from(!passes), "{levels}");
    }
}

#[test]
fn what_was_adopted_has_a_level_of_its_own() {
    let env = repo("levels: { default: L2, migrated: L0 }\n");
    env.edit("onboarding/orders/metadata.yaml", "replicas: 2", "replicas: 3");
    render(&env);
    commit(&env, "replicas");
    assert_eq!(findings(&env, &[]), ["level-exceeded onboarding/orders/metadata.yaml:9:11"]);
    // Not by becoming something else in the same change.
    env.edit("onboarding/orders/metadata.yaml", "profile: adopted\n", "");
    render(&env);
    commit(&env, "profile");
    let found = messages(&env);
    assert!(found.iter().all(|message| message.contains("`orders` has L0")), "{found:?}");
    assert_eq!(check(&env, &[]).code, 1);
}

#[test]
fn an_api_may_narrow_its_own_level() {
    let env = repo("levels: { default: L2 }\n");
    env.git(&["checkout", "--quiet", "main"]);
    env.write(PATH, METADATA.replace("replicas: 2", "replicas: 2\nlevel: L0"));
    render(&env);
    commit(&env, "narrower");
    env.git(&["checkout", "--quiet", "-B", "change"]);
    env.edit(PATH, "LOG_LEVEL: info", "LOG_LEVEL: debug");
    render(&env);
    commit(&env, "env");
    assert_eq!(check(&env, &[]).code, 1);
}

#[test]
fn the_finding_says_what_needs_the_level_and_where() {
    let env = repo("levels: { default: L1 }\n");
    env.edit(PATH, "prod: {}", "prod: { replicas: 4, env: { A: b } }");
    render(&env);
    commit(&env, "more");
    insta::assert_snapshot!(check(&env, &[]), @r#"
    exit code: 1
    ----- stdout -----
    1 of 2 APIs changes, in 1 environment.
      rolling restart  1 API  1 environment

    level-exceeded

      × `spec.replicas` of `Deployment payments` in `prod` needs level L2, and `payments` has L1
        ╭─[onboarding/payments/metadata.yaml:15:21]
     15 │   prod: { replicas: 4, env: { A: b } }
        ·                     ┬
        ·                     ╰── needs L2
        ╰────
      help: take it out of this change, or ask the platform team to approve it

    Checked 1 API: 1 error.

    payments in prod: rolling restart
      Deployment payments
        + spec.template.spec.containers[app].env[A]: {"name":"A","value":"b"}
        ~ spec.replicas: 2 -> 4
    "#);
}

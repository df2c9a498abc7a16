//! The commands that only answer: schema, explain, config show, completions, man.

use onramp::policy::RULES;
use onramp::schema::SCHEMAS;

use crate::env::{Env, METADATA};

#[test]
fn explain_lists_and_shows() {
    let env = Env::new();
    let list = env.run(&["explain"]).success();
    let codes: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(codes.is_sorted());
    assert_eq!(codes.len(), RULES.len());
    let foreign = list.lines().find(|line| line.starts_with("foreign-file ")).expect("it is a rule");
    assert!(foreign["foreign-file".len()..].trim_start().starts_with("error    "), "{foreign}");
    for rule in RULES {
        assert_eq!(env.run(&["explain", rule.code.name]).success(), rule.code.page);
        let line = list.lines().find(|line| line.starts_with(&format!("{} ", rule.code.name)));
        assert!(line.is_some_and(|line| line.ends_with(rule.code.summary())), "{}", rule.code.name);
    }
    insta::assert_snapshot!(env.run(&["explain", "image-not-pined"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: no rule is called `image-not-pined`
    hint: did you mean `image-not-pinned`?
    ");
    insta::assert_snapshot!(env.run(&["explain", "zzz"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: no rule is called `zzz`
    hint: `onramp explain` without a code lists them all
    ");
}

#[test]
fn schema_prints_what_is_published() {
    let env = Env::new();
    for schema in SCHEMAS {
        assert_eq!(env.run(&["schema", schema.name]).success(), schema.text);
    }
    insta::assert_snapshot!(env.run(&["schema", "nope"]), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'nope' for '<NAME>'
      [possible values: metadata, platform, waivers, freezes, request, decisions, baseline, diagnostics, changes, migration]

    For more information, try '--help'.
    ");
}

#[test]
fn completions_and_manual_name_every_command() {
    let env = Env::new();
    let help = env.run(&["-h"]).success();
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // What goes on from the line above stands further in.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains(&"lint") && commands.len() > 8);
    for shell in ["bash", "zsh", "fish"] {
        let script = env.run(&["completions", shell]).success();
        for command in &commands {
            assert!(script.contains(command), "{shell} {command}");
        }
        assert!(script.contains("fail-level"), "{shell}");
    }
    let manual = env.run(&["man"]).success();
    for command in commands.iter().filter(|command| **command != "help") {
        let name = command.replace('-', "\\-");
        assert!(manual.contains(&format!("onramp\\-{name}(1)")), "{command}: {manual}");
        let page = env.run(&["man", command]).success();
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
    }
    assert!(env.run(&["man", "lint"]).success().contains(r"fail\-level"));
    insta::assert_snapshot!(env.run(&["man", "nope"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: no command is called `nope`
    ");
}

/// An API that says something in each layer, with two secrets that nobody should have written there.
fn layered() -> Env {
    let metadata = METADATA
        .replace(
            "env: { LOG_LEVEL: info }",
            "env:\n  LOG_LEVEL: info\n  DB_PASSWORD: hunter2\n  API_TOKEN: { secret: api, key: token }",
        )
        .replace(
            "prod: {}",
            "prod: { replicas: 3, env: { LOG_LEVEL: warn, SMTP_PASSWORD: \"swordfish #1\" } }",
        );
    Env::with_api(&metadata)
}

#[test]
fn config_show_says_where_each_value_comes_from() {
    let env = layered();
    insta::assert_snapshot!(env.run(&["config", "show", "payments"]), @r#"
    exit code: 0
    ----- stdout -----
    replicas: 1                                   # built-in
    resources:
      requests:
        cpu: 500m                                 # platform.yaml:19
        memory: 1Gi                               # platform.yaml:19
      limits:
        cpu: "2"                                  # platform.yaml:20
        memory: 4Gi                               # platform.yaml:20
    apiVersion: onramp/v1                         # onboarding/payments/metadata.yaml:1
    name: payments                                # onboarding/payments/metadata.yaml:2
    owner:
      team: payments                              # onboarding/payments/metadata.yaml:3
      email: payments@acme.example                # onboarding/payments/metadata.yaml:3
    tier: standard                                # onboarding/payments/metadata.yaml:4
    lifecycle: approved                           # onboarding/payments/metadata.yaml:5
    image: registry.example/apis/payments:v2.0.0  # onboarding/payments/metadata.yaml:6
    ports:
      http: 8080                                  # onboarding/payments/metadata.yaml:7
    env:
      LOG_LEVEL: info                             # onboarding/payments/metadata.yaml:9
      DB_PASSWORD: *******                        # onboarding/payments/metadata.yaml:10
      API_TOKEN:
        secret: api                               # onboarding/payments/metadata.yaml:11
        key: token                                # onboarding/payments/metadata.yaml:11
    "#);
    insta::assert_snapshot!(env.run(&["config", "show", "payments", "--env", "prod"]), @r#"
    exit code: 0
    ----- stdout -----
    replicas: 3                                   # onboarding/payments/metadata.yaml:14
    resources:
      requests:
        cpu: 500m                                 # platform.yaml:19
        memory: 1Gi                               # platform.yaml:19
      limits:
        cpu: "2"                                  # platform.yaml:20
        memory: 4Gi                               # platform.yaml:20
    apiVersion: onramp/v1                         # onboarding/payments/metadata.yaml:1
    name: payments                                # onboarding/payments/metadata.yaml:2
    owner:
      team: payments                              # onboarding/payments/metadata.yaml:3
      email: payments@acme.example                # onboarding/payments/metadata.yaml:3
    tier: standard                                # onboarding/payments/metadata.yaml:4
    lifecycle: approved                           # onboarding/payments/metadata.yaml:5
    image: registry.example/apis/payments:v2.0.0  # onboarding/payments/metadata.yaml:6
    ports:
      http: 8080                                  # onboarding/payments/metadata.yaml:7
    env:
      LOG_LEVEL: warn                             # onboarding/payments/metadata.yaml:14
      DB_PASSWORD: *******                        # onboarding/payments/metadata.yaml:10
      API_TOKEN:
        secret: api                               # onboarding/payments/metadata.yaml:11
        key: token                                # onboarding/payments/metadata.yaml:11
      SMTP_PASSWORD: ********** ***               # onboarding/payments/metadata.yaml:14
    "#);
    // A path is as good as a name, and the variable as good as the flag.
    let named = env.run(&["config", "show", "payments", "--env", "prod"]).success();
    assert_eq!(
        env.run(&["config", "show", "onboarding/payments/metadata.yaml", "--env", "prod"]).success(),
        named
    );
    assert_eq!(env.run_with(&["config", "show", "payments"], &[("ONRAMP_ENV", "prod")]).success(), named);
    insta::assert_snapshot!(env.run(&["config", "show", "payments", "--env", "moon"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `payments` is not in an environment `moon`
    hint: it is in staging, prod
    ");
}

#[test]
fn config_show_shows_the_platform() {
    let env = layered();
    let shown = env.run(&["config", "show"]).success();
    assert!(shown.starts_with("apiVersion: onramp/v1 "), "{shown}");
    let line = shown.lines().find(|line| line.contains("unifiedHost: api.acme.example")).expect("a line");
    assert!(line.ends_with("  # platform.yaml:12"), "{line}");
    // What is shown is YAML, and says the same.
    let text = |text: String| {
        let source = onramp::yaml::Source { id: onramp::yaml::SourceId(9), path: "x".into(), text };
        onramp::yaml::parse(&source, &mut onramp::diagnostic::Sink::default()).expect("YAML").to_json()
    };
    assert_eq!(text(shown), text(std::fs::read_to_string(env.path("platform.yaml")).expect("it is there")));
}

#[test]
fn config_show_of_a_broken_api_tells_what_is_wrong() {
    let env = Env::with_api(&METADATA.replace("tier: standard", "teer: standard"));
    insta::assert_snapshot!(env.run(&["config", "show", "payments"]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    unknown-key

      × unknown key `teer`
       ╭─[onboarding/payments/metadata.yaml:4:1]
     4 │ teer: standard
       · ──┬─
       ·   ╰── not a key that this place knows
       ╰────
      help: did you mean `tier`?

    Checked 1 API: 1 error.
    1 fixable with `onramp lint --unsafe-fixes`.
    ");
}

//! What reaches a terminal, a log or a pipe: no control characters, no commands, no secrets.

use crate::env::{Env, METADATA, Run};

#[test]
fn a_closed_pipe_is_quiet() {
    let env = Env::with_api(METADATA);
    let cases: &[&[&str]] = &[
        &["explain"],
        &["explain", "symlink"],
        &["schema", "metadata"],
        &["man"],
        &["completions", "bash"],
        &["--help"],
        &["lint"],
        &["lint", "--format", "json"],
        &["config", "show"],
        &["render", "--diff"],
    ];
    for args in cases {
        let run = env.run_into_closed_pipe(args);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{args:?}");
    }
}

/// Insists that nothing printed moves a cursor or starts a workflow command.
#[track_caller]
fn assert_harmless(run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        let control = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{run}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{run}");
        assert!(!text.contains("##[") && !text.contains("##vso["), "{run}");
        assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{2028}']), "{run}");
    }
}

/// What a stranger may write into a value, as the inside of double quotes.
const HOSTILE: &[&str] = &[
    r"a\u001b[2J\u001b[31mb",
    r"a\n::error::b",
    r"\r\n::set-output name=x::y",
    r"a\u009b31mb",
    r"a\u202eb\u2066c\u2028d\u0007",
    "a\u{202e}b",
    "a ##[error]b ##vso[task.complete]c",
    "a\u{9b}31mb",
];

#[test]
fn hostile_values_are_neutralised_wherever_they_are_shown() {
    let places: &[(&str, &str)] = &[
        ("tier: standard", "tier: \"{}\""),
        ("lifecycle: approved", "lifecycle: \"{}\""),
        ("image: registry.example/apis/payments:v2.0.0", "image: \"{}\""),
        ("name: payments", "name: \"{}\""),
        ("ports: { http: 8080 }", "ports: { \"{}\": 8080 }"),
        ("env: { LOG_LEVEL: info }", "env: { \"{}\": on }"),
        ("env: { LOG_LEVEL: info }", "env: { A: \"{}\", A: b }"),
        ("tier: standard", "tier: standard\n\"{}\": 1"),
        ("  prod: {}", "  \"{}\": {}"),
        ("env: { LOG_LEVEL: info }", "config: { files: [\"config/{}\"], mountPath: /etc/payments }"),
        ("env: { LOG_LEVEL: info }", "patches: [\"patches/{}.yaml\"]"),
    ];
    for hostile in HOSTILE {
        for (old, new) in places {
            assert!(METADATA.contains(old), "{old}");
            let env = Env::with_api(&METADATA.replace(old, &new.replacen("{}", hostile, 1)));
            let lint = env.run(&["lint"]);
            assert_eq!(lint.code, 1, "{new} {hostile}: {lint}");
            assert_harmless(&lint);
            assert_harmless(&env.run(&["render"]));
            assert_harmless(&env.run(&["config", "show", "payments"]));
            let json = env.run(&["lint", "--format", "json"]);
            assert!(!json.stdout.chars().any(|c| c.is_ascii_control() && c != '\n'), "{json}");
            assert!(!json.stdout.contains("##[") && !json.stdout.contains("##vso["), "{json}");
            assert!(!json.findings().is_empty());
        }
    }
}

#[test]
fn hostile_values_that_are_allowed_are_neutralised_too() {
    for hostile in HOSTILE.iter().filter(|hostile| !hostile.contains("9b") && !hostile.contains('\u{9b}')) {
        let env = Env::with_api(&METADATA.replace("LOG_LEVEL: info", &format!("LOG_LEVEL: \"{hostile}\"")));
        assert_harmless(&env.run(&["lint"]));
        assert_harmless(&env.run(&["config", "show", "payments"]));
        let render = env.run(&["render"]);
        assert_harmless(&render);
        assert_eq!(render.code, 0, "{hostile}: {render}");
    }
}

#[test]
fn hostile_arguments_and_names_are_neutralised() {
    let env = Env::with_api(METADATA);
    for hostile in ["a\u{1b}[31mb", "a\n::error::b", "\n::error::b"] {
        for args in [
            &["lint", hostile][..],
            &["explain", hostile],
            &["man", hostile],
            &["config", "show", "payments", "--env", hostile],
            &["--repo", hostile, "lint"],
            &["lint", "--revision", hostile],
            &["new", hostile, "--team", "a", "--email", "a@b.example", "--image", "registry.example/a:v1"],
        ] {
            let run = env.run(args);
            assert_eq!(run.code, 2, "{args:?}: {run}");
            assert_harmless(&run);
        }
    }
    env.write("onboarding/a\u{1b}[31m\n::error::b/metadata.yaml", METADATA);
    env.write("onboarding/payments/base/\u{1b}[31m\n::error::b.yaml", "x\n");
    env.write("templates/\u{1b}[31m\n::error::b.j2", "x\n");
    let lint = env.run(&["lint"]);
    // A template that is none is a matter of configuration.
    assert_eq!(lint.code, 2);
    assert_harmless(&lint);
}

#[test]
fn secret_looking_values_are_not_shown() {
    let places = [
        "env: { DB_PASSWORD: 1234e10 }",
        "env:\n  DB_PASSWORD: hunter2.10\n  DB_PASSWORD: hunter2.10",
        "env: { apiKey: \"hunter2\", apiKey: x }",
        "env: { CLIENT_SECRET: hunter2, X: on }",
        "config: { literals: { db.password: \"hunter2\\u0085\" }, mountPath: /etc/payments }",
    ];
    for place in places {
        let env = Env::with_api(&METADATA.replace("env: { LOG_LEVEL: info }", place));
        for args in [&["lint"][..], &["lint", "--format", "json"], &["config", "show", "payments"]] {
            let run = env.run(args);
            assert!(run.code == 1 || args[0] == "config", "{place}: {run}");
            let shown = format!("{run}");
            assert!(!shown.contains("hunter2") && !shown.contains("1234e10"), "{place}: {run}");
        }
    }
}

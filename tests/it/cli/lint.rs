//! `onramp lint`: what it looks at, and how it ends.

use crate::env::{Env, METADATA};

/// Two APIs: `payments` has an unknown tier, `orders` nothing.
fn one_broken() -> Env {
    let env = Env::with_api(&METADATA.replace("tier: standard", "tier: huge"));
    env.write(
        "onboarding/orders/metadata.yaml",
        format!(
            "{}config: {{ files: [config/application.yaml], mountPath: /etc/orders }}\n",
            METADATA.replace("payments", "orders")
        ),
    );
    env.write("onboarding/orders/config/application.yaml", "a: b\n");
    env
}

/// A repo whose only finding is a warning: an image without tag, where platform.yaml says so.
fn one_warning() -> Env {
    let env = Env::with_api(&METADATA.replace("payments:v2.0.0", "payments"));
    let platform = env.read("platform.yaml");
    env.write("platform.yaml", platform + "rules: { image-without-tag: warning }\n");
    env
}

#[test]
fn arguments_choose_apis() {
    let env = one_broken();
    let absolute = env.path("onboarding/payments/metadata.yaml").to_string_lossy().into_owned();
    let cases: &[(&str, &[&str], &str)] = &[
        ("", &[], "Checked 2 APIs: 1 error."),
        ("", &["payments"], "Checked 1 API: 1 error."),
        ("", &["orders"], "Checked 1 API: no findings."),
        ("", &["orders", "payments", "orders"], "Checked 2 APIs: 1 error."),
        ("", &["onboarding/payments"], "Checked 1 API: 1 error."),
        ("", &["./onboarding/orders/"], "Checked 1 API: no findings."),
        ("", &["onboarding/orders/../payments"], "Checked 1 API: 1 error."),
        ("", &[&absolute], "Checked 1 API: 1 error."),
        ("", &["onboarding"], "Checked 2 APIs: 1 error."),
        ("", &["."], "Checked 2 APIs: 1 error."),
        // As pre-commit passes them.
        ("", &["onboarding/orders/config/application.yaml"], "Checked 1 API: no findings."),
        ("", &["onboarding/orders/config/application.yaml", "platform.yaml"], "Checked 2 APIs: 1 error."),
        ("", &["templates/overlay.yaml.j2"], "Checked 2 APIs: 1 error."),
        // From further down.
        ("onboarding", &["payments"], "Checked 1 API: 1 error."),
        ("onboarding/orders", &[], "Checked 2 APIs: 1 error."),
        ("onboarding/orders", &["metadata.yaml"], "Checked 1 API: no findings."),
        ("onboarding/orders", &["."], "Checked 1 API: no findings."),
        ("onboarding/orders/config", &["application.yaml"], "Checked 1 API: no findings."),
        ("onboarding/orders", &["../payments/metadata.yaml"], "Checked 1 API: 1 error."),
        ("onboarding/orders", &["payments"], "Checked 1 API: 1 error."),
    ];
    for (directory, arguments, last) in cases {
        let run = env.run_in(directory, &[&["lint"], *arguments].concat());
        assert_eq!(run.stdout.lines().last(), Some(*last), "{directory} {arguments:?}: {run}");
        assert_eq!(run.code, i32::from(last.contains("error")), "{directory} {arguments:?}: {run}");
    }
}

#[test]
fn from_outside_the_repo_is_named() {
    let outside = Env::new();
    let env = one_broken();
    let root = env.root().to_string_lossy().into_owned();
    let run = outside.run(&["--repo", &root, "lint", "onboarding/payments/metadata.yaml"]);
    assert_eq!(run.stdout.lines().last(), Some("Checked 1 API: 1 error."), "{run}");
    let run = outside.run_with(&["lint", "orders"], &[("ONRAMP_REPO", &root)]);
    assert_eq!(run.success(), "Checked 1 API: no findings.\n");
}

#[test]
fn what_is_no_api_is_usage() {
    let env = one_broken();
    insta::assert_snapshot!(env.run(&["lint", "paymets"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `paymets` is neither an API nor a path of one
    hint: did you mean `payments`?
    ");
    insta::assert_snapshot!(env.run(&["lint", "zzz"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `zzz` is neither an API nor a path of one
    hint: APIs are the directories of `onboarding/`
    ");
    for argument in ["README.md", "/etc/passwd", "..", "onboarding/nope/metadata.yaml", "pay\nments"] {
        let run = env.run(&["lint", "orders", argument]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{argument:?}: {run}");
    }
}

#[test]
fn the_fail_level_decides_the_exit_code() {
    let env = one_warning();
    let lint = env.run(&["lint", "--format", "json"]);
    assert_eq!(lint.findings(), ["image-without-tag onboarding/payments/metadata.yaml:6:8"]);
    assert_eq!(lint.json()["findings"][0]["severity"], "warning");
    for (level, code) in [("error", 0), ("warning", 1), ("info", 1)] {
        assert_eq!(env.run(&["lint", "--fail-level", level]).code, code, "{level}");
        assert_eq!(env.run(&["lint", "--fail-level", level, "--exit-zero"]).code, 0, "{level}");
    }
    // A warning does not keep render from writing.
    assert!(env.run(&["render"]).success().ends_with("Rendered 1 API: 13 files added.\n"));
}

#[test]
fn exit_zero_still_shows_everything() {
    let env = one_broken();
    let run = env.run(&["lint", "--exit-zero"]);
    assert_eq!((run.code, run.stdout), (0, env.run(&["lint"]).stdout));
    // What cannot be looked at at all is no finding.
    assert_eq!(env.run(&["lint", "--exit-zero", "nope"]).code, 2);
}

#[test]
fn platform_rules_change_severities() {
    let env = one_warning();
    let platform = Env::with_api(METADATA).read("platform.yaml");
    let levels = |level: &str| {
        env.write("platform.yaml", format!("{platform}rules: {{ image-without-tag: {level}\n"));
        let json = env.run(&["lint", "--format", "json"]).json();
        (json["findings"][0]["severity"].as_str().map(str::to_owned), env.run(&["lint"]).code)
    };
    assert_eq!(levels("error }"), (Some("error".to_owned()), 1));
    assert_eq!(levels("info }"), (Some("info".to_owned()), 0));
    assert_eq!(levels("ignore }"), (None, 0));

    // What cannot be read cannot be waved through.
    let env = one_broken();
    let platform = env.read("platform.yaml");
    env.write("platform.yaml", platform + "rules: { unknown-tier: ignore, nope: error }\n");
    assert_eq!(
        env.run(&["lint", "--format", "json"]).findings(),
        [
            "unknown-tier onboarding/payments/metadata.yaml:4:7",
            "unknown-rule platform.yaml:26:10",
            "unknown-rule platform.yaml:26:32",
        ]
    );
}

#[test]
fn flags_beat_variables_beat_files() {
    let env = one_warning();
    let code = |args: &[&str], variables: &[(&str, &str)]| env.run_with(args, variables).code;
    assert_eq!(code(&["lint"], &[]), 0);
    assert_eq!(code(&["lint"], &[("ONRAMP_FAIL_LEVEL", "warning")]), 1);
    assert_eq!(code(&["lint", "--fail-level", "error"], &[("ONRAMP_FAIL_LEVEL", "warning")]), 0);
    assert_eq!(code(&["lint", "--fail-level", "info"], &[("ONRAMP_EXIT_ZERO", "true")]), 0);
    assert_eq!(code(&["lint"], &[("ONRAMP_FAIL_LEVEL", "nope")]), 2);
    assert_eq!(code(&["lint"], &[("ONRAMP_REPO", "nope")]), 2);
    assert_eq!(code(&["--repo", ".", "lint"], &[("ONRAMP_REPO", "nope")]), 0);
    let json = env.run_with(&["lint"], &[("ONRAMP_FORMAT", "json")]);
    assert_eq!(json.findings().len(), 1);
    let human = env.run_with(&["lint", "--format", "human"], &[("ONRAMP_FORMAT", "json")]);
    assert!(human.stdout.ends_with("Checked 1 API: 1 warning.\n"), "{human}");
    // The directory where one stands is the last word of all.
    let other = one_broken();
    let root = other.root().to_string_lossy().into_owned();
    assert_eq!(code(&["lint"], &[("ONRAMP_REPO", &root)]), 1);
}

#[test]
fn quiet_and_verbose() {
    let env = Env::with_api(METADATA);
    assert_eq!(env.run(&["lint", "-q"]).success(), "");
    assert_eq!(env.run_with(&["lint"], &[("ONRAMP_QUIET", "true")]).success(), "");
    let json = env.run(&["lint", "-q", "--format", "json"]);
    assert_eq!(json.findings(), [""; 0]);
    insta::assert_snapshot!(env.run(&["lint", "-v"]), @r"
    exit code: 0
    ----- stdout -----
    Checked 1 API: no findings.
    ----- stderr -----
    reading the work tree of [ROOT]
    ");
    // Findings are what it was called for.
    let broken = one_broken();
    assert_eq!(broken.run(&["lint", "-q"]).stdout, broken.run(&["lint"]).stdout);
}

#[test]
fn colours_are_for_those_who_want_them() {
    let env = one_broken();
    let plain = env.run(&["lint"]).stdout;
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(env.run(&["lint", "--color", "never"]).stdout, plain);
    for run in [
        env.run(&["lint", "--color", "always"]),
        env.run_with(&["lint"], &[("ONRAMP_COLOR", "always")]),
        env.run_with(&["lint", "--color", "always"], &[("NO_COLOR", "1")]),
    ] {
        assert!(run.stdout.contains("\u{1b}[31m"), "{run}");
    }
    assert_eq!(env.run_with(&["lint", "--color", "auto"], &[("ONRAMP_COLOR", "always")]).stdout, plain);
}

#[test]
fn the_repo_is_the_nearest_above() {
    let env = one_broken();
    env.write("inner/platform.yaml", env.read("platform.yaml"));
    env.write("inner/onboarding/orders/metadata.yaml", METADATA.replace("payments", "orders"));
    assert_eq!(env.run_in("inner/onboarding", &["lint"]).success(), "Checked 1 API: no findings.\n");
}

/// What a fresh look found: each line is a fault that once passed, and the code that names it now.
#[test]
fn what_once_passed_is_found() {
    for (old, new, code) in [
        (
            "env: { LOG_LEVEL: info }",
            "annotations: { config.kubernetes.io/local-config: \"true\" }",
            "reserved-label",
        ),
        ("env: { LOG_LEVEL: info }", "resources: { limits: null }", "resources-above-tier"),
        ("env: { LOG_LEVEL: info }", "config: { literals: { ..data: x } }", "invalid-value"),
        ("env: { LOG_LEVEL: info }", "env: { ..: x }", "invalid-value"),
        ("env: { LOG_LEVEL: info }", "extraResources: [resources/kustomization.yaml]", "invalid-value"),
        (
            "env: { LOG_LEVEL: info }",
            "routes: { legacy: { hosts: [api.acme.example] } }",
            "route-claimed-twice",
        ),
        (
            "env: { LOG_LEVEL: info }",
            "namespace: team-with-a-rather-long-name-of-its-own-and-another-part-{name}",
            "namespace-not-allowed",
        ),
    ] {
        let env = Env::with_api(METADATA);
        env.edit("onboarding/payments/metadata.yaml", old, new);
        let lint = env.run(&["lint", "--format", "json"]);
        assert!(lint.findings().iter().any(|finding| finding.starts_with(code)), "{new}: {lint}");
        assert_eq!(lint.code, 1);
    }
}

#[test]
fn a_binary_file_cannot_change_in_one_environment() {
    let env = Env::with_api(METADATA);
    env.write("onboarding/payments/config/key.bin", b"\xff\xfe");
    env.write("onboarding/payments/config/staging/a.yaml", "a: 1\n");
    let path = "onboarding/payments/metadata.yaml";
    env.edit(path, "env: { LOG_LEVEL: info }", "config: { files: [config/key.bin] }");
    env.run(&["lint"]).success();
    env.edit(path, "staging: {}", "staging: { config: { files: [config/staging/a.yaml] } }");
    let findings = env.run(&["lint", "--format", "json"]).findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].starts_with("unbuildable-text "), "{findings:?}");
}

#[test]
fn claims_meet_where_clusters_do() {
    let route = "routes: { legacy: { hosts: [same.example], sunset: \"2999-12-31\" } }";
    let env = Env::with_api(METADATA);
    let path = "onboarding/payments/metadata.yaml";
    env.edit(path, "env: { LOG_LEVEL: info }", route);
    // The environments of this platform have clusters of their own, so one host may be in both.
    env.run(&["lint"]).success();
    // Without any named, both are the cluster of the engine.
    env.edit("platform.yaml", "    clusters: [staging-eu]\n", "");
    env.edit("platform.yaml", "    clusters: [prod-eu, prod-us]\n", "");
    let findings = env.run(&["lint", "--format", "json"]).findings();
    assert!(findings.iter().all(|finding| finding.starts_with("route-claimed-twice ")), "{findings:?}");
    assert!(!findings.is_empty());
}

#[test]
fn a_broken_api_still_shows_its_foreign_files() {
    let env = Env::with_api("nonsense: 1\n");
    env.write("onboarding/payments/base/mine.yaml", "a: 1\n");
    let findings = env.run(&["lint", "--format", "json"]).findings();
    assert!(findings.contains(&"foreign-file onboarding/payments/base/mine.yaml".to_owned()), "{findings:?}");
}

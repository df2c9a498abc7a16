//! Literal secrets: found wherever people write, and shown nowhere.

use crate::env::{Env, METADATA};

/// Secrets in every place, put together when the test runs: no scanner of this repository is to take them for real ones.
fn secrets() -> Vec<String> {
    let letters = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0";
    vec![
        "hunter2-own".to_owned(),
        ["gh", "p_", &letters[..36]].concat(),
        ["sk_", "live_", &letters[..24]].concat(),
        "hunter3-url".to_owned(),
        "hunter4-file".to_owned(),
        ["xo", "xb-", &letters[..30]].concat(),
        "hunter5-arg".to_owned(),
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ".to_owned(),
    ]
}

/// An API that keeps a secret in every place, with a mistake beside each so that other findings point at the same lines.
fn leaky() -> Env {
    let s = secrets();
    let env = format!(
        "env: {{ DB_PASSWORD: {}, LEVEL: '{}', NOTE: \"{}\", DB: 'postgres://a:{}@db/x', WRONG: 0755 }}",
        s[0], s[1], s[2], s[3]
    );
    let metadata = METADATA
        .replacen("env: { LOG_LEVEL: info }", &env, 1)
        .replacen("tier: standard\n", &format!("tier: standard\nannotations: {{ a/b: '{}' }}\n", s[5]), 1)
        .replacen(
            "environments:",
            &format!(
                "args: [--db-password, {}]\nconfig: {{ files: [config/app.properties, config/key.txt] }}\nenvironments:",
                s[6]
            ),
            1,
        );
    let repo = Env::with_api(&metadata);
    repo.write("onboarding/payments/config/app.properties", format!("level=info\ndb.password={}\n", s[4]));
    let key = format!("-----BEGIN {} KEY-----\n{}\n-----END {} KEY-----\n", "PRIVATE", s[7], "PRIVATE");
    repo.write("onboarding/payments/config/key.txt", key);
    repo
}

#[test]
fn every_place_is_looked_at() {
    let repo = leaky();
    // The file has to be sound for rules to look at it.
    repo.edit("onboarding/payments/metadata.yaml", ", WRONG: 0755", "");
    let findings = repo.run(&["lint", "--format", "json"]).findings();
    let found: Vec<String> =
        findings.iter().map(ToString::to_string).filter(|text| text.contains("literal-secret")).collect();
    assert_eq!(found.len(), secrets().len(), "{found:#?}");
}

#[test]
fn no_fix_is_offered_where_a_tag_stands_in_the_way() {
    let fixable = |value: &str| {
        let env = format!("env: {{ A_PASSWORD: {value} }}");
        let repo = Env::with_api(&METADATA.replacen("env: { LOG_LEVEL: info }", &env, 1));
        let run = repo.run(&["lint", "--format", "json"]);
        assert!(run.stdout.contains("literal-secret"), "{run}");
        run.stdout.contains("\"fix\"")
    };
    assert!(!fixable("!!str hunter2-Zq81xx") && fixable("hunter2-Zq81xx"));
}

#[test]
fn a_secret_of_two_lines_is_found_and_not_shown() {
    let env = "env:\n  DEBUG: on\n  D_PASSWORD: |\n    hunter2-Zq81xx\n    second-Zq82xx\n  PASS: |\n    third-Zq\n    fourth-Zq\n";
    let repo = Env::with_api(&METADATA.replacen("env: { LOG_LEVEL: info }\n", env, 1));
    let shows = |args: &[&str]| {
        let run = repo.run(args);
        assert!(run.stdout.contains("D_PASSWORD"), "{run}");
        for secret in ["unter2", "second-", "third-", "fourth-"] {
            assert!(!run.stdout.contains(secret), "{args:?} shows {secret}: {run}");
        }
    };
    shows(&["lint", "--diff"]);
    repo.edit("onboarding/payments/metadata.yaml", "DEBUG: on", "DEBUG: \"on\"");
    shows(&["lint"]);
    shows(&["config", "show", "payments"]);
}

#[test]
fn no_format_shows_a_secret() {
    let repo = leaky();
    let sound = repo.copy();
    sound.edit("onboarding/payments/metadata.yaml", ", WRONG: 0755", "");
    for repo in [&repo, &sound] {
        for format in onramp::report::FORMATS {
            for flag in ["--exit-zero", "--fail-level=info"] {
                let run = repo.run(&["lint", "--format", format.name, flag]);
                for secret in secrets() {
                    let shown = format!("{}{}", run.stdout, run.stderr);
                    // Nor the first part of one.
                    assert!(!shown.contains(&secret[..8]), "{} shows {secret}:\n{shown}", format.name);
                }
            }
        }
        for args in
            [&["lint", "--diff"][..], &["lint", "--unsafe-fixes", "--diff"], &["lint", "--diff", "payments"]]
        {
            let run = repo.run(args);
            for secret in secrets() {
                assert!(!run.stdout.contains(&secret[..8]), "{args:?} shows {secret}:\n{run}");
            }
        }
    }
    let fixed = sound.run(&["lint", "--unsafe-fixes", "--format", "json"]);
    assert!(secrets().iter().all(|secret| !fixed.stdout.contains(&secret[..8])), "{fixed}");
}

#[test]
fn no_other_command_shows_one() {
    let repo = leaky();
    repo.edit("onboarding/payments/metadata.yaml", ", WRONG: 0755", "");
    repo.write("waivers/a.yaml", WAIVER);
    repo.git(&["init", "--quiet"]);
    repo.run(&["render"]).success();
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "-m", "one"]);
    let secrets = secrets();
    // What the file of a ConfigMap holds is told by its key.
    repo.edit("onboarding/payments/metadata.yaml", "v2.0.0", "v2.0.1");
    for secret in &secrets[..7] {
        let text =
            repo.read("onboarding/payments/metadata.yaml").replace(secret.as_str(), &format!("{secret}0"));
        repo.write("onboarding/payments/metadata.yaml", text);
    }
    repo.run(&["render"]).success();
    let diffs = ["text", "markdown", "json", "unified"]
        .map(|format| vec!["diff", "--base", "HEAD", "--format", format]);
    for args in diffs.into_iter().chain([vec!["config", "show", "payments"], vec!["check", "--base", "HEAD"]])
    {
        let run = repo.run(&args);
        assert!(!run.stdout.is_empty(), "{args:?}: {run}");
        for secret in &secrets {
            assert!(!run.stdout.contains(&secret[..8]), "{args:?} shows {secret}:\n{run}");
        }
    }
}

/// Lets the secrets of the API pass.
const WAIVER: &str =
    "apiVersion: onramp/v1\nwaivers: [{ code: literal-secret, api: payments, reason: agreed }]\n";

#[test]
fn what_a_waiver_covers_is_not_shown_either() {
    let repo = leaky();
    repo.edit("onboarding/payments/metadata.yaml", ", WRONG: 0755", ", OTHER: a");
    repo.edit("onboarding/payments/metadata.yaml", "v2.0.0", "latest");
    repo.write("waivers/a.yaml", WAIVER);
    let run = repo.run(&["lint"]);
    assert!(run.stdout.contains("waived") && !run.stdout.contains("literal-secret"), "{run}");
    assert!(secrets().iter().all(|secret| !run.stdout.contains(&secret[..8])), "{run}");
}

#[test]
fn the_reason_of_a_waiver_shows_none() {
    let repo = leaky();
    repo.edit("onboarding/payments/metadata.yaml", ", WRONG: 0755", "");
    // The same reason stands for findings of three files, and repeats a secret of one of them.
    let reason = format!("reason: \"it is {}, and password=other2-Zq81xx\"", secrets()[0]);
    repo.write("waivers/a.yaml", WAIVER.replace("reason: agreed", &reason));
    for format in ["json", "jsonl", "sarif"] {
        let run = repo.run(&["lint", "--show-waived", "--format", format]);
        assert!(run.stdout.contains("it is ***"), "{run}");
        assert!(!run.stdout.contains("other2-Zq") && !run.stdout.contains(&secrets()[0][..8]), "{run}");
    }
}

#[test]
fn a_secret_of_the_platform_is_found_in_its_defaults() {
    let repo = Env::with_api(METADATA);
    let platform = repo.read("platform.yaml");
    repo.write("platform.yaml", format!("{platform}defaults:\n- env: {{ SMTP_PASSWORD: hunter2-smtp }}\n"));
    let run = repo.run(&["lint"]);
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stdout.contains("literal-secret") && !run.stdout.contains("hunter2"), "{run}");
}

#[test]
fn encrypted_files_and_generated_ones_are_fine() {
    let repo = Env::with_api(METADATA);
    repo.write("onboarding/payments/config/a.bin", b"\0GITCRYPT\0password=hunter2");
    repo.write(
        "onboarding/payments/config/a.enc.yaml",
        "password: ENC[AES256_GCM,data:abcdef,type:str]\nsops: { mac: a }\n",
    );
    let run = repo.run(&["lint", "--format", "json"]);
    assert!(!run.stdout.contains("literal-secret"), "{run}");
}

#[test]
fn what_a_header_of_a_probe_carries_is_a_secret() {
    let found = |header: &str, value: &str| {
        let probe = format!(
            "probes: {{ readiness: {{ httpGet: {{ path: /ready, port: http, httpHeaders: [{{ name: {header}, value: \"{value}\" }}] }} }} }}"
        );
        let repo = Env::with_api(&METADATA.replacen("env: { LOG_LEVEL: info }", &probe, 1));
        let run = repo.run(&["lint", "--format", "json"]);
        let found = run.stdout.contains("literal-secret");
        assert!(!found || !run.stdout.contains(&value[..value.len().min(14)]), "{run}");
        found
    };
    assert!(found("Authorization", "Bearer a1B2c3D4e5F6g7H8i9J0k1L2"));
    assert!(found("authorization", "Basic YWRtaW46aHVudGVyMg=="));
    assert!(found("X-Authorization", "token a1B2c3D4e5F6g7H8i9J0k1L2"));
    for (header, value) in [
        ("Authorization", "Bearer $(PROBE_TOKEN)"),
        ("Authorization", "Bearer"),
        ("Authorization", "Basic auth"),
        ("Authorization", "Bearer <token>"),
        ("Accept", "Bearer a1B2c3D4e5F6g7H8i9J0k1L2"),
        ("X-Probe", "readiness"),
    ] {
        assert!(!found(header, value), "{header}: {value}");
    }
}

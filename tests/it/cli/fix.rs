//! `lint --fix`, `--unsafe-fixes` and `--diff`: before, after, and silence.

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

/// An extra resource of a version that is gone.
const BUDGET: &str = "# kept\napiVersion: policy/v1beta1 # old\nkind: PodDisruptionBudget\nmetadata: { name: extra }\n\
                      spec: { maxUnavailable: 1, selector: { matchLabels: { app: other } } }\n";

/// Mends a metadata.yaml, and insists that nothing is left to find.
#[track_caller]
fn mended(before: &str, flag: &str) -> String {
    let env = Env::with_api(before);
    env.run(&["lint", flag]).success();
    env.run(&["lint"]).success();
    env.read(PATH)
}

/// Mends a valid file in which one text is replaced by a mistake.
#[track_caller]
fn mends(right: &str, wrong: &str, fixed: &str, flag: &str) {
    assert!(METADATA.contains(right), "{right}");
    let before = METADATA.replacen(right, wrong, 1);
    let found = Env::with_api(&before).run(&["lint", "--format", "json"]);
    assert_eq!(found.code, 1, "{wrong} is an error: {found}");
    assert_eq!(mended(&before, flag), METADATA.replacen(right, fixed, 1), "{wrong}");
}

#[test]
fn safe_fixes_change_the_bytes_that_are_wrong_and_no_other() {
    for (right, wrong, fixed) in [
        // unquoted-text
        ("env: { LOG_LEVEL: info }", "env: { VERSION: 1.10 }", "env: { VERSION: \"1.10\" }"),
        // ambiguous-scalar
        ("env: { LOG_LEVEL: info }", "env: { DEBUG: on }", "env: { DEBUG: \"on\" }"),
        (
            "env: { LOG_LEVEL: info }",
            "env: { MODE: 0755, NIGHT: no }",
            "env: { MODE: \"0755\", NIGHT: \"no\" }",
        ),
        // wrong-type
        (
            "tier: standard\n",
            "tier: standard\nlabels: { size: 1.5 }\n",
            "tier: standard\nlabels: { size: \"1.5\" }\n",
        ),
        ("ports: { http: 8080 }", "ports: { http: \"8080\" }", "ports: { http: 8080 }"),
        ("  prod: {}\n", "  prod: { enabled: yes }\n", "  prod: { enabled: true }\n"),
        // unknown-key, by the case of its letters alone
        ("lifecycle: approved\n", "Lifecycle: approved\n", "lifecycle: approved\n"),
        // missing-key
        ("apiVersion: onramp/v1\n", "", "apiVersion: onramp/v1\n"),
        // nothing-to-remove
        ("env: { LOG_LEVEL: info }", "env: { LOG_LEVEL: info, OTHER: null }", "env: { LOG_LEVEL: info }"),
        (
            "  prod: {}\n",
            "  prod:\n    replicas: 2\n    schedule: null # why\n",
            "  prod:\n    replicas: 2\n",
        ),
        // wrong-type and ambiguous-scalar at one place: the schema knows which
        (
            "ports: { http: 8080 }",
            "ports: { http: 8080 }\nservice: { enabled: off }",
            "ports: { http: 8080 }\nservice: { enabled: false }",
        ),
        // invalid-value, by the case of its letters alone
        (
            "ports: { http: 8080 }",
            "ports: { http: 8080 }\nservice: { type: clusterip }",
            "ports: { http: 8080 }\nservice: { type: ClusterIP }",
        ),
        (
            "ports: { http: 8080 }",
            "ports: { http: 8080 }\nroutes: { legacy: { hosts: [Pay.ACME.example] } }",
            "ports: { http: 8080 }\nroutes: { legacy: { hosts: [pay.acme.example] } }",
        ),
        // duplicate-key
        ("tier: standard\n", "tier: standard # here\ntier: standard\n", "tier: standard # here\n"),
    ] {
        mends(right, wrong, fixed, "--fix");
    }
}

#[test]
fn what_a_fix_brings_to_light_is_mended_next() {
    let fixed = "autoscaling: { min: 2, max: 10, cpu: 70 }";
    mends("env: { LOG_LEVEL: info }", "Autoscaling: { Min: 2, max: 10, cpu: 70 }", fixed, "--fix");
}

#[test]
fn an_alias_keeps_its_anchor() {
    let fixed = "env: { A: &v \"1.10\", B: *v }\nlabels: { size: *v }";
    mends("env: { LOG_LEVEL: info }", "env: { A: &v 1.10, B: *v }\nlabels: { size: *v }", fixed, "--fix");
    // What others share is theirs as well.
    let before =
        METADATA.replacen("ports: { http: 8080 }", "labels: { size: &v \"8080\" }\nports: { http: *v }", 1);
    let env = Env::with_api(&before);
    assert_eq!(env.run(&["lint", "--unsafe-fixes"]).code, 1);
    assert_eq!(env.read(PATH), before);
}

#[test]
fn no_word_is_guessed_where_an_alias_stands() {
    let fixes = |tier: &str| {
        let text = METADATA.replacen("team: payments", "team: &tieristhe standart", 1);
        let env = Env::with_api(&text.replacen("tier: standard", tier, 1));
        let run = env.run(&["lint", "--format", "json"]);
        assert!(run.stdout.contains("unknown-tier"), "{run}");
        run.stdout.contains("\"fix\"")
    };
    // With the mark in front the alias is as long as the word in quotes.
    assert!(fixes("tier: standart") && !fixes("tier: *tieristhe"));
}

#[test]
fn fixes_that_guess_need_to_be_asked_for() {
    for (right, wrong) in [
        // unknown-key, invalid-value
        ("lifecycle: approved\n", "livecycle: approved\n"),
        ("image: registry", "imgae: registry"),
        // unknown-tier, unknown-lifecycle, unknown-environment
        ("tier: standard", "tier: standart"),
        ("lifecycle: approved", "lifecycle: aproved"),
        ("  staging: {}", "  stagin: {}"),
        // directory-name-mismatch
        ("name: payments\n", "name: payment\n"),
    ] {
        let before = METADATA.replacen(right, wrong, 1);
        let env = Env::with_api(&before);
        assert_eq!(env.run(&["lint", "--fix"]).code, 1, "{wrong}");
        assert_eq!(env.read(PATH), before, "{wrong}: nothing was guessed");
        mends(right, wrong, right, "--unsafe-fixes");
    }
    for (wrong, fixed) in [
        // unknown-port
        (
            "ports: { http: 8080 }\nprobes: { readiness: { tcpSocket: { port: htpt } } }",
            "ports: { http: 8080 }\nprobes: { readiness: { tcpSocket: { port: http } } }",
        ),
        // missing-file
        (
            "ports: { http: 8080 }\nconfig: { files: [config/ap.yaml] }",
            "ports: { http: 8080 }\nconfig: { files: [config/app.yaml] }",
        ),
        // removed-api-version
        ("ports: { http: 8080 }\nextraResources: [resources/a.yaml]", ""),
    ] {
        let env = Env::with_api(&METADATA.replacen("ports: { http: 8080 }", wrong, 1));
        env.write("onboarding/payments/config/app.yaml", "a: 1\n");
        env.write("onboarding/payments/resources/a.yaml", BUDGET);
        assert_eq!(env.run(&["lint", "--fix"]).code, 1, "{wrong}");
        env.run(&["lint", "--unsafe-fixes"]).success();
        if fixed.is_empty() {
            assert_eq!(env.read("onboarding/payments/resources/a.yaml"), BUDGET.replace("v1beta1", "v1"));
        } else {
            assert_eq!(env.read(PATH), METADATA.replacen("ports: { http: 8080 }", fixed, 1), "{wrong}");
        }
    }
    let ranges =
        ("env: { LOG_LEVEL: info }", "autoscaling: { min: 10, max: 2 }", "autoscaling: { min: 2, max: 10 }");
    mends(ranges.0, ranges.1, ranges.2, "--unsafe-fixes");
}

#[test]
fn a_secret_becomes_a_reference_and_is_not_shown() {
    let before = METADATA.replacen("LOG_LEVEL: info", "DB_PASSWORD: 'hunter2-x', LOG_LEVEL: info", 1);
    let after = METADATA.replacen(
        "LOG_LEVEL: info",
        "DB_PASSWORD: { secret: payments-secrets, key: DB_PASSWORD }, LOG_LEVEL: info",
        1,
    );
    let env = Env::with_api(&before);
    let diff = env.run(&["lint", "--unsafe-fixes", "--diff"]);
    assert_eq!(diff.code, 1, "{diff}");
    assert!(!diff.stdout.contains("hunter2") && diff.stdout.contains("DB_PASSWORD: ***********,"), "{diff}");
    assert_eq!(env.read(PATH), before);
    assert_eq!(mended(&before, "--unsafe-fixes"), after);
}

#[test]
fn line_ends_comments_and_marks_stay() {
    let before = METADATA.replacen("env: { LOG_LEVEL: info }", "env:\n  # why\n  DEBUG: on  # really", 1);
    let before = format!("\u{feff}{}", before.trim_end()).replace('\n', "\r\n");
    let after = before.replacen("DEBUG: on", "DEBUG: \"on\"", 1);
    assert_eq!(mended(&before, "--fix"), after);
}

#[test]
fn a_diff_writes_nothing_and_git_takes_it() {
    let before = METADATA.replacen("LOG_LEVEL: info", "DEBUG: on", 1);
    let env = Env::with_api(&before);
    env.git(&["init", "--quiet"]);
    let diff = env.run(&["lint", "--diff"]);
    assert_eq!(diff.code, 1, "{diff}");
    insta::assert_snapshot!(diff.stdout, @r#"
    diff --git a/onboarding/payments/metadata.yaml b/onboarding/payments/metadata.yaml
    --- a/onboarding/payments/metadata.yaml
    +++ b/onboarding/payments/metadata.yaml
    @@ -5,7 +5,7 @@
     lifecycle: approved
     image: registry.example/apis/payments:v2.0.0
     ports: { http: 8080 }
    -env: { DEBUG: on }
    +env: { DEBUG: "on" }
     environments:
       staging: {}
       prod: {}
    Would fix 1 finding in 1 file.
    "#);
    assert_eq!(env.read(PATH), before);
    env.write("fix.diff", &diff.stdout);
    env.git(&["apply", "fix.diff"]);
    env.run(&["lint"]).success();
    assert_eq!(env.run(&["lint", "--diff"]).success(), "Nothing to fix.\n");
}

#[test]
fn what_was_fixed_and_could_be_is_counted() {
    let before = METADATA.replacen("LOG_LEVEL: info", "DEBUG: on", 1).replacen("tier:", "teir:", 1);
    let env = Env::with_api(&before);
    let found = env.run(&["lint"]);
    assert!(
        found.stdout.ends_with("1 fixable with `onramp lint --fix`, 1 more with `--unsafe-fixes`.\n"),
        "{found}"
    );
    let json = env.run(&["lint", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["summary"]["fixable"], 1);
    assert_eq!(json["summary"]["unsafelyFixable"], 1);
    let edits =
        json["findings"].as_array().expect("findings").iter().find_map(|finding| {
            (finding["code"] == "ambiguous-scalar").then(|| finding["fix"]["edits"].clone())
        });
    let edits = edits.expect("it has a fix");
    assert_eq!((edits[0]["text"].as_str(), edits[0]["location"]["line"].as_u64()), (Some("\""), Some(8)));
    let fixed = env.run(&["lint", "--fix", "--format", "json"]);
    assert_eq!(fixed.code, 1, "{fixed}");
    let json: serde_json::Value = serde_json::from_str(&fixed.stdout).expect("it is JSON");
    assert_eq!((&json["summary"]["fixed"], &json["summary"]["fixable"]), (&1.into(), &0.into()));
    let fixed = env.run(&["lint", "--unsafe-fixes"]);
    assert!(fixed.stdout.ends_with("Fixed 1 finding in 1 file; run `onramp render` next.\n"), "{fixed}");
}

#[test]
fn only_the_files_of_the_named_apis_are_touched() {
    let before = METADATA.replacen("LOG_LEVEL: info", "DEBUG: on", 1);
    let env = Env::with_api(&before);
    let other = before.replace("name: payments", "name: orders").replace("apis/payments", "apis/orders");
    env.write("onboarding/orders/metadata.yaml", &other);
    env.run(&["lint", "--fix", "payments"]).success();
    assert_eq!(env.read("onboarding/orders/metadata.yaml"), other);
    assert_ne!(env.read(PATH), before);
}

#[test]
fn waivers_that_are_over_go_and_the_others_stay() {
    let env = Env::with_api(METADATA);
    let kept = "- { code: image-not-pinned, api: payments, reason: agreed }\n";
    let over = "- { code: image-not-pinned, api: payments, reason: agreed, until: \"2020-01-01\" } # done\n";
    env.write("waivers/a.yaml", format!("apiVersion: onramp/v1\n# all\nwaivers:\n{over}{kept}"));
    let run = env.run(&["lint", "--fix"]);
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(env.read("waivers/a.yaml"), format!("apiVersion: onramp/v1\n# all\nwaivers:\n{kept}"));
}

#[test]
fn mistakes_of_the_platform_are_mended_where_all_is_looked_at() {
    let env = Env::with_api(METADATA);
    env.write(
        "freezes/a.yaml",
        "apiVersion: onramp/v1\nfreezes:\n- environments: [prd]\n  from: \"2026-02-01T00:00:00Z\"\n  until: \"2026-01-01T00:00:00Z\"\n  reason: b\n  apis: [paymets]\n",
    );
    let platform = env.read("platform.yaml");
    env.write("platform.yaml", format!("{platform}rules: {{ image-not-pined: warning }}\n"));
    let run = env.run(&["lint", "--unsafe-fixes"]);
    assert_eq!(run.code, 0, "{run}");
    let freeze = env.read("freezes/a.yaml");
    assert!(freeze.contains("from: \"2026-01-01") && freeze.contains("until: \"2026-02-01"), "{freeze}");
    assert!(freeze.contains("apis: [payments]") && freeze.contains("[prod]"), "{freeze}");
    assert_eq!(env.read("platform.yaml"), format!("{platform}rules: {{ image-not-pinned: warning }}\n"));
}

#[test]
fn nothing_is_written_through_a_link_or_to_a_revision() {
    let before = METADATA.replacen("LOG_LEVEL: info", "DEBUG: on", 1);
    let env = Env::with_api(&before);
    env.write("elsewhere.yaml", &before);
    env.remove(PATH);
    env.link(PATH, "../../elsewhere.yaml");
    assert_eq!(env.run(&["lint", "--fix"]).code, 1);
    assert_eq!(env.read("elsewhere.yaml"), before);
    let run = env.run(&["lint", "--fix", "--revision", "HEAD"]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("a revision cannot be mended"), "{run}");
}

#[test]
fn a_fix_that_does_no_good_is_taken_back_and_named() {
    // The nearest known key is there to be meant, but what stands behind it does not fit.
    let before = METADATA.replacen("env: { LOG_LEVEL: info }", "replica: many", 1);
    let env = Env::with_api(&before);
    let run = env.run(&["lint", "--unsafe-fixes"]);
    assert_eq!(run.code, 1, "{run}");
    assert_eq!(env.read(PATH), before);
    assert!(run.stderr.contains("a fix of `unknown-key`") && run.stderr.contains("was taken back"), "{run}");
}

#[test]
fn the_second_run_changes_nothing() {
    let before = METADATA.replacen("LOG_LEVEL: info", "A: 1.10, B: yes, C: 0755, D: 12:30", 1);
    let env = Env::with_api(&before);
    env.run(&["lint", "--fix"]).success();
    let files = env.files();
    env.run(&["lint", "--fix"]).success();
    assert_eq!(env.files(), files);
}

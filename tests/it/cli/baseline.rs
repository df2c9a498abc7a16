//! `--baseline`: findings that were there before do not count, and only get fewer.

use onramp::schema::BASELINE;
use serde_json::Value as Json;

use crate::env::{Env, METADATA, Run};

const PATH: &str = "onboarding/payments/metadata.yaml";

/// `payments` has an image without tag, and the platform has something to say to both APIs.
fn old_fleet() -> Env {
    let env = Env::with_api(&METADATA.replace("payments:v2.0.0", "payments"));
    env.write("onboarding/orders/metadata.yaml", METADATA.replace("name: payments", "name: orders"));
    env.edit(
        "platform.yaml",
        "approved: { next: [billing] }",
        "approved: { next: [billing], notice: Soon. }",
    );
    env
}

fn lint(env: &Env, args: &[&str]) -> Run {
    env.run(&[&["lint", "--format", "json", "--baseline", "known.json"], args].concat())
}

fn codes(env: &Env, args: &[&str]) -> Vec<String> {
    lint(env, args)
        .findings()
        .iter()
        .map(|finding| finding.split(' ').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn an_old_fleet_starts_clean_and_only_gets_better() {
    let env = old_fleet();
    env.edit("onboarding/orders/metadata.yaml", "v2.0.0", "latest");
    assert_eq!(env.run(&["lint"]).code, 1);
    let written = lint(&env, &["--write-baseline"]);
    assert_eq!((written.code, written.findings().len()), (0, 0), "{written}");
    let text = env.read("known.json");
    let json: Json = serde_json::from_str(&text).expect("it is JSON");
    assert!(BASELINE.accepts(&json), "{text}");
    let known = json["findings"].as_array().map_or(0, Vec::len);
    assert_eq!(known, 4, "{text}");
    let none = Vec::<String>::new();
    assert_eq!(codes(&env, &[]), none);
    assert_eq!(
        env.run(&["lint", "--baseline", "known.json"]).success(),
        "Checked 2 APIs: no findings, 4 findings waived.\n"
    );
    // Edits elsewhere change nothing.
    env.edit("onboarding/orders/metadata.yaml", "name: orders\n", "# Orders.\nname: orders\n");
    assert_eq!(codes(&env, &[]), none);
    // What is new counts.
    env.edit("onboarding/orders/metadata.yaml", "tier: standard", "tier: tiny");
    assert_eq!(codes(&env, &[]), ["unknown-tier"]);
    env.edit("onboarding/orders/metadata.yaml", "tier: tiny", "tier: standard");
    // What is gone is a finding, at the line of the file.
    env.edit("onboarding/orders/metadata.yaml", "latest", "v2.0.0");
    let gone = lint(&env, &[]).findings();
    let own = gone.iter().filter(|finding| finding.starts_with("fixed-baseline-entry known.json:")).count();
    assert_eq!(own, 1, "{gone:?}");
    // Not where it was not looked at.
    assert!(!codes(&env, &["payments"]).contains(&"fixed-baseline-entry".to_owned()));
    assert!(!codes(&env, &["--ignore", "forbidden-image-tag"]).contains(&"fixed-baseline-entry".to_owned()));
    assert_eq!(codes(&env, &["--ignore", "fixed-baseline-entry"]), none);
    // An update takes it out and adds nothing, and then it counts again.
    env.edit(
        "onboarding/payments/metadata.yaml",
        "  prod: {}",
        "  prod: { image: \"registry.example/apis/payments:latest\" }",
    );
    let _ = lint(&env, &["--update-baseline"]);
    let updated: Json = serde_json::from_str(&env.read("known.json")).expect("it is JSON");
    assert_eq!(updated["findings"].as_array().map(Vec::len), Some(known - 1));
    assert_eq!(codes(&env, &[]), ["forbidden-image-tag"]);
    env.edit(
        "onboarding/payments/metadata.yaml",
        "  prod: { image: \"registry.example/apis/payments:latest\" }",
        "  prod: {}",
    );
    assert_eq!(codes(&env, &[]), none);
    env.edit("onboarding/orders/metadata.yaml", "v2.0.0", "latest");
    assert_eq!(codes(&env, &[]), ["forbidden-image-tag"]);
    // What does not change is not written.
    let text = env.read("known.json");
    let _ = lint(&env, &["--update-baseline"]);
    assert_eq!(env.read("known.json"), text);
}

#[test]
fn what_cannot_be_read_is_never_known() {
    let env = Env::with_api(&METADATA.replace("ports: { http: 8080 }", "prots: { http: 8080 }"));
    let run = lint(&env, &["--write-baseline"]);
    assert_eq!(run.code, 1, "{run}");
    let known: Json = serde_json::from_str(&env.read("known.json")).expect("it is JSON");
    assert_eq!(known["findings"], serde_json::json!([]));
    assert_eq!(codes(&env, &[]), ["unknown-key"]);
}

#[test]
fn a_secret_does_not_get_into_the_file() {
    let env = Env::with_api(&METADATA.replace("LOG_LEVEL: info", "DB_PASSWORD: hunter2"));
    env.edit(PATH, "payments:v2.0.0", "payments:latest");
    let _ = lint(&env, &["--write-baseline"]);
    assert!(!env.read("known.json").contains("hunter2"));
}

#[test]
fn a_baseline_that_cannot_be_meant_is_usage() {
    let env = old_fleet();
    for (args, message) in [
        (vec!["--baseline", "known.json"], "there is no baseline `known.json`"),
        (
            vec!["--baseline", "known.json", "--write-baseline", "payments"],
            "a new baseline is one of the whole fleet",
        ),
        (vec!["--baseline", "onboarding"], "`onboarding` cannot be read: it is no file"),
        (vec!["--baseline", "platform.yaml"], "the baseline `platform.yaml` cannot be read: "),
        (
            vec!["--baseline", "platform.yaml", "--write-baseline"],
            "there is a baseline `platform.yaml` already",
        ),
    ] {
        let run = env.run(&[&["lint"], &args[..]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run}");
        assert!(run.stderr.starts_with(&format!("error: {message}")), "{run}");
    }
    assert_eq!(env.run(&["lint", "--update-baseline"]).code, 2);
    assert!(!env.exists("known.json"));
}

//! `--select`, `--ignore` and `--changed-since`.

use crate::env::{Env, METADATA};

/// `payments` has an unknown tier, and an image without tag.
fn two_findings() -> Env {
    let env = Env::with_api(&METADATA.replace("tier: standard", "tier: huge"));
    env.edit("onboarding/payments/metadata.yaml", "payments:v2.0.0", "payments");
    env
}

fn codes(env: &Env, args: &[&str]) -> Vec<String> {
    let findings = env.run(&[&["lint", "--format", "json"], args].concat()).findings();
    findings.iter().map(|finding| finding.split(' ').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn only_what_is_selected_is_shown_and_counts() {
    let env = Env::with_api(&METADATA.replace("payments:v2.0.0", "payments"));
    env.edit(
        "platform.yaml",
        "approved: { next: [billing] }",
        "approved: { next: [billing], notice: Soon. }",
    );
    let all = ["lifecycle-notice", "image-without-tag"];
    assert_eq!(codes(&env, &[]), all);
    assert_eq!(codes(&env, &["--select", "image-*"]), ["image-without-tag"]);
    assert_eq!(codes(&env, &["--ignore", "image-*"]), ["lifecycle-notice"]);
    assert_eq!(
        codes(&env, &["--select", "*-without-tag,life*", "--ignore", "image-without-tag"]),
        ["lifecycle-notice"]
    );
    assert_eq!(codes(&env, &["--select", "*"]), all);
    assert_eq!(env.run(&["lint", "--ignore", "image-*"]).code, 0);
    let variables = [("ONRAMP_SELECT", "image-without-tag"), ("ONRAMP_IGNORE", "")];
    let run = env.run_with(&["lint", "--format", "json"], &variables);
    assert_eq!((run.findings().len(), run.code), (1, 1), "{run}");
    // What cannot be read is always said.
    env.edit("onboarding/payments/metadata.yaml", "tier: standard", "tier: huge");
    assert_eq!(codes(&env, &["--select", "lifecycle-notice"]), ["unknown-tier", "lifecycle-notice"]);
    assert_eq!(codes(&env, &["--ignore", "*"]), ["unknown-tier"]);
}

#[test]
fn codes_that_cannot_be_meant_are_usage() {
    let env = two_findings();
    for (args, message) in [
        (["--select", "image-without-tags"], "no rule is called `image-without-tags`"),
        (["--ignore", "imgae-*"], "no rule fits `imgae-*`"),
        (["--ignore", "yaml-syntax"], "nobody can ignore `yaml-syntax`"),
        (["--select", "["], "`[` is not a pattern"),
    ] {
        let run = env.run(&[&["lint"], &args[..]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run}");
        assert!(run.stderr.starts_with(&format!("error: {message}")), "{run}");
    }
    let near = env.run(&["lint", "--select", "image-without-tags"]);
    assert!(near.stderr.contains("hint: did you mean `image-without-tag`?"), "{near}");
}

#[test]
fn what_is_left_out_makes_no_waiver_unused() {
    let env = Env::with_api(&METADATA.replace("v2.0.0", "latest"));
    env.write(
        "waivers/a.yaml",
        "apiVersion: onramp/v1\nwaivers:\n- { code: forbidden-image-tag, api: payments, reason: agreed }\n",
    );
    assert_eq!(env.run(&["lint", "--ignore", "forbidden-*"]).success(), "Checked 1 API: no findings.\n");
    assert_eq!(codes(&env, &["--select", "unused-waiver"]), Vec::<String>::new());
}

fn orders() -> String {
    METADATA.replace("name: payments", "name: orders").replace("tier: standard", "tier: small")
}

#[test]
fn only_apis_that_changed_are_looked_at() {
    let env = two_findings();
    env.write("onboarding/orders/metadata.yaml", METADATA.replace("name: payments", "name: orders"));
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message", "one"]);
    let since = ["--changed-since", "main"];
    let none = env.run(&[&["lint"], &since[..]].concat());
    assert_eq!((none.code, none.stdout.as_str()), (0, "Checked 0 APIs: no findings.\n"), "{none}");
    let said = env.run(&[&["lint", "-v"], &since[..]].concat());
    assert!(said.stderr.contains("no API differs from where the head left main"), "{said}");
    // What is not committed counts, what is new as well.
    env.write("onboarding/orders/metadata.yaml", orders());
    assert_eq!(codes(&env, &since), ["unknown-tier"]);
    assert_eq!(codes(&env, &["--changed-since", "main", "payments"]), Vec::<String>::new());
    env.git(&["checkout", "--quiet", "-B", "change"]);
    env.git(&["commit", "--quiet", "--all", "--message", "two"]);
    assert_eq!(codes(&env, &["--changed-since", "main", "--revision", "change"]), ["unknown-tier"]);
    // What the base did meanwhile is no change.
    env.git(&["checkout", "--quiet", "main"]);
    env.edit("onboarding/payments/metadata.yaml", "tier: huge", "tier: large");
    env.git(&["commit", "--quiet", "--all", "--message", "three"]);
    env.git(&["checkout", "--quiet", "change"]);
    assert_eq!(codes(&env, &since), ["unknown-tier"]);
    // What reaches into all APIs has all looked at.
    env.edit("platform.yaml", "maxReplicas: 10", "maxReplicas: 11");
    assert_eq!(codes(&env, &since).len(), 3);
    let unknown = env.run(&["lint", "--changed-since", "nowhere"]);
    assert_eq!(unknown.code, 2, "{unknown}");
}

//! Comments of owners that ignore a finding of their line.

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

/// The platform has something to say to `payments`, on line 5.
fn noticed(rules: &str) -> Env {
    let env = Env::with_api(METADATA);
    env.edit(
        "platform.yaml",
        "approved: { next: [billing] }",
        "approved: { next: [billing], notice: Soon billed. }",
    );
    let platform = env.read("platform.yaml");
    env.write("platform.yaml", platform + rules);
    env
}

fn ignore(env: &Env, line: &str, comment: &str) {
    env.edit(PATH, line, &format!("{line} # onramp: ignore {comment}"));
}

fn findings(env: &Env) -> Vec<String> {
    env.run(&["lint", "--format", "json"]).findings()
}

#[test]
fn what_the_owner_ignores_passes_and_is_counted() {
    let env = noticed("");
    assert_eq!(findings(&env), [format!("lifecycle-notice {PATH}:5:12")]);
    ignore(&env, "lifecycle: approved", "lifecycle-notice We know.");
    assert_eq!(env.run(&["lint"]).success(), "Checked 1 API: no findings, 1 finding waived.\n");
    let json = env.run(&["lint", "--format", "json", "--show-waived"]).json();
    assert!(onramp::schema::DIAGNOSTICS.accepts(&json), "{json:#}");
    assert_eq!(
        (&json["waived"][0]["waivedBy"], &json["waived"][0]["reason"]),
        (&"ignore".into(), &"We know.".into())
    );
    let sarif = env.run(&["lint", "--format", "sarif", "--show-waived"]).json();
    let suppression = &sarif["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(
        (&suppression["kind"], &suppression["justification"]),
        (&"inSource".into(), &"We know.".into())
    );
    // Code scanning would open an alert for what nobody asked for.
    let sarif = env.run(&["lint", "--format", "sarif"]).json();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    // A waiver of the same is of use, and the finding passes once.
    env.write(
        "waivers/a.yaml",
        "apiVersion: onramp/v1\nwaivers:\n- { code: lifecycle-notice, api: payments, reason: agreed }\n",
    );
    assert_eq!(env.run(&["lint"]).success(), "Checked 1 API: no findings, 1 finding waived.\n");
}

#[test]
fn an_ignored_error_keeps_nothing_from_being_written() {
    let env = noticed("rules: { lifecycle-notice: error }\n");
    assert_eq!(env.run(&["render"]).code, 1);
    ignore(&env, "lifecycle: approved", "lifecycle-notice We know.");
    assert_eq!(env.run(&["render"]).code, 0);
    assert_eq!(env.run(&["render", "--check"]).code, 0);
}

#[test]
fn what_is_not_the_owners_is_not_ignored() {
    let env = noticed("rules: { lifecycle-notice: ignore }\n");
    env.edit(PATH, "v2.0.0", "latest");
    ignore(&env, "payments:latest", "forbidden-image-tag,invalid-value,forbiden-image-tag We like it.");
    assert_eq!(
        findings(&env),
        [
            format!("forbidden-image-tag {PATH}:6:8"),
            format!("unwaivable-code {PATH}:6:63"),
            format!("unwaivable-code {PATH}:6:83"),
            format!("unknown-code {PATH}:6:97"),
        ]
    );
    let run = env.run(&["lint"]);
    assert!(run.stdout.contains("`forbidden-image-tag` is not for the owner of an API to ignore"), "{run}");
    assert!(run.stdout.contains("nobody can ignore `invalid-value`"), "{run}");
}

#[test]
fn a_text_that_looks_like_a_comment_is_none() {
    let env = noticed("");
    env.edit(PATH, "LOG_LEVEL: info", "LOG_LEVEL: \"# onramp: ignore lifecycle-notice x\"");
    assert_eq!(findings(&env), [format!("lifecycle-notice {PATH}:5:12")]);
    // A value on the line above is not a comment of it, and a comment further up is not above it.
    env.edit(PATH, "tier: standard\n", "# onramp: ignore lifecycle-notice x\ntier: standard\n");
    assert_eq!(
        findings(&env),
        [format!("unused-ignore {PATH}:4:18"), format!("lifecycle-notice {PATH}:6:12")]
    );
}

#[test]
fn the_guide_lists_what_is_the_owners() {
    let mut codes: Vec<&str> = onramp::policy::RULES
        .iter()
        .filter(|rule| rule.code.waived_by == onramp::diagnostic::WaivedBy::Owner)
        .map(|rule| rule.code.name)
        .collect();
    codes.sort_unstable();
    let listed: Vec<&str> = include_str!("../../docs/waivers.md")
        .lines()
        .filter_map(|line| line.strip_prefix("- [")?.split_once("](rules/").map(|(code, _)| code))
        .collect();
    assert_eq!(listed, codes);
    // And their pages say so.
    for rule in onramp::policy::RULES.iter().filter(|rule| codes.contains(&rule.code.name)) {
        let line = format!("# onramp: ignore {} the reason", rule.code.name);
        assert!(rule.code.page.contains(&line), "{}", rule.code.name);
    }
}

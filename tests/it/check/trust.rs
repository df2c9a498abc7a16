//! What a change may do comes from the tip of the base, and from nowhere else.

use super::{PATH, check, commit, findings, render, repo};

#[test]
fn the_tip_of_the_base_decides_and_not_where_the_change_started() {
    let env = repo("levels: { default: L3 }\n");
    env.edit(PATH, "replicas: 2", "replicas: 3");
    render(&env);
    commit(&env, "replicas");
    assert_eq!(check(&env, &[]).code, 0);
    // Meanwhile the platform narrows the level. The branch is older, and has the old platform.yaml.
    env.git(&["checkout", "--quiet", "main"]);
    env.edit("platform.yaml", "default: L3", "default: L1");
    render(&env);
    commit(&env, "narrower");
    env.git(&["checkout", "--quiet", "change"]);
    assert_eq!(findings(&env, &[]), [format!("level-exceeded {PATH}:9:11")]);
}

#[test]
fn what_the_base_did_meanwhile_is_no_change() {
    let env = repo("levels: { default: L0 }\n");
    env.edit(PATH, "payments:v2.0.0", "payments:v2.1.0");
    render(&env);
    commit(&env, "image");
    env.git(&["checkout", "--quiet", "main"]);
    env.edit("onboarding/orders/metadata.yaml", "replicas: 2", "replicas: 5");
    render(&env);
    commit(&env, "elsewhere");
    env.git(&["checkout", "--quiet", "change"]);
    assert_eq!(findings(&env, &[]), [""; 0]);
}

#[test]
fn rules_have_the_level_of_the_base() {
    let older = |env: &crate::env::Env| {
        env.edit(PATH, "payments:v2.0.0", "payments:v1.0.0");
        render(env);
        commit(env, "older");
    };
    let env = repo("levels: { default: L3 }\nrules: { older-image: error }\n");
    env.edit("platform.yaml", "older-image: error", "older-image: ignore");
    older(&env);
    assert_eq!(check(&env, &[]).code, 1, "the head cannot switch it off");

    let env = repo("levels: { default: L3 }\nrules: { older-image: ignore }\n");
    env.edit("platform.yaml", "older-image: ignore", "older-image: error");
    older(&env);
    assert_eq!(findings(&env, &[]), [""; 0], "nor on, until it is merged");
}

#[test]
fn a_base_without_platform_allows_little() {
    let env = repo("levels: { default: L3 }\n");
    env.git(&["checkout", "--quiet", "--orphan", "empty"]);
    env.git(&["rm", "-r", "--quiet", "--cached", "."]);
    env.git(&["commit", "--quiet", "--allow-empty", "--message", "nothing"]);
    env.git(&["checkout", "--quiet", "--force", "-b", "all"]);
    commit(&env, "everything");
    let run = env.run(&["check", "--base", "empty", "--format", "json"]);
    assert_eq!(run.code, 1);
    assert!(run.findings().contains(&"level-exceeded platform.yaml".to_owned()), "{run}");
    assert_eq!(env.run(&["check", "--base", "empty", "--approved-level", "L3"]).code, 0);
}

#[test]
fn a_broken_platform_in_the_head_is_an_error() {
    let env = repo("levels: { default: L3 }\n");
    env.write("platform.yaml", "nonsense: [\n");
    commit(&env, "broken");
    assert_eq!(check(&env, &[]).code, 1);
}

#[test]
fn budgets_are_those_of_the_base() {
    let env = repo("levels: { default: L3 }\nbudget: { deletions: 0, prodApis: 1 }\n");
    env.remove("onboarding/orders");
    render(&env);
    commit(&env, "gone");
    assert!(findings(&env, &[]).iter().any(|finding| finding.starts_with("deletion-budget-exceeded")));
    assert_eq!(check(&env, &["--approved-level", "L2"]).code, 1);
    assert_eq!(check(&env, &["--approved-level", "L3"]).code, 0);

    let env = repo("levels: { default: L3 }\nbudget: { prodApis: 1 }\n");
    for api in ["orders", "payments"] {
        env.edit(&format!("onboarding/{api}/metadata.yaml"), "LOG_LEVEL: info", "LOG_LEVEL: debug");
    }
    render(&env);
    commit(&env, "both");
    assert!(findings(&env, &[]).iter().any(|finding| finding.starts_with("blast-radius-exceeded")));
}

#[test]
fn waivers_and_freezes_are_those_of_the_base() {
    let waiver =
        "apiVersion: onramp/v1\nwaivers:\n- { code: level-exceeded, api: payments, reason: agreed }\n";
    let freeze = "apiVersion: onramp/v1\nfreezes:\n- { environments: [prod], from: \"2000-01-01\", until: \"2999-12-31\", reason: closing }\n";
    let env = repo("levels: { default: L1 }\n");
    env.git(&["checkout", "--quiet", "main"]);
    env.write("waivers/payments.yaml", waiver);
    commit(&env, "waiver");
    env.git(&["checkout", "--quiet", "-B", "change"]);
    // It holds, even for the change that takes it away.
    env.edit(PATH, "replicas: 2", "replicas: 3");
    render(&env);
    commit(&env, "replicas");
    let run = check(&env, &[]);
    assert_eq!((run.code, run.stdout.contains("1 finding waived")), (0, true), "{run}");
    // A freeze holds from the moment that it is merged, for changes that are older, too.
    env.git(&["checkout", "--quiet", "main"]);
    env.write("freezes/closing.yaml", freeze);
    commit(&env, "freeze");
    env.git(&["checkout", "--quiet", "change"]);
    assert_eq!(findings(&env, &[]), [format!("frozen-environment {PATH}:9:11")]);
    assert_eq!(findings(&env, &["--approved-level", "L3"]).len(), 1, "an approved level lifts no freeze");
    assert_eq!(check(&env, &["--today", "1999-12-31"]).code, 0);
}

#[test]
fn what_the_base_says_and_cannot_be_read_is_no_permission() {
    const HEAD: &str = "apiVersion: onramp/v1\nfreezes:\n- { environments: [prod], from: \"2000-01-01\", ";
    let broken = format!("{HEAD}untill: \"2999-12-31\", reason: closing }}\n");
    let whole = format!("{HEAD}until: \"2999-12-31\", reason: closing }}\n");
    let env = repo("levels: { default: L1 }\n");
    env.edit(PATH, "LOG_LEVEL: info", "LOG_LEVEL: debug");
    render(&env);
    commit(&env, "a variable");
    assert_eq!(check(&env, &[]).code, 0);
    env.git(&["checkout", "--quiet", "main"]);
    env.write("freezes/closing.yaml", &broken);
    commit(&env, "freeze");
    env.git(&["checkout", "--quiet", "change"]);
    // The change is older, and has no such file.
    let found = findings(&env, &[]);
    assert_eq!(found, ["unknown-key freezes/closing.yaml"]);
    assert_eq!(check(&env, &["--approved-level", "L3"]).code, 1);
    assert!(check(&env, &[]).stdout.contains("on the base"));
    // It can be mended, and then it is told once by which level.
    env.git(&["checkout", "--quiet", "-B", "mend", "main"]);
    env.write("freezes/closing.yaml", &whole);
    commit(&env, "mended");
    assert_eq!(findings(&env, &[]), ["level-exceeded freezes/closing.yaml"]);
    assert_eq!(check(&env, &["--approved-level", "L3"]).code, 0);
    // What is broken on both sides is told once, where it stands.
    env.git(&["checkout", "--quiet", "-B", "same", "main"]);
    env.write("onboarding/payments/README.md", "# Payments\n");
    commit(&env, "same");
    assert_eq!(findings(&env, &[]).len(), 1);
    assert!(!check(&env, &[]).stdout.contains("on the base"));
}

#[test]
fn a_broken_platform_on_the_base_is_told() {
    let env = repo("levels: { default: L1 }\nbudget: { prodApis: 0 }\n");
    env.edit(PATH, "LOG_LEVEL: info", "LOG_LEVEL: debug");
    render(&env);
    commit(&env, "a variable");
    env.git(&["checkout", "--quiet", "main"]);
    env.edit("platform.yaml", "prodApis: 0", "prodApis: none");
    commit(&env, "broken");
    env.git(&["checkout", "--quiet", "change"]);
    // Nor is what the base says of rules known.
    let mut found = findings(&env, &[]);
    found.retain(|found| !found.starts_with("missing-"));
    assert_eq!(found, ["wrong-type platform.yaml"]);
}

#[test]
fn a_tag_called_as_the_base_is_not_taken_for_it() {
    let env = repo("levels: { default: L1 }\n");
    env.edit(PATH, "replicas: 2", "replicas: 9");
    render(&env);
    commit(&env, "replicas");
    env.git(&["tag", "main"]);
    let run = check(&env, &[]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("two things"), "{run}");
    assert_eq!(env.run(&["check", "--base", "refs/heads/main"]).code, 1);
    // One that points at the same leads nobody astray.
    env.git(&["tag", "--force", "main", "refs/heads/main"]);
    assert_eq!(check(&env, &[]).code, 1);
}

#[test]
fn a_waiver_of_the_base_does_not_cover_what_is_wrong_with_waivers() {
    let waiver = |code: &str, until: &str| {
        format!("- {{ code: {code}, api: \"*\", reason: agreed, until: \"{until}\" }}\n")
    };
    let env = repo("levels: { default: L3 }\n");
    env.git(&["checkout", "--quiet", "main"]);
    let head = format!("apiVersion: onramp/v1\nwaivers:\n{}", waiver("expired-waiver", "2999-12-31"));
    env.write("waivers/all.yaml", &head);
    commit(&env, "waiver");
    env.git(&["checkout", "--quiet", "-B", "change"]);
    env.write("waivers/all.yaml", head + &waiver("older-image", "2000-01-01"));
    commit(&env, "another");
    let found = findings(&env, &[]);
    assert!(found.iter().any(|finding| finding.starts_with("expired-waiver ")), "{found:?}");
}

#[test]
fn a_merge_that_takes_something_back_is_seen() {
    let env = repo("levels: { default: L2 }\n");
    env.git(&["checkout", "--quiet", "-b", "narrower", "main"]);
    env.edit("platform.yaml", "default: L2", "default: L1");
    render(&env);
    commit(&env, "narrower");
    env.git(&["checkout", "--quiet", "main"]);
    env.write("README.md", "# Config\n");
    commit(&env, "meanwhile");
    env.git(&["merge", "--quiet", "--no-edit", "narrower"]);
    // The author merges the same two, and keeps what the platform narrowed.
    env.git(&["checkout", "--quiet", "-B", "change", "main~1"]);
    env.git(&["merge", "--quiet", "--no-edit", "--strategy", "ours", "narrower"]);
    let run = check(&env, &[]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("several commits"), "{run}");
    env.git(&["merge", "--quiet", "--no-edit", "--strategy", "ours", "main"]);
    assert_eq!(findings(&env, &[]), ["level-exceeded platform.yaml"]);
}

#[test]
fn a_change_does_not_choose_its_severities_by_a_state_of_life() {
    let rules = "levels: { default: L3 }\nrules: { forbidden-image-tag: { lifecycles: { poc: ignore } } }\n";
    let env = repo(rules);
    env.edit(PATH, "payments:v2.0.0", "payments:latest");
    env.edit(PATH, "lifecycle: approved", "lifecycle: poc");
    env.edit(PATH, "  prod: {}\n", "");
    commit(&env, "a poc");
    let found = findings(&env, &["--approved-level", "L3"]);
    assert!(found.contains(&format!("forbidden-image-tag {PATH}:6:8")), "{found:?}");
    // One that is new has no other state.
    let env = repo(rules);
    let new = crate::env::METADATA.replace("name: payments", "name: ledger").replace("v2.0.0", "latest");
    let new = new.replace("lifecycle: approved", "lifecycle: poc").replace("  prod: {}\n", "");
    env.write("onboarding/ledger/metadata.yaml", new);
    render(&env);
    commit(&env, "a new poc");
    let found = findings(&env, &["--approved-level", "L3"]);
    assert!(!found.iter().any(|finding| finding.starts_with("forbidden-image-tag")), "{found:?}");
}

#[test]
fn comments_of_a_change_hold_for_what_is_the_owners() {
    let env = repo("levels: { default: L3 }\n");
    env.git(&["checkout", "--quiet", "main"]);
    env.edit(
        "platform.yaml",
        "approved: { next: [billing] }",
        "approved: { next: [billing], notice: Soon. }",
    );
    commit(&env, "a notice");
    env.git(&["checkout", "--quiet", "-B", "change"]);
    env.edit(PATH, "lifecycle: approved", "lifecycle: approved # onramp: ignore lifecycle-notice We know.");
    env.edit(PATH, "payments:v2.0.0", "payments:latest # onramp: ignore forbidden-image-tag Please.");
    commit(&env, "comments");
    let found = findings(&env, &["--approved-level", "L3"]);
    assert!(!found.iter().any(|finding| finding.starts_with("lifecycle-notice")), "{found:?}");
    assert!(found.contains(&format!("forbidden-image-tag {PATH}:6:8")), "{found:?}");
    assert!(found.iter().any(|finding| finding.starts_with("unwaivable-code")), "{found:?}");
}

#[test]
fn the_baseline_is_that_of_the_base() {
    let env = repo("levels: { default: L3 }\n");
    env.git(&["checkout", "--quiet", "main"]);
    env.edit("onboarding/orders/metadata.yaml", "v2.0.0", "latest");
    let written = env.run(&["lint", "--baseline", "known.json", "--write-baseline"]);
    assert_eq!(written.code, 0, "{written}");
    commit(&env, "as it was");
    env.git(&["checkout", "--quiet", "-B", "change"]);
    env.edit("onboarding/orders/metadata.yaml", "LOG_LEVEL: info", "LOG_LEVEL: debug");
    env.edit(PATH, "payments:v2.0.0", "payments:latest");
    // The change brings its own.
    let known = env.read("known.json").replace("orders", "payments");
    let (old, new) = (env.read("known.json"), known);
    let list = |text: &str| text.lines().find(|line| line.contains("count")).unwrap_or_default().to_owned();
    env.write("known.json", old.replace(&list(&old), &format!("{},\n{}", list(&old), list(&new))));
    commit(&env, "more is known");
    let found = |args: &[&str]| {
        let found = findings(&env, args);
        found.into_iter().filter(|finding| finding.starts_with("forbidden-image-tag")).collect::<Vec<_>>()
    };
    let (own, other) = (
        format!("forbidden-image-tag {PATH}:6:8"),
        "forbidden-image-tag onboarding/orders/metadata.yaml:6:8".to_owned(),
    );
    assert_eq!(found(&["--approved-level", "L3"]), [other, own.clone()]);
    assert_eq!(found(&["--approved-level", "L3", "--baseline", "known.json"]), std::slice::from_ref(&own));
    assert_eq!(found(&["--approved-level", "L3", "--baseline", "none.json"]).len(), 2);
}

//! What a check prints, and how it ends.

use super::{PATH, check, commit, findings, render, repo};

#[test]
fn a_change_that_others_break_on_is_found_at_theirs() {
    let env = repo("levels: { default: L3 }\n");
    env.git(&["checkout", "--quiet", "main"]);
    let from = "networkPolicy: { callers: [{ api: orders }] }\n";
    env.edit(PATH, "replicas: 2\n", &format!("replicas: 2\n{from}"));
    env.edit("onboarding/orders/metadata.yaml", "profile: adopted\n", "");
    render(&env);
    commit(&env, "callers");
    env.git(&["checkout", "--quiet", "-B", "change"]);
    env.remove("onboarding/orders");
    render_what_can_be(&env);
    commit(&env, "gone");
    let found = findings(&env, &[]);
    assert!(found.iter().any(|finding| finding.starts_with(&format!("unknown-api {PATH}"))), "{found:?}");
}

/// What names an API that is gone is not rendered, and need not be.
fn render_what_can_be(env: &crate::env::Env) {
    assert_eq!(env.run(&["render"]).code, 1);
}

#[test]
fn revisions_that_are_not_there_are_usage() {
    let env = repo("levels: { default: L3 }\n");
    for args in [["--base", "none"], ["--base", "main:platform.yaml"]] {
        assert_eq!(env.run(&[&["check"][..], &args].concat()).code, 2, "{args:?}");
    }
    assert_eq!(env.run(&["check", "--base", "main", "--head", "none"]).code, 2);
    assert_eq!(env.run(&["check"]).code, 2);
}

#[test]
fn only_what_is_committed_counts() {
    let env = repo("levels: { default: L0 }\n");
    env.write(PATH, "nonsense: true\n");
    assert_eq!(check(&env, &[]).code, 0);
}

#[test]
fn every_format_comes_from_one_run() {
    let env = repo("levels: { default: L1 }\n");
    env.edit(PATH, "replicas: 2", "replicas: 3");
    render(&env);
    commit(&env, "replicas");
    let formats = "github,sarif=out.sarif,markdown=out.md,json=out.json";
    let run = check(&env, &["--format", formats, "--artifact-url", "https://ci.acme.example/7"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.starts_with("::error file=onboarding/payments/metadata.yaml,line=9"), "{run}");
    assert!(env.read("out.sarif").contains("\"level-exceeded\""));
    let json: serde_json::Value = serde_json::from_str(&env.read("out.json")).expect("it is JSON");
    assert_eq!(json["changes"]["summary"]["apis"], 1);
    assert_eq!(json["findings"][0]["code"], "level-exceeded");
    insta::assert_snapshot!(env.read("out.md"), @"
    ### Findings: 1 error

    Checked 1 API: 1 error.

    - **error** `level-exceeded` at `onboarding/payments/metadata.yaml:9:11`: `spec.replicas` of `Deployment payments` in `prod` and `staging` needs level L2, and `payments` has L1
      - help: take it out of this change, or ask the platform team to approve it

    ### Effect: 1 of 2 APIs changes, in 2 environments.

    | in the clusters | APIs and namespaces | environments |
    |---|---:|---:|
    | scaling | 1 | 2 |

    **scaling** `payments` in `prod` and `staging`

    - `Deployment payments`
      - `spec.replicas` `2` → `3`

    The whole report: <https://ci.acme.example/7>
    ");
}

#[test]
fn nothing_that_changes_is_said_so() {
    let env = repo("levels: { default: L0 }\n");
    assert_eq!(
        check(&env, &[]).success(),
        "Nothing changes in the clusters.\nChecked 0 APIs: no findings.\n"
    );
    assert_eq!(check(&env, &["--quiet"]).success(), "");
}

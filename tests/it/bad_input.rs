//! What people and machines put where onramp looks: one finding at the right place, the right exit
//! code, no panic, and nothing written while an error is open anywhere.

mod content;
mod place;

use crate::env::{Env, METADATA, Run};

/// Two APIs without findings. Tests break the first; the second shows that nothing is written.
fn two_apis() -> Env {
    let env = Env::with_api(METADATA);
    env.write("onboarding/orders/metadata.yaml", METADATA.replace("payments", "orders"));
    env
}

/// Lints and renders, and insists on the findings, the exit code 1, and that nothing is written.
#[track_caller]
fn assert_refused(what: &str, env: &Env, expected: &[&str]) {
    let lint = env.run(&["lint", "--format", "json"]);
    assert_calm(what, &lint);
    assert_eq!(lint.findings(), expected, "{what}: {lint}");
    assert_eq!(lint.code, 1, "{what}: {lint}");
    assert_nothing_rendered(what, env, 1);
    let human = env.run(&["lint"]);
    assert_calm(what, &human);
    assert_eq!(human.code, 1, "{what}: {human}");
}

/// Renders in all its ways, and insists that the tree stays as it is.
#[track_caller]
fn assert_nothing_rendered(what: &str, env: &Env, code: i32) {
    let before = env.files();
    for args in [&["render"][..], &["render", "--check"], &["render", "--diff"]] {
        let render = env.run(args);
        assert_calm(what, &render);
        assert_eq!(render.code, code, "{what}: {args:?}: {render}");
        assert!(!render.stdout.contains("Rendered"), "{what}: {render}");
        assert!(env.files() == before, "{what}: {args:?} wrote");
    }
}

#[track_caller]
fn assert_calm(what: &str, run: &Run) {
    assert!(!run.stderr.contains("panicked"), "{what}: {run}");
}

#[test]
fn the_sound_fleet_that_the_others_break_renders() {
    let env = two_apis();
    let lint = env.run(&["lint", "--format", "json"]);
    assert_eq!(lint.findings(), [""; 0]);
    assert_eq!(lint.code, 0, "{lint}");
    assert_eq!(env.run(&["render"]).success(), "Rendered 2 APIs: 20 files added.\n");
}

#[test]
fn an_error_in_one_api_keeps_the_other_from_being_written() {
    let env = two_apis();
    let _ = env.run(&["render"]).success();
    env.edit("onboarding/payments/metadata.yaml", "tier: standard", "tier: huge");
    env.edit("onboarding/orders/metadata.yaml", "8080", "9090");
    let before = env.files();
    let render = env.run(&["render"]);
    assert_eq!(render.code, 1, "{render}");
    assert_eq!(render.stderr, "Nothing was written, since there are errors.\n");
    assert!(env.files() == before);
    // Asked for alone, the sound one is written.
    assert_eq!(env.run(&["render", "orders"]).success(), "Rendered 1 API: 2 files changed.\n");
}

#[test]
fn all_findings_of_several_apis_come_at_once_and_in_order() {
    let env = two_apis();
    env.write("onboarding/billing/metadata.yaml", "a: on\nb: on\na: 1\n");
    env.write("onboarding/carts/metadata.yaml", b"\0\x01");
    env.write("onboarding/empty/notes.txt", "no metadata\n");
    env.edit("onboarding/payments/metadata.yaml", "tier: standard", "tier: huge\nport: 1");
    env.edit("onboarding/orders/metadata.yaml", "apis/orders:v2.0.0", "apis/orders:latest");
    let first = env.run(&["lint", "--format", "json"]);
    assert_eq!(
        first.findings(),
        [
            "missing-key onboarding/billing/metadata.yaml:1:1",
            "missing-key onboarding/billing/metadata.yaml:1:1",
            "missing-key onboarding/billing/metadata.yaml:1:1",
            "missing-key onboarding/billing/metadata.yaml:1:1",
            "unknown-key onboarding/billing/metadata.yaml:1:1",
            "ambiguous-scalar onboarding/billing/metadata.yaml:1:4",
            "unknown-key onboarding/billing/metadata.yaml:2:1",
            "ambiguous-scalar onboarding/billing/metadata.yaml:2:4",
            "duplicate-key onboarding/billing/metadata.yaml:3:1",
            "encrypted-file onboarding/carts/metadata.yaml:1:1",
            "missing-metadata onboarding/empty/metadata.yaml",
            "forbidden-image-tag onboarding/orders/metadata.yaml:6:8",
            "unknown-key onboarding/payments/metadata.yaml:5:1",
        ]
    );
    for args in [&["lint"][..], &["lint", "--format", "json"], &["render"]] {
        let runs = [&[][..], &["--jobs", "1"], &["--jobs", "4"]].map(|jobs: &[&str]| {
            let run = env.run(&[args, jobs].concat());
            assert_eq!(run.code, 1, "{run}");
            (run.stdout, run.stderr)
        });
        assert_eq!(runs[0], runs[1], "{args:?}");
        assert_eq!(runs[0], runs[2], "{args:?}");
    }
}

//! Waivers and freezes: what passes, what does not, and what is said of it.

use std::collections::BTreeMap;

use onramp::diagnostic::{Levels, Sink};
use onramp::exceptions::Exceptions;
use onramp::fleet::{self, Trusted, Work};
use onramp::moment::Moment;
use onramp::snapshot::Snapshot;

use crate::env::{Env, METADATA};

/// `payments` has a tag that moves in both environments, which is an error.
fn moving_tag() -> Env {
    Env::with_api(&METADATA.replace("v2.0.0", "latest"))
}

/// Writes `waivers/a.yaml` with one waiver of the moving tag.
fn waive(env: &Env, rest: &str) {
    env.write(
        "waivers/a.yaml",
        format!(
            "apiVersion: onramp/v1\nwaivers:\n- {{ code: forbidden-image-tag, reason: agreed, {rest} }}\n"
        ),
    );
}

fn findings(env: &Env) -> Vec<String> {
    env.run(&["lint", "--format", "json"]).findings()
}

#[test]
fn what_is_waived_passes_and_is_counted() {
    let env = moving_tag();
    assert_eq!(env.run(&["lint"]).code, 1);
    assert_eq!(env.run(&["render"]).code, 1);
    waive(&env, "api: payments");
    assert_eq!(env.run(&["lint"]).success(), "Checked 1 API: no findings, 1 finding waived.\n");
    let json = env.run(&["lint", "--format", "json"]).json();
    assert_eq!((&json["summary"]["waived"], &json["summary"]["errors"]), (&1.into(), &0.into()));
    for format in ["github", "markdown"] {
        let text = env.run(&["lint", "--format", format]).success();
        assert!(text.contains("Checked 1 API: no findings, 1 finding waived."), "{format}: {text}");
    }
    let sarif = env.run(&["lint", "--format", "sarif"]).json();
    let said = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(said[0]["message"]["text"], "1 finding waived");
    let rendered = env.run(&["render"]).success();
    assert!(
        rendered.starts_with("Checked 1 API: no findings, 1 finding waived.\nRendered 1 API: "),
        "{rendered}"
    );
    assert!(env.exists("onboarding/payments/overlays/prod/kustomization.yaml"));
    let again = env.run(&["render", "--check"]).success();
    assert_eq!(again, "Checked 1 API: no findings, 1 finding waived.\nNothing changed.\n");
}

#[test]
fn an_environment_bounds_what_is_waived() {
    let env = moving_tag();
    waive(&env, "api: payments, environment: prod");
    // The one line stands for both environments.
    assert_eq!(findings(&env), ["forbidden-image-tag onboarding/payments/metadata.yaml:6:8"]);
    env.edit("onboarding/payments/metadata.yaml", ":latest", ":v2.0.0");
    let own = "prod: { image: \"registry.example/apis/payments:latest\" }";
    env.edit("onboarding/payments/metadata.yaml", "prod: {}", own);
    assert_eq!(findings(&env), Vec::<String>::new());
    waive(&env, "api: payments, environment: staging");
    let json = env.run(&["lint", "--format", "json"]);
    assert_eq!(
        json.findings(),
        ["forbidden-image-tag onboarding/payments/metadata.yaml:11:18", "unused-waiver waivers/a.yaml:3:5"]
    );
    assert_eq!(json.json()["findings"][0]["environments"], serde_json::json!(["prod"]));
    assert!(onramp::schema::DIAGNOSTICS.accepts(&json.json()), "{json}");
}

#[test]
fn waivers_are_held_to_what_they_say() {
    let env = Env::with_api(METADATA);
    env.write(
        "waivers/a.yaml",
        "apiVersion: onramp/v1
waivers:
- { code: forbidden-image-tag, api: paymets, reason: agreed }
- { code: forbiden-image-tag, api: payments, reason: agreed }
- { code: foreign-file, api: payments, reason: agreed }
- { code: forbidden-image-tag, api: payments, reason: agreed, until: \"2026-06-30\" }
- { code: forbidden-image-tag, api: payments, environment: prd, reason: agreed }
- { code: forbidden-image-tag, api: orders, reason: agreed }
",
    );
    insta::assert_snapshot!(env.run(&["lint", "--today", "2026-07-01"]), @r#"
    exit code: 1
    ----- stdout -----
    unused-waiver

      ⚠ no finding `forbidden-image-tag` of `paymets` is there to be waived
       ╭─[waivers/a.yaml:3:5]
     3 │ - { code: forbidden-image-tag, api: paymets, reason: agreed }
       ·     ──┬─
       ·       ╰── unused
       ╰────
      help: did you mean `payments`?

    unknown-code

      × no rule is called `forbiden-image-tag`
       ╭─[waivers/a.yaml:4:11]
     4 │ - { code: forbiden-image-tag, api: payments, reason: agreed }
       ·           ─────────┬────────
       ·                    ╰── this waiver covers nothing
       ╰────
      help: did you mean `forbidden-image-tag`?

    unwaivable-code

      × nobody can waive `foreign-file`
       ╭─[waivers/a.yaml:5:11]
     5 │ - { code: foreign-file, api: payments, reason: agreed }
       ·           ──────┬─────
       ·                 ╰── this waiver covers nothing
       ╰────
      help: remove the waiver: what it is about cannot be read or rendered as it is

    expired-waiver

      ⚠ the waiver of `forbidden-image-tag` held until 2026-06-30
       ╭─[waivers/a.yaml:6:70]
     6 │ - { code: forbidden-image-tag, api: payments, reason: agreed, until: "2026-06-30" }
       ·                                                                      ──────┬─────
       ·                                                                            ╰── this day is past
       ╰────
      help: remove the waiver, or agree on another day

    unknown-environment

      × `platform.yaml` has no environment `prd`
       ╭─[waivers/a.yaml:7:60]
     7 │ - { code: forbidden-image-tag, api: payments, environment: prd, reason: agreed }
       ·                                                            ─┬─
       ·                                                             ╰── not an environment
       ╰────
      help: did you mean `prod`?

    unused-waiver

      ⚠ no finding `forbidden-image-tag` of `orders` is there to be waived
       ╭─[waivers/a.yaml:8:5]
     8 │ - { code: forbidden-image-tag, api: orders, reason: agreed }
       ·     ──┬─
       ·       ╰── unused
       ╰────
      help: remove the waiver

    Checked 1 API: 3 errors, 3 warnings.
    3 fixable with `onramp lint --fix`, 3 more with `--unsafe-fixes`.
    "#);
    // What is looked at is not all there is, so that a waiver may be of use elsewhere.
    let some = env.run(&["lint", "payments", "--format", "json", "--today", "2026-07-01"]).findings();
    assert!(some.iter().all(|finding| !finding.starts_with("unused-waiver")), "{some:?}");
    assert_eq!(some.len(), 4, "{some:?}");
}

#[test]
fn the_platform_says_how_bad_an_unused_waiver_is() {
    let env = Env::with_api(METADATA);
    waive(&env, "api: payments");
    assert_eq!((env.run(&["lint"]).code, findings(&env).len()), (0, 1));
    let platform = env.read("platform.yaml");
    env.write("platform.yaml", format!("{platform}rules: {{ unused-waiver: error }}\n"));
    assert_eq!(env.run(&["lint"]).code, 1);
    env.write("platform.yaml", format!("{platform}rules: {{ unused-waiver: ignore }}\n"));
    assert_eq!(findings(&env), Vec::<String>::new());
}

#[test]
fn no_waiver_covers_what_is_wrong_with_waivers() {
    let env = Env::with_api(METADATA);
    env.write(
        "waivers/a.yaml",
        "apiVersion: onramp/v1
waivers:
- { code: unused-waiver, api: \"*\", reason: agreed }
- { code: expired-waiver, api: \"*\", reason: agreed }
- { code: forbidden-image-tag, api: payments, reason: agreed, until: \"2026-06-30\" }
",
    );
    let found = env.run(&["lint", "--format", "json", "--today", "2026-07-01"]).findings();
    assert_eq!(found, ["expired-waiver waivers/a.yaml:5:70"], "{found:?}");
}

#[test]
fn an_api_that_cannot_be_read_hides_what_its_waivers_cover() {
    let env = moving_tag();
    waive(&env, "api: payments");
    env.edit("onboarding/payments/metadata.yaml", "ports:", "prots:");
    assert_eq!(findings(&env), ["unknown-key onboarding/payments/metadata.yaml:7:1"]);
    waive(&env, "api: orders");
    assert_eq!(findings(&env)[1], "unused-waiver waivers/a.yaml:3:5");
}

#[test]
fn files_that_cannot_be_read_grant_nothing() {
    let env = moving_tag();
    let tag = "forbidden-image-tag onboarding/payments/metadata.yaml:6:8".to_owned();
    waive(&env, "api: payments, until: never");
    assert_eq!(findings(&env), [tag.clone(), "invalid-value waivers/a.yaml:3:70".to_owned()]);
    waive(&env, "api: payments, path: \"{\"");
    assert_eq!(findings(&env), [tag.clone(), "invalid-value waivers/a.yaml:3:69".to_owned()]);
    // Outside of the directory, or behind a link, it is none.
    waive(&env, "api: payments");
    env.rename("waivers/a.yaml", "waiver.yaml");
    env.link("waivers/a.yaml", "../waiver.yaml");
    assert_eq!(findings(&env), [tag.clone(), "symlink waivers/a.yaml".to_owned()]);
    env.remove("waivers");
    env.link("waivers", ".");
    assert_eq!(findings(&env), [tag.clone(), "symlink waivers".to_owned()]);
    env.remove("waivers");
    env.write("waivers", "");
    assert_eq!(findings(&env).len(), 2);
    // A directory below is as good, and what is no YAML is for people.
    env.remove("waivers");
    env.write("waivers/README.md", "Ask first.\n");
    assert_eq!(findings(&env), [tag]);
    env.rename("waiver.yaml", "waivers/payments.yml");
    assert_eq!(findings(&env), Vec::<String>::new());
}

#[test]
fn the_waivers_of_a_change_do_not_hold_for_it() {
    let base = moving_tag();
    let head = moving_tag();
    waive(&head, "api: payments");
    let snapshot = |env: &Env| Snapshot::work_tree(env.root()).expect("the directory is there");
    let run = |env: &Env, under: Option<&Exceptions>| {
        let levels = Levels::default();
        let lifecycles = BTreeMap::new();
        let trusted =
            under.map(|exceptions| Trusted { levels: &levels, exceptions, lifecycles: &lifecycles });
        let outcome = fleet::run_under(&snapshot(env), None, Work::Lint, "2026-07-01", trusted);
        let outcome = outcome.expect("the repo can be listed");
        let codes = outcome.findings.iter().map(|finding| finding.code.name);
        (codes.filter(|code| *code != "missing-probe").collect::<Vec<_>>(), outcome.waived)
    };
    let read = |env: &Env| {
        Exceptions::read(&snapshot(env), &mut Sink::default()).expect("the directory can be listed")
    };
    assert_eq!(run(&head, None), (vec![], 1));
    assert_eq!(run(&head, Some(&read(&base))), (vec!["forbidden-image-tag"], 0));
    assert_eq!(run(&base, Some(&read(&head))), (vec![], 1));
    // The files of a change are looked at all the same.
    head.edit("waivers/a.yaml", "forbidden-image-tag", "forbidden-tag");
    assert_eq!(run(&head, Some(&read(&base))), (vec!["forbidden-image-tag", "unknown-code"], 0));
}

#[test]
fn freezes_are_read_and_looked_at() {
    let env = Env::with_api(METADATA);
    env.write(
        "freezes/year-end.yaml",
        "apiVersion: onramp/v1
freezes:
- { environments: [prod], from: \"2026-12-20\", until: \"2027-01-03\", reason: Year-end closing. }
- { environments: [prd], apis: [\"pay*\", paymets], from: \"2026-12-20T10:00:00Z\", until: \"2026-12-19\", reason: a }
",
    );
    insta::assert_snapshot!(env.run(&["lint"]), @r#"
    exit code: 1
    ----- stdout -----
    unknown-environment

      × `platform.yaml` has no environment `prd`
       ╭─[freezes/year-end.yaml:4:20]
     4 │ - { environments: [prd], apis: ["pay*", paymets], from: "2026-12-20T10:00:00Z", until: "2026-12-19", reason: a }
       ·                    ─┬─
       ·                     ╰── not an environment
       ╰────
      help: did you mean `prod`?

    unmatched-freeze

      ⚠ no API is called `paymets`
       ╭─[freezes/year-end.yaml:4:41]
     4 │ - { environments: [prd], apis: ["pay*", paymets], from: "2026-12-20T10:00:00Z", until: "2026-12-19", reason: a }
       ·                                         ───┬───
       ·                                            ╰── nothing of it is frozen
       ╰────
      help: did you mean `payments`?

    inverted-period

      × the freeze is over before it begins
       ╭─[freezes/year-end.yaml:4:88]
     4 │ - { environments: [prd], apis: ["pay*", paymets], from: "2026-12-20T10:00:00Z", until: "2026-12-19", reason: a }
       ·                                                         ───────────┬──────────         ──────┬─────
       ·                                                                    │                         ╰── not after `from`
       ·                                                                    ╰── begins here
       ╰────
      help: swap the two

    Checked 1 API: 2 errors, 1 warning.
    3 fixable with `onramp lint --unsafe-fixes`.
    "#);
    let snapshot = Snapshot::work_tree(env.root()).expect("the directory is there");
    let exceptions = Exceptions::read(&snapshot, &mut Sink::default()).expect("the directory can be listed");
    let now = Moment::start("2027-01-03T12:00:00+01:00").expect("a moment");
    let freeze = exceptions.freeze("payments", "prod", now).expect("prod is frozen");
    assert_eq!(&*freeze.reason, "Year-end closing.");
    assert!(exceptions.freeze("payments", "staging", now).is_none());
}

#[test]
fn the_examples_of_the_guide_hold() {
    let guide = include_str!("../../docs/waivers.md");
    let env = Env::with_api(METADATA);
    env.edit(
        "platform.yaml",
        "    clusters: [prod-eu, prod-us]\n",
        "    clusters: [prod-eu]\n    minReplicas: 2\n",
    );
    assert_eq!(findings(&env), ["too-few-replicas onboarding/payments/metadata.yaml:11:3"]);
    let mut written = 0;
    for block in guide.split("```yaml ").skip(1) {
        let (path, rest) = block.split_once('\n').expect("a block has lines");
        env.write(path, rest.split("```").next().expect("a block ends"));
        written += 1;
    }
    assert_eq!((written, findings(&env)), (2, vec![]));
}

#[test]
fn nothing_is_said_to_be_unused_of_what_an_error_keeps_from_being_built() {
    let env = Env::with_api(METADATA);
    env.write(
        "waivers/a.yaml",
        "apiVersion: onramp/v1\nwaivers:\n- { code: root-user, api: payments, reason: agreed }\n- { code: image-not-pinned, api: payments, reason: agreed }\n",
    );
    let unused = || {
        findings(&env).into_iter().filter(|finding| finding.starts_with("unused-waiver")).collect::<Vec<_>>()
    };
    assert_eq!(unused(), ["unused-waiver waivers/a.yaml:3:5", "unused-waiver waivers/a.yaml:4:5"]);
    // A rule on the state has looked all the same.
    env.edit("onboarding/payments/metadata.yaml", "registry.example/apis", "elsewhere.example/apis");
    assert_eq!(unused(), ["unused-waiver waivers/a.yaml:4:5"]);
}

//! Releases as values: a view of the tip and a request in, files and a message out.

mod brought;
mod edit;

use onramp::moment::Moment;
use onramp::outcome::{Failure, Kind};
use onramp::release::{Ask, Bump, Origin, Plan, Request, Step, Terms, plan};
use onramp::snapshot::Snapshot;

use crate::env::{Env, METADATA};

const NEW: &str = "registry.example/apis/payments:v2.1.0";

/// A request for one image, as most are.
pub(crate) fn request(environment: &str, image: &str) -> Request {
    asked(Ask::Bump(vec![bump(environment, image)]))
}

fn bump(environment: &str, image: &str) -> Bump {
    Bump {
        api: "payments".to_owned(),
        environment: environment.to_owned(),
        image: image.to_owned(),
        ..Bump::default()
    }
}

fn asked(ask: Ask) -> Request {
    Request { ask, terms: Terms::default(), origin: Origin::default() }
}

/// Changes what a request for one image says of it.
fn with(mut request: Request, change: impl FnOnce(&mut Bump)) -> Request {
    if let Ask::Bump(bumps) = &mut request.ask {
        change(&mut bumps[0]);
    }
    request
}

fn now() -> Moment {
    Moment::start("2026-07-01T12:00:00Z").expect("it is a moment")
}

fn planned(env: &Env, request: &Request) -> Result<Plan, Failure> {
    let snapshot = Snapshot::work_tree(env.root()).expect("the repo can be read");
    plan(&snapshot, request, now(), "2026-07-01")
}

/// Plans and writes, as a commit would.
fn applied(env: &Env, request: &Request) -> Plan {
    let plan = planned(env, request).unwrap_or_else(|failure| panic!("{failure}"));
    for (path, text) in &plan.files {
        env.write(path, text.as_ref().expect("nothing is removed"));
    }
    plan
}

fn rendered(metadata: &str) -> Env {
    let env = Env::with_api(metadata);
    env.run(&["render"]).success();
    env
}

/// Returns why a request is refused, with what it says beside it.
#[track_caller]
fn refused(env: &Env, request: &Request, kind: Kind) -> String {
    match planned(env, request) {
        Ok(plan) => panic!("nothing is refused: {plan:?}"),
        Err(failure) => {
            assert_eq!(failure.kind, kind, "{failure}");
            failure.to_string()
        }
    }
}

#[test]
fn one_image_changes_and_a_render_has_nothing_to_add() {
    let env = rendered(METADATA);
    let plan = applied(&env, &request("prod", NEW));
    let files: Vec<&str> = plan.files.keys().map(String::as_str).collect();
    assert_eq!(
        files,
        [
            "onboarding/payments/metadata.yaml",
            "onboarding/payments/overlays/prod/kustomization.yaml",
            "onboarding/payments/releases/prod.yaml"
        ]
    );
    assert_eq!(
        env.read("onboarding/payments/metadata.yaml"),
        METADATA.replace("prod: {}", &format!("prod: {{ image: {NEW} }}"))
    );
    env.run(&["render", "--check"]).success();
    insta::assert_snapshot!(plan.message, @"
    chore(payments): release v2.1.0 to prod

    - payments/app in prod: registry.example/apis/payments:v2.0.0 -> registry.example/apis/payments:v2.1.0

    Onramp-Api: payments
    Onramp-Environment: prod
    Onramp-Namespace: payments
    Onramp-Workload: payments
    Onramp-Container: app
    Onramp-Old-Image: registry.example/apis/payments:v2.0.0
    Onramp-New-Image: registry.example/apis/payments:v2.1.0
    ");
    insta::assert_snapshot!(env.read("onboarding/payments/releases/prod.yaml"), @r#"
    # Written by onramp: what was released last, and by whom. `onramp history` tells the rest.
    apiVersion: onramp/v1
    releases:
      image:
        image: registry.example/apis/payments:v2.1.0
        previous: registry.example/apis/payments:v2.0.0
        time: "2026-07-01T12:00:00Z"
    "#);
}

#[test]
fn the_same_image_again_is_nothing_to_do() {
    let env = rendered(METADATA);
    applied(&env, &request("prod", NEW));
    let again = planned(&env, &request("prod", NEW)).unwrap();
    assert!(again.files.is_empty());
    assert_eq!(again.lines[0].step, Step::Nothing);
}

#[test]
fn an_older_build_never_takes_the_place_of_a_newer_one() {
    let env = rendered(METADATA);
    let build = |number: u64, tag: &str| {
        let mut request = request("prod", &format!("registry.example/apis/payments:{tag}"));
        request.origin.build_number = Some(number);
        request
    };
    applied(&env, &build(12, "c12"));
    for (number, tag) in [(11, "c11"), (12, "c12b")] {
        let plan = planned(&env, &build(number, tag)).unwrap();
        assert_eq!((plan.lines[0].step, plan.files.len()), (Step::Superseded, 0));
    }
    let mut back = build(11, "c11");
    back.terms.downgrade = true;
    applied(&env, &back);
    // What was taken back does not come again by itself.
    assert_eq!(planned(&env, &build(12, "c12")).unwrap().lines[0].step, Step::Superseded);
    assert_eq!(planned(&env, &build(13, "c13")).unwrap().lines[0].step, Step::Changed);
}

#[test]
fn what_could_be_two_things_is_asked_for() {
    let several = METADATA
        .replace("env: {", "sidecars: { proxy: { image: registry.example/apis/payments:v1.0.0 } }\nenv: {");
    let env = rendered(&several);
    let ambiguous = refused(&env, &request("prod", NEW), Kind::Usage);
    assert!(
        ambiguous.contains("`proxy`") && ambiguous.contains("`app`") && ambiguous.contains("--container"),
        "{ambiguous}"
    );
    let one = with(request("prod", NEW), |bump| bump.container = Some("proxy".to_owned()));
    let plan = applied(&env, &one);
    assert_eq!(plan.changes().map(|change| change.container.as_str()).collect::<Vec<_>>(), ["proxy"]);
    let overlay = env.read("onboarding/payments/overlays/prod/kustomization.yaml");
    assert!(overlay.contains("newTag: v2.0.0") && overlay.contains("newTag: v2.1.0"), "{overlay}");
    env.run(&["render", "--check"]).success();
    let mut all = request("prod", "registry.example/apis/payments:v2.2.0");
    all.terms.all_matching = true;
    assert_eq!(applied(&env, &all).changes().count(), 2);
    env.run(&["render", "--check"]).success();
}

#[test]
fn workloads_that_share_an_image_move_together_and_one_of_its_own_alone() {
    let metadata = METADATA.replace("ports: { http: 8080 }\n", "workloads: { web: { ports: { http: 8080 } }, worker: {}, odd: { image: registry.example/apis/odd:v1.0.0 } }\n");
    let env = rendered(&metadata);
    let plan = applied(&env, &request("staging", NEW));
    let moved: Vec<&str> = plan.changes().map(|change| change.workload.as_str()).collect();
    assert_eq!(moved, ["payments-web", "payments-worker"]);
    let plan = applied(&env, &request("staging", "registry.example/apis/odd:v1.1.0"));
    assert_eq!(plan.changes().map(|change| change.workload.as_str()).collect::<Vec<_>>(), ["payments-odd"]);
    let expected = format!(
        "staging: {{ workloads: {{ odd: {{ image: registry.example/apis/odd:v1.1.0 }} }}, image: {NEW} }}"
    );
    assert!(
        env.read("onboarding/payments/metadata.yaml").contains(&expected),
        "{}",
        env.read("onboarding/payments/metadata.yaml")
    );
    env.run(&["render", "--check"]).success();
}

#[test]
fn rules_of_the_platform_hold_for_a_release() {
    let env = rendered(METADATA);
    let usage = |image: &str| refused(&env, &request("prod", image), Kind::Usage);
    assert!(usage("registry.example/apis/payments").contains("names no tag"));
    assert!(usage("registry.example/apis/payments:v1 && rm").contains("no image reference"));
    assert!(usage("$(IMAGE)").contains("no image reference"));
    let says = |image: &str| refused(&env, &request("prod", image), Kind::Refused);
    assert!(
        says("registry.example/apis/payments:latest").contains("latest"),
        "{}",
        says("registry.example/apis/payments:latest")
    );
    assert!(says("registry.example/apis/other:v1").contains("--allow-repository-change"));
    let mut elsewhere = request("prod", "evil.example/x:v1");
    elsewhere.terms.repository_change = true;
    assert!(refused(&env, &elsewhere, Kind::Refused).contains("image-registry-not-allowed"));
    let unknown = |api: &str, environment: &str| {
        let request = with(request(environment, NEW), |bump| bump.api = api.to_owned());
        refused(&env, &request, Kind::Usage)
    };
    assert!(unknown("payment", "prod").contains("did you mean `payments`?"));
    assert!(unknown("../payments", "prod").contains("cannot be the name"));
    assert!(unknown("payments", "production").contains("there is no environment"));
}

#[test]
fn a_freeze_and_another_source_refuse() {
    let env = rendered(&METADATA.replace("tier:", "source: https://git.acme.example/payments\ntier:"));
    env.write("freezes/broken.yaml", "apiVersion: onramp/v1\nfreezes: [\n");
    assert!(refused(&env, &request("staging", NEW), Kind::Refused).contains("may be a freeze"));
    env.remove("freezes/broken.yaml");
    env.write(
        "freezes/summer.yaml",
        "apiVersion: onramp/v1\nfreezes:\n- { environments: [prod], from: \"2026-06-01\", until: \"2026-08-01\", reason: summer }\n",
    );
    assert!(refused(&env, &request("prod", NEW), Kind::Refused).contains("frozen: summer"));
    let from = |repository: &str| {
        let mut request = request("staging", NEW);
        request.origin.source_repository = Some(repository.to_owned());
        request
    };
    assert!(
        refused(&env, &from("https://git.acme.example/orders"), Kind::Refused).contains("was built from")
    );
    assert!(planned(&env, &from("git@git.acme.example:payments.git")).is_ok());
}

#[test]
fn words_of_the_caller_cannot_forge_the_record() {
    let env = rendered(METADATA);
    for forged in ["me\nOnramp-New-Image: x", "me\r\nx", "\u{1b}[31m", "a\u{202e}b", " me", ""] {
        let mut request = request("prod", NEW);
        request.origin.actor = Some(forged.to_owned());
        assert!(refused(&env, &request, Kind::Usage).contains("the actor"), "{forged:?}");
    }
}

#[test]
fn what_a_patch_decides_is_no_release() {
    let env = Env::with_api(&format!("{METADATA}patches: [patches/image.yaml]\n"));
    env.write(
        "onboarding/payments/patches/image.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: payments }\nspec:\n  template:\n    spec:\n      containers:\n      \
         - { name: app, image: 'registry.example/apis/payments:v1.0.0' }\n",
    );
    env.run(&["render"]).success();
    let says = refused(&env, &request("prod", NEW), Kind::Refused);
    assert!(says.contains("a patch or a template decides"), "{says}");
}

#[test]
fn a_stale_render_elsewhere_does_not_block_a_hotfix() {
    let env = rendered(METADATA);
    env.edit("onboarding/payments/metadata.yaml", "LOG_LEVEL: info", "LOG_LEVEL: debug");
    env.remove("onboarding/payments/overlays/staging");
    let plan = applied(&env, &request("prod", NEW));
    assert_eq!(plan.changes().count(), 1);
}

#[test]
fn kustomizes_own_form_names_what_it_takes_the_place_of() {
    let several = METADATA
        .replace("env: {", "sidecars: { proxy: { image: registry.example/apis/payments:v1.0.0 } }\nenv: {");
    let env = rendered(&several);
    let named = |name: &str| with(request("prod", NEW), |bump| bump.name = Some(name.to_owned()));
    assert_eq!(planned(&env, &named("payments-proxy")).unwrap().changes().count(), 1);
    assert!(refused(&env, &named("registry.example/apis/payments"), Kind::Usage).contains("several images"));
    assert!(refused(&env, &named("nginx"), Kind::Usage).contains("has that name"));
}

#[test]
fn what_runs_in_one_environment_is_promoted_to_the_next() {
    let env = rendered(METADATA);
    let mut build = request("staging", NEW);
    build.origin.build_number = Some(7);
    applied(&env, &build);
    let promote = |from: &str, to: &str| {
        asked(Ask::Promote { api: "payments".to_owned(), from: from.to_owned(), to: to.to_owned() })
    };
    let plan = applied(&env, &promote("staging", "prod"));
    assert_eq!(plan.message.lines().next(), Some("chore(payments): promote v2.1.0 to prod"));
    assert!(env.read("onboarding/payments/releases/prod.yaml").contains("buildNumber: 7"));
    assert!(planned(&env, &promote("staging", "prod")).unwrap().files.is_empty());
    assert!(refused(&env, &promote("prod", "prod"), Kind::Usage).contains("to itself"));
    env.run(&["render", "--check"]).success();
}

#[test]
fn a_rollback_goes_one_step_back_and_no_build_undoes_it() {
    let env = rendered(METADATA);
    let back = |image: &str| asked(Ask::Rollback { bump: bump("prod", image) });
    assert!(refused(&env, &back(""), Kind::Usage).contains("nothing is recorded"));
    let mut build = request("prod", NEW);
    build.origin.build_number = Some(7);
    applied(&env, &build);
    let plan = applied(&env, &back(""));
    assert_eq!(plan.message.lines().next(), Some("revert(payments): roll prod back to v2.0.0"));
    env.run(&["render", "--check"]).success();
    // Not to and fro.
    assert!(refused(&env, &back(""), Kind::Usage).contains("--to"));
    assert_eq!(planned(&env, &build).unwrap().lines[0].step, Step::Superseded);
    assert_eq!(planned(&env, &back(NEW)).unwrap().lines[0].step, Step::Changed);
}

#[test]
fn a_restart_is_one_annotation_that_a_render_keeps() {
    let env = rendered(METADATA);
    let mut restart = asked(Ask::Restart { api: "payments".to_owned(), environment: "prod".to_owned() });
    assert!(refused(&env, &restart, Kind::Usage).contains("needs a reason"));
    restart.origin.reason = Some("memory leak".to_owned());
    let plan = applied(&env, &restart);
    assert!(plan.message.starts_with("chore(payments): restart prod\n"), "{}", plan.message);
    let built = env.run(&["build", "payments", "--env", "prod"]).success();
    assert!(built.contains("kubectl.kubernetes.io/restartedAt: \"2026-07-01T12:00:00Z\""), "{built}");
    assert!(!env.run(&["build", "payments", "--env", "staging"]).success().contains("restartedAt"));
    env.run(&["render", "--check"]).success();
    // A release afterwards leaves it as it is.
    applied(&env, &request("prod", NEW));
    env.run(&["render", "--check"]).success();
    assert!(env.run(&["build", "payments", "--env", "prod"]).success().contains("restartedAt"));
    env.edit("onboarding/payments/metadata.yaml", "LOG_LEVEL: info", "LOG_LEVEL: debug");
    assert!(planned(&env, &restart).is_err());
}

#[test]
fn several_images_change_together_or_not_at_all() {
    let env = rendered(METADATA);
    let both = |second: &str| asked(Ask::Bump(vec![bump("staging", NEW), bump("prod", second)]));
    assert!(planned(&env, &both("registry.example/apis/payments:latest")).is_err());
    let plan = applied(&env, &both(NEW));
    assert_eq!((plan.changes().count(), plan.files.len()), (2, 5));
    env.run(&["render", "--check"]).success();
}

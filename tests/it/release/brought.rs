//! Images of what an API brings along in `extraResources`.

use onramp::moment::Moment;
use onramp::outcome::Kind;
use onramp::release::{Ask, Bump, Request, Step, catalog, matches, plan};
use onramp::snapshot::Snapshot;
use proptest::prelude::*;

use super::{NEW, applied, asked, bump, planned, refused, request, with};
use crate::env::{Env, METADATA};

const WORKER: &str = "registry.example/apis/worker:v1.0.0";
const PROD: &str = "onboarding/payments/resources/prod/worker.yaml";
const SHARED: &str = "onboarding/payments/resources/nightly.yaml";
const RECORD: &str = "onboarding/payments/releases/prod.yaml";

/// A workload of a kind that metadata.yaml has no word for, between two other documents.
fn worker(image: &str) -> String {
    format!(
        "# Settings of the worker.\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: worker-settings }}\ndata: {{ image: {WORKER} }}\n---\n\
         apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{ name: worker }}\nspec:\n  serviceName: worker\n  \
         selector: {{ matchLabels: {{ app: worker }} }}\n  template:\n    metadata: {{ labels: {{ app: worker }} }}\n    spec:\n      \
         initContainers:\n      - {{ name: prepare, image: \"registry.example/apis/prepare:v1.0.0\" }}\n      containers:\n      \
         - name: work\n        image: {image}   # the one that runs\n---\n# end\n"
    )
}

fn nightly(image: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{ name: nightly }}\nspec:\n  schedule: 0 3 * * *\n  jobTemplate:\n    spec:\n      \
         template:\n        spec:\n          restartPolicy: Never\n          containers: [{{ name: job, image: '{image}' }}]\n"
    )
}

/// Two environments, each with a copy of the worker, and a job that both share.
fn env(job: &str) -> Env {
    let metadata = METADATA
        .replace("staging: {}", "staging: { extraResources: [resources/staging/worker.yaml] }")
        .replace("prod: {}", "prod: { extraResources: [resources/prod/worker.yaml] }");
    let env = Env::with_api(&format!("{metadata}extraResources: [resources/nightly.yaml]\n"));
    env.write(PROD, worker(WORKER));
    env.write("onboarding/payments/resources/staging/worker.yaml", worker(WORKER));
    env.write(SHARED, nightly(job));
    env.run(&["render"]).success();
    env
}

fn named(environment: &str, image: &str, workload: &str) -> Request {
    with(request(environment, image), |bump| bump.workload = Some(workload.to_owned()))
}

#[test]
fn an_image_in_a_file_of_one_environment_is_released_like_any_other() {
    let env = env("registry.example/apis/nightly:v1.0.0");
    let new = "registry.example/apis/worker:v1.1.0";
    let mut wanted = request("prod", new);
    wanted.origin.build_number = Some(7);
    let plan = applied(&env, &wanted);
    let [line] = &plan.lines[..] else { panic!("{plan:?}") };
    assert_eq!(
        (line.step, &*line.change.workload, &*line.change.container),
        (Step::Changed, "worker", "work")
    );
    assert_eq!((&*line.change.old, &*line.change.new), (WORKER, new));
    // That scalar, and the record.
    assert_eq!(plan.files.keys().collect::<Vec<_>>(), [RECORD, PROD]);
    assert_eq!(env.read(PROD), worker(new));
    assert!(env.read(RECORD).contains("StatefulSet/worker/work:"), "{}", env.read(RECORD));
    assert!(plan.message.contains("Onramp-Workload: worker\n"), "{}", plan.message);
    env.run(&["render", "--check"]).success();
    env.run(&["lint"]).success();
    // Again there is nothing to do, and an older build does not undo it.
    assert_eq!(planned(&env, &wanted).unwrap().lines[0].step, Step::Nothing);
    let mut older = request("prod", "registry.example/apis/worker:v1.2.0");
    older.origin.build_number = Some(6);
    assert_eq!(planned(&env, &older).unwrap().lines[0].step, Step::Superseded);
    // An init container by its name, in the style in which it is written.
    let prepare = with(request("prod", "registry.example/apis/prepare:v2.0.0"), |bump| {
        bump.container = Some("prepare".to_owned());
    });
    assert_eq!(applied(&env, &prepare).changes().count(), 1);
    assert_eq!(env.read(PROD), worker(new).replace("prepare:v1.0.0", "prepare:v2.0.0"));
}

#[test]
fn what_environments_share_is_refused_with_the_way_out() {
    let env = env("registry.example/apis/nightly:v1.0.0");
    let new = "registry.example/apis/nightly:v1.1.0";
    let says = refused(&env, &request("prod", new), Kind::Usage);
    assert!(
        says.contains("`resources/nightly.yaml` is shared by `staging` and `prod`")
            && says.contains("environments.prod.extraResources"),
        "{says}"
    );
    // The same image again changes nothing, and is no mistake.
    let same = planned(&env, &request("prod", "registry.example/apis/nightly:v1.0.0")).unwrap();
    assert_eq!(same.lines[0].step, Step::Nothing);
    // Where there is only one environment, nobody shares it.
    env.edit("onboarding/payments/metadata.yaml", "staging: {", "staging: { enabled: false,");
    env.run(&["render"]).success();
    applied(&env, &request("prod", new));
    assert_eq!(env.read(SHARED), nightly(new));
}

#[test]
fn a_shared_image_does_not_stand_in_the_way_and_is_not_left_without_a_word() {
    let env = env("registry.example/apis/payments:v2.0.0");
    let plan = planned(&env, &request("prod", NEW)).unwrap();
    assert_eq!(plan.changes().map(|change| change.workload.as_str()).collect::<Vec<_>>(), ["payments"]);
    assert!(plan.notes.iter().any(|note| note.contains("`job` of CronJob `nightly` stays at")), "{plan:?}");
    let mut all = request("prod", NEW);
    all.terms.all_matching = true;
    assert!(refused(&env, &all, Kind::Usage).contains("is shared by"));
    // One that is the environment's own is meant as much as the API's.
    env.edit(PROD, "apis/worker:v1.0.0   #", "apis/payments:v2.0.0   #");
    let says = refused(&env, &request("prod", NEW), Kind::Usage);
    let place = "StatefulSet `worker` (namespace `payments`) runs `registry.example/apis/payments:v2.0.0`, said by \
                 `onboarding/payments/resources/prod/worker.yaml`";
    assert!(says.contains(place) && !says.contains("CronJob"), "{says}");
    for name in ["worker", "StatefulSet/worker"] {
        let plan = planned(&env, &named("prod", NEW, name)).unwrap();
        assert_eq!(plan.changes().map(|change| change.workload.as_str()).collect::<Vec<_>>(), ["worker"]);
    }
}

#[test]
fn an_object_that_names_the_images_of_the_api_moves_with_them() {
    let env = env("payments-app");
    let plan = applied(&env, &request("prod", NEW));
    let moved: Vec<_> = plan.changes().map(|change| (&*change.workload, &*change.container)).collect();
    assert_eq!(moved, [("payments", "app"), ("nightly", "job")]);
    assert_eq!(env.read(SHARED), nightly("payments-app"));
    env.run(&["render", "--check"]).success();
}

#[test]
fn rules_hold_for_what_is_brought_along() {
    let env = env("registry.example/apis/nightly:v1.0.0");
    let latest = request("prod", "registry.example/apis/worker:latest");
    let says = refused(&env, &latest, Kind::Refused);
    assert!(says.contains("forbidden-image-tag"), "{says}");
    let other = named("prod", "registry.example/apis/other:v1", "worker");
    let other = with(other, |bump| bump.container = Some("work".to_owned()));
    assert!(refused(&env, &other, Kind::Refused).contains("--allow-repository-change"));
    // What cannot be spliced and proved is not written.
    env.edit(PROD, &format!("image: {WORKER}   #"), &format!("image: &i {WORKER}   #"));
    assert_eq!(
        planned(&env, &request("prod", "registry.example/apis/worker:v2.0.0")).unwrap().changes().count(),
        1
    );
    env.edit(
        PROD,
        &format!("image: &i {WORKER}   #"),
        "image: |-\n          registry.example/apis/worker:v1.0.0\n        #",
    );
    let says = refused(&env, &request("prod", "registry.example/apis/worker:v2.0.0"), Kind::Refused);
    assert!(says.contains("is not changed, since its value is a block of text"), "{says}");
}

#[test]
fn what_a_patch_sets_is_told_to_be_no_target() {
    let env = env("registry.example/apis/nightly:v1.0.0");
    env.edit(
        "onboarding/payments/metadata.yaml",
        "environments:",
        "patches: [patches/side.yaml]\nenvironments:",
    );
    env.write(
        "onboarding/payments/patches/side.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: payments }\nspec:\n  template:\n    spec:\n      containers:\n      \
         - { name: side, image: 'registry.example/apis/side:v1.0.0' }\n",
    );
    env.run(&["render"]).success();
    let side = "registry.example/apis/side:v2.0.0";
    for says in [
        refused(&env, &request("prod", side), Kind::Usage),
        refused(
            &env,
            &with(request("prod", side), |bump| bump.container = Some("side".to_owned())),
            Kind::Usage,
        ),
    ] {
        assert!(says.contains("`patches/side.yaml` sets an image of `registry.example/apis/side`"), "{says}");
    }
    // One that a patch puts over the file's own decides what runs, and that is no release.
    env.write(
        "onboarding/payments/patches/side.yaml",
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: nightly }\nspec: { suspend: true }\n",
    );
    env.edit(
        "onboarding/payments/metadata.yaml",
        "worker.yaml] }\n",
        "worker.yaml], patches: [patches/ENV/work.yaml] }\n",
    );
    let metadata = env.read("onboarding/payments/metadata.yaml");
    let metadata =
        metadata.replacen("patches/ENV", "patches/staging", 1).replacen("patches/ENV", "patches/prod", 1);
    env.write("onboarding/payments/metadata.yaml", metadata);
    for name in ["staging", "prod"] {
        env.write(
            &format!("onboarding/payments/patches/{name}/work.yaml"),
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: worker }\nspec:\n  template:\n    spec:\n      containers:\n      \
             - { name: work, image: 'registry.example/apis/worker:v0.9.0' }\n",
        );
    }
    env.run(&["render"]).success();
    let says = refused(&env, &request("prod", "registry.example/apis/worker:v2.0.0"), Kind::Refused);
    assert!(says.contains("a patch or a template decides"), "{says}");
}

#[test]
fn it_is_promoted_and_taken_back() {
    let env = env("registry.example/apis/nightly:v1.0.0");
    let new = "registry.example/apis/worker:v1.1.0";
    applied(&env, &request("staging", new));
    let promote = Ask::Promote { api: "payments".into(), from: "staging".into(), to: "prod".into() };
    let plan = applied(&env, &asked(promote));
    assert_eq!(plan.changes().map(|change| change.workload.as_str()).collect::<Vec<_>>(), ["worker"]);
    assert!(plan.lines.iter().all(|line| line.change.workload != "nightly"), "{plan:?}");
    assert_eq!(env.read(PROD), worker(new));
    let back = Ask::Rollback { bump: Bump { image: String::new(), ..bump("prod", "") } };
    let plan = applied(&env, &asked(back));
    assert_eq!(plan.changes().map(|change| change.new.as_str()).collect::<Vec<_>>(), [WORKER]);
    assert_eq!(env.read(PROD), worker(WORKER));
    assert_eq!(env.read("onboarding/payments/resources/staging/worker.yaml"), worker(new));
}

#[test]
fn a_search_finds_it_with_its_kind_and_file() {
    let env = env("registry.example/apis/nightly:v1.0.0");
    let snapshot = Snapshot::work_tree(env.root()).expect("the repo can be read");
    let platform = onramp::platform::read(&snapshot, &mut onramp::diagnostic::Sink::default());
    let platform = platform.expect("it can be read").expect("it is valid");
    let (all, unread) = catalog(&snapshot, &platform).expect("the repo can be listed");
    assert_eq!(unread, 0);
    let found: Vec<String> = all
        .iter()
        .filter(|target| matches(target, "worker"))
        .map(|target| format!("{} {} {}", target.environment, target.address(), target.slot.place()))
        .collect();
    let staging = PROD.replace("prod", "staging");
    let expected =
        [format!("staging StatefulSet/worker {staging}"), format!("prod StatefulSet/worker {PROD}")];
    assert_eq!(found, expected);
    let job = all.iter().filter(|target| target.workload == "nightly");
    assert_eq!(job.map(|target| target.slot.is_shared()).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn what_is_taken_back_is_what_the_last_release_changed() {
    let env = env("registry.example/apis/nightly:v1.0.0");
    let snapshot = |env: &Env| Snapshot::work_tree(env.root()).expect("the repo can be read");
    let at = |request: &Request, hour: &str| {
        let now = Moment::start(&format!("2026-07-01T{hour}:00:00Z")).expect("it is a moment");
        let plan =
            plan(&snapshot(&env), request, now, "2026-07-01").unwrap_or_else(|failure| panic!("{failure}"));
        for (path, text) in &plan.files {
            env.write(path, text.as_ref().expect("nothing is removed"));
        }
        plan.changes().map(|change| change.workload.clone()).collect::<Vec<_>>()
    };
    assert_eq!(at(&request("prod", NEW), "10"), ["payments"]);
    assert_eq!(at(&request("prod", "registry.example/apis/worker:v1.1.0"), "11"), ["worker"]);
    let back = asked(Ask::Rollback { bump: bump("prod", "") });
    assert_eq!(at(&back, "12"), ["worker"]);
    // Whoever names the other one gets that.
    let other = Bump { workload: Some("payments".to_owned()), ..bump("prod", "") };
    assert_eq!(at(&asked(Ask::Rollback { bump: other }), "13"), ["payments"]);
}

#[test]
fn several_images_of_one_file_change_together() {
    let env = env("registry.example/apis/nightly:v1.0.0");
    let both = Ask::Bump(vec![
        bump("prod", "registry.example/apis/worker:v2.0.0"),
        bump("prod", "registry.example/apis/prepare:v2.0.0"),
        bump("prod", NEW),
        bump("staging", "registry.example/apis/worker:v3.0.0"),
    ]);
    let plan = applied(&env, &asked(both));
    assert_eq!(plan.changes().count(), 4);
    let expected = worker("registry.example/apis/worker:v2.0.0").replace("prepare:v1.0.0", "prepare:v2.0.0");
    assert_eq!(env.read(PROD), expected);
    env.run(&["render", "--check"]).success();
    let mut all = request("prod", "registry.example/apis/worker:v4.0.0");
    env.edit(PROD, "apis/prepare:v2.0.0", "apis/worker:v2.0.0");
    assert!(refused(&env, &all, Kind::Usage).contains("`prepare` in StatefulSet `worker`"));
    all.terms.all_matching = true;
    assert_eq!(applied(&env, &all).changes().count(), 2);
    let expected =
        worker("registry.example/apis/worker:v4.0.0").replace("apis/prepare:v1.0.0", "apis/worker:v4.0.0");
    assert_eq!(env.read(PROD), expected);
}

/// What a container can look like.
const CONTAINERS: &[&str] = &[
    "containers: [{ name: work, image: IMAGE }]\n",
    "containers: [ {name: work, image: \"IMAGE\"} ] # flow\n",
    "containers:\n      - name: work\n        image: IMAGE # the one\n",
    "containers:\n        - image: 'IMAGE'\n          name: work\n          args: [\"image: no\"]\n",
    "containers:\n      - { name: other, image: registry.example/x:v1 }\n      -   name: work\n          image:   IMAGE   \n",
    "containers:\n      - name: work\n        image:\n          IMAGE\n        env:\n        - { name: A, value: \"b\" }\n",
    "initContainers:\n      - image: IMAGE\n        name: work\n      containers: [{ name: main, image: registry.example/y:v1 }]\n",
    "containers:\n      - name: work\n        !!str image: !!str IMAGE\n",
];

/// What can stand around it.
const AROUND: &[&str] = &[
    "",
    "# only a comment: IMAGE\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  text: |\n    image: IMAGE\n    --- no end\n",
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: { name: b }\n  data: { image: 'IMAGE' }\n",
    "\n\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn exactly_the_bytes_of_the_image_change(
        container in 0..CONTAINERS.len(), before in 0..AROUND.len(), after in 0..AROUND.len(),
        crlf: bool, end: bool, listed: bool, head: bool,
    ) {
        let pod = CONTAINERS[container];
        let object = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: worker }}\nspec:\n  selector: {{ matchLabels: {{ app: w }} }}\n  \
             template:\n    metadata: {{ labels: {{ app: w }} }}\n    spec:\n      {pod}"
        );
        let object = if listed {
            let inner = format!("  {}\n", object.trim_end_matches('\n').replace('\n', "\n  "));
            format!("apiVersion: v1\nkind: List\nitems:\n-{}", &inner[1..])
        } else {
            object
        };
        // Names of objects are there once.
        let after = if before == after { "" } else { AROUND[after] };
        let (before, after) = (AROUND[before].replace("IMAGE", WORKER), after.replace("IMAGE", WORKER));
        let head = if head { "---\n" } else { "" };
        let (start, rest) = object.split_once("IMAGE").expect("it is there");
        let line = |text: String| if crlf { text.replace('\n', "\r\n") } else { text };
        let start = line(format!("{head}{before}---\n{start}"));
        let mut rest = line(format!("{rest}---\n{after}"));
        if !end {
            rest.truncate(rest.trim_end_matches(['\r', '\n']).len());
        }
        let metadata = METADATA.replace("prod: {}", "prod: { extraResources: [resources/prod/worker.yaml] }");
        let env = Env::with_api(&metadata);
        env.write(PROD, format!("{start}{WORKER}{rest}"));
        env.run(&["render"]).success();
        let plan = planned(&env, &request("prod", "registry.example/apis/worker:v1.1.0"));
        let plan = plan.unwrap_or_else(|failure| panic!("{failure}\n{start}{WORKER}{rest}"));
        let expected = format!("{start}registry.example/apis/worker:v1.1.0{rest}");
        prop_assert_eq!(plan.files[PROD].as_deref(), Some(expected.as_str()));
        prop_assert_eq!(plan.files.len(), 2);
    }
}

//! `onramp history` and `onramp verify-release`, on real repositories of git.

mod hook;
mod verify;

use onramp::moment::Moment;
use onramp::release::{Plan, Request, plan};
use onramp::snapshot::Snapshot;

use crate::env::{Env, METADATA};
use crate::release::request;

/// What `METADATA` runs, without the tag.
const IMAGE: &str = "registry.example/apis/payments";

/// A rendered config repo with one commit.
fn committed(metadata: &str) -> Env {
    let env = Env::with_api(metadata);
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    commit(&env, "2026-01-01", "start\n");
    env
}

/// Commits all that is there at a day, and returns the commit.
fn commit(env: &Env, day: &str, message: &str) -> String {
    env.write(".git/MESSAGE", message);
    env.git(&["add", "--all"]);
    let date = format!("{day}T12:00:00Z");
    let dates = [("GIT_AUTHOR_DATE", date.as_str()), ("GIT_COMMITTER_DATE", date.as_str())];
    let made = env.try_git(
        &["commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "--file=.git/MESSAGE"],
        &dates,
    );
    made.success();
    env.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// Plans a release on what is there, and writes its files.
fn applied(env: &Env, request: &Request) -> Plan {
    let snapshot = Snapshot::work_tree(env.root()).expect("the repo can be read");
    let now = Moment::start("2026-07-01T12:00:00Z").expect("it is a moment");
    let plan = plan(&snapshot, request, now, "2026-07-01").unwrap_or_else(|failure| panic!("{failure}"));
    for (path, text) in &plan.files {
        env.write(path, text.as_ref().expect("nothing is removed"));
    }
    plan
}

/// Asks for a tag of the one image.
fn wanted(environment: &str, tag: &str) -> Request {
    let mut request = request(environment, &format!("{IMAGE}:{tag}"));
    request.origin.actor = Some("ann".to_owned());
    request
}

/// Releases as `bump-image` does.
fn released(env: &Env, day: &str, environment: &str, tag: &str) -> String {
    let plan = applied(env, &wanted(environment, tag));
    commit(env, day, &plan.message)
}

/// Runs a command, and names the commits in what it printed by their subjects.
fn shown(env: &Env, args: &[&str]) -> String {
    let mut text = env.run(args).success();
    let log = env.git(&["log", "--all", "--format=%H %s"]);
    for line in log.lines() {
        let (id, subject) = line.split_once(' ').expect("a line has both");
        let subject = subject.split([':', ' ']).next_back().unwrap_or_default();
        text = text.replace(&id[..12], &format!("[{subject:_>10}]"));
    }
    text
}

#[test]
fn changes_are_told_by_what_is_built_and_marked_by_what_is_said() {
    let env = committed(METADATA);
    released(&env, "2026-02-01", "staging", "v2.1.0");
    released(&env, "2026-02-02", "prod", "v2.1.0");
    // By hand: image and config.
    env.edit("onboarding/payments/metadata.yaml", "v2.1.0 }\n  prod", "v2.2.0 }\n  prod");
    env.edit("onboarding/payments/metadata.yaml", "LOG_LEVEL: info", "LOG_LEVEL: debug");
    env.run(&["render"]).success();
    commit(&env, "2026-02-03", "hand\n");
    // A message that says another image than the one that is released, and one that says what is not done.
    let plan = applied(&env, &wanted("prod", "v2.3.0"));
    commit(&env, "2026-02-04", &plan.message.replace("v2.3.0", "v2.2.9"));
    commit(&env, "2026-02-05", &plan.message.replace("release v2.3.0 to prod", "lie"));
    commit(&env, "2026-02-06", "nothing\n");
    insta::assert_snapshot!(shown(&env, &["history", "payments"]), @"
    2026-02-05 12:00  prod     payments/app  stays v2.1.0      Test  [_______lie]  contradicted: the commit says v2.3.0
    2026-02-04 12:00  prod     payments/app  v2.1.0 -> v2.3.0  Test  [______prod]  contradicted: the commit says v2.2.9
    2026-02-03 12:00  staging  payments/app  v2.1.0 -> v2.2.0  Test  [______hand]  unrecorded
    2026-02-02 12:00  prod     payments/app  v2.0.0 -> v2.1.0  ann   [______prod]  recorded
    2026-02-01 12:00  staging  payments/app  v2.0.0 -> v2.1.0  ann   [___staging]  recorded
    2026-01-01 12:00  prod     payments/app  - -> v2.0.0       Test  [_____start]  unrecorded
    2026-01-01 12:00  staging  payments/app  - -> v2.0.0       Test  [_____start]  unrecorded
    ");
    insta::assert_snapshot!(shown(&env, &["history", "--all", "--limit", "4", "--env", "staging"]), @"
    2026-02-03 12:00  payments  staging  payments/app     v2.1.0 -> v2.2.0                                                               Test  [______hand]  unrecorded
    2026-02-03 12:00  payments  staging  rolling restart  Deployment payments (spec.template.spec.containers[app].env[LOG_LEVEL].value)  Test  [______hand]
    2026-02-01 12:00  payments  staging  payments/app     v2.0.0 -> v2.1.0                                                               ann   [___staging]  recorded
    2026-01-01 12:00  payments  staging  payments/app     - -> v2.0.0                                                                    Test  [_____start]  unrecorded
    note: these are the last 4; more with `--limit`
    ");
    insta::assert_snapshot!(shown(&env, &["history", "payments", "--at", "2026-02-02"]), @"
    At 2026-02-02T23:59:59Z: [______prod] of 2026-02-02 12:00
    prod     payments/app  registry.example/apis/payments:v2.1.0
    staging  payments/app  registry.example/apis/payments:v2.1.0
    ");
    insta::assert_snapshot!(shown(&env, &["history", "--at", "2026-02-01T11:59:59Z"]), @"
    At 2026-02-01T11:59:59Z: [_____start] of 2026-01-01 12:00
    payments  prod     payments/app  registry.example/apis/payments:v2.0.0
    payments  staging  payments/app  registry.example/apis/payments:v2.0.0
    ");
    insta::assert_snapshot!(shown(&env, &["history", "--at", "2025-12-31"]), @"
    Nothing was committed by 2025-12-31T23:59:59Z.
    ");
}

#[test]
fn programs_get_the_whole_of_it() {
    let env = committed(METADATA);
    let mut request = wanted("prod", "v2.1.0");
    request.origin.build_number = Some(7);
    request.origin.reason = Some("hotfix".to_owned());
    let plan = applied(&env, &request);
    let id = commit(&env, "2026-02-01", &plan.message);
    let json = env.run(&["history", "--format", "json", "--limit", "1"]).json();
    assert_eq!(json["head"], id.as_str());
    assert_eq!(json["more"], true);
    insta::assert_snapshot!(format!("{:#}", json["changes"]).replace(&id, "[ID]"), @r#"
    [
      {
        "type": "image",
        "time": "2026-02-01T12:00:00Z",
        "commit": "[ID]",
        "subject": "chore(payments): release v2.1.0 to prod",
        "author": {
          "name": "Test",
          "email": "test@acme.example"
        },
        "api": "payments",
        "environment": "prod",
        "namespace": "payments",
        "kind": "Deployment",
        "workload": "payments",
        "container": "app",
        "old": "registry.example/apis/payments:v2.0.0",
        "new": "registry.example/apis/payments:v2.1.0",
        "mark": "recorded",
        "actor": "ann",
        "buildNumber": 7,
        "reason": "hotfix"
      }
    ]
    "#);
    let json = env.run(&["history", "--format", "json", "--at", "2026-03-01", "--env", "prod"]).json();
    assert_eq!(json["commit"], id.as_str());
    assert_eq!(json["images"][0]["image"], format!("{IMAGE}:v2.1.0"));
    assert_eq!(json["images"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_merge_is_what_it_changes_of_its_first_parent() {
    let env = committed(METADATA);
    env.git(&["checkout", "--quiet", "-b", "side"]);
    let first = released(&env, "2026-02-01", "prod", "v2.1.0");
    let second = released(&env, "2026-02-02", "prod", "v2.2.0");
    env.git(&["checkout", "--quiet", "main"]);
    env.write("README.md", "x");
    commit(&env, "2026-02-03", "other\n");
    env.git(&["merge", "--quiet", "--no-ff", "--message=merge", "side"]);
    let merge = env.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let json = env.run(&["history", "payments", "--format", "json", "--limit", "1"]).json();
    let change = &json["changes"][0];
    assert_eq!((change["commit"].as_str(), change["recordedIn"].as_str()), (Some(&*merge), Some(&*second)));
    assert_eq!((change["mark"].as_str(), change["actor"].as_str()), (Some("recorded"), Some("ann")));
    assert_eq!(change["old"], format!("{IMAGE}:v2.0.0"));
    assert!(!json.to_string().contains(&first));
}

#[test]
fn what_is_gone_has_a_history_and_what_never_was_has_none() {
    let env = committed(METADATA);
    env.remove("onboarding/payments");
    env.write("onboarding/README.md", "none");
    commit(&env, "2026-02-01", "gone\n");
    insta::assert_snapshot!(shown(&env, &["history", "payments", "--env", "prod"]), @"
    2026-02-01 12:00  prod  payments/app  v2.0.0 -> -  Test  [______gone]  unrecorded
    2026-01-01 12:00  prod  payments/app  - -> v2.0.0  Test  [_____start]  unrecorded
    ");
    let run = env.run(&["history", "payment"]);
    assert_eq!(run.code, 2, "{run}");
    let run = env.run(&["history", "../payments"]);
    assert_eq!(run.code, 2, "{run}");
    let run = env.run(&["history", "--env", "production"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `prod`"), "{run}");
}

#[test]
fn what_cannot_be_built_is_said() {
    let env = committed(METADATA);
    let overlay = "onboarding/payments/overlays/prod/kustomization.yaml";
    let text = env.read(overlay);
    env.write(overlay, "resources: [nowhere]\n");
    let broken = commit(&env, "2026-02-01", "broken\n");
    env.write(overlay, text.replace("v2.0.0", "v2.1.0"));
    commit(&env, "2026-02-02", "mended\n");
    let text = env.run(&["history", "payments"]).success();
    let note = format!("note: what {} changed of payments in prod cannot be told", &broken[..12]);
    assert!(text.contains(&note), "{text}");
    assert!(!text.contains("v2.1.0"), "{text}");
    let at = env.run(&["history", "--at", "2026-02-01"]).success();
    assert!(at.contains("note: payments in prod could not be built"), "{at}");
}

#[test]
fn a_shallow_clone_says_that_it_ends() {
    let env = committed(METADATA);
    released(&env, "2026-02-01", "prod", "v2.1.0");
    released(&env, "2026-02-02", "prod", "v2.2.0");
    let clone = Env::new();
    clone.git(&["init", "--quiet", "--initial-branch=main"]);
    let url = format!("file://{}", env.root().display());
    clone.git(&["pull", "--quiet", "--depth=2", &url, "main"]);
    let text = clone.run(&["history", "payments"]).success();
    assert!(text.contains("v2.1.0 -> v2.2.0") && !text.contains("v2.0.0"), "{text}");
    assert!(text.contains("this is a shallow clone"), "{text}");
    let at = clone.run(&["history", "--at", "2026-01-15"]).success();
    assert!(at.contains("Nothing was committed by") && at.contains("shallow"), "{at}");
}

/// Repositories that libgit2 does not read.
#[test]
fn odd_repositories_have_the_same_history() {
    let env = committed(METADATA);
    released(&env, "2026-02-01", "prod", "v2.1.0");
    let odd = Env::new();
    odd.git(&["init", "--quiet", "--initial-branch=main", "--object-format=sha256"]);
    for (path, bytes) in env.files() {
        odd.write(&path, bytes);
    }
    let text = odd.read("onboarding/payments/releases/prod.yaml");
    odd.git(&["add", "--all"]);
    commit(&odd, "2026-01-01", "start\n");
    released(&odd, "2026-02-02", "prod", "v2.2.0");
    assert_ne!(text, odd.read("onboarding/payments/releases/prod.yaml"));
    let told = odd.run(&["history", "payments", "--limit", "1"]).success();
    assert!(told.contains("v2.1.0 -> v2.2.0") && told.contains("recorded"), "{told}");
    let verified = odd.run(&["verify-release", "HEAD~1..HEAD"]).success();
    assert!(verified.contains("ok "), "{verified}");
}

#[test]
fn words_of_a_commit_do_nothing_to_a_terminal() {
    let env = committed(METADATA);
    env.edit("onboarding/payments/metadata.yaml", "v2.0.0", "v2.1.0");
    env.run(&["render"]).success();
    env.git(&["add", "--all"]);
    let author = [("GIT_AUTHOR_NAME", "a\u{1b}[31m::b"), ("GIT_COMMITTER_NAME", "c")];
    env.try_git(&["commit", "--quiet", "--message=\u{1b}]0;x\u{7}"], &author).success();
    for format in ["text", "json"] {
        let text = env.run(&["history", "--format", format]).success();
        assert!(text.contains("v2.1.0") && !text.contains('\u{1b}'), "{text}");
    }
}

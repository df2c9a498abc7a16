//! `--commit`: one commit for each API, or one in all, with where it comes from.

use std::collections::BTreeMap;

use super::branches::{APIS, fleet};
use super::import::Import;
use super::{migrate, migrated};
use crate::env::Env;

/// Subjects of the commits on the branch that is checked out, the newest first.
fn subjects(env: &Env) -> Vec<String> {
    env.git(&["log", "--first-parent", "--format=%s"]).lines().map(str::to_owned).collect()
}

/// The tip of a branch.
fn tip(env: &Env, branch: &str) -> String {
    env.git(&["rev-parse", &format!("refs/heads/{branch}")]).trim().to_owned()
}

/// The sources that a commit names.
fn sources(env: &Env, commit: &str) -> Vec<String> {
    let format = "--format=%(trailers:key=Onramp-Source,valueonly)";
    let said = env.git(&["log", "-1", format, commit]);
    said.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn each_api_is_a_commit_that_names_its_branches() {
    let env = fleet();
    let head = tip(&env, "main");
    migrated(&env, &["--commit"]);
    assert_eq!(env.git(&["status", "--porcelain"]), "", "the work tree follows");
    let log = env.git(&["log", "--first-parent", "--format=%H %s", &format!("{head}..main")]);
    let commits: BTreeMap<&str, &str> = log
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(commit, subject)| (subject, commit))
        .collect();
    for api in APIS {
        let commit =
            commits.get(format!("migrate: {api}").as_str()).unwrap_or_else(|| panic!("{api}: {log}"));
        let branches: &[&str] = match *api {
            "shop" => &["legacy/shop-prod", "legacy/shop-stage"],
            "reports" => &["legacy/reports-prod", "legacy/reports-uat"],
            _ => &[],
        };
        let alone = format!("legacy/{api}");
        let branches = if branches.is_empty() { vec![alone.as_str()] } else { branches.to_vec() };
        let expected: Vec<String> =
            branches.iter().map(|branch| format!("{branch} {}", tip(&env, branch))).collect();
        assert_eq!(sources(&env, commit), expected, "{api}");
        // Nothing of another API is in it.
        let paths = env.git(&["show", "--format=", "--name-only", commit]);
        let own = |path: &str| {
            path.starts_with(&format!("onboarding/{api}/"))
                || path == format!("migration/apis/{api}.yaml")
                || path == format!("waivers/migration/{api}.yaml")
        };
        assert!(paths.lines().all(own), "{api}: {paths}");
        let parents = env.git(&["log", "-1", "--format=%P", commit]);
        assert_eq!(parents.split_whitespace().count(), 1, "{api} has no other history");
    }
    assert_eq!(commits.len(), APIS.len() + 1, "and one for what stands around them: {log}");
    let _ = env.run(&["render", "--check"]).success();
    let _ = env.run(&["migrate", "verify", "--quiet"]).success();
    // Once more is nothing more.
    let before = tip(&env, "main");
    migrated(&env, &["--commit"]);
    assert_eq!(tip(&env, "main"), before);
}

#[test]
fn what_an_earlier_run_wrote_is_committed_too() {
    for more in [&["--commit"][..], &["--commit", "--one-commit"]] {
        let env = fleet();
        let platform = env.read("platform.yaml");
        let gitops = "gitops: { engine: argocd, repoURL: \"https://git.example/config.git\" }\n";
        env.write("platform.yaml", format!("{platform}{gitops}"));
        env.git(&["add", "--all"]);
        env.git(&["commit", "--quiet", "--message=gitops"]);
        migrated(&env, &[]);
        let (written, head) = (env.files(), tip(&env, "main"));
        migrated(&env, more);
        assert_ne!(tip(&env, "main"), head);
        assert_eq!(env.git(&["status", "--porcelain"]), "", "{more:?}");
        super::unchanged(&env, &written);
        let _ = env.run(&["render", "--check", "--revision", "HEAD"]).success();
        assert!(env.git(&["show", "HEAD:platform.yaml"]).contains("  uat:"));
        let head = tip(&env, "main");
        migrated(&env, more);
        assert_eq!(tip(&env, "main"), head, "once more is nothing more");
    }
}

#[test]
fn an_api_that_is_not_written_brings_no_environment() {
    let env = fleet();
    let before = env.read("platform.yaml");
    let report = migrated(&env, &["--only", "cart,mail"]);
    assert_eq!(report["addedEnvironments"], serde_json::json!([]));
    assert_eq!(env.read("platform.yaml"), before);
    let _ = env.run(&["render", "--check"]).success();
    // The one whose environment it is cannot be written.
    env.write("onboarding/reports/notes.txt", "by hand\n");
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(run.code, 1, "{run}");
    assert_eq!(run.json()["addedEnvironments"], serde_json::json!([]));
    assert_eq!(env.read("platform.yaml"), before);
}

#[test]
fn one_commit_has_all() {
    let env = fleet();
    migrated(&env, &["--commit", "--one-commit"]);
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    let subjects = subjects(&env);
    assert_eq!(subjects, ["migrate: 9 APIs", "platform"]);
    assert_eq!(sources(&env, "HEAD").len(), super::branches::BRANCHES.len());
    let _ = env.run(&["render", "--check"]).success();
}

#[test]
fn the_history_of_the_branch_stays_in_reach() {
    let env = fleet();
    let first = tip(&env, "legacy/mail");
    let text = env.git(&["show", "legacy/mail:all.yml"]).replace("17 3", "18 3");
    Import::default().commit("legacy/mail", false).file("all.yml", text).into_repo(&env);
    migrated(&env, &["--commit", "--with-history"]);
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    let mail = env.git(&["log", "--first-parent", "--grep=^migrate: mail$", "--format=%H %P"]);
    let parents: Vec<&str> = mail.split_whitespace().skip(1).collect();
    assert_eq!(parents.len(), 2, "{mail}");
    assert_eq!(parents[1], tip(&env, "legacy/mail"));
    let reached = env.git(&["log", "--format=%H"]);
    for commit in
        [first, tip(&env, "legacy/mail"), tip(&env, "legacy/shop-stage"), tip(&env, "legacy/shop-prod")]
    {
        assert!(reached.contains(&commit), "{commit} is not in reach:\n{reached}");
    }
    // Files that stay as they were are followed to where somebody wrote them.
    let files = env.files();
    let kept = files.iter().map(|(path, _)| path).find(|path| {
        path.starts_with("onboarding/search/resources/") && env.read(path).contains("PersistentVolumeClaim")
    });
    let kept = kept.expect("search keeps its claim");
    let blame = env.git(&["blame", "--line-porcelain", kept]);
    assert!(blame.contains(&tip(&env, "legacy/search")), "{blame}");
    let followed = env.git(&["log", "--follow", "-m", "--format=%H", "--", kept]);
    assert!(followed.contains(&tip(&env, "legacy/search")), "{followed}");
}

#[test]
fn work_in_progress_is_not_swept_up() {
    let env = fleet();
    env.write("notes.txt", "mine\n");
    env.edit("platform.yaml", "maxReplicas: 10", "maxReplicas: 11");
    env.git(&["add", "platform.yaml"]);
    let run = migrate(&env, &["--commit", "--format", "json"]);
    // The platform that is committed is not the one that was read: whatever is done, nothing of the person is lost.
    assert_eq!(env.read("notes.txt"), "mine\n");
    assert!(env.read("platform.yaml").contains("maxReplicas: 11"), "{run}");
    assert!(!env.git(&["log", "--name-only", "--format="]).contains("notes.txt"));
}

#[test]
fn flags_that_mean_nothing_alone_are_refused() {
    let env = fleet();
    for flags in [&["--one-commit"][..], &["--with-history"], &["--commit", "--dry-run"]] {
        let run = migrate(&env, flags);
        assert_eq!(run.code, 2, "{flags:?}: {run}");
    }
    assert_eq!(subjects(&env), ["platform"]);
}

//! What a hook of git runs: `onramp lint --staged`, and `onramp hook`.

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

fn broken() -> String {
    METADATA.replace("tier: standard", "tier: huge")
}

/// A committed config repo with two APIs.
fn committed() -> Env {
    let env = Env::with_api(METADATA);
    env.write("onboarding/orders/metadata.yaml", METADATA.replace("payments", "orders"));
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=first"]);
    env
}

fn commit(env: &Env, args: &[&str]) -> crate::env::Run {
    env.try_git(&[&["commit", "--quiet", "--message=a"], args].concat(), &[])
}

#[test]
fn what_is_staged_is_looked_at_and_not_what_is_on_disk() {
    let env = committed();
    let staged = |env: &Env| env.run(&["lint", "--staged"]);
    assert_eq!(staged(&env).success(), "Checked 0 APIs: no findings.\n");
    env.write(PATH, broken());
    assert_eq!(staged(&env).success(), "Checked 0 APIs: no findings.\n");
    env.git(&["add", "--all"]);
    env.write(PATH, METADATA);
    let run = staged(&env);
    assert!(run.code == 1 && run.stdout.contains("tier: huge"), "the text shown is the staged one: {run}");
    assert!(run.stdout.ends_with("Checked 1 API: 1 error.\n"), "{run}");
    assert_eq!(env.run(&["lint", "--staged", "orders"]).success(), "Checked 1 API: no findings.\n");
    // What all APIs have in common, and an API that is gone.
    env.git(&["add", "--all"]);
    env.write("platform.yaml", env.read("platform.yaml") + "# more\n");
    env.git(&["add", "--all"]);
    assert_eq!(staged(&env).success(), "Checked 2 APIs: no findings.\n");
    env.git(&["reset", "--quiet", "--hard"]);
    let calling =
        METADATA.replace("payments", "orders") + "networkPolicy: { callers: [{ api: payments }] }\n";
    env.write("onboarding/orders/metadata.yaml", calling);
    env.git(&["add", "--all"]);
    assert_eq!(staged(&env).success(), "Checked 1 API: no findings.\n");
    env.git(&["commit", "--quiet", "--message=calls"]);
    env.git(&["rm", "--quiet", "-r", "onboarding/payments"]);
    let run = env.run(&["lint", "--staged", "--format", "json"]);
    assert!(run.findings()[0].starts_with("unknown-api onboarding/orders/metadata.yaml:"), "{run}");
}

#[test]
fn a_repo_without_commit_is_looked_at_as_a_whole() {
    let env = Env::with_api(&broken());
    env.git(&["init", "--quiet"]);
    env.git(&["add", "--all"]);
    assert!(env.run(&["lint", "--staged"]).stdout.ends_with("Checked 1 API: 1 error.\n"));
    let none = Env::with_api(METADATA);
    assert_eq!(none.run(&["lint", "--staged"]).code, 2, "without a repository nothing is staged");
}

#[test]
fn files_that_hooks_name_are_sorted_out() {
    let env = committed();
    env.write("README.md", "Read me.\n");
    assert_eq!(env.run(&["lint", "README.md"]).success(), "Checked 0 APIs: no findings.\n");
    assert_eq!(env.run(&["lint", "README.md", "orders"]).success(), "Checked 1 API: no findings.\n");
    // Of what is gone, only what git knew is no mistake.
    env.remove("onboarding/payments");
    assert_eq!(env.run(&["lint", PATH]).success(), "Checked 0 APIs: no findings.\n");
    assert_eq!(env.run(&["lint", "onboarding/nope/metadata.yaml"]).code, 2);
    assert_eq!(env.run(&["lint", "NOTES.md"]).code, 2);
}

#[test]
fn a_commit_with_errors_is_refused() {
    let env = committed();
    assert_eq!(env.run(&["hook", "install"]).success(), "Wrote [ROOT]/.git/hooks/pre-commit\n");
    // Again is no mistake.
    env.run(&["hook", "install"]).success();
    env.write(PATH, broken());
    env.git(&["add", "--all"]);
    let run = commit(&env, &[]);
    assert!(
        run.code == 1 && run.stderr.contains("unknown-tier") || run.stdout.contains("unknown-tier"),
        "{run}"
    );
    env.write(PATH, METADATA.replace("v2.0.0", "v2.0.1"));
    // Staged is still the other one.
    assert_eq!(commit(&env, &[]).code, 1);
    // The index of these two is a temporary one.
    commit(&env, &["--all"]).success();
    env.write(PATH, METADATA.replace("v2.0.0", "v2.0.2"));
    env.write("onboarding/orders/metadata.yaml", broken());
    env.git(&["add", "onboarding/orders"]);
    commit(&env, &[PATH]).success();
    assert_eq!(commit(&env, &["--all"]).code, 1);
    let run = commit(&env, &["onboarding/orders/metadata.yaml"]);
    assert_eq!(run.code, 1, "{run}");
    commit(&env, &["--all", "--no-verify"]).success();
    assert_eq!(env.run(&["hook", "uninstall"]).success(), "Removed [ROOT]/.git/hooks/pre-commit\n");
    assert_eq!(env.run(&["hook", "uninstall"]).success(), "Nothing to remove.\n");
    assert!(!env.exists(".git/hooks/pre-commit"));
}

#[test]
fn linked_work_trees_and_directories_have_the_hook_too() {
    let env = Env::new();
    for (path, text) in Env::with_api(METADATA).files() {
        env.write(&format!("it's config/{path}"), text);
    }
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=first"]);
    env.run_in("it's config", &["hook", "install"]).success();
    env.git(&["worktree", "add", "--quiet", "linked", "-b", "linked"]);
    for top in ["", "linked/"] {
        let path = format!("{top}it's config/{PATH}");
        env.write(&path, broken());
        let top = env.path(top);
        let git = |args: &[&str]| {
            env.try_git(&[&["-C", top.to_str().expect("paths are UTF-8")], args].concat(), &[])
        };
        git(&["add", "it's config"]).success();
        let run = git(&["commit", "--quiet", "--message=a"]);
        assert_eq!(run.code, 1, "{run}");
        assert!(run.to_string().contains("unknown-tier"), "{run}");
        env.write(&path, METADATA.replace("v2.0.0", "v2.0.1"));
        git(&["commit", "--quiet", "--message=a", "--all"]).success();
    }
}

/// The index of another repository, such as a hook of that one hands down, says nothing here.
#[test]
fn the_index_of_another_repository_is_not_read() {
    let env = committed();
    env.write(PATH, broken());
    env.git(&["add", "--all"]);
    let other = committed();
    let index = other.path(".git/index");
    let index = index.to_str().expect("paths are UTF-8");
    let run = |from: &Env| {
        let root = env.root().to_str().expect("paths are UTF-8");
        from.run_with(
            &["--repo", root, "lint", "--staged"],
            &[("GIT_INDEX_FILE", index), ("GIT_DIR", "/none")],
        )
    };
    let seen = run(&other);
    assert!(seen.code == 1 && seen.stdout.contains("unknown-tier"), "{seen}");
    assert_eq!(run(&env).code, 0, "here it is what somebody asked for");
}

#[test]
fn a_hook_that_is_there_is_kept() {
    let env = committed();
    let hook = ".git/hooks/pre-commit";
    env.write(hook, "#!/bin/sh\necho mine ran\n");
    insta::assert_snapshot!(env.run(&["hook", "install"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: there is a hook already: `[ROOT]/.git/hooks/pre-commit`
    hint: `--chain` keeps it and runs it first; `--force` replaces it
    hint: where it belongs to pre-commit, prek or another manager, give that one the entry of `docs/hooks.md` instead
    ");
    assert_eq!(env.run(&["hook", "uninstall"]).success(), "Nothing to remove.\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(env.path(hook), executable).expect("modes can be set");
    env.run(&["hook", "install", "--chain"]).success();
    // A second time it is ours that is there, and what is kept stays.
    env.run(&["hook", "install", "--chain"]).success();
    env.write(PATH, METADATA.replace("v2.0.0", "v2.0.1"));
    let run = commit(&env, &["--all"]);
    assert!(run.code == 0 && run.to_string().contains("mine ran"), "{run}");
    env.write(PATH, broken());
    let run = commit(&env, &["--all"]);
    assert!(run.code == 1 && run.to_string().contains("mine ran"), "{run}");
    assert!(env.run(&["hook", "uninstall"]).success().starts_with("Put back "));
    assert_eq!(env.read(hook), "#!/bin/sh\necho mine ran\n");
    env.run(&["hook", "install", "--force"]).success();
    assert!(env.run(&["hook", "uninstall"]).success().starts_with("Removed "));
}

#[test]
fn a_hook_goes_where_git_looks_for_it() {
    let env = committed();
    env.git(&["config", "core.hooksPath", "tools/hooks"]);
    assert_eq!(env.run(&["hook", "install"]).success(), "Wrote [ROOT]/tools/hooks/pre-commit\n");
    env.write(PATH, broken());
    assert_eq!(commit(&env, &["--all"]).code, 1);
    let others = Env::new();
    env.git(&["config", "core.hooksPath", others.root().to_str().expect("paths are UTF-8")]);
    let run = env.run(&["hook", "install"]);
    assert!(run.code == 2 && run.stderr.contains("would run for others as well"), "{run}");
    env.run(&["hook", "install", "--force"]).success();
    assert!(others.exists("pre-commit"));
}

#[test]
fn a_push_with_errors_is_refused() {
    let env = committed();
    let remote = Env::new();
    remote.git(&["init", "--quiet", "--bare"]);
    let url = remote.root().to_str().expect("paths are UTF-8");
    env.run(&["hook", "install", "--pre-push"]).success();
    let push = |what: &str| env.try_git(&["push", "--quiet", url, what], &[]);
    push("main").success();
    env.git(&["branch", "good"]);
    env.write(PATH, broken());
    commit(&env, &["--all", "--no-verify"]).success();
    let run = push("main");
    assert!(run.code == 1 && run.to_string().contains("unknown-tier"), "{run}");
    push("good").success();
    push(":good").success();
    // With one that was there before, both see what is pushed.
    let hook = ".git/hooks/pre-push";
    env.run(&["hook", "uninstall"]).success();
    env.write(hook, "#!/bin/sh\nread -r ref rest && echo \"seen $ref\" >&2\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(env.path(hook), executable).expect("modes can be set");
    env.run(&["hook", "install", "--pre-push", "--chain"]).success();
    let run = push("main");
    assert!(run.code == 1 && run.to_string().contains("seen refs/heads/main"), "{run}");
}

#[test]
fn branches_of_something_else_pass() {
    let env = committed();
    let remote = Env::new();
    remote.git(&["init", "--quiet", "--bare"]);
    let url = remote.root().to_str().expect("paths are UTF-8");
    env.run(&["hook", "install", "--pre-push"]).success();
    let push = |what: &str| env.try_git(&["push", "--quiet", url, what], &[]);
    // A config repo stays one.
    env.git(&["rm", "--quiet", "platform.yaml"]);
    let run = commit(&env, &[]);
    assert!(run.code == 1 && run.to_string().contains("missing-platform"), "{run}");
    commit(&env, &["--no-verify"]).success();
    let run = push("main");
    assert!(run.code == 1 && run.to_string().contains("missing-platform"), "{run}");
    // A branch that never was one.
    env.git(&["checkout", "--quiet", "--orphan", "pages"]);
    env.git(&["rm", "--quiet", "-r", "-f", "."]);
    env.write("index.html", "<p>Hello\n");
    env.git(&["add", "index.html"]);
    let run = commit(&env, &[]);
    assert!(run.code == 0 && run.stderr.contains("nothing is checked"), "{run}");
    env.write("index.html", "<p>Bye\n");
    commit(&env, &["--all"]).success();
    push("pages").success();
    // A tag on what is no commit.
    env.git(&["tag", "text", "HEAD:index.html"]);
    push("text").success();
}

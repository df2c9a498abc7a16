//! The hooks as the real pre-commit and prek run them.

use std::path::Path;
use std::process::Command;

use crate::env::{Env, METADATA, Run};
use crate::tools::client_python;

const PATH: &str = "onboarding/payments/metadata.yaml";

/// What `onramp init` writes.
const CONFIG: &str = include_str!("../../templates/init/pre-commit-config.yaml");

/// A committed config repo of many APIs, with the hook of one manager.
fn repo(manager: &Path, config: &str) -> Env {
    let env = Env::with_api(METADATA);
    for index in 0..60 {
        let name = format!("api-{index:02}");
        env.write(&format!("onboarding/{name}/metadata.yaml"), METADATA.replace("payments", &name));
    }
    env.write(".pre-commit-config.yaml", config);
    env.write("README.md", "Read me.\n");
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=first"]);
    manage(&env, manager, &["install"]).success();
    env
}

/// Runs a manager of hooks, with what it keeps below the repo's own git directory.
fn manage(env: &Env, manager: &Path, args: &[&str]) -> Run {
    let home = env.path(".git/home");
    std::fs::create_dir_all(&home).expect("directories can be made");
    env.finish_of(variables(Command::new(manager).args(args).current_dir(env.root()), &home))
}

/// Commits what is staged, which runs the hook.
fn commit(env: &Env) -> Run {
    let home = env.path(".git/home");
    let mut git = Command::new("git");
    git.args(["commit", "--quiet", "--message=a"]).current_dir(env.root());
    git.args(["--author=Test <test@acme.example>"]);
    git.env("GIT_COMMITTER_NAME", "Test").env("GIT_COMMITTER_EMAIL", "test@acme.example");
    env.finish_of(variables(&mut git, &home))
}

fn variables<'a>(command: &'a mut Command, home: &Path) -> &'a mut Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_onramp")).parent().expect("a file has a parent");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    command.env("PATH", path).env("HOME", home).env("XDG_CACHE_HOME", home).env("PRE_COMMIT_HOME", home);
    command.env("PREK_HOME", home).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null")
}

fn managers() -> [std::path::PathBuf; 2] {
    let python = client_python();
    ["pre-commit", "prek"].map(|name| python.with_file_name(name))
}

#[test]
fn a_bad_commit_is_refused_and_a_good_one_made() {
    for manager in managers() {
        let env = repo(&manager, CONFIG);
        env.write(PATH, METADATA.replace("tier: standard", "tier: huge"));
        env.git(&["add", "--all"]);
        let run = commit(&env);
        assert!(run.code == 1 && run.to_string().contains("unknown-tier"), "{}: {run}", manager.display());
        assert!(run.to_string().contains(&format!("{PATH}:4:7")), "{run}");
        // Mended on disk alone: what is staged is what counts.
        env.write(PATH, METADATA);
        assert_eq!(commit(&env).code, 1, "{}", manager.display());
        env.write(PATH, METADATA.replace("v2.0.0", "v2.0.1"));
        env.git(&["add", "--all"]);
        let run = commit(&env);
        assert_eq!(run.code, 0, "{}: {run}", manager.display());
        // What no API is made of, and an API that goes.
        env.write("README.md", "Read me again.\n");
        env.git(&["rm", "--quiet", "-r", "onboarding/api-07"]);
        env.git(&["add", "--all"]);
        let run = commit(&env);
        assert_eq!(run.code, 0, "{}: {run}", manager.display());
    }
}

#[test]
fn many_files_are_one_run() {
    for manager in managers() {
        let env = repo(&manager, CONFIG);
        for index in 0..60 {
            env.edit(&format!("onboarding/api-{index:02}/metadata.yaml"), "v2.0.0", "v2.0.1");
        }
        env.edit("onboarding/api-33/metadata.yaml", "tier: standard", "tier: huge");
        env.edit("onboarding/api-55/metadata.yaml", "tier: standard", "tier: vast");
        env.git(&["add", "--all"]);
        let run = commit(&env).to_string();
        assert!(
            run.contains("huge") && run.contains("vast") && run.contains("Checked 60 APIs: 2 errors."),
            "{run}"
        );
        env.git(&["reset", "--quiet", "--hard"]);
        manage(&env, &manager, &["run", "--all-files"]).success();
        env.edit("onboarding/api-33/metadata.yaml", "tier: standard", "tier: huge");
        let run = manage(&env, &manager, &["run", "--all-files"]);
        assert!(run.code == 1 && run.to_string().contains("unknown-tier"), "{run}");
    }
}

/// The hooks of `.pre-commit-hooks.yaml` that need no build, as a config repo names them.
#[test]
fn published_hooks_run() {
    let source = Env::new();
    source.write(".pre-commit-hooks.yaml", include_str!("../../.pre-commit-hooks.yaml"));
    source.git(&["init", "--quiet", "--initial-branch=main"]);
    source.git(&["add", "--all"]);
    source.git(&["commit", "--quiet", "--message=first"]);
    source.git(&["tag", "v1"]);
    for manager in managers() {
        let config = format!(
            "repos:\n- repo: {}\n  rev: v1\n  hooks:\n  - id: onramp-lint-system\n  - id: onramp-render-check\n",
            source.root().display()
        );
        let env = repo(&manager, &config);
        manage(&env, &manager, &["run", "--all-files"]).success();
        env.edit(PATH, "v2.0.0", "v2.0.1");
        env.git(&["add", "--all"]);
        let run = commit(&env);
        assert!(
            run.code == 1 && run.to_string().contains("run `onramp render`"),
            "{}: {run}",
            manager.display()
        );
        env.run(&["render"]).success();
        env.git(&["add", "--all"]);
        let run = commit(&env);
        assert_eq!(run.code, 0, "{}: {run}", manager.display());
    }
}

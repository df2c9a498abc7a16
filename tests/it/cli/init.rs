//! `onramp init`

use crate::env::Env;

#[test]
fn a_new_repo_is_sound_wherever_it_is_made() {
    let by_argument: &[&str] = &["init", "fleet"];
    let by_flag: &[&str] = &["--repo", "fleet", "init"];
    let mut trees = Vec::new();
    for args in [by_argument, by_flag, &["init", "deep/down/fleet"], &["init"]] {
        let env = Env::new();
        let printed = env.run(args).success();
        assert!(printed.starts_with("Wrote platform.yaml\n"), "{printed}");
        let root = match args {
            ["init", directory] | ["--repo", directory, "init"] => directory,
            _ => "",
        };
        assert_eq!(env.run_in(root, &["lint"]).success(), "Checked 1 API: no findings.\n");
        assert_eq!(env.run_in(root, &["render", "--check"]).success(), "Nothing changed.\n");
        assert_eq!(env.run_in(root, &["render"]).success(), "Nothing changed.\n");
        let below = |(path, bytes): (String, Vec<u8>)| {
            (path.trim_start_matches(root).trim_start_matches('/').to_owned(), bytes)
        };
        trees.push(env.files().into_iter().map(below).collect::<Vec<_>>());
    }
    for tree in &trees[1..] {
        assert!(*tree == trees[0]);
    }
    let paths: Vec<&str> = trees[0].iter().map(|(path, _)| path.as_str()).collect();
    insta::assert_snapshot!(paths.join("\n"), @"
    .pre-commit-config.yaml
    argocd/prod.yaml
    argocd/staging.yaml
    onboarding/payments/base/deployment.yaml
    onboarding/payments/base/kustomization.yaml
    onboarding/payments/base/service.yaml
    onboarding/payments/config/application.yaml
    onboarding/payments/config/kustomization.yaml
    onboarding/payments/config/staging/application.yaml
    onboarding/payments/config/staging/kustomization.yaml
    onboarding/payments/metadata.yaml
    onboarding/payments/overlays/prod/kustomization.yaml
    onboarding/payments/overlays/prod/routes.yaml
    onboarding/payments/overlays/prod/scaling.yaml
    onboarding/payments/overlays/staging/changes/deployment.yaml
    onboarding/payments/overlays/staging/changes/kustomization.yaml
    onboarding/payments/overlays/staging/kustomization.yaml
    onboarding/payments/overlays/staging/routes.yaml
    onboarding/payments/overlays/staging/scaling.yaml
    platform.yaml
    schemas/decisions.schema.json
    schemas/freezes.schema.json
    schemas/metadata.schema.json
    schemas/platform.schema.json
    schemas/request.schema.json
    schemas/waivers.schema.json
    ");
}

#[test]
fn what_it_says() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(&["init"]), @"
    exit code: 0
    ----- stdout -----
    Wrote platform.yaml
    Wrote onboarding/payments/metadata.yaml
    Wrote onboarding/payments/config/application.yaml
    Wrote onboarding/payments/config/staging/application.yaml
    Wrote .pre-commit-config.yaml
    Rendered 1 API: 21 files added.
    Next: set the names in platform.yaml, then `onramp lint` and `onramp render`.
    ");
    let quiet = Env::new();
    assert_eq!(quiet.run(&["init", "-q"]).success(), "");
    assert!(quiet.exists("argocd/prod.yaml"));
}

#[test]
fn a_config_repo_is_not_made_twice() {
    let env = Env::new();
    let _ = env.run(&["init"]).success();
    env.edit("platform.yaml", "minReplicas: 2", "minReplicas: 3");
    let before = env.files();
    insta::assert_snapshot!(env.run(&["init"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `.` is a config repo already
    hint: `onramp new NAME` adds an API to it, `onramp init --ci github` pipelines
    ");
    assert!(env.files() == before);
}

#[test]
fn nothing_is_overwritten() {
    for path in ["onboarding/payments/metadata.yaml", ".pre-commit-config.yaml"] {
        let env = Env::new();
        env.write(path, "mine\n");
        let before = env.files();
        let run = env.run(&["init"]);
        assert_eq!(run.code, 2, "{run}");
        assert_eq!(run.stderr, format!("error: would overwrite {path}\nhint: choose an empty directory\n"));
        assert!(env.files() == before);
    }
    // A link to nowhere is somebody's, too.
    let env = Env::new();
    env.link(".pre-commit-config.yaml", "nowhere");
    assert_eq!(env.run(&["init"]).code, 2);
    assert!(!env.exists("platform.yaml") && !env.exists("nowhere"));
    // What is in nobody's way stays.
    let env = Env::new();
    env.write("README.md", "mine\n");
    let _ = env.run(&["init"]).success();
    assert_eq!(env.read("README.md"), "mine\n");
}

#[test]
fn the_hook_of_the_scaffold_passes_only_what_lint_takes() {
    let env = Env::new();
    let _ = env.run(&["init"]).success();
    let hook = env.read(".pre-commit-config.yaml");
    let line = hook.lines().find_map(|line| line.trim().strip_prefix("files: ")).expect("a pattern");
    assert_eq!(line, r"^(onboarding/[^/]+/|platform\.yaml$|templates/|waivers/|freezes/)");
    env.write("templates/overlay.yaml.j2", include_str!("../../../templates/overlay.yaml.j2"));
    let changed = [
        "onboarding/payments/config/staging/application.yaml",
        "onboarding/payments/overlays/prod/kustomization.yaml",
        "platform.yaml",
        "templates/overlay.yaml.j2",
    ];
    for path in changed {
        assert_eq!(env.run(&["lint", path]).success(), "Checked 1 API: no findings.\n", "{path}");
    }
}

#[test]
fn pipelines_come_with_a_new_repo_and_to_one_that_is_there() {
    let env = Env::new();
    let printed = env.run(&["init", "--ci", "github"]).success();
    let wrote: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix("Wrote ")).collect();
    let pipelines = [".github/workflows/onramp.yaml", "ci/bump.github.yaml", "ci/release.sh"];
    assert_eq!(wrote[wrote.len() - 3..], pipelines);
    assert!(pipelines.iter().all(|path| env.exists(path)) && env.exists("argocd/prod.yaml"));
    assert_eq!(env.run(&["lint"]).success(), "Checked 1 API: no findings.\n");
    // Another one's go beside them; what is there stays.
    env.write("ci/release.sh", "mine\n");
    let before = env.files();
    let run = env.run_with(&["init"], &[("ONRAMP_CI", "gitlab")]);
    insta::assert_snapshot!(run, @"
    exit code: 0
    ----- stdout -----
    Wrote .gitlab-ci.yml
    Wrote ci/bump.gitlab.yaml
    Kept ci/release.sh, which is there
    Pipelines: set in .gitlab-ci.yml how onramp gets there. ci/bump.gitlab.yaml and ci/release.sh are for the repositories of the APIs: copy them there.
    ");
    let mut after = env.files();
    after.retain(|(path, _)| ![".gitlab-ci.yml", "ci/bump.gitlab.yaml"].contains(&path.as_str()));
    assert!(after == before);
    // Nothing at all is written where a pipeline is in the way of a new repo.
    let env = Env::new();
    env.write("ci/release.sh", "mine\n");
    let run = env.run(&["init", "--ci", "gitlab"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (2, "error: would overwrite ci/release.sh\nhint: choose an empty directory\n")
    );
    assert_eq!(env.files().len(), 1);
    // Nor over a link that leads nowhere, or through one.
    let env = Env::new();
    let _ = env.run(&["init"]).success();
    env.link(".gitlab-ci.yml", "nowhere");
    let _ = env.run(&["init", "--ci", "gitlab"]).success();
    assert!(!env.exists("nowhere") && env.exists("ci/release.sh"));
    let outside = Env::new();
    let env = Env::new();
    let _ = env.run(&["init"]).success();
    env.link("ci", &outside.root().to_string_lossy());
    assert_eq!(env.run(&["init", "--ci", "gitlab"]).code, 3);
    assert!(outside.files().is_empty());
}

//! `onramp render`: what it writes, and what it leaves alone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

fn rendered(metadata: &str) -> Env {
    let env = Env::with_api(metadata);
    let _ = env.run(&["render"]).success();
    env
}

fn paths(env: &Env) -> Vec<String> {
    env.files().into_iter().map(|(path, _)| path).collect()
}

#[test]
fn check_lists_render_writes_and_the_second_time_nothing_changes() {
    let env = Env::with_api(METADATA);
    let before = env.files();
    insta::assert_snapshot!(env.run(&["render", "--check"]), @"
    exit code: 1
    ----- stdout -----
    onboarding/payments/base/deployment.yaml: missing
    onboarding/payments/base/kustomization.yaml: missing
    onboarding/payments/base/service.yaml: missing
    onboarding/payments/overlays/prod/kustomization.yaml: missing
    onboarding/payments/overlays/prod/scaling.yaml: missing
    onboarding/payments/overlays/staging/kustomization.yaml: missing
    onboarding/payments/overlays/staging/scaling.yaml: missing
    schemas/decisions.schema.json: missing
    schemas/freezes.schema.json: missing
    schemas/metadata.schema.json: missing
    schemas/platform.schema.json: missing
    schemas/request.schema.json: missing
    schemas/waivers.schema.json: missing
    13 files would change; run `onramp render`.
    ");
    assert!(env.files() == before);
    assert_eq!(env.run(&["render"]).success(), "Rendered 1 API: 13 files added.\n");
    let after = env.files();
    assert_eq!(env.run(&["render"]).success(), "Nothing changed.\n");
    assert_eq!(env.run(&["render", "-q"]).success(), "");
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
    assert_eq!(env.run(&["render", "--diff"]).success(), "Nothing changed.\n");
    assert!(env.files() == after);
}

#[test]
fn check_says_what_is_stale() {
    let env = rendered(METADATA);
    env.edit(PATH, "8080", "9090");
    env.remove("onboarding/payments/base/kustomization.yaml");
    env.edit("onboarding/payments/overlays/prod/scaling.yaml", "kind", "sort");
    fs::copy(
        env.path("onboarding/payments/base/service.yaml"),
        env.path("onboarding/payments/base/old.yaml"),
    )
    .expect("files can be copied");
    insta::assert_snapshot!(env.run(&["render", "--check"]), @r"
    exit code: 1
    ----- stdout -----
    onboarding/payments/base/deployment.yaml: out of date
    onboarding/payments/base/kustomization.yaml: missing
    onboarding/payments/base/old.yaml: stale, to be removed
    onboarding/payments/base/service.yaml: out of date
    onboarding/payments/overlays/prod/scaling.yaml: out of date
    5 files would change; run `onramp render`.
    ");
    insta::assert_snapshot!(env.run(&["render"]), @r"
    exit code: 0
    ----- stdout -----
    Rendered 1 API: 1 file added, 3 files changed, 1 file removed.
    ");
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
}

/// A repo with all kinds of change to come: added, changed and removed files, tabs, blanks, carriage
/// returns, text that a terminal would obey, no line break at the end.
fn with_changes() -> Env {
    let env = rendered(METADATA);
    env.edit(
        PATH,
        "env: { LOG_LEVEL: info }",
        r#"env: { A: "a\n\tb\tc\n ::error::d\n\u202ee", B: "x\ty\u001b[31m", C: "ends in blanks  " }"#,
    );
    env.edit(PATH, "prod: {}", "prod: { replicas: 3 }");
    env.edit("onboarding/payments/base/service.yaml", "\n", "\r\n");
    env.edit("onboarding/payments/overlays/prod/scaling.yaml", "\n", "\n\n");
    let kustomization = env.read("onboarding/payments/base/kustomization.yaml");
    env.write("onboarding/payments/base/kustomization.yaml", kustomization.trim_end());
    env.remove("onboarding/payments/overlays/staging/kustomization.yaml");
    env.write("onboarding/payments/overlays/moon/kustomization.yaml", kustomization);
    env
}

#[test]
fn a_diff_applied_is_the_same_as_render() {
    for env in [Env::with_api(METADATA), with_changes()] {
        let before = env.files();
        let diff = env.run(&["render", "--diff"]).success();
        assert!(env.files() == before, "--diff writes nothing");
        let check = env.run(&["render", "--diff", "--check"]);
        assert_eq!(check.code, 1);
        assert!(check.stdout.starts_with(&diff), "{check}");

        let other = Env::new();
        for (path, bytes) in &before {
            other.write(path, bytes);
        }
        other.write("the.patch", &diff);
        // A repository of its own, or git would look for one further up.
        other.git(&["init", "--quiet"]);
        other.git(&["apply", "--whitespace=nowarn", "the.patch"]);
        other.remove("the.patch");
        let _ = env.run(&["render"]).success();
        assert_eq!(paths(&other), paths(&env));
        assert!(other.files() == env.files(), "{diff}");
    }
}

#[test]
fn no_line_of_a_diff_is_a_workflow_command() {
    let env = with_changes();
    let _ = env.run(&["render"]).success();
    // What stands unchanged around a change is shown with a blank before it, which a runner skips.
    env.edit(PATH, "B: ", "B0: x, B: ");
    let diff = env.run(&["render", "--diff"]).success();
    assert!(diff.contains("::error::d"), "{diff}");
    assert!(!diff.lines().any(|line| line.trim_start().starts_with("::")), "{diff}");
    assert!(!diff.contains('\u{1b}'));
}

#[test]
fn what_is_no_longer_rendered_goes_with_its_directory() {
    let env = rendered(METADATA);
    env.edit(PATH, "  staging: {}\n", "");
    assert_eq!(env.run(&["render"]).success(), "Rendered 1 API: 2 files removed.\n");
    assert!(!env.exists("onboarding/payments/overlays/staging"));
    assert!(env.exists("onboarding/payments/overlays/prod"));

    // An environment that is switched off counts as gone.
    env.edit(PATH, "prod: {}", "prod: { enabled: false }\n  staging: {}");
    let _ = env.run(&["render"]).success();
    assert!(!env.exists("onboarding/payments/overlays/prod"));
    assert!(env.exists("onboarding/payments/overlays/staging/kustomization.yaml"));
}

#[test]
fn an_environment_that_the_platform_drops_leaves_nothing_behind() {
    let literals = "config: { literals: { A: b }, mountPath: /etc/payments }";
    let metadata = METADATA
        .replace("env: { LOG_LEVEL: info }", literals)
        .replace("staging: {}", "staging: { config: { literals: { A: c } } }");
    let env = rendered(&metadata);
    assert!(env.exists("onboarding/payments/config/staging/kustomization.yaml"));
    env.write("onboarding/payments/config/moon/kustomization.yaml", "mine: true\n");
    let platform = env.read("platform.yaml");
    let (head, rest) = platform.split_once("  staging:\n").expect("an environment");
    let (_, rest) = rest.split_once("  prod:\n").expect("an environment");
    env.write(
        "platform.yaml",
        format!("{head}  prod:\n{rest}").replace("environments: [staging]", "environments: [prod]"),
    );
    env.edit(PATH, "  staging: { config: { literals: { A: c } } }\n", "");
    let _ = env.run(&["render"]).success();
    let mut left = paths(&env);
    left.retain(|path| path.contains("staging") || path.contains("moon"));
    assert_eq!(left, ["onboarding/payments/config/moon/kustomization.yaml"]);
    assert!(!env.exists("onboarding/payments/config/staging"));
}

#[test]
fn the_engine_s_files_go_when_the_engine_goes() {
    let env = Env::new();
    let _ = env.run(&["init"]).success();
    env.write("argocd/notes.yaml", "mine: true\n");
    let platform = env.read("platform.yaml");
    let (without, _) = platform.split_once("gitops:").expect("an engine");
    env.write("platform.yaml", without);
    assert_eq!(env.run(&["render"]).success(), "Rendered 1 API: 2 files removed.\n");
    assert!(!env.exists("argocd/prod.yaml") && env.exists("argocd/notes.yaml"));
}

#[test]
fn files_of_people_are_never_touched() {
    let metadata = METADATA.replace(
        "env: { LOG_LEVEL: info }",
        "config: { files: [config/a.yaml], mountPath: /etc/payments }\n\
         patches: [patches/p.yaml]\nextraResources: [resources/r.yaml]",
    );
    let env = Env::with_api(&metadata);
    let own = [
        "config/a.yaml",
        "config/unused.yaml",
        "config/staging/unused.yaml",
        "patches/p.yaml",
        "patches/deep/x.yaml",
        "resources/r.yaml",
        "releases/prod.yaml",
        "notes.txt",
    ];
    for path in own {
        let kind = if path.starts_with("patches/p") { "Deployment" } else { "CronJob" };
        let group = if kind == "Deployment" { "apps" } else { "batch" };
        let spec = if kind == "Deployment" {
            ""
        } else {
            "spec:\n  schedule: 0 3 * * *\n  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [\
             { name: a, image: payments-app }] } } } }\n"
        };
        let text =
            format!("# {path}\napiVersion: {group}/v1\nkind: {kind}\nmetadata: {{ name: payments }}\n{spec}");
        env.write(&format!("onboarding/payments/{path}"), text);
    }
    env.write("schemas/own.json", "{}\n");
    env.write("README.md", "mine\n");
    let before = env.files();
    let _ = env.run(&["render"]).success();
    env.edit(PATH, "  staging: {}\n", "");
    let _ = env.run(&["render"]).success();
    let after = env.files();
    for (path, bytes) in before.iter().filter(|(path, _)| path != PATH) {
        assert!(after.contains(&(path.clone(), bytes.clone())), "{path}");
    }
}

#[test]
fn a_foreign_file_among_generated_ones_is_an_error() {
    let places =
        ["base/extra.yaml", "base/service.yaml", "overlays/prod/deep/x.yaml", "overlays/moon/x.yaml"];
    for place in places {
        let env = rendered(METADATA);
        env.edit(PATH, "8080", "9090");
        let path = format!("onboarding/payments/{place}");
        env.write(&path, "kind: Service\n");
        let before = env.files();
        let lint = env.run(&["lint", "--format", "json"]);
        assert_eq!((lint.findings(), lint.code), (vec![format!("foreign-file {path}")], 1));
        for args in [&["render"][..], &["render", "--check"], &["render", "--diff"]] {
            let run = env.run(args);
            assert_eq!(run.code, 1, "{run}");
        }
        assert!(env.files() == before, "{place}");
    }
    let env = rendered(METADATA);
    env.write("schemas/metadata.schema.json", "{}\n");
    assert_eq!(env.run(&["render"]).code, 1);
    assert_eq!(env.read("schemas/metadata.schema.json"), "{}\n");
}

#[test]
fn one_api_alone() {
    let env = Env::with_api(METADATA);
    env.write("onboarding/orders/metadata.yaml", METADATA.replace("payments", "orders"));
    assert_eq!(env.run(&["render", "orders"]).success(), "Rendered 1 API: 7 files added.\n");
    assert!(env.exists("onboarding/orders/base") && !env.exists("onboarding/payments/base"));
    assert!(!env.exists("schemas"), "what belongs to all is written with all");
    assert_eq!(
        env.run_in("onboarding/payments", &["render", "."]).success(),
        "Rendered 1 API: 7 files added.\n"
    );
    assert_eq!(env.run(&["render"]).success(), "Rendered 2 APIs: 6 files added.\n");
}

#[test]
fn the_mode_of_a_file_is_kept() {
    let env = rendered(METADATA);
    let mode = |path: &str| fs::metadata(env.path(path)).expect("it is there").permissions().mode() & 0o777;
    let path = "onboarding/payments/base/service.yaml";
    for wanted in [0o600, 0o755] {
        fs::set_permissions(env.path(path), fs::Permissions::from_mode(wanted)).expect("modes can be set");
        let old = env.read(path);
        env.write(PATH, METADATA.replace("8080", &format!("8{wanted}")));
        let _ = env.run(&["render"]).success();
        assert_ne!(env.read(path), old);
        assert_eq!(mode(path), wanted);
    }
    assert_eq!(mode("onboarding/payments/base/kustomization.yaml"), 0o644);
    assert!(!paths(&env).iter().any(|path| path.contains(".onramp-")), "no temporary file stays");
}

#[test]
fn what_cannot_be_written_is_named() {
    // Root ignores modes, so: a directory where a file must be, and the other way round.
    let env = Env::with_api(METADATA);
    fs::create_dir_all(env.path("onboarding/payments/base/service.yaml")).expect("directories can be made");
    insta::assert_snapshot!(env.run(&["render"]), @r"
    exit code: 3
    ----- stdout -----
    ----- stderr -----
    error: failed to write `[ROOT]/onboarding/payments/base/service.yaml`
    caused by: Is a directory (os error 21)
    ");
    assert!(!paths(&env).iter().any(|path| path.contains(".onramp-")), "no temporary file stays");
    // A rerun completes the work.
    env.remove("onboarding/payments/base/service.yaml");
    let _ = env.run(&["render"]).success();
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");

    let env = Env::with_api(METADATA);
    env.write("onboarding/payments/overlays", "");
    insta::assert_snapshot!(env.run(&["render"]), @r"
    exit code: 3
    ----- stdout -----
    ----- stderr -----
    error: failed to write `[ROOT]/onboarding/payments/overlays/prod/kustomization.yaml`
    caused by: Not a directory (os error 20)
    ");
}

#[test]
fn what_a_killed_run_left_is_taken_away() {
    let env = Env::with_api(METADATA);
    env.run(&["render"]).success();
    let rendered = env.files();
    // A file that was being written when the run was killed, and one that was not begun.
    let half = "# Generated by onramp from onboarding/payments/metadata.yaml. Do not edit.\napiVersion: ap";
    env.write("onboarding/payments/base/.onramp-a1b2c3", half);
    env.write("onboarding/payments/overlays/prod/.onramp-d4e5f6", "");
    env.remove("onboarding/payments/base/service.yaml");
    assert_eq!(env.run(&["render"]).success(), "Rendered 1 API: 1 file added, 2 files removed.\n");
    assert_eq!(env.files(), rendered);
    // Somebody's own file is not taken for one, whatever its name.
    env.write("onboarding/payments/base/.onramp-notes", "mine\n");
    assert_eq!(env.run(&["render"]).code, 1);
    assert_eq!(env.read("onboarding/payments/base/.onramp-notes"), "mine\n");
}

#[test]
fn a_run_killed_at_any_moment_leaves_whole_files() {
    let env = Env::with_api(METADATA);
    for number in 0..60 {
        let metadata = METADATA.replace("name: payments", &format!("name: api{number}"));
        env.write(&format!("onboarding/api{number}/metadata.yaml"), metadata);
    }
    for wait in [0, 2, 4, 8, 12, 16, 24, 32] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_onramp"))
            .arg("render")
            .current_dir(env.root())
            .env_clear()
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the binary starts");
        // Some runs are killed before they write, some while they do, some when they are done.
        let start = std::time::Instant::now();
        while start.elapsed().as_millis() < wait {
            std::hint::spin_loop();
        }
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
    env.run(&["render"]).success();
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
    let left = env.files().into_iter().find(|(path, _)| path.contains("/.onramp-"));
    assert!(left.is_none(), "{left:?}");
}

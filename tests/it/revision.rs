//! `--revision`: what is committed, without a checkout, against real git.

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

/// A repo with two APIs, the second broken, all of it committed; rendered where asked for.
fn committed(directory: &str, broken: bool) -> Env {
    let env = Env::new();
    env.write(&format!("{directory}platform.yaml"), include_str!("../../fixtures/rules/platform.yaml"));
    env.write(&format!("{directory}{PATH}"), METADATA);
    let orders = METADATA.replace("payments", "orders");
    let orders = if broken { orders.replace("tier: standard", "tier: huge") } else { orders };
    env.write(&format!("{directory}onboarding/orders/metadata.yaml"), orders);
    if !broken {
        let _ = env.run_in(directory, &["render"]).success();
    }
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    commit(&env, "first");
    env
}

fn commit(env: &Env, message: &str) {
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message", message]);
}

#[test]
fn a_clean_checkout_and_its_revision_have_the_same_findings() {
    for directory in ["", "config/repo/"] {
        let env = committed(directory, true);
        for args in
            [&["lint"][..], &["lint", "--format", "json"], &["render", "--check"], &["lint", "orders"]]
        {
            let here = env.run_in(directory, args);
            assert_eq!(here.code, 1, "{here}");
            let there = env.run_in(directory, &[args, &["--revision", "HEAD"]].concat());
            assert_eq!((here.code, &here.stdout), (there.code, &there.stdout), "{args:?}");
        }
        let lint = env.run_in(directory, &["lint", "--revision", "main", "--format", "json"]);
        assert_eq!(lint.findings(), ["unknown-tier onboarding/orders/metadata.yaml:4:7"]);
    }
}

#[test]
fn the_revision_is_looked_at_and_not_the_work_tree() {
    let env = committed("", false);
    // Broken here, sound there.
    env.edit(PATH, "tier: standard", "tier: huge");
    env.write("onboarding/new/metadata.yaml", "nonsense: true\n");
    env.remove("onboarding/orders/base");
    assert_eq!(env.run(&["lint"]).code, 1);
    assert_eq!(env.run(&["lint", "--revision", "HEAD"]).success(), "Checked 2 APIs: no findings.\n");
    assert_eq!(env.run(&["render", "--check", "--revision", "HEAD"]).success(), "Nothing changed.\n");
    // Even where nothing is left here, but for the file that says where the repo is.
    env.remove("onboarding");
    assert_eq!(env.run(&["lint", "--revision", "HEAD"]).success(), "Checked 2 APIs: no findings.\n");
    assert_eq!(env.run(&["lint", "--revision", "HEAD", "orders"]).success(), "Checked 1 API: no findings.\n");

    // The other way round: committed stale and broken, sound here.
    env.git(&["checkout", "--quiet", "--", "."]);
    env.edit(PATH, "8080", "9090");
    commit(&env, "stale");
    env.edit(PATH, "9090", "8080");
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
    let before = env.files();
    insta::assert_snapshot!(env.run(&["render", "--check", "--revision", "HEAD", "payments"]), @r"
    exit code: 1
    ----- stdout -----
    onboarding/payments/base/deployment.yaml: out of date
    onboarding/payments/base/service.yaml: out of date
    2 files would change; run `onramp render`.
    ");
    let diff = env.run(&["render", "--diff", "--revision", "HEAD", "payments"]).success();
    assert!(diff.contains("\n-          containerPort: 8080\n+          containerPort: 9090\n"), "{diff}");
    assert!(env.files() == before);
    assert_eq!(env.run(&["render", "--check", "--revision", "HEAD~1"]).success(), "Nothing changed.\n");
}

#[test]
fn every_way_to_name_a_revision() {
    let env = committed("", false);
    env.git(&["tag", "v1"]);
    env.git(&["tag", "--annotate", "--message", "two", "v2"]);
    let full = env.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let tree = env.git(&["rev-parse", "HEAD^{tree}"]).trim().to_owned();
    for revision in
        ["HEAD", "main", "refs/heads/main", "v1", "v2", "@", &full, &full[..10], &tree, "HEAD^{tree}"]
    {
        let run = env.run(&["lint", "--revision", revision]);
        assert_eq!(run.stdout, "Checked 2 APIs: no findings.\n", "{revision}: {run}");
    }
    assert_eq!(
        env.run_with(&["lint"], &[("ONRAMP_REVISION", "v1")]).success(),
        "Checked 2 APIs: no findings.\n"
    );
    let verbose = env.run(&["lint", "-v", "--revision", "v2"]);
    assert!(verbose.stderr.starts_with(&format!("reading revision {}", &full[..7])), "{verbose}");
}

#[test]
fn a_bare_repository_is_as_good() {
    let env = committed("", true);
    let bare = Env::new();
    let source = env.root().to_string_lossy().into_owned();
    bare.git(&["clone", "--quiet", "--bare", &source, "bare.git"]);
    let lint = bare.run(&["--repo", "bare.git", "lint", "--revision", "HEAD", "--format", "json"]);
    assert_eq!(lint.findings(), ["unknown-tier onboarding/orders/metadata.yaml:4:7"]);
    let check = bare.run(&["--repo", "bare.git", "render", "--check", "--revision", "main", "payments"]);
    assert_eq!(check.code, 1, "{check}");
    assert!(check.stdout.contains("onboarding/payments/base/service.yaml: missing\n"), "{check}");
    // Nothing to lint in git's own files.
    assert_eq!(bare.run(&["--repo", "bare.git", "lint"]).code, 2);
}

#[test]
fn a_sub_directory_sees_only_itself() {
    let env = committed("config/repo/", false);
    env.write("onboarding/else/metadata.yaml", "nonsense: true\n");
    env.write("platform.yaml", "nonsense: true\n");
    commit(&env, "another one above");
    let args = ["lint", "--revision", "HEAD"];
    assert_eq!(env.run_in("config/repo", &args).success(), "Checked 2 APIs: no findings.\n");
    assert_eq!(
        env.run_in("config/repo/onboarding/orders", &args).success(),
        "Checked 2 APIs: no findings.\n"
    );
    let run = env.run(&["--repo", "config/repo", "render", "--check", "--revision", "HEAD"]);
    assert_eq!(run.success(), "Nothing changed.\n");
    assert_eq!(env.run(&args).code, 1, "the one above is broken");
    // A directory that the revision does not have is an empty repo.
    let run = env.run_in("config/repo", &["lint", "--revision", "HEAD~1^{tree}"]);
    assert_eq!(run.success(), "Checked 2 APIs: no findings.\n");
    env.write("later/platform.yaml", env.read("config/repo/platform.yaml"));
    let run = env.run_in("later", &args);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("it has no `platform.yaml`"), "{run}");
}

#[test]
fn links_in_a_revision_are_findings_too() {
    let env = committed("", false);
    env.rename(PATH, "elsewhere.yaml");
    env.link(PATH, "../../elsewhere.yaml");
    env.link("onboarding/carts", "payments");
    commit(&env, "links");
    let expected = ["symlink onboarding/carts", "symlink onboarding/payments/metadata.yaml"];
    for args in [&["lint", "--format", "json"][..], &["lint", "--format", "json", "--revision", "HEAD"]] {
        let lint = env.run(args);
        assert_eq!((lint.findings(), lint.code), (expected.map(str::to_owned).to_vec(), 1), "{args:?}");
    }
}

#[test]
fn a_revision_that_cannot_be_read_is_usage() {
    let env = committed("", false);
    insta::assert_snapshot!(env.run(&["lint", "--revision", "nope"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: the repository `[ROOT]` has no revision `nope`
    hint: `git fetch` gets what a remote has; `git log` and `git branch --all` list what is here
    ");
    insta::assert_snapshot!(env.run(&["lint", "--revision", "HEAD:platform.yaml"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `HEAD:platform.yaml` is not a revision of `[ROOT]`: it names neither a commit nor a directory
    ");
    for revision in
        ["", "-x", "--upload-pack=x", "HEAD\n", "HEAD~99", "0000000000000000000000000000000000000000"]
    {
        for args in [&["lint"][..], &["render", "--check"]] {
            let run = env.run(&[args, &[&format!("--revision={revision}")]].concat());
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{revision:?}: {run}");
            assert!(!run.stderr.contains("panicked"), "{run}");
        }
    }
    let plain = Env::with_api(METADATA);
    insta::assert_snapshot!(plain.run(&["lint", "--revision", "HEAD"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `[ROOT]` is not in a git repository
    ");
}

#[test]
fn a_revision_is_not_written_to() {
    let env = committed("", false);
    env.edit(PATH, "8080", "9090");
    commit(&env, "stale");
    let before = env.files();
    insta::assert_snapshot!(env.run(&["render", "--revision", "HEAD"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: a revision cannot be written to
    hint: add `--check` or `--diff`
    ");
    assert!(env.files() == before);
    assert_eq!(env.git(&["status", "--porcelain"]), "");
}

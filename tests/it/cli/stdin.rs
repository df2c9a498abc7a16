//! `onramp lint -`: what an editor holds and has not saved.

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

fn lint(env: &Env, name: &str, text: &str) -> crate::env::Run {
    env.run_on("", &["lint", "-", "--stdin-filename", name, "--format", "json"], text.as_bytes())
}

#[test]
fn a_text_stands_for_any_file() {
    let env = Env::with_api(METADATA);
    assert!(env.run(&["lint"]).success().ends_with("no findings.\n"));
    let broken = METADATA.replace("tier: standard", "tier: huge");
    assert_eq!(lint(&env, PATH, &broken).findings(), ["unknown-tier onboarding/payments/metadata.yaml:4:7"]);
    assert_eq!(env.read(PATH), METADATA, "nothing is written");
    // What is wrong on disk is not, where the text has it right.
    env.write(PATH, &broken);
    assert!(lint(&env, PATH, METADATA).findings().is_empty());
    // A file that another names, and one that is not there yet.
    let patched = METADATA.to_owned() + "patches: [patches/a.yaml]\n";
    env.write(PATH, &patched);
    assert_eq!(env.run(&["lint", "--format", "json"]).findings()[0], format!("missing-file {PATH}:12:11"));
    let patch =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: payments }\nspec: { minReadySeconds: 3 }\n";
    assert!(lint(&env, "onboarding/payments/patches/a.yaml", patch).findings().is_empty());
    assert_eq!(lint(&env, "onboarding/payments/patches/a.yaml", &patch.replace("kind", "kin")).code, 1);
    // An API that is not there yet.
    let new = METADATA.replace("payments", "orders");
    let run = lint(&env, "onboarding/orders/metadata.yaml", &new);
    assert_eq!((run.code, run.findings()), (0, vec![]), "{run}");
    // What all have in common.
    let run = lint(&env, "platform.yaml", &(env.read("platform.yaml") + "rulez: {}\n"));
    assert!(run.findings()[0].starts_with("unknown-key platform.yaml:"), "{run}");
    let run = lint(
        &env,
        "waivers/a.yaml",
        "apiVersion: onramp/v1\nwaivers: [{ code: nope, api: payments, reason: a }]\n",
    );
    assert!(
        run.findings().iter().any(|finding| finding.starts_with("unknown-code waivers/a.yaml:2:")),
        "{run}"
    );
}

#[test]
fn rules_across_the_fleet_see_the_text() {
    let env = Env::with_api(METADATA);
    let routed = METADATA.to_owned() + "routes: { unified: { prefix: /payments } }\n";
    env.write(PATH, &routed);
    env.write("onboarding/orders/metadata.yaml", METADATA.replace("payments", "orders"));
    let taken = METADATA.replace("payments", "orders") + "routes: { unified: { prefix: /payments } }\n";
    let run = lint(&env, "onboarding/orders/metadata.yaml", &taken);
    assert!(run.findings().iter().any(|finding| finding.starts_with("route-claimed-twice ")), "{run}");
}

#[test]
fn names_count_from_where_one_stands() {
    let env = Env::with_api(METADATA);
    let broken = METADATA.replace("tier: standard", "tier: huge");
    let args = ["lint", "-", "--stdin-filename", "metadata.yaml"];
    let run = env.run_on("onboarding/payments", &args, broken.as_bytes());
    assert!(run.code == 1 && run.stdout.contains("onboarding/payments/metadata.yaml:4:7"), "{run}");
    for name in ["README.md", "docs/a.yaml"] {
        let run = lint(&env, name, "x: [");
        assert_eq!((run.code, run.findings()), (0, vec![]), "no API is made of {name}: {run}");
    }
}

#[test]
fn what_is_no_file_is_usage() {
    let env = Env::with_api(METADATA);
    env.link("onboarding/payments/link.yaml", "metadata.yaml");
    for name in ["/etc/passwd", "../x.yaml", ".", "onboarding", "onboarding/payments", ".git/config"] {
        let run = lint(&env, name, "");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}: {run}");
    }
    let unasked = env.run(&["lint", "--stdin-filename", PATH]);
    assert!(unasked.code == 2 && unasked.stderr.contains("no `-` asks for that"), "{unasked}");
    for args in [&["lint", "-"][..], &["lint", "-", "payments", "--stdin-filename", PATH]] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(env.run(args), @r"
            exit code: 2
            ----- stdout -----
            ----- stderr -----
            error: `-` is read as one file, and stands alone
            hint: write `onramp lint - --stdin-filename onboarding/<api>/metadata.yaml`
            ");
        }
    }
    assert_eq!(env.run(&["lint", "payments", "--stdin-filename", PATH]).code, 2);
}

#[test]
fn a_text_without_end_is_not_read_to_it() {
    let env = Env::with_api(METADATA);
    let run = lint(&env, PATH, &"#\n".repeat(2 << 20));
    assert_eq!(run.findings(), ["file-too-large onboarding/payments/metadata.yaml"]);
}

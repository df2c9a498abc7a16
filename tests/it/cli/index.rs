//! What `lint` keeps below `.git/onramp/` changes nothing of what it finds.

use proptest::prelude::*;

use crate::env::{Env, METADATA};

/// Where it lies.
const INDEX: &str = ".git/onramp/files";

fn metadata(name: &str, prefix: &str) -> String {
    format!("{}routes: {{ unified: {{ prefix: /{prefix} }} }}\n", METADATA.replace("payments", name))
}

fn repo() -> Env {
    let env = Env::new();
    env.write("platform.yaml", include_str!("../../../fixtures/rules/platform.yaml"));
    for name in ["a", "b", "c", "d"] {
        env.write(&format!("onboarding/{name}/metadata.yaml"), metadata(name, name));
    }
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=first"]);
    env
}

/// Makes the index older than what it is about to miss: as if it had been written long after all files.
fn age(env: &Env) {
    let later = std::time::SystemTime::now() + std::time::Duration::from_hours(1);
    if let Ok(file) = std::fs::File::options().append(true).open(env.path(INDEX)) {
        file.set_modified(later).expect("times can be set");
    }
}

/// Lints one API with and without the index, and returns what was found.
fn both(env: &Env, name: &str) -> Vec<String> {
    let with = env.run(&["lint", name, "--format", "json"]);
    let without = env.run(&["lint", name, "--format", "json", "--no-index"]);
    assert_eq!((with.code, &with.stdout), (without.code, &without.stdout), "{}", with.stderr);
    with.findings()
}

#[test]
fn the_index_is_kept_and_may_go() {
    let env = repo();
    env.run(&["lint", "a", "--no-index"]).success();
    assert!(!env.exists(INDEX));
    assert!(both(&env, "a").is_empty());
    assert!(env.exists(INDEX) && !env.exists(".git/onramp/files.new"));
    age(&env);
    env.write("onboarding/b/metadata.yaml", metadata("b", "a"));
    assert!(both(&env, "a").iter().any(|finding| finding.starts_with("route-claimed-twice ")));
    for damage in ["", "onramp index 2\n\0", "x"] {
        env.write(INDEX, damage);
        assert!(!both(&env, "a").is_empty(), "{damage:?}");
    }
    env.remove(".git/onramp");
    // What cannot be a directory cannot hold it.
    env.write(".git/onramp", "");
    assert!(!both(&env, "a").is_empty());
    env.remove(".git/onramp");
    // What is staged has one of its own, by the names of blobs.
    env.git(&["add", "--all"]);
    assert_eq!(env.run(&["lint", "--staged"]).code, 1);
    assert!(env.exists(".git/onramp/blobs") && !env.exists(INDEX));
    env.write("onboarding/b/metadata.yaml", metadata("b", "b"));
    assert_eq!(env.run(&["lint", "--staged"]).code, 1);
    env.git(&["add", "--all"]);
    assert_eq!(env.run(&["lint", "--staged", "a"]).success(), "Checked 1 API: no findings.\n");
}

#[test]
fn without_git_there_is_none() {
    let env = Env::with_api(METADATA);
    env.run(&["lint", "payments"]).success();
    assert!(!env.exists(".git"));
}

/// What may happen to a repo between two runs.
#[derive(Clone, Debug)]
enum Step {
    Edit(usize, usize),
    /// With the times of before, and as many bytes.
    Disguise(usize, usize),
    Rename(usize),
    Touch(usize),
    Checkout,
    Damage(u8),
    Remove(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4usize, 0..4usize).prop_map(|(api, prefix)| Step::Edit(api, prefix)),
        3 => (0..4usize, 0..4usize).prop_map(|(api, prefix)| Step::Disguise(api, prefix)),
        1 => (0..4usize).prop_map(Step::Rename),
        1 => (0..4usize).prop_map(Step::Touch),
        1 => Just(Step::Checkout),
        1 => any::<u8>().prop_map(Step::Damage),
        1 => (0..4usize).prop_map(Step::Remove),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn random_edits_are_seen_through_the_index(steps in proptest::collection::vec(step(), 1..6)) {
        let names = ["a", "b", "c", "d"];
        let env = repo();
        both(&env, "a");
        age(&env);
        for step in steps {
            let path = |api: usize| format!("onboarding/{}/metadata.yaml", names[api]);
            match step {
                Step::Edit(api, prefix) => env.write(&path(api), metadata(names[api], names[prefix])),
                Step::Disguise(api, prefix) => {
                    let before = std::fs::metadata(env.path(&path(api))).and_then(|file| file.modified());
                    env.write(&path(api), metadata(names[api], names[prefix]));
                    if let Ok(before) = before {
                        let file = std::fs::File::options().append(true).open(env.path(&path(api)));
                        file.and_then(|file| file.set_modified(before)).expect("times can be set");
                    }
                }
                Step::Rename(api) if env.exists(&path(api)) => {
                    let other = (api + 1) % names.len();
                    env.write("onboarding/swap.yaml", env.read(&path(api)));
                    env.write(&path(other), "");
                    env.rename("onboarding/swap.yaml", &path(other));
                }
                Step::Touch(api) if env.exists(&path(api)) => env.write(&path(api), env.read(&path(api))),
                Step::Checkout => drop(env.git(&["checkout", "--quiet", "--force", "main"])),
                Step::Damage(at) if env.exists(INDEX) => {
                    let mut bytes = std::fs::read(env.path(INDEX)).expect("files can be read");
                    let at = usize::from(at) % bytes.len();
                    bytes[at] ^= 0x55;
                    env.write(INDEX, bytes);
                    age(&env);
                }
                Step::Remove(api) if api > 0 && env.exists(&path(api)) => env.remove(&path(api)),
                _ => {}
            }
            for name in ["a", "b"] {
                both(&env, name);
            }
            age(&env);
        }
    }
}

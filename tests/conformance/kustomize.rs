//! What is built natively is what the real kustomize prints, byte for byte, in every version: of what `onramp`
//! renders, and of random kustomizations.
//!
//! Random cases come from a seed that is printed. `ONRAMP_CASES` says how many, `ONRAMP_SEED` which, and `ONRAMP_FLEET`
//! how many APIs of the synthetic fleet. `ONRAMP_KUSTOMIZE_PEER` names programs of `peer/main.go`, one for each version
//! and joined by `:`, which make it twenty times as fast.

mod cases;
pub(crate) mod choices;
pub(crate) mod compare;
mod kustomization;
mod objects;
mod peer;
mod strings;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::generator;
use crate::kustomize::compare::{Outcome, Tally, compare};
use crate::kustomize::peer::Peers;
use crate::tools::{assert_same, native};

/// Random cases where nobody asks for more: with a peer process, and with a process for each build.
const CASES: (u64, u64) = (2_000, 150);
/// APIs of the synthetic fleet where nobody asks for more, in the same two cases.
const APIS: (u64, u64) = (60, 10);
/// Processes of each version at a time.
const WORKERS: u64 = 2;
/// Failures after which no more are looked for.
const ENOUGH: usize = 8;

fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|number| number.parse().ok())
}

/// Builds a case of these numbers.
fn outcome(numbers: &[u16], peers: &mut Peers) -> Outcome {
    let files = cases::case(&mut choices::Choices::new(numbers));
    let scratch = tempfile::tempdir().expect("a temporary directory");
    compare(&files, cases::ROOT, scratch.path(), peers)
}

/// The smallest case found that goes wrong too, and all its files.
fn smallest(numbers: &[u16], peers: &mut Peers) -> String {
    let tries = if peer::libraries().is_some() { 2_000 } else { 60 };
    let wrong = |numbers: &[u16], peers: &mut Peers| matches!(outcome(numbers, peers), Outcome::Wrong(_));
    let numbers = choices::shrink(numbers, tries, |numbers| wrong(numbers, peers));
    let mut text = match outcome(&numbers, peers) {
        Outcome::Wrong(why) => why,
        other => format!("not wrong the second time: {other:?}"),
    };
    for (path, content) in cases::case(&mut choices::Choices::new(&numbers)) {
        text += &["=== ", &path, "\n", &String::from_utf8_lossy(&content)].concat();
    }
    text
}

#[test]
fn random_kustomizations_build_as_the_real_one_does() {
    let cases = how_many("ONRAMP_CASES", CASES);
    // The same each time where nobody asks: a change is not refused for what another one has left.
    let seed = asked("ONRAMP_SEED").unwrap_or(1);
    println!("{cases} cases, seed {seed}");
    let next = AtomicU64::new(0);
    let tally = Mutex::new(Tally::default());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let mut peers = Peers::start();
                loop {
                    let case = next.fetch_add(1, Ordering::Relaxed);
                    let enough = failures.lock().expect("no thread panicked").len() >= ENOUGH;
                    if case >= cases || enough {
                        break;
                    }
                    let numbers = choices::numbers(seed.wrapping_mul(1 << 32).wrapping_add(case), 700);
                    let outcome = outcome(&numbers, &mut peers);
                    if matches!(outcome, Outcome::Wrong(_)) {
                        let text = format!("case {case} of seed {seed}: {}", smallest(&numbers, &mut peers));
                        failures.lock().expect("no thread panicked").push(text);
                    }
                    tally.lock().expect("no thread panicked").add(&outcome);
                }
            });
        }
    });
    let tally = tally.into_inner().expect("no thread panicked");
    println!("{tally}");
    let failures = failures.into_inner().expect("no thread panicked");
    assert!(failures.is_empty(), "{} differ\n\n{}", failures.len(), failures.join("\n\n"));
    assert!(tally.same * 2 > cases, "too few cases are built by all: {tally}");
}

/// How many of something are tried: as many as a variable says, or what is usual with the peers that there are.
fn how_many(variable: &str, (with_library, with_commands): (u64, u64)) -> u64 {
    asked(variable).unwrap_or(if peer::libraries().is_some() { with_library } else { with_commands })
}

#[test]
fn the_synthetic_fleet_builds_as_the_real_one_does() {
    let apis = how_many("ONRAMP_FLEET", APIS);
    let directory = tempfile::tempdir().expect("a temporary directory");
    let repo = directory.path().join("fleet");
    let apis = usize::try_from(apis).expect("a number of APIs");
    generator::generate(&repo, apis, generator::SEED).expect("the fleet is written");
    let mut overlays = Vec::new();
    for api in std::fs::read_dir(repo.join("onboarding")).expect("there are APIs") {
        let below = api.expect("entries can be read").path().join("overlays");
        for overlay in std::fs::read_dir(below).expect("APIs have overlays") {
            overlays.push(overlay.expect("entries can be read").path());
        }
    }
    assert!(overlays.len() > apis, "APIs have more than one overlay");
    let (left, right) = overlays.split_at(overlays.len() / 2);
    std::thread::scope(|scope| {
        for half in [left, right] {
            scope.spawn(move || {
                let mut peers = Peers::start();
                for overlay in half {
                    let native = native(overlay);
                    for printed in peers.build(overlay) {
                        let printed = printed.expect("what is rendered builds");
                        assert_same(&native, &printed, &overlay.display().to_string());
                    }
                }
            });
        }
    });
    println!("{} overlays of {apis} APIs are the same", overlays.len());
}

//! `onramp migrate plan`: in which order APIs are handed over.

use super::done;
use super::import::Import;
use crate::env::Env;

/// The waves: what each is, and its APIs.
fn waves(text: &str) -> Vec<(String, Vec<String>)> {
    let mut waves: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        if line.starts_with("Wave ") || line.starts_with("Not yet") {
            waves.push((line.to_owned(), Vec::new()));
        } else if line.starts_with("  Before it is") || line.starts_with("  When all") {
            // What is done for a wave as a whole.
        } else if let Some(api) = line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) {
            let api = api.split(':').next().unwrap_or_default();
            waves.last_mut().expect("APIs stand in waves").1.push(api.to_owned());
        }
    }
    waves
}

fn planned(env: &Env, code: i32, more: &[&str]) -> String {
    let run = env.run(&[&["migrate", "plan", "--quiet"], more].concat());
    assert_eq!(run.code, code, "{run}");
    run.stdout
}

#[test]
fn plain_ones_go_first_and_those_with_secrets_last() {
    let env = done();
    let text = planned(&env, 0, &[]);
    let waves = waves(&text);
    let order: Vec<&str> = waves.iter().flat_map(|(_, apis)| apis).map(String::as_str).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, super::branches::APIS, "each once: {text}");
    assert_eq!(order.last(), Some(&"ledger"), "{text}");
    let place = |api: &str| waves.iter().position(|(_, apis)| apis.iter().any(|one| one == api));
    assert!(place("cart") < place("mail"), "one workload before several: {text}");
    assert_eq!(place("cart"), place("shop"), "routes are words: {text}");
    assert!(place("mail") < place("search"), "state is later: {text}");
    assert!(waves[0].0.starts_with("Wave 1: one workload each"), "{text}");
    // What must be there before is said, and never what is in it.
    assert!(text.contains("see that these are there: secret/ledger-token"), "{text}");
    // Each environment on each cluster, the first one first.
    let cart = text.split("  cart\n").nth(1).expect("cart is in it");
    let at = |what: &str| cart.find(what).unwrap_or_else(|| panic!("no {what} in {cart}"));
    assert!(at("staging on staging-eu:") < at("prod on prod-eu:"));
    assert!(at("argocd app diff cart-prod-prod-us") < at("argocd app sync cart-prod-prod-us --prune=false"));
    // The set that makes the applications has them sync by themselves, and takes back what is set at one of them. A window of
    // the project is nothing of the set's.
    assert!(!text.contains("--sync-policy"), "{text}");
    for wave in text.split("Wave ").skip(1) {
        let window = wave.lines().find(|line| line.contains("argocd proj windows add"));
        let window = window.expect("each wave has a window");
        assert!(window.contains("--kind deny --manual-sync"), "{window}");
        let held = window.split("--applications ").nth(1).expect("of applications").split(',');
        let synced = wave.lines().filter_map(|line| line.trim().strip_prefix("argocd app sync "));
        let synced: Vec<&str> = synced.filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(held.collect::<Vec<_>>(), synced, "{wave}");
        let at = |what: &str| wave.find(what).unwrap_or_else(|| panic!("no {what} in {wave}"));
        assert!(at("windows add") < at("argocd app diff") && at("argocd app sync") < at("windows delete"));
    }
}

#[test]
fn waves_have_a_size() {
    let env = done();
    let waves = waves(&planned(&env, 0, &["--wave-size", "1"]));
    assert_eq!(waves.len(), super::branches::APIS.len());
    assert!(waves.iter().all(|(_, apis)| apis.len() == 1));
    let heads: Vec<&str> = waves.iter().filter_map(|(head, _)| head.split(':').next()).collect();
    assert_eq!(heads[..2], ["Wave 1", "Wave 2"]);
    let some = self::waves(&planned(&env, 0, &["cart", "shop"]));
    assert_eq!(some.iter().flat_map(|(_, apis)| apis).collect::<Vec<_>>(), ["cart", "shop"]);
}

#[test]
fn what_is_not_proved_waits_and_is_named() {
    let env = done();
    let text = env.git(&["show", "legacy/cart:service.yaml"]).replace("30800", "30801");
    Import::default().commit("legacy/cart", false).file("service.yaml", text).into_repo(&env);
    let text = planned(&env, 1, &[]);
    let waves = waves(&text);
    let (head, last) = waves.last().expect("there are waves");
    assert_eq!((head.as_str(), last.as_slice()), ("Not yet:", &["cart".to_owned()][..]), "{text}");
    assert!(text.contains("cart: `legacy/cart` moved from"), "{text}");
    assert!(!text.contains("cart-prod"), "nothing is said to be done with it: {text}");
}

#[test]
fn a_plan_has_one_form() {
    let env = done();
    let run = env.run(&["migrate", "plan", "--format", "json"]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("unexpected argument '--format'"), "{run}");
}

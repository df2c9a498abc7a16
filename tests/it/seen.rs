//! A fleet that is looked at again: what is kept of APIs that nobody changed makes no difference.

use onramp::fleet::{self, Outcome, Seen, Work};
use onramp::snapshot::Snapshot;

use crate::env::{Env, METADATA};

const TODAY: &str = "2026-07-01";

/// An API with a tag that moves and an entry of its own.
fn api(name: &str, prefix: &str) -> String {
    let routes = format!("routes: {{ unified: {{ prefix: {prefix} }} }}\nenvironments:");
    METADATA.replace("payments", name).replace("v2.0.0", "latest").replace("environments:", &routes)
}

fn snapshot(env: &Env) -> Snapshot {
    Snapshot::work_tree(env.root()).expect("the directory is there")
}

fn again(env: &Env, seen: &mut Seen) -> Outcome {
    fleet::run_again(&snapshot(env), Work::Render, TODAY, seen).expect("the repo can be listed")
}

/// All that a run says.
fn told(outcome: &Outcome) -> String {
    format!("{:#?}\n{:#?}\n{:#?}", outcome.findings, outcome.changes, outcome.passed)
}

fn codes(outcome: &Outcome) -> Vec<(&str, &str)> {
    let each = outcome.findings.iter().filter(|finding| finding.code.name != "missing-probe");
    each.map(|finding| (finding.api.as_deref().unwrap_or_default(), finding.code.name)).collect()
}

#[test]
fn what_is_kept_of_apis_that_nobody_changed_makes_no_difference() {
    let env = Env::with_api(&api("payments", "/payments"));
    env.write("onboarding/orders/metadata.yaml", api("orders", "/orders"));
    env.write("onboarding/cart/metadata.yaml", api("cart", "/cart"));
    let mut seen = Seen::default();
    let same = |seen: &mut Seen| {
        let outcome = again(&env, seen);
        let anew = fleet::run(&snapshot(&env), None, Work::Render, TODAY).expect("the repo can be listed");
        assert_eq!(told(&outcome), told(&anew));
        outcome
    };
    let first = same(&mut seen);
    let moving = "forbidden-image-tag";
    assert_eq!(codes(&first), [("cart", moving), ("orders", moving), ("payments", moving)]);
    // A waiver has its API rendered, and says nothing of the others.
    env.write(
        "waivers/orders.yaml",
        "apiVersion: onramp/v1\nwaivers:\n- { code: forbidden-image-tag, api: orders, reason: agreed }\n",
    );
    seen.forget("orders");
    let waived = same(&mut seen);
    assert_eq!(codes(&waived), [("cart", moving), ("payments", moving)]);
    assert!(waived.changes.changes.iter().any(|change| change.path.starts_with("onboarding/orders/base/")));
    // Another meets one that is kept, and a third is gone.
    env.edit("onboarding/cart/metadata.yaml", "prefix: /cart", "prefix: /payments");
    seen.forget("cart");
    env.remove("onboarding/orders");
    env.remove("waivers");
    let met = same(&mut seen);
    let twice = "route-claimed-twice";
    let both = [("cart", moving), ("payments", moving), ("payments", twice), ("payments", twice)];
    assert_eq!(codes(&met), both);
    // It is not looked at what nobody forgot.
    env.edit("onboarding/cart/metadata.yaml", "prefix: /payments", "prefix: /cart");
    assert_eq!(told(&again(&env, &mut seen)), told(&met));
    seen.forget("cart");
    assert_eq!(codes(&same(&mut seen)), [("cart", moving), ("payments", moving)]);
}

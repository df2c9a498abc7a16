//! Routes as people write them: where findings point, and what depends on the day and the router.

use crate::env::{Env, METADATA};

/// The API of the tests with `routes`.
fn env(routes: &str) -> Env {
    let metadata = METADATA.replace("env: { LOG_LEVEL: info }", &format!("routes: {routes}"));
    Env::with_api(&metadata.replace("prod: {}", "prod: { replicas: 2 }"))
}

fn with_router(env: &Env, router: &str) {
    env.edit("platform.yaml", "router: ingress-nginx", router);
}

#[test]
fn a_sunset_is_past_when_the_day_is() {
    let env = env("{ legacy: { hosts: [payments.customer-a.example], sunset: \"2026-06-30\" } }");
    let lint = |today: &str| env.run(&["lint", "--today", today, "--format", "json"]).findings();
    assert_eq!(lint("2026-06-30"), Vec::<String>::new());
    assert_eq!(lint("2026-07-01"), ["sunset-past onboarding/payments/metadata.yaml:8:67"]);
    let variable = env.run_with(&["lint", "--format", "json"], &[("ONRAMP_TODAY", "2026-06-01")]);
    assert_eq!(variable.findings(), Vec::<String>::new());
    let wrong = env.run(&["lint", "--today", "tomorrow"]);
    assert_eq!(wrong.code, 2, "{wrong}");
    // What is not served any more may be past.
    env.edit(
        "onboarding/payments/metadata.yaml",
        "{ legacy",
        "{ stage: unified, unified: { prefix: /payments }, legacy",
    );
    assert_eq!(lint("2026-07-01"), Vec::<String>::new());
}

#[test]
fn the_day_does_not_change_what_is_rendered() {
    let env = env("{ legacy: { hosts: [payments.customer-a.example], sunset: \"2026-06-30\" } }");
    let _ = env.run(&["render", "--today", "2026-01-01"]).success();
    let before = env.files();
    let after = env.run(&["render", "--today", "2027-01-01"]);
    assert_eq!(after.code, 0, "{after}");
    assert_eq!(env.files(), before);
}

#[test]
fn what_a_router_cannot_do_is_found_where_it_is_written() {
    let env = env("{ unified: { prefix: /payments, rateLimit: { requestsPerSecond: 5 } } }");
    with_router(&env, "router: kong");
    insta::assert_snapshot!(env.run(&["lint", "--color", "never"]), @r"
    exit code: 1
    ----- stdout -----
    unsupported-route-feature

      × the router `kong` cannot do `routes.unified.rateLimit`: that takes a KongPlugin
       ╭─[onboarding/payments/metadata.yaml:8:52]
     8 │ routes: { unified: { prefix: /payments, rateLimit: { requestsPerSecond: 5 } } }
       ·                                                    ────────────┬───────────
       ·                                                                ╰── not with `kong`
       ╰────
      help: platform.yaml:8:13: the router of `staging`
            put a KongPlugin into `extraResources`, name it in `annotations: { kong: { konghq.com/
            plugins: NAME } }`, and remove the key

    Checked 1 API: 1 error.
    ");
}

#[test]
fn a_default_that_a_router_cannot_do_is_found_at_the_route() {
    let env = env("{ unified: { prefix: /payments } }");
    with_router(&env, "router: gce-ingress");
    env.edit(
        "onboarding/payments/metadata.yaml",
        "tier:",
        "probes: { readiness: { httpGet: { port: http } } }\ntier:",
    );
    let findings = env.run(&["lint", "--format", "json"]).findings();
    assert_eq!(findings, ["unsupported-route-feature onboarding/payments/metadata.yaml:9:11"]);
}

#[test]
fn nothing_is_rendered_for_a_gateway_that_is_not_named() {
    let env = env("{ unified: { prefix: /payments } }");
    with_router(&env, "router: gateway-api");
    let run = env.run(&["render", "--color", "never"]);
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stdout.contains("missing-gateway") && !run.stdout.contains("onramp-bug"), "{run}");
    assert!(!env.exists("onboarding/payments/overlays"));
}

#[test]
fn one_api_cannot_claim_a_path_twice() {
    let hosts = "[{ host: a.example, paths: [{ prefix: /x }, { prefix: /x, exact: true }, { prefix: /x/y }] }, { host: a.example, paths: [{ prefix: /X }] }]";
    let env = env(&format!("{{ legacy: {{ hosts: {hosts}, sunset: \"2999-12-31\" }} }}"));
    let findings = env.run(&["lint", "--format", "json"]).findings();
    assert_eq!(findings, ["route-claimed-twice onboarding/payments/metadata.yaml:8:159"]);
}

#[test]
fn ports_and_workloads_of_paths_are_found() {
    let paths = "[{ prefix: /a, port: htpp }, { prefix: /b, port: 81 }, { prefix: /c, workload: web }]";
    let env = env(&format!(
        "{{ legacy: {{ hosts: [{{ host: a.example, paths: {paths} }}], sunset: \"2999-12-31\" }} }}"
    ));
    let findings = env.run(&["lint", "--format", "json"]).findings();
    let at = |code: &str, column: u32| format!("{code} onboarding/payments/metadata.yaml:8:{column}");
    assert_eq!(findings, [at("unknown-port", 76), at("unknown-port", 104), at("unknown-workload", 134)]);
}

#[test]
fn a_live_name_is_that_of_one_object() {
    let at = "duplicate-name onboarding/payments/metadata.yaml:8:";
    let found = |routes: &str, router: &str| {
        let env = env(routes);
        with_router(&env, router);
        env.run(&["lint", "--format", "json"]).findings()
    };
    let legacy = |rest: &str| {
        format!(
            "{{ legacy: {{ hosts: [a.example], sunset: \"2999-12-31\", name: live }}, unified: {{ prefix: /payments{rest} }} }}"
        )
    };
    assert_eq!(found(&legacy(", name: live"), "router: ingress-nginx"), [format!("{at}113")]);
    assert_eq!(found(&legacy(", name: live-kong"), "router: [ingress-nginx, kong]"), [format!("{at}113")]);
    assert_eq!(found(&legacy(""), "router: [ingress-nginx, kong]"), Vec::<String>::new());
}

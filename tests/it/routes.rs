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

/// An API that brings an Ingress along.
fn with_ingress(env: &Env, api: &str, host: &str, path: &str) {
    let metadata = METADATA.replace("payments", api) + "extraResources: [resources/a.yaml]\n";
    env.write(&format!("onboarding/{api}/metadata.yaml"), metadata);
    let backend = format!("backend: {{ service: {{ name: {api}, port: {{ number: 8080 }} }} }}");
    let ingress = format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: {api}-extra }}\nspec:\n  ingressClassName: nginx\n  \
         rules:\n  - host: {host}\n    http:\n      paths:\n      - path: {path}\n        pathType: Prefix\n        {backend}\n"
    );
    env.write(&format!("onboarding/{api}/resources/a.yaml"), ingress);
}

#[test]
fn extra_resources_claim_hosts_too() {
    let claimed = |api: &str| format!("route-claimed-twice onboarding/{api}/resources/a.yaml:10:15");
    let found = |env: &Env, args: &[&str]| {
        let mut findings = env.run(&[&["lint", "--format", "json"], args].concat()).findings();
        findings.dedup();
        findings
    };
    let typed = || {
        env(
            "{ legacy: { hosts: [pay.acme.example], sunset: \"2999-12-31\" }, unified: { prefix: /payments } }",
        )
    };
    // A route of metadata.yaml, whose API comes after the other one. Few APIs find it as well.
    let routed = typed();
    with_ingress(&routed, "cart", "pay.acme.example", "/");
    for args in [&[][..], &["cart"], &["payments"], &["--no-index", "payments"]] {
        assert_eq!(found(&routed, args), [claimed("cart")], "{args:?}");
    }
    with_ingress(&routed, "cart", "pay.acme.example", "/b");
    assert_eq!(found(&routed, &[]), Vec::<String>::new());
    // One of somebody else's controller, and one that shares the path on purpose.
    with_ingress(&routed, "cart", "pay.acme.example", "/");
    routed.edit("onboarding/cart/resources/a.yaml", "ingressClassName: nginx", "ingressClassName: inside");
    assert_eq!(found(&routed, &[]), Vec::<String>::new());
    with_ingress(&routed, "cart", "pay.acme.example", "/");
    let canary = "cart-extra, annotations: { nginx.ingress.kubernetes.io/canary: \"true\" } }";
    routed.edit("onboarding/cart/resources/a.yaml", "cart-extra }", canary);
    assert_eq!(found(&routed, &[]), Vec::<String>::new());
    // The prefix of another API on the unified host, and the whole host.
    for path in ["/payments/", "/"] {
        with_ingress(&routed, "cart", "api.acme.example", path);
        assert_eq!(found(&routed, &[]), [claimed("cart")], "{path}");
    }
    // Two extra resources.
    let two = Env::new();
    two.write("platform.yaml", typed().read("platform.yaml"));
    with_ingress(&two, "cart", "a.acme.example", "/");
    with_ingress(&two, "orders", "a.acme.example", "/");
    for args in [&[][..], &["cart"], &["orders"]] {
        assert_eq!(found(&two, args), [claimed("orders")], "{args:?}");
    }
    with_ingress(&two, "orders", "b.acme.example", "/");
    assert_eq!(found(&two, &[]), Vec::<String>::new());
}

#[test]
fn an_extra_route_claims_its_host() {
    let env = env("{ legacy: { hosts: [pay.acme.example], sunset: \"2999-12-31\" } }");
    with_ingress(&env, "cart", "other.acme.example", "/");
    let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: cart-extra }\nspec:\n  \
                 hostnames: [pay.acme.example]\n  rules:\n  - matches:\n    - path: { type: PathPrefix, value: / }\n    \
                 backendRefs: [{ name: cart, port: 8080 }]\n";
    env.write("onboarding/cart/resources/a.yaml", route);
    let mut findings = env.run(&["lint", "--format", "json"]).findings();
    findings.dedup();
    assert_eq!(findings, ["route-claimed-twice onboarding/cart/resources/a.yaml:8:40"]);
    env.edit("onboarding/cart/resources/a.yaml", "value: / }", "value: / }\n      method: POST");
    assert!(env.run(&["lint", "--format", "json"]).findings().is_empty());
}

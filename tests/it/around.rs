//! What stands around the workloads: who names whom, Secrets from a store, and the namespaces themselves.

use crate::env::Env;

const PLATFORM: &str = "\
apiVersion: onramp/v1
environments: { staging: { namespace: \"{name}-staging\" }, prod: { router: gateway-api, gateway: { name: public, class: gke-l7-gxlb } } }
networkPolicy: { enabled: true }
secretStores: { gcp: {} }
namespaceObjects: { enabled: true, group: \"team-{team}\" }
";

fn metadata(name: &str, rest: &str) -> String {
    format!(
        "apiVersion: onramp/v1\nname: {name}\nowner: {{ team: {name}, email: a@acme.example }}\n\
         image: registry.example/{name}:v1\nports: {{ http: 8080 }}\n{rest}"
    )
}

fn repo(apis: &[(&str, &str)]) -> Env {
    let env = Env::new();
    env.write("platform.yaml", PLATFORM);
    for (name, rest) in apis {
        env.write(&format!("onboarding/{name}/metadata.yaml"), metadata(name, rest));
    }
    env
}

fn lint(apis: &[(&str, &str)]) -> Vec<String> {
    repo(apis).run(&["lint", "--format", "json"]).findings()
}

#[test]
fn an_api_that_is_named_has_to_be_found_by_its_name() {
    let caller = "networkPolicy: { callers: [{ api: orders }] }\nenvironments: { staging: {}, prod: {} }\n";
    let found = |orders: &str| lint(&[("payments", caller), ("orders", orders)]);
    let here = "unknown-api onboarding/payments/metadata.yaml:6:35";
    assert_eq!(found("environments: { staging: {}, prod: {} }\n"), Vec::<String>::new());
    assert_eq!(found("environments: { prod: {} }\n"), [here]);
    assert_eq!(found("profile: adopted\nenvironments: { staging: {}, prod: {} }\n"), [here]);
    assert_eq!(found("environments: { staging: {}, prod: { namespace: shop } }\n"), [here]);
    assert_eq!(lint(&[("payments", caller)]), [here]);
    let egress =
        "networkPolicy: { egress: [{ ports: [443] }, { api: orders }] }\nenvironments: { prod: {} }\n";
    assert_eq!(
        lint(&[("payments", egress)]),
        ["unknown-api onboarding/payments/metadata.yaml:6:52"],
        "what is called has to be found, too"
    );
}

#[test]
fn a_policy_without_the_router_is_refused_where_a_route_needs_it() {
    let route = "routes: { legacy: { hosts: [a.example] } }\n";
    // Google's front ends are known.
    let found = |environments: &str| lint(&[("payments", &format!("{route}{environments}"))]);
    let codes = |environments: &str| -> Vec<String> {
        let found = found(environments);
        found.into_iter().filter(|finding| finding.starts_with("missing-network-source ")).collect()
    };
    assert_eq!(codes("environments: { prod: {} }\n"), Vec::<String>::new());
    assert_eq!(codes("environments: { staging: {} }\n").len(), 1);
    // Those of a load balancer inside a region are not.
    let env = repo(&[("payments", &format!("{route}environments: {{ prod: {{}} }}\n"))]);
    env.write("platform.yaml", PLATFORM.replace("gke-l7-gxlb", "gke-l7-rilb"));
    let regional = env.run(&["lint", "--format", "json"]).findings();
    assert!(regional.iter().any(|finding| finding.starts_with("missing-network-source ")), "{regional:?}");
    assert_eq!(
        codes("environments: { staging: { networkPolicy: { enabled: false } } }\n"),
        Vec::<String>::new()
    );
    assert_eq!(codes("profile: adopted\nenvironments: { staging: {} }\n"), Vec::<String>::new());
}

#[test]
fn keys_that_a_secret_will_not_have_are_found_everywhere() {
    let rest = "\
externalSecrets: { db: { keys: { password: db } }, flags: { all: flags } }
env:
  A: { secret: db, key: password }
  B: { secret: db, key: user }
  C: { secret: db, key: user, optional: true }
  D: { secret: flags, key: anything }
  E: { secret: made-elsewhere, key: anything }
volumes:
  keys: { secret: db, items: { cert: tls.crt }, mountPath: /etc/tls }
environments: { prod: {} }
";
    assert_eq!(
        lint(&[("payments", rest)]),
        [
            "unknown-secret-key onboarding/payments/metadata.yaml:9:25",
            "unknown-secret-key onboarding/payments/metadata.yaml:14:38"
        ]
    );
}

#[test]
fn namespaces_come_and_go_with_their_apis() {
    let both = "environments: { prod: {} }\n";
    let shared = "environments: { prod: { namespace: payments } }\n";
    let env = repo(&[("payments", both), ("orders", shared)]);
    let namespaces = |env: &Env| -> Vec<String> {
        env.files().into_iter().map(|(path, _)| path).filter(|path| path.starts_with("namespaces/")).collect()
    };
    env.run(&["render", "payments"]).success();
    assert_eq!(namespaces(&env), Vec::<String>::new(), "one API alone does not say what a namespace needs");

    env.run(&["render"]).success();
    let files = ["namespaces/prod/payments/kustomization.yaml", "namespaces/prod/payments/namespace.yaml"];
    assert_eq!(namespaces(&env), files);
    let text = env.read(files[1]);
    assert!(text.contains("name: team-orders\n") && text.contains("name: team-payments\n"), "{text}");
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");

    // What people keep beside it stays, what stands in its place is theirs to move.
    env.write("namespaces/README.md", "Ours.\n");
    env.write("onboarding/orders/metadata.yaml", metadata("orders", "environments: { staging: {} }\n"));
    env.write("namespaces/staging/orders-staging/namespace.yaml", "kind: Namespace\n");
    let refused = env.run(&["render"]);
    assert!(refused.stdout.contains("foreign-file"), "{refused}");
    env.remove("namespaces/staging");
    env.remove("onboarding/payments");
    env.run(&["render"]).success();
    assert_eq!(
        namespaces(&env),
        [
            "namespaces/README.md",
            "namespaces/staging/orders-staging/kustomization.yaml",
            "namespaces/staging/orders-staging/namespace.yaml"
        ]
    );
    assert!(!env.read("namespaces/staging/orders-staging/namespace.yaml").contains("team-payments"));

    env.write("platform.yaml", PLATFORM.replace("enabled: true, group", "group"));
    env.run(&["render"]).success();
    assert_eq!(namespaces(&env), ["namespaces/README.md"]);
}

#[test]
fn a_range_of_ports_does_not_end_before_it_starts() {
    let egress = |ports: &str| {
        format!(
            "networkPolicy: {{ egress: [{{ ports: [443, {ports}] }}] }}\nenvironments: {{ staging: {{}} }}\n"
        )
    };
    let found = |ports: &str| lint(&[("payments", &egress(ports))]);
    let here = "inverted-range onboarding/payments/metadata.yaml:6:65";
    assert_eq!(found("{ port: 9100, endPort: 9000 }"), [here]);
    assert_eq!(found("{ port: 9100, endPort: 9100 }"), Vec::<String>::new());
}

#[test]
fn the_second_service_of_a_rollout_has_a_name_that_fits() {
    let found = |strategy: &str| {
        let service = "s".repeat(60);
        let rest =
            format!("identity: {{ service: {service} }}\n{strategy}environments: {{ staging: {{}} }}\n");
        let env = repo(&[("payments", &rest)]);
        env.write("platform.yaml", format!("{PLATFORM}rollouts: argo\n"));
        env.run(&["lint", "--format", "json"]).findings()
    };
    assert_eq!(found(""), Vec::<String>::new());
    assert_eq!(
        found("strategy: { type: blueGreen }\n"),
        ["name-too-long onboarding/payments/metadata.yaml:6:22"]
    );
}

#[test]
fn a_request_is_held_against_the_limit_that_the_namespace_gives() {
    let found = |range: &str| {
        let rest = "resources: { requests: { cpu: 500m } }\nenvironments: { staging: {} }\n";
        let env = repo(&[("payments", rest)]);
        let on = "namespaceObjects: { enabled: true";
        env.write("platform.yaml", PLATFORM.replace(on, &format!("{on}, limitRange: {range}")));
        env.run(&["lint", "--format", "json"]).findings()
    };
    assert_eq!(found("{ default: { cpu: \"1\" } }"), Vec::<String>::new());
    assert_eq!(found("{ default: { cpu: 500m } }"), Vec::<String>::new());
    let here = ["request-above-limit onboarding/payments/metadata.yaml:6:31"];
    assert_eq!(found("{ default: { cpu: 100m } }"), here);
    assert_eq!(found("{ max: { cpu: 100m } }"), here);
}

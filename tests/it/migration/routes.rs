//! Ways into a service: said in words where words say them, and otherwise kept with the reason.

use serde_json::Value as Json;

use super::branches::config;
use super::import::Import;
use super::{api, migrated};
use crate::env::Env;

/// A Deployment with its Service, whose ports are given as flow mappings.
fn served(name: &str, ports: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name} }}\nspec:\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  \
         template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers:\n      \
         - {{ name: {name}, image: \"registry.example/apis/{name}:v1.0.0\" }}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{ name: {name} }}\nspec: {{ selector: {{ app: {name} }}, ports: [{ports}] }}\n"
    )
}

/// An Ingress for one service, with what stands in its metadata and spec beside the rules.
fn ingress(metadata: &str, spec: &str, host: &str, path: &str) -> String {
    format!(
        "---\n# From the old cluster.\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web-in\n{metadata}spec:\n{spec}  \
         rules:\n  - host: {host}\n    http:\n      paths:\n      \
         - {{ path: {path}, pathType: Prefix, backend: {{ service: {{ name: web, port: {{ number: 80 }} }} }} }}\n"
    )
}

const PORT: &str = "{ port: 80, targetPort: 8080 }";
const NGINX: &str = "  ingressClassName: nginx\n";

/// Migrates one branch, and insists that it is written and proved.
#[track_caller]
fn written(files: &[(&str, &str)]) -> (Env, Json) {
    let env = config();
    let import = Import::default().commit("legacy/web", true);
    files.iter().fold(import, |import, (path, text)| import.file(path, text)).into_repo(&env);
    let report = migrated(&env, &[]);
    let web = api(&report, "web");
    assert_eq!(web["state"], "written", "{web:#}");
    assert_eq!(web["standing"], "intended", "{web:#}");
    let _ = env.run(&["render", "--check"]).success();
    let _ = env.run(&["migrate", "verify", "--quiet"]).success();
    (env, web.clone())
}

/// The routes at the top of the written metadata.yaml.
fn routes(env: &Env) -> String {
    let text = env.read("onboarding/web/metadata.yaml");
    let from = text.find("routes:\n").expect("routes are said");
    let lines = text[from..].lines();
    let own = lines.enumerate().take_while(|(at, line)| *at == 0 || line.starts_with([' ', '#']));
    own.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

/// Why a route stays as it is.
#[track_caller]
fn reason(web: &Json) -> &str {
    let notes = web["notes"].as_array().expect("notes are a list");
    let mut texts = notes.iter().filter_map(|note| note["text"].as_str());
    texts.find_map(|text| text.strip_prefix("it stays as it is: ")).expect("it is told")
}

#[test]
fn hosts_certificates_and_settings_are_said() {
    let metadata = "  annotations:\n    \
        nginx.ingress.kubernetes.io/proxy-body-size: 50m\n    \
        nginx.ingress.kubernetes.io/proxy-read-timeout: \"120\"\n    \
        nginx.ingress.kubernetes.io/proxy-send-timeout: \"120\"\n    \
        nginx.ingress.kubernetes.io/enable-cors: \"true\"\n    \
        cert-manager.io/cluster-issuer: letsencrypt\n";
    let spec = format!("{NGINX}  tls: [{{ hosts: [web.acme.example], secretName: web-cert }}]\n");
    let app = served("web", PORT) + &ingress(metadata, &spec, "web.acme.example", "/");
    let (env, _) = written(&[("app.yaml", &app)]);
    insta::assert_snapshot!(routes(&env), @r#"
    routes:
      # From the old cluster.
      legacy:
        hosts:
        - web.acme.example
        name: web-in
        tls:
          secret: web-cert
          issuer: letsencrypt
        timeout: 120s
        maxBodySize: 50Mi
        annotations:
          ingress-nginx:
            nginx.ingress.kubernetes.io/enable-cors: "true"
    "#);
    assert!(!env.exists("onboarding/web/resources"));
    assert!(!env.exists("onboarding/web/patches"));
}

#[test]
fn each_environment_has_its_host() {
    let app = |host: &str| served("web", PORT) + &ingress("", NGINX, host, "/");
    let (stage, prod) = (app("web.stage.acme.example"), app("web.acme.example"));
    let (env, _) = written(&[("staging/app.yaml", &stage), ("prod/app.yaml", &prod)]);
    let text = env.read("onboarding/web/metadata.yaml");
    insta::assert_snapshot!(text, @"
    # yaml-language-server: $schema=../../schemas/metadata.schema.json
    apiVersion: onramp/v1
    name: web
    owner:
      team: unassigned
      email: ann@acme.example
    service:
      ports:
      - port: 80
        targetPort: 8080
    profile: adopted
    identity:
      selector:
        app: web
      container: web
    routes:
      legacy:
        name: web-in
    environments:
      staging:
        image: registry.example/apis/web:v1.0.0
        routes:
          # From the old cluster.
          legacy:
            hosts:
            - web.stage.acme.example
      prod:
        image: registry.example/apis/web:v1.0.0
        routes:
          # From the old cluster.
          legacy:
            hosts:
            - web.acme.example
    ");
}

#[test]
fn paths_lead_to_their_workloads() {
    let paths = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web-legacy }\nspec:\n  ingressClassName: nginx\n  \
         rules:\n  - host: web.acme.example\n    http:\n      paths:\n      \
         - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }\n      \
         - { path: /admin, pathType: Exact, backend: { service: { name: admin, port: { name: internal } } } }\n";
    let app = served("web", PORT)
        + "---\n"
        + &served("admin", "{ name: http, port: 80 }, { name: internal, port: 81 }")
        + paths;
    let (env, _) = written(&[("app.yaml", &app)]);
    insta::assert_snapshot!(routes(&env), @"
    routes:
      legacy:
        hosts:
        - host: web.acme.example
          paths:
          - prefix: /
            workload: web
          - prefix: /admin
            exact: true
            workload: admin
            port: internal
    ");
}

#[test]
fn what_words_lack_is_a_small_patch() {
    let app = served("web", PORT)
        + &ingress(
            "  labels: { team: web }\n",
            "  ingressClassName: nginx-external\n",
            "web.acme.example",
            "/",
        );
    let (env, _) = written(&[("app.yaml", &app)]);
    insta::assert_snapshot!(env.read("onboarding/web/patches/ingress-web-in.yaml"), @"
    - op: add
      path: /metadata/labels
      value:
        team: web
    - op: replace
      path: /spec/ingressClassName
      value: nginx-external
    ");
    insta::assert_snapshot!(routes(&env), @"
    routes:
      # From the old cluster.
      legacy:
        hosts:
        - web.acme.example
        name: web-in
    ");
}

#[test]
fn what_would_be_said_wrongly_stays_as_it_is_and_is_told() {
    let rewrite = "  annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 }\n";
    let many = "  labels: { a: b }\n  finalizers: [acme.example/x]\n";
    let backend = "  defaultBackend: { service: { name: web, port: { number: 80 } } }\n";
    let host = "web.acme.example";
    for (app, why) in [
        (
            ingress(rewrite, NGINX, host, "/api(/|$)(.*)"),
            "`nginx.ingress.kubernetes.io/rewrite-target` rewrites paths",
        ),
        (
            ingress("", "  ingressClassName: alb\n", host, "/"),
            "its class is `alb`, and the router of the environment is `ingress-nginx`",
        ),
        (ingress("", "", host, "/"), "it names no class"),
        (
            ingress("", NGINX, "\"*.acme.example\"", "/"),
            "of its host `*.acme.example`, wildcards are not served",
        ),
        (ingress("", NGINX, host, "/api/"), "its path `/api/` is no prefix: it ends with `/`"),
        (
            ingress("", NGINX, host, "/").replace("name: web,", "name: other,"),
            "`other` is not the Service of a workload of the API",
        ),
        (
            ingress("", NGINX, host, "/").replace("number: 80", "number: 81"),
            "it leads to a port that the Service `web` does not offer",
        ),
        (
            ingress(many, &format!("  ingressClassName: nginx-b\n{backend}"), host, "/"),
            "words and a small patch do not say all of it",
        ),
    ] {
        let (env, web) = written(&[("app.yaml", &(served("web", PORT) + &app))]);
        assert_eq!(reason(&web), why);
        assert!(env.exists("onboarding/web/resources/ingress-web-in.yaml"), "{why}");
        assert!(!env.read("onboarding/web/metadata.yaml").contains("routes:"), "{why}");
        assert!(!env.exists("onboarding/web/patches"), "{why}");
    }
}

#[test]
fn a_route_of_the_gateway_is_said_where_the_gateway_serves() {
    let route = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: web-in }\nspec:\n  \
         parentRefs: [{ name: edge, namespace: infra }]\n  hostnames: [web.acme.example]\n  rules:\n  \
         - matches: [{ path: { type: PathPrefix, value: / } }]\n    backendRefs: [{ name: web, port: 80 }]\n";
    let app = served("web", PORT) + route;
    let env = config();
    let platform = env.read("platform.yaml");
    let gateway = "router: gateway-api\n    gateway: { name: edge, namespace: infra, class: istio }";
    env.write("platform.yaml", platform.replace("router: ingress-nginx", gateway));
    Import::default().commit("legacy/web", true).file("app.yaml", &app).into_repo(&env);
    assert_eq!(api(&migrated(&env, &[]), "web")["standing"], "intended");
    insta::assert_snapshot!(routes(&env), @"
    routes:
      legacy:
        hosts:
        - web.acme.example
        name: web-in
    ");
    // For another router it stays what it is.
    let (_, web) = written(&[("app.yaml", &app)]);
    assert_eq!(reason(&web), "the router of the environment is `ingress-nginx`, which reads no HTTPRoute");
}

//! Tests of entries, of what routers refuse, and of what they ask of Services.

use serde_json::{Value as Json, json};

use super::*;

fn api(more: Json) -> Api {
    let mut api = json!({
        "apiVersion": "onramp/v1",
        "name": "shop",
        "owner": { "team": "shop", "email": "shop@acme.example" },
        "ports": { "http": { "containerPort": 8080, "servicePort": 80 }, "admin": 8081 },
    });
    if let (Json::Object(api), Json::Object(more)) = (&mut api, more) {
        api.extend(more);
    }
    crate::metadata::api_of(&api)
}

/// An environment with one router, or with several.
fn environment(routers: &[&str]) -> Environment {
    let gateway = json!({ "name": "public", "class": "gke-l7-gxlb" });
    let environment = json!({ "unifiedHost": "api.example", "router": routers, "gateway": gateway });
    serde_json::from_value(environment).expect("it is an environment")
}

/// What the routers of an environment refuse: the key and why.
fn refused(kinds: &[&str], routes: &Json) -> Vec<(String, String)> {
    let (api, environment) = (api(json!({ "routes": routes })), environment(kinds));
    let entries = entries(&api, &environment);
    of(&environment)
        .flat_map(|router| router.refusals(&entries, &environment))
        .map(|refusal| (refusal.at.join("."), refusal.why))
        .collect()
}

fn keys(refusals: Vec<(String, String)>) -> Vec<String> {
    refusals.into_iter().map(|(key, _)| key).collect()
}

#[test]
fn entries_are_resolved() {
    let routes = json!({
        "legacy": {
            "port": "admin",
            "hosts": ["a.example", { "host": "b.example", "paths": [
                { "prefix": "/", "strip": true },
                { "prefix": "/x", "strip": true, "port": 80 },
                { "prefix": "/y", "rewritePrefix": "/" },
                { "prefix": "/z", "rewritePrefix": "/z" },
                { "prefix": "/nowhere", "port": 9 },
            ] }],
        },
        "unified": { "prefix": "/shop" },
    });
    let (api, environment) = (api(json!({ "routes": routes })), environment(&["kong"]));
    let entries = entries(&api, &environment);
    let seen: Vec<_> = entries
        .iter()
        .flat_map(|entry| entry.hosts.iter().map(move |host| (entry, host)))
        .flat_map(|(entry, host)| {
            let shown = move |path: &EntryPath<'_>| {
                let at = entry.at_path(host, path, "prefix").join(".");
                (
                    host.host.to_owned(),
                    path.prefix.to_owned(),
                    format!("{:?}", path.rewrite),
                    path.target.port_number,
                    at,
                )
            };
            host.paths.iter().map(shown)
        })
        .collect();
    let expected = [
        ("a.example", "/", "Keep", 8081, "routes.legacy.hosts.0"),
        ("b.example", "/", "Keep", 8081, "routes.legacy.hosts.1.paths.0.prefix"),
        ("b.example", "/x", "Strip", 80, "routes.legacy.hosts.1.paths.1.prefix"),
        ("b.example", "/y", "Strip", 8081, "routes.legacy.hosts.1.paths.2.prefix"),
        ("b.example", "/z", "Keep", 8081, "routes.legacy.hosts.1.paths.3.prefix"),
        ("api.example", "/shop", "Strip", 80, "routes.unified.prefix"),
    ];
    let expected = expected.map(|(host, path, rewrite, port, at)| {
        (host.to_owned(), path.to_owned(), rewrite.to_owned(), port, at.to_owned())
    });
    assert_eq!(seen, expected);
    assert!(rewrites_host(&entries, "b.example") && !rewrites_host(&entries, "a.example"));
}

#[test]
fn what_a_router_cannot_do_is_refused_where_it_is_asked_for() {
    let everything = json!({ "unified": {
        "prefix": "/shop",
        "maxBodySize": "10Mi",
        "allowedSources": ["10.0.0.0/8"],
        "rateLimit": { "requestsPerSecond": 5 },
    } });
    let three = ["routes.unified.maxBodySize", "routes.unified.allowedSources", "routes.unified.rateLimit"];
    assert_eq!(keys(refused(&["ingress-nginx"], &everything)), Vec::<String>::new());
    assert_eq!(keys(refused(&["kong"], &everything)), three);
    assert_eq!(keys(refused(&["gateway-api"], &everything)), three);
    let gce = keys(refused(&["gce-ingress"], &everything));
    assert_eq!(gce[0], "routes.unified.strip");
    assert_eq!(gce[1..], three);

    let paths = json!([{ "prefix": "/a" }, { "prefix": "/b", "rewritePrefix": "/c" }]);
    let routes = json!({ "legacy": { "hosts": [{ "host": "a.example", "paths": paths }] } });
    assert_eq!(keys(refused(&["gce-ingress"], &routes)), ["routes.legacy.hosts.0.paths.1.rewritePrefix"]);
    for router in ["ingress-nginx", "gateway-api", "kong"] {
        assert_eq!(refused(&[router], &routes), [], "{router}");
    }
}

#[test]
fn certificates_are_refused_where_they_do_not_belong() {
    let routes = |tls: &Json| json!({ "legacy": { "hosts": [{ "host": "a.example", "tls": tls }] } });
    let shared = routes(&json!({ "preSharedCertificate": "old" }));
    let at = "routes.legacy.hosts.0.tls.preSharedCertificate";
    assert_eq!(keys(refused(&["ingress-nginx"], &shared)), [at]);
    assert_eq!(keys(refused(&["kong"], &shared)), [at]);
    assert_eq!(refused(&["gce-ingress"], &shared), []);
    let secret = routes(&json!({ "secret": "tls" }));
    assert_eq!(keys(refused(&["gateway-api"], &secret)), ["routes.legacy.hosts.0.tls"]);
    // During a move it is the other router's.
    assert_eq!(refused(&["ingress-nginx", "gateway-api"], &secret), []);

    let issuers = json!({ "legacy": { "hosts": [
        { "host": "a.example", "tls": { "issuer": "one" } },
        { "host": "b.example", "tls": { "secret": "own" } },
    ] } });
    assert_eq!(keys(refused(&["gce-ingress"], &issuers)), ["routes.legacy.hosts"]);
    assert_eq!(refused(&["ingress-nginx"], &issuers), []);
}

#[test]
fn a_burst_is_a_multiple_with_ingress_nginx() {
    let limited = |burst: u32| {
        let limit = json!({ "requestsPerSecond": 20, "burst": burst });
        refused(&["ingress-nginx"], &json!({ "unified": { "prefix": "/shop", "rateLimit": limit } }))
    };
    assert_eq!(keys(limited(50)), ["routes.unified.rateLimit.burst"]);
    assert_eq!(limited(40), []);
}

#[test]
fn timeouts_that_a_service_keeps_have_to_agree() {
    let routes = |unified: Option<&str>| {
        json!({
            "legacy": { "hosts": ["a.example"], "timeout": "90s" },
            "unified": { "prefix": "/shop", "strip": false, "timeout": unified },
        })
    };
    for router in ["kong", "gce-ingress", "gateway-api"] {
        let refusals = refused(&[router], &routes(None));
        assert_eq!(keys(refusals), ["routes.legacy.timeout"], "{router}");
        assert_eq!(keys(refused(&[router], &routes(Some("1m")))).len(), 2, "{router}");
        assert_eq!(refused(&[router], &routes(Some("90s"))), [], "{router}");
    }
    assert_eq!(refused(&["ingress-nginx"], &routes(Some("1m"))), []);
}

#[test]
fn services_are_told_what_a_router_reads_there() {
    let told = |routers: &[&str], probe: &Json| {
        let routes = json!({ "unified": { "prefix": "/shop", "strip": false, "timeout": "2m" } });
        let api = api(json!({ "routes": routes, "probes": { "readiness": probe } }));
        service_annotations(&api, &environment(routers))
    };
    let get = json!({ "httpGet": { "path": "/ready", "port": "http" } });
    assert!(told(&["ingress-nginx", "gateway-api"], &get).is_empty());
    let both = told(&["kong", "gce-ingress"], &get);
    assert_eq!(
        json!(both),
        json!({ "shop": {
            "cloud.google.com/backend-config": "{\"default\":\"shop\"}",
            "cloud.google.com/neg": "{\"ingress\":true}",
            "konghq.com/read-timeout": "120000",
            "konghq.com/write-timeout": "120000",
        } })
    );
}

#[test]
fn names_are_short_and_differ() {
    let mut names = ingress::Names::new("shop-legacy".to_owned());
    let long = format!("/{}", "x".repeat(60));
    let given = ["", "/a/b", "/A.b", "", &long].map(|difference| names.next(difference));
    let end = "x".repeat(40);
    let expected = [
        "shop-legacy",
        "shop-legacy-a-b",
        "shop-legacy-a-b-2",
        "shop-legacy-2",
        &format!("shop-legacy-{end}"),
    ];
    assert_eq!(given, expected);
}

/// On a host that is rewritten, the text of a longer prefix is the longer text, whatever becomes of it,
/// and an exact path is tried before the prefixes that it lies below.
#[test]
fn expressions_sort_as_prefixes_do() {
    let paths = json!([
        { "prefix": "/a", "strip": true },
        { "prefix": "/a/b" },
        { "prefix": "/a/b/c", "rewritePrefix": "/x" },
        { "prefix": "/a/b/c", "exact": true },
        { "prefix": "/", "rewritePrefix": "/y" },
    ]);
    let routes = json!({ "legacy": { "hosts": [{ "host": "a.example", "paths": paths }] } });
    let (api, environment) = (api(json!({ "routes": routes })), environment(&["ingress-nginx", "kong"]));
    let entries = entries(&api, &environment);
    let paths = &entries[0].hosts[0].paths;
    for router in of(&environment) {
        let order: Vec<usize> = paths.iter().filter_map(|path| router.precedence(path, true)).collect();
        assert!(order[..4].is_sorted_by(|one, other| one < other), "{}: {order:?}", router.kind().name());
        assert!(order[4] < order[0], "{}: {order:?}", router.kind().name());
    }
}

#[test]
fn a_tilde_has_to_be_in_an_expression_for_ingress_nginx() {
    let routes = |path: Json| json!({ "legacy": { "hosts": [{ "host": "a.example", "paths": [path] }] } });
    let kept = routes(json!({ "prefix": "/~shop" }));
    assert_eq!(keys(refused(&["ingress-nginx"], &kept)), ["routes.legacy.hosts.0.paths.0.prefix"]);
    assert_eq!(refused(&["kong"], &kept), []);
    assert_eq!(refused(&["ingress-nginx"], &routes(json!({ "prefix": "/~shop", "strip": true }))), []);
}

#[test]
fn no_path_takes_the_name_of_another_router_s_object() {
    let hosts = json!([{ "host": "a.example", "paths": [
        { "prefix": "/" }, { "prefix": "/kong", "strip": true }, { "prefix": "/x", "strip": true },
    ] }]);
    let api = api(json!({ "routes": { "legacy": { "hosts": hosts } } }));
    let environment = environment(&["ingress-nginx", "kong"]);
    let entries = entries(&api, &environment);
    let contexts = of(&environment).map(|router| router.context(&entries, &environment));
    let names: Vec<String> = contexts
        .flat_map(|context| context["routes"].as_array().cloned().unwrap_or_default())
        .map(|route| route["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    let nginx = ["shop-legacy", "shop-legacy-path-kong", "shop-legacy-x"];
    let kong = ["shop-legacy-kong", "shop-legacy-kong-path-kong", "shop-legacy-kong-x"];
    assert_eq!(names, [nginx, kong].concat());
}

#[test]
fn a_class_is_that_of_the_first_router_that_reads_ingress_objects() {
    let class = |kinds: &[&str], kind| {
        let mut environment = environment(kinds);
        environment.ingress_class = Some("public".to_owned());
        environment.class_of(kind).map(str::to_owned)
    };
    let public = Some("public".to_owned());
    assert_eq!(class(&["kong"], RouterKind::Kong), public);
    assert_eq!(class(&["gateway-api", "kong"], RouterKind::Kong), public);
    assert_eq!(class(&["ingress-nginx", "kong"], RouterKind::IngressNginx), public);
    assert_eq!(class(&["ingress-nginx", "kong"], RouterKind::Kong), None);
}

//! `route explain` and `route list` as people and pipelines call them.

use onramp::platform::RouterKind;
use onramp::route::explain::explain;
use onramp::route::{FORMATS, Route, Url};
use serde_json::Value as Json;

use super::vectors::Short;
use crate::env::{Env, METADATA};

fn metadata(name: &str, routes: &str) -> String {
    METADATA
        .replace("name: payments", &format!("name: {name}"))
        .replace("environments:\n", &format!("routes:\n{routes}environments:\n"))
}

/// Two APIs: one with both entries, one whose prefix lies below the other's.
fn env() -> Env {
    let env = Env::with_api(&metadata(
        "payments",
        "  legacy: { hosts: [pay.customer-a.example] }\n  unified: { prefix: /payments }\n",
    ));
    env.write(
        "onboarding/refunds/metadata.yaml",
        metadata("refunds", "  unified: { prefix: /payments/refunds }\n"),
    );
    env
}

#[test]
fn explain_says_who_why_and_what_is_surprising() {
    let env = env();
    insta::assert_snapshot!(env.run(&["route", "explain", "https://api.acme.example/payments/Refunds//7?x=1"]), @"
    exit code: 0
    ----- stdout -----
    api.acme.example/payments/Refunds//7?x=1

    prod (ingress-nginx)
      answers    refunds: service refunds, port http
      container  /7?x=1
      route      unified of refunds-unified: api.acme.example/payments/refunds, strip
      written    onboarding/refunds/metadata.yaml:10
      also fits  api.acme.example/payments of payments-unified (onboarding/payments/metadata.yaml:11): the text of its location, `/payments(/|$)(.*)`, is not longer than `/payments/refunds(/|$)(.*)`, and the longest goes first
      note       case: `/payments/refunds` matches although the case differs, since a rewrite on an ingress-nginx host ignores case; other routers do not
      note       repeated-slash: nginx resolves `//` before it matches, and a rewritten path reaches the container resolved
    ");
    insta::assert_snapshot!(env.run(&["route", "explain", "pay.customer-a.example", "--env", "staging"]), @"
    exit code: 0
    ----- stdout -----
    pay.customer-a.example/

    staging (ingress-nginx)
      answers    payments: service payments, port http
      container  /
      route      legacy of payments-legacy: pay.customer-a.example/, keep
      written    onboarding/payments/metadata.yaml:10
    ");
}

#[test]
fn explain_in_json_says_the_same() {
    let env = env();
    let run = env.run(&["route", "explain", "https://api.acme.example/payments/refunds", "--format", "json"]);
    let json: Json = serde_json::from_str(&run.success()).expect("it is JSON");
    let answer = &json["answers"][0];
    assert_eq!(json["answers"].as_array().map(Vec::len), Some(1));
    assert_eq!((&json["host"], &json["target"]), (&"api.acme.example".into(), &"/payments/refunds".into()));
    assert_eq!((&answer["route"]["api"], &answer["containerPath"]), (&"refunds".into(), &"/".into()));
    assert_eq!(answer["route"]["written"]["path"], "onboarding/refunds/metadata.yaml");
    assert_eq!(answer["alsoFits"][0]["route"]["api"], "payments");
    assert_eq!(answer["notes"][0]["kind"], "missing-trailing-slash");
    assert_eq!(answer["status"], Json::Null);
}

#[test]
fn nobody_answers_is_exit_code_one() {
    let env = env();
    insta::assert_snapshot!(env.run(&["route", "explain", "http://pay.customer-b.example/x"]), @"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    no environment serves the host `pay.customer-b.example`; nearest are `pay.customer-a.example`, `api.acme.example`, `api.staging.acme.example`
    ");
    insta::assert_snapshot!(env.run(&["route", "explain", "api.acme.example/nothing", "--env", "prod"]), @"
    exit code: 1
    ----- stdout -----
    api.acme.example/nothing

    prod (ingress-nginx)
      answers    no API: the router itself, with 404
    ");
    let other = env.run(&["route", "explain", "api.acme.example", "--env", "staging"]);
    assert!(
        other.stderr.starts_with("`staging` does not serve the host `api.acme.example`; nearest are"),
        "{other}"
    );
    assert_eq!(other.code, 1);
    let empty = Env::with_api(METADATA);
    let run = empty.run(&["route", "explain", "a.example"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (1, "no environment serves the host `a.example`; no API has a route\n")
    );
}

#[test]
fn what_cannot_be_asked_is_usage() {
    let env = env();
    for url in ["ftp://a.example", "/payments", "a.example:\u{1b}[2J/", ""] {
        let run = env.run(&["route", "explain", url]);
        assert_eq!(run.code, 2, "{run}");
        assert!(run.stderr.starts_with("error: ") && !run.stderr.contains('\u{1b}'), "{run}");
    }
    // One variable for both commands: what only the other one knows is an error that names what this one does.
    let formats = [("ONRAMP_ROUTE_FORMAT", "csv")];
    let run = env.run_with(&["route", "explain", "a.example"], &formats);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("csv") && run.stderr.contains("human, json"), "{run}");
    let run = env.run(&["route", "list", "--env", "pord"]);
    assert_eq!((run.code, run.stderr.contains("did you mean `prod`?")), (2, true), "{run}");
}

#[test]
fn lists_are_tables_for_people_and_programs() {
    let env = env();
    insta::assert_snapshot!(env.run(&["route", "list"]).success(), @"
    environment  router         host and path                              rewrite  leads to       written
    staging      ingress-nginx  api.staging.acme.example/payments          strip    payments:http  onboarding/payments/metadata.yaml:11
    staging      ingress-nginx  api.staging.acme.example/payments/refunds  strip    refunds:http   onboarding/refunds/metadata.yaml:10
    staging      ingress-nginx  pay.customer-a.example/                    keep     payments:http  onboarding/payments/metadata.yaml:10
    prod         ingress-nginx  api.acme.example/payments                  strip    payments:http  onboarding/payments/metadata.yaml:11
    prod         ingress-nginx  api.acme.example/payments/refunds          strip    refunds:http   onboarding/refunds/metadata.yaml:10
    prod         ingress-nginx  pay.customer-a.example/                    keep     payments:http  onboarding/payments/metadata.yaml:10
    ");
    let csv = env.run(&["route", "list", "--format", "csv", "--env", "prod"]).success();
    assert!(csv.ends_with("\r\n") && csv.matches('\n').count() == csv.matches("\r\n").count(), "{csv:?}");
    insta::assert_snapshot!(csv.replace("\r\n", "\n"), @"
    environment,router,host,path,exact,rewrite,entry,api,workload,service,port,object,written
    prod,ingress-nginx,api.acme.example,/payments,false,strip,unified,payments,,payments,http,payments-unified,onboarding/payments/metadata.yaml:11
    prod,ingress-nginx,api.acme.example,/payments/refunds,false,strip,unified,refunds,,refunds,http,refunds-unified,onboarding/refunds/metadata.yaml:10
    prod,ingress-nginx,pay.customer-a.example,/,false,keep,legacy,payments,,payments,http,payments-legacy,onboarding/payments/metadata.yaml:10
    ");
    let json: Json =
        serde_json::from_str(&env.run(&["route", "list", "--format", "json"]).success()).expect("it is JSON");
    let routes = json["routes"].as_array().expect("a list");
    assert_eq!(routes.len(), 6);
    assert!(routes.iter().all(|route| route["written"]["line"].as_u64().is_some_and(|line| line > 1)));
}

/// A host of two environments means the one that releases are promoted to.
#[test]
fn the_edge_gets_one_upstream_for_each_host() {
    let env = env();
    insta::assert_snapshot!(env.run(&["route", "list", "--format", "nginx"]).success().split_once("\n\n").expect("a head").1, @r#"
    map $host $onramp_environment {
        hostnames;
        default "";
        api.acme.example "prod";
        api.staging.acme.example "staging";
        pay.customer-a.example "prod"; # also staging
    }

    map $host $onramp_upstream {
        hostnames;
        default "";
        api.acme.example "onramp_prod_ingress-nginx";
        api.staging.acme.example "onramp_staging_ingress-nginx";
        pay.customer-a.example "onramp_prod_ingress-nginx"; # also onramp_staging_ingress-nginx
    }
    "#);
}

/// During a move two routers of an environment serve the same host, each by its own rules.
#[test]
fn two_routers_answer_each_for_itself() {
    let short = Short {
        host: "api.acme.example".to_owned(),
        path: "/pay".to_owned(),
        exact: false,
        strip: true,
        rewrite: None,
        to: "payments".to_owned(),
    };
    let routes = [short.route(RouterKind::IngressNginx, 0), short.route(RouterKind::GatewayApi, 1)];
    let url = Url::parse("api.acme.example/Pay/a").expect("it is a URL");
    let explained = explain(&routes, &url);
    let answers: Vec<_> = explained
        .iter()
        .map(|explained| (explained.router, explained.answer.container_path.as_deref()))
        .collect();
    assert_eq!(answers, [(RouterKind::IngressNginx, Some("/a")), (RouterKind::GatewayApi, None)]);
    let nginx = FORMATS.iter().find(|format| format.name == "nginx").expect("there is such a format");
    let maps = (nginx.write)(&routes).expect("nothing is unsafe");
    let line = "api.acme.example \"onramp_prod_ingress-nginx\"; # also onramp_prod_gateway-api\n";
    assert!(maps.contains(line), "{maps}");
    let hostile = Route { host: "a;}".to_owned(), ..routes[0].clone() };
    assert_eq!((nginx.write)(&[hostile]), Err("a;}".to_owned()));
}

#[test]
fn an_api_that_cannot_be_read_stops_the_list_but_not_the_question() {
    let env = env();
    env.write("onboarding/broken/metadata.yaml", "apiVersion: onramp/v1\nname: broken\nrouts: {}\n");
    let run = env.run(&["route", "list", "--format", "nginx"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run}");
    assert!(run.stderr.contains("unknown-key") && run.stderr.contains("nothing is listed"), "{run}");
    let run = env.run(&["route", "explain", "api.acme.example/payments"]);
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stdout.contains("answers    payments") && run.stderr.contains("unknown-key"), "{run}");
}

/// A list of routers is asked in its order, and all workloads, hosts and paths are there.
#[test]
fn routes_of_a_move_are_listed_as_they_are_rendered() {
    let env = Env::with_api(
        "apiVersion: onramp/v1\nname: payments\nowner: { team: payments, email: payments@acme.example }\n\
         tier: standard\nlifecycle: approved\nimage: registry.example/apis/payments:v2.0.0\n\
         workloads: { web: { ports: { http: 8080 } }, admin: { ports: { http: 8080, grpc: 9090 } } }\n\
         routes:\n  legacy:\n    name: pay-live\n    hosts:\n    - host: pay.customer-a.example\n      paths:\n\
         \x20     - { prefix: /, workload: web }\n      - { prefix: /admin, workload: admin, port: 9090, strip: true }\n\
         environments: { prod: {} }\n",
    );
    let platform = env.read("platform.yaml");
    let (staging, prod) = platform.split_once("  prod:").expect("it has prod");
    let prod = prod.replacen("router: ingress-nginx", "router: [kong, ingress-nginx]", 1);
    env.write("platform.yaml", format!("{staging}  prod:{prod}"));
    let csv = env.run(&["route", "list", "--format", "csv"]).success();
    insta::assert_snapshot!(csv.replace("\r\n", "\n"), @"
    environment,router,host,path,exact,rewrite,entry,api,workload,service,port,object,written
    prod,kong,pay.customer-a.example,/,false,keep,legacy,payments,web,payments-web,http,pay-live,onboarding/payments/metadata.yaml:14
    prod,ingress-nginx,pay.customer-a.example,/,false,keep,legacy,payments,web,payments-web,http,pay-live-nginx,onboarding/payments/metadata.yaml:14
    prod,kong,pay.customer-a.example,/admin,false,strip,legacy,payments,admin,payments-admin,9090,pay-live-admin,onboarding/payments/metadata.yaml:15
    prod,ingress-nginx,pay.customer-a.example,/admin,false,strip,legacy,payments,admin,payments-admin,9090,pay-live-nginx-admin,onboarding/payments/metadata.yaml:15
    ");
    let maps = env.run(&["route", "list", "--format", "nginx"]).success();
    assert!(maps.contains("\"onramp_prod_kong\"; # also onramp_prod_ingress-nginx\n"), "{maps}");
    insta::assert_snapshot!(env.run(&["route", "explain", "pay.customer-a.example/admin/x"]), @"
    exit code: 0
    ----- stdout -----
    pay.customer-a.example/admin/x

    prod (kong)
      answers    payments, workload admin: service payments-admin, port 9090
      container  /x
      route      legacy of pay-live-admin: pay.customer-a.example/admin, strip
      written    onboarding/payments/metadata.yaml:15
      also fits  pay.customer-a.example/ of pay-live (onboarding/payments/metadata.yaml:14): `/~/admin(?:/|$)` is a regular expression, and those go first

    prod (ingress-nginx)
      answers    payments, workload admin: service payments-admin, port 9090
      container  /x
      route      legacy of pay-live-nginx-admin: pay.customer-a.example/admin, strip
      written    onboarding/payments/metadata.yaml:15
      also fits  pay.customer-a.example/ of pay-live-nginx (onboarding/payments/metadata.yaml:14): the text of its location, `/`, is not longer than `/admin(/|$)(.*)`, and the longest goes first
    ");
}

//! Changes of many APIs, told together.

use serde_json::{Value as Json, json};

use super::super::{EnvironmentChange, changes, show};
use super::*;
use crate::kustomize::Object;

/// An API, an environment, and its objects before and after.
type Case = (String, &'static str, Vec<Object>, Vec<Object>);

fn object(json: Json) -> Object {
    let name = json["metadata"]["name"].as_str().unwrap_or_default().into();
    Object { json, name, hashed: false }
}

fn deployment(api: &str, namespace: &str, image: &str, proxy: &str) -> Object {
    object(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": api, "namespace": namespace },
        "spec": { "template": { "spec": { "containers": [
            { "name": "app", "image": image },
            { "name": "proxy", "image": proxy },
        ] } } },
    }))
}

/// Groups the cases, and writes a line for each change of each group.
fn grouped(cases: &[Case]) -> String {
    let collector = Collector::default();
    let mut units: Vec<(Unit, Kept)> = Vec::new();
    let apis: BTreeSet<&str> = cases.iter().map(|case| case.0.as_str()).collect();
    for api in apis {
        let unit = Unit::Api(api.into());
        let environments =
            cases.iter().filter(|case| case.0 == api).map(|(_, environment, before, after)| {
                EnvironmentChange {
                    environment,
                    before: Side::Built(before),
                    after: Side::Built(after),
                    objects: changes(Some(before), Some(after)),
                }
            });
        let change = UnitChange { unit: &unit, environments: environments.collect() };
        let kept = collector.keep(&change);
        units.push((unit, kept));
    }
    let compared = Compared { units, findings: Vec::new(), base_findings: Vec::new(), total: cases.len() };
    let groups = collector.group(&compared, |kept| kept);
    let mut lines = Vec::new();
    for group in &groups.groups {
        let members: Vec<String> = group
            .members
            .iter()
            .take(3)
            .map(|member| format!("{} in {}", member.unit, member.environments.join("+")))
            .collect();
        lines.push(format!("{} of {}: {}", group.risk.name(), group.members.len(), members.join(", ")));
        for change in &group.changes {
            let value = |value: &Option<super::super::Value>| {
                value.as_ref().map_or("-".to_owned(), |value| value.shown.to_string())
            };
            let what = match &change.shape.difference {
                Difference::Value(before, after) => format!("{} -> {}", value(before), value(after)),
                other => format!("{other:?}"),
            };
            let line = format!("  {} {} {what}", change.shape.object, change.shape.path);
            lines.push(show(&line, None));
            lines.extend(change.examples.iter().map(|(member, _)| format!("    as in {}", member.unit)));
        }
    }
    lines.join("\n")
}

#[test]
fn one_change_of_many_is_told_once_and_outliers_come_first() {
    let mut cases: Vec<Case> = Vec::new();
    for number in 0..20 {
        let api = format!("api{number:02}");
        for (environment, namespace) in [("prod", api.clone()), ("staging", format!("{api}-staging"))] {
            let image = format!("r/apis/{api}:1");
            let before = vec![deployment(&api, &namespace, &image, "r/proxy:1")];
            let proxy = if number == 7 { "r/proxy:3" } else { "r/proxy:2" };
            let mut after = vec![deployment(&api, &namespace, &image, proxy)];
            if number == 3 && environment == "prod" {
                after[0].json["spec"]["replicas"] = json!(4);
            }
            cases.push((api.clone(), environment, before, after));
        }
    }
    insta::assert_snapshot!(grouped(&cases), @r"
    rolling-restart of 1: api07 in prod+staging
      Deployment {api} spec.template.spec.containers[proxy].image r/proxy:1 -> r/proxy:3
    scaling of 1: api03 in prod
      Deployment {api} spec.replicas - -> 4
    rolling-restart of 19: api00 in prod+staging, api01 in prod+staging, api02 in prod+staging
      Deployment {api} spec.template.spec.containers[proxy].image r/proxy:1 -> r/proxy:2
    ");
}

#[test]
fn values_of_ones_own_are_told_once_unless_few_differ() {
    let case = |number: usize, after: String| -> Case {
        let api = format!("api{number:02}");
        let make = |tag: &str| vec![deployment(&api, &api, &format!("r/apis/{api}:{tag}"), "p")];
        let (before, after) = (make("1"), make(&after));
        (api, "prod", before, after)
    };
    let own: Vec<Case> = (0..9).map(|number| case(number, format!("2.{number}"))).collect();
    insta::assert_snapshot!(grouped(&own), @r"
    rolling-restart of 9: api00 in prod, api01 in prod, api02 in prod
      Deployment {api} spec.template.spec.containers[app].image Various
        as in api00
        as in api01
        as in api02
    ");
    let few: Vec<Case> = (0..30)
        .map(|number| case(number, if number < 5 { format!("2.{number}") } else { "3".to_owned() }))
        .collect();
    assert_eq!(grouped(&few).lines().filter(|line| line.contains(" of 1: ")).count(), 5);
}

#[test]
fn no_text_can_pass_for_a_placeholder() {
    let case = |api: &str, value: &str| -> Case {
        (api.to_owned(), "prod", vec![deployment(api, "n", "a", "p")], vec![deployment(api, "n", value, "p")])
    };
    let groups = grouped(&[case("pay", "x/pay"), case("cart", "x/cart"), case("evil", "x/\u{e000}")]);
    assert!(groups.contains("of 2: cart in prod, pay in prod") && groups.contains("of 1: evil"), "{groups}");
    // Words inside of others stay.
    let groups = grouped(&[case("pay", "x/payments")]);
    assert!(groups.contains("x/payments"), "{groups}");
}

#[test]
fn secrets_differ_unseen() {
    let case = |api: &str, value: &str| -> Case {
        let make = |value: &str| {
            vec![object(
                json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" }, "data": { "a": value } }),
            )]
        };
        (api.to_owned(), "prod", make("old"), make(value))
    };
    let groups = grouped(&[case("pay", "one"), case("cart", "two"), case("shop", "two")]);
    insta::assert_snapshot!(groups, @r"
    config-reload of 1: pay in prod
      Secret s data.a *** -> ***
    config-reload of 2: cart in prod, shop in prod
      Secret s data.a *** -> ***
    ");
}

#[test]
fn one_host_is_not_another() {
    let case = |api: &str, from: &str, to: &str| -> Case {
        let make = |backend: &str| {
            let hosts = [format!("{api}.a.example"), format!("{api}.b.example")];
            let url = format!("https://{api}.{backend}.example/");
            vec![
                object(
                    json!({ "kind": "HTTPRoute", "metadata": { "name": "r" }, "spec": { "hostnames": hosts } }),
                ),
                object(
                    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "c" }, "data": { "url": url } }),
                ),
            ]
        };
        (api.to_owned(), "prod", make(from), make(to))
    };
    insta::assert_snapshot!(grouped(&[case("pay", "a", "b"), case("cart", "a", "b"), case("shop", "b", "a")]), @r"
    config-reload of 1: shop in prod
      ConfigMap c data.url https://{host}2/ -> https://{host}/
    config-reload of 2: cart in prod, pay in prod
      ConfigMap c data.url https://{host}/ -> https://{host}2/
    ");
}

#[test]
fn objects_of_several_namespaces_are_told_apart() {
    let make = |one: u32, other: u32| {
        [("a", one), ("b", other)].map(|(namespace, replicas)| {
            let mut deployment = deployment("pay", namespace, "x", "p");
            deployment.json["spec"]["replicas"] = json!(replicas);
            deployment
        })
    };
    let both = grouped(&[("pay".to_owned(), "prod", make(1, 1).into(), make(2, 2).into())]);
    insta::assert_snapshot!(both, @r"
    scaling of 1: pay in prod
      Deployment {api} in namespace a spec.replicas 1 -> 2
      Deployment {api} in namespace b spec.replicas 1 -> 2
    ");
}

#[test]
fn a_text_that_goes_is_not_one_that_is_emptied() {
    let config = |data: Json| {
        vec![object(
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "c" }, "data": data }),
        )]
    };
    let case = |api: &str, after: Json| -> Case {
        (api.to_owned(), "prod", config(json!({ "a": "x\ny" })), config(after))
    };
    let groups = grouped(&[case("pay", json!({})), case("cart", json!({ "a": "" }))]);
    assert_eq!(groups.lines().filter(|line| line.contains(" of 1: ")).count(), 2, "{groups}");
}

//! What is lifted, what stays, and that merging brings each workload back.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::diagnostic::Sink;
use crate::metadata;
use crate::migrate::factor::factor;
use crate::platform;
use crate::yaml::emit;

/// Lifts what workloads of some environments share; returns what stands beside them and what is left of each.
fn lifted(sides: &[Json]) -> Vec<Json> {
    let mut sides: Vec<Json> = sides.iter().map(|workloads| json!({ "workloads": workloads })).collect();
    let lifts = lift(&mut sides);
    let is_alone = |side: &Json| side.as_object().is_some_and(|side| side.len() == 1);
    assert_eq!(lifts, !sides.iter().all(is_alone));
    sides
}

#[test]
fn what_all_say_is_said_once() {
    let shared = json!({
        "env": { "A": "1", "B": { "secret": "s", "key": "k" } },
        "podLabels": { "tier": "back" },
        "serviceAccount": "shop",
        "pod": { "securityContext": { "runAsUser": 1 } },
    });
    let with = |own: Json| {
        let mut words = shared.as_object().unwrap().clone();
        words.extend(own.as_object().unwrap().clone());
        Json::Object(words)
    };
    let sides = lifted(&[json!({ "web": with(json!({ "replicas": 2 })), "worker": with(json!({})) })]);
    let mut expected = json!({ "workloads": { "web": { "replicas": 2 }, "worker": {} } });
    expected.as_object_mut().unwrap().extend(shared.as_object().unwrap().clone());
    assert_eq!(sides, [expected]);
}

#[test]
fn names_and_labels_of_objects_stay_with_each() {
    let words = json!({ "identity": { "selector": { "a": "b" } }, "labels": { "a": "b" } });
    let sides = [json!({ "web": words, "worker": words })];
    assert_eq!(lifted(&sides), [json!({ "workloads": sides[0] })]);
}

#[test]
fn what_one_says_otherwise_in_one_environment_stays_with_each_in_all() {
    let (one, two) = (json!({ "podLabels": { "a": "1" } }), json!({ "podLabels": { "a": "2" } }));
    let sides = [json!({ "web": one, "worker": one }), json!({ "web": one, "worker": two })];
    assert_eq!(lifted(&sides), [json!({ "workloads": sides[0] }), json!({ "workloads": sides[1] })]);
    let none = json!({});
    let sides = [json!({ "web": one, "worker": one }), json!({ "web": one, "worker": one, "report": none })];
    assert_eq!(lifted(&sides), [json!({ "workloads": sides[0] }), json!({ "workloads": sides[1] })]);
}

#[test]
fn what_differs_by_environment_alone_is_said_in_each() {
    let (one, two) = (json!({ "podLabels": { "a": "1" } }), json!({ "podLabels": { "a": "2" } }));
    let sides =
        [json!({ "web": one, "worker": one }), json!({ "web": two, "worker": two }), json!({ "web": {} })];
    let none = json!({ "web": {}, "worker": {} });
    assert_eq!(
        lifted(&sides),
        [
            json!({ "workloads": none, "podLabels": { "a": "1" } }),
            json!({ "workloads": none, "podLabels": { "a": "2" } }),
            json!({ "workloads": { "web": {} } }),
        ]
    );
}

#[test]
fn what_one_workload_says_in_one_environment_is_no_ones_else() {
    let sides = [json!({ "web": { "podLabels": { "a": "1" } } }), json!({ "web": {}, "worker": {} })];
    assert_eq!(lifted(&sides), [json!({ "workloads": sides[0] }), json!({ "workloads": sides[1] })]);
}

#[test]
fn of_lists_what_all_begin_with_is_shared() {
    let web = json!({ "env": { "A": "1", "B": "2", "C": "3", "D": "4" } });
    let worker = json!({ "env": { "A": "1", "B": "2", "X": "0", "C": "3", "D": "4" } });
    let sides = lifted(&[json!({ "web": web, "worker": worker })]);
    assert_eq!(
        sides,
        [json!({
            "workloads": { "web": { "env": { "C": "3", "D": "4" } }, "worker": { "env": { "X": "0", "C": "3", "D": "4" } } },
            "env": { "A": "1", "B": "2" },
        })]
    );
    let turned = json!({ "env": { "B": "2", "A": "1" } });
    let sides = [json!({ "web": web, "worker": turned })];
    assert_eq!(lifted(&sides), [json!({ "workloads": sides[0] })]);
}

#[test]
fn what_most_say_is_said_once_and_the_others_say_theirs() {
    let words = |level: &str, root: bool| {
        json!({
            "env": { "LEVEL": level, "A": "1" },
            "container": { "securityContext": { "runAsUser": 1, "readOnlyRootFilesystem": root } },
        })
    };
    let (some, other) = (words("info", false), words("debug", true));
    let sides = lifted(&[json!({ "web": other, "worker": some, "report": some })]);
    let own = json!({ "env": { "LEVEL": "debug" }, "container": { "securityContext": { "readOnlyRootFilesystem": true } } });
    let mut expected = json!({ "workloads": { "web": own, "worker": {}, "report": {} } });
    expected.as_object_mut().unwrap().extend(some.as_object().unwrap().clone());
    assert_eq!(sides, [expected]);
    // Half is not most, and what would have to be taken out is not shared.
    let with = |context: Json| json!({ "container": { "securityContext": context } });
    let (full, less) = (with(json!({ "runAsUser": 1, "runAsGroup": 1 })), with(json!({ "runAsUser": 1 })));
    let level = |level: &str| json!({ "env": { "LEVEL": level } });
    for workloads in [
        json!({ "web": full, "worker": full, "report": less }),
        json!({ "web": level("a"), "worker": level("b") }),
        json!({ "web": { "image": "a:1" }, "worker": { "image": "a:1" }, "report": { "image": "b:1" } }),
        json!({ "web": { "kind": "CronJob" }, "worker": { "kind": "CronJob" }, "report": { "kind": "Job" } }),
    ] {
        assert_eq!(lifted(std::slice::from_ref(&workloads)), [json!({ "workloads": workloads })]);
    }
}

#[test]
fn what_few_lack_is_taken_out_of_what_all_have() {
    let all = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];
    let list = |keys: &[&str]| -> Json {
        keys.iter().map(|key| ((*key).to_owned(), Json::from(key.to_ascii_lowercase()))).collect()
    };
    let words = |own: Json| json!({ "env": own });
    // Only the website has a port, before all others, and a flag behind them.
    let web = list(&[&["PORT"][..], &all, &["FLAG"]].concat());
    let sides = lifted(&[json!({ "web": words(web.clone()), "worker": words(list(&all)) })]);
    let mut shared = web.clone();
    shared.as_object_mut().unwrap().shift_remove("FLAG");
    let own = json!({ "web": words(list(&["FLAG"])), "worker": words(json!({ "PORT": null })) });
    assert_eq!(sides, [json!({ "workloads": own, "env": shared })]);
    // In another environment it lacks one more: then nothing that one of them lacks is shared.
    let less = list(&all[1..]);
    let sides = [
        json!({ "web": words(web.clone()), "worker": words(list(&all)) }),
        json!({ "web": words(web), "worker": words(less) }),
    ];
    assert_eq!(lifted(&sides), [json!({ "workloads": sides[0] }), json!({ "workloads": sides[1] })]);
}

#[test]
fn what_belongs_together_is_shared_whole_or_not_at_all() {
    let words = |memory: &str, delay: u8| {
        json!({
            "resources": { "requests": { "cpu": "1", "memory": memory } },
            "probes": { "liveness": { "httpGet": { "path": "/" }, "initialDelaySeconds": delay } },
            "container": { "securityContext": { "runAsUser": 1, "runAsGroup": delay } },
        })
    };
    let sides = [json!({ "web": words("1Gi", 1), "worker": words("2Gi", 2) })];
    assert_eq!(lifted(&sides), [json!({ "workloads": sides[0] })]);
    let sides = lifted(&[json!({ "web": words("1Gi", 1), "worker": words("1Gi", 1) })]);
    assert_eq!(sides[0]["workloads"], json!({ "web": {}, "worker": {} }));
}

#[test]
fn containers_beside_the_main_one_share_a_part() {
    let words = |image: &str| json!({ "initContainers": { "env": { "image": image, "args": ["a"] } } });
    let sides = lifted(&[json!({ "web": words("a:1"), "worker": words("a:2") })]);
    let own = |image: &str| json!({ "initContainers": { "env": { "image": image } } });
    assert_eq!(
        sides,
        [json!({
            "workloads": { "web": own("a:1"), "worker": own("a:2") },
            "initContainers": { "env": { "args": ["a"] } },
        })]
    );
}

/// Some keys of a map, in any order, with values of which each has few.
fn some(keys: &'static [&'static str], value: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    let order = Just(keys.to_vec()).prop_shuffle();
    // Most maps have the order of most others.
    let order = prop_oneof![3 => Just(keys.to_vec()), 1 => order];
    (order, prop::collection::vec(prop::option::weighted(0.8, value), keys.len()))
        .prop_map(|(keys, values)| {
            let said = keys.into_iter().zip(values).filter_map(|(key, value)| Some((key.to_owned(), value?)));
            Json::Object(said.collect())
        })
        .boxed()
}

fn one_of(values: &[Json]) -> BoxedStrategy<Json> {
    let first = Just(values[0].clone());
    prop_oneof![4 => first, 1 => prop::sample::select(values.to_vec())].boxed()
}

/// The words of a container.
fn container() -> BoxedStrategy<Vec<(&'static str, Option<Json>)>> {
    let value = one_of(&[
        json!("1"),
        json!("2"),
        json!({ "secret": "s", "key": "a" }),
        json!({ "secret": "s", "key": "b" }),
    ]);
    let handlers = [
        json!({ "httpGet": { "port": 80, "path": "/" } }),
        json!({ "tcpSocket": { "port": 80 }, "periodSeconds": 3 }),
    ];
    let amount = one_of(&[json!("1"), json!("2")]);
    (
        one_of(&[json!("a.example/a:1"), json!("a.example/a:2")]),
        prop::option::of(some(&["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"], value)),
        prop::option::of(some(&["http", "admin"], one_of(&[json!(8080), json!({ "containerPort": 90 })]))),
        prop::option::of(some(&["readiness", "liveness"], one_of(&handlers))),
        prop::option::of(some(&["requests", "limits"], some(&["cpu", "memory"], amount))),
        prop::option::of(one_of(&[json!(["a"]), json!(["b"])])),
        prop::option::of(some(&["imagePullPolicy"], one_of(&[json!("Always"), json!("Never")]))),
    )
        .prop_map(|(image, env, ports, probes, resources, args, container)| {
            vec![
                ("image", Some(image)),
                ("env", env),
                ("ports", ports),
                ("probes", probes),
                ("resources", resources),
                ("args", args),
                ("container", container),
            ]
        })
        .boxed()
}

fn map(words: Vec<(&'static str, Option<Json>)>) -> Json {
    Json::Object(words.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

/// The words of a workload.
fn workload() -> BoxedStrategy<Json> {
    let beside =
        container().prop_map(|words| map(words.into_iter().filter(|(key, _)| *key != "probes").collect()));
    let volume = one_of(&[
        json!({ "emptyDir": {}, "mountPath": "/a" }),
        json!({ "config": "c", "mountPath": "/b" }),
        json!({ "secret": "s", "mountPath": "/b", "items": { "a": "b", "c": "d" } }),
        json!({ "secret": "s", "mountPath": "/b", "items": { "c": "d", "a": "b" } }),
    ]);
    let label = one_of(&[json!("1"), json!("2")]);
    let scale = [
        json!(["replicas", 1]),
        json!(["replicas", 2]),
        json!(["autoscaling", { "min": 1, "max": 3, "cpu": 50 }]),
    ];
    (
        container(),
        prop::option::of(some(&["x", "y", "z"], volume)),
        prop::option::of(some(&["one", "two"], beside.boxed())),
        prop::option::of(some(&["a", "b", "c"], label.clone())),
        prop::option::of(one_of(&[json!("a"), json!("b")])),
        prop::option::of(some(
            &["terminationGracePeriodSeconds", "priorityClassName"],
            one_of(&[json!("1"), json!("2")]),
        )),
        prop::option::of(one_of(&scale)),
        prop::option::of(some(&["a", "b"], label)),
    )
        .prop_map(|(mut words, volumes, beside, pod_labels, account, pod, scale, labels)| {
            let pod = pod.map(|mut pod| {
                if let Some(grace) = pod.get_mut("terminationGracePeriodSeconds") {
                    *grace = json!(if *grace == "1" { 30 } else { 60 });
                }
                pod
            });
            words.extend([("volumes", volumes), ("initContainers", beside), ("podLabels", pod_labels)]);
            words.extend([("serviceAccount", account), ("pod", pod), ("labels", labels)]);
            for (key, name) in [("replicas", "replicas"), ("autoscaling", "autoscaling")] {
                let value = scale.as_ref().filter(|scale| scale[0] == name).map(|scale| scale[1].clone());
                words.push((key, value));
            }
            map(words)
        })
        .boxed()
}

/// Environments with some of a few workloads; in many of them workloads are much alike.
fn sides() -> BoxedStrategy<Vec<Json>> {
    let base = prop::collection::vec(workload(), 1..3);
    let cell =
        (prop::option::weighted(0.3, workload()), any::<prop::sample::Index>(), prop::bool::weighted(0.85));
    (base, 1..4usize, 2..5usize)
        .prop_flat_map(move |(base, sides, workloads)| {
            let cells = prop::collection::vec(cell.clone(), sides * workloads);
            cells.prop_map(move |cells| {
                let one = |cells: &[(Option<Json>, prop::sample::Index, bool)]| {
                    let names = ["web", "worker", "report", "import"].iter().zip(cells);
                    let there = names.filter(|(_, (_, _, there))| *there);
                    let words = there.map(|(name, (own, like, _))| {
                        (
                            (*name).to_owned(),
                            own.clone().unwrap_or_else(|| base[like.index(base.len())].clone()),
                        )
                    });
                    Json::Object(words.collect())
                };
                cells.chunks(workloads).map(one).collect()
            })
        })
        .boxed()
}

/// Sorts the keys of maps in which order means nothing.
fn sorted<'a>(value: &'a Json, path: &mut Vec<&'a str>) -> Json {
    let Json::Object(map) = value else { return value.clone() };
    let mut entries: Vec<(String, Json)> = Vec::new();
    for (key, value) in map {
        path.push(key);
        // The order of a unit's keys is its own.
        let value = if is_unit(path) { value.clone() } else { sorted(value, path) };
        entries.push((key.clone(), value));
        path.pop();
    }
    if !is_ordered(path) {
        entries.sort_by(|one, other| one.0.cmp(&other.0));
    }
    Json::Object(entries.into_iter().collect())
}

fn lines(value: &Json) -> String {
    emit(&sorted(value, &mut Vec::new()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn merging_brings_every_workload_back(sides in sides()) {
        let mut sink = Sink::default();
        let names = ["dev", "staging", "prod"];
        let platform = "apiVersion: onramp/v1\nenvironments: { dev: {}, staging: {}, prod: {} }\n";
        let platform = platform::parse(platform.into(), &mut sink).unwrap();
        let mut words: Vec<Json> = sides.iter().map(|workloads| json!({ "workloads": workloads })).collect();
        lift(&mut words);
        let (mut metadata, mut own) = factor(&words);
        // What an environment lacks is taken out there, as `assemble` does.
        let known: Vec<String> =
            metadata["workloads"].as_object().into_iter().flat_map(Map::keys).cloned().collect();
        for (own, side) in own.iter_mut().zip(&sides) {
            for name in known.iter().filter(|name| side.get(name.as_str()).is_none()) {
                own["workloads"][name] = Json::Null;
            }
        }
        if metadata["workloads"].is_null() {
            metadata["workloads"] = json!({});
        }
        metadata["apiVersion"] = "onramp/v1".into();
        metadata["name"] = "shop".into();
        metadata["owner"] = json!({ "team": "shop", "email": "shop@acme.example" });
        metadata["profile"] = "adopted".into();
        metadata["environments"] = names.iter().zip(own).map(|(name, own)| ((*name).to_owned(), own)).collect();
        let text = emit(&metadata);
        let path: Arc<str> = "metadata.yaml".into();
        let read = metadata::read(&path, text.clone().into_bytes(), &platform, &mut sink);
        prop_assert_eq!(sink.into_findings(), []);
        let read = read.unwrap();
        for (side, here) in sides.iter().zip(&read.environments) {
            let side = side.as_object().unwrap();
            let found: Vec<_> = here.merged.workloads().map(|(workload, tree)| (workload.name.clone(), tree.to_json())).collect();
            prop_assert_eq!(found.len(), side.len(), "{}", text);
            for (name, tree) in found {
                prop_assert_eq!(lines(&tree), lines(&side[&name]), "{} in {}:\n{}", name, here.name, text);
            }
        }
    }
}

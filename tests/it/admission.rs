//! What an API server says of objects: sound ones pass, each planted fault is found where it is. The conformance suite
//! holds the same table against a real server's source.

mod table;

use std::fmt::Write as _;

use onramp::admission::{Outcome, faults};
use onramp::kubernetes::{VERSIONS, Version};

use self::table::{VERSION, meet, planted, pointer, sound};

#[test]
fn sound_objects_pass() {
    let version = Version::nearest(VERSION).expect("a version").version;
    for (id, object) in sound() {
        assert_eq!(faults(&object, version), [], "{id}");
    }
}

#[test]
fn each_planted_fault_is_found_where_it_is() {
    let version = Version::nearest(VERSION).expect("a version").version;
    let mut wrong = String::new();
    let rows = planted();
    for row in &rows {
        let found = faults(&row.object, version);
        let hit = found.iter().any(|fault| fault.outcome == row.outcome && meet(&pointer(fault), &row.found));
        // What the server refuses is told as such, and not beside something lesser.
        let lesser =
            row.outcome != Outcome::Refused && found.iter().any(|fault| fault.outcome == Outcome::Refused);
        if !hit || lesser {
            writeln!(wrong, "{}: wanted {:?} at {}, found {found:?}", row.say, row.outcome, row.found)
                .expect("a text takes all");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(rows.len() >= 240, "{} rows", rows.len());
    assert_eq!(
        rows.iter().filter(|row| row.of_version).count(),
        2,
        "rows that the source of a server does not judge"
    );
}

#[test]
fn no_secret_is_told() {
    let version = Version::nearest(VERSION).expect("a version").version;
    for text in [
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":"hunter2!"}}"#,
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"a":["hunter2!"]}}"#,
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"hunter2!"}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"a","env":[{"name":"A","value":{"hunter2!":1}},{"name":"B","value":"hunter2!","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}]}}"#,
    ] {
        let object = serde_json::from_str(text).expect("it is JSON");
        let found = faults(&object, version);
        assert!(!found.is_empty(), "{text}");
        let told = |fault: &onramp::admission::Fault<'_>| fault.message.contains("hunter2");
        assert!(!found.iter().any(told), "{found:?}");
    }
}

/// Whatever stands in an object, the answer is no panic, and it comes for each version.
#[test]
fn no_shape_is_a_surprise() {
    let odd = ["null", "1", "\"x\"", "[]", "{}", "[null]", "[[]]", "{\"\":null}", "true", "-1.5e300"];
    for (_, object) in sound() {
        for part in [
            "/metadata",
            "/metadata/labels",
            "/spec",
            "/spec/template",
            "/spec/template/spec",
            "/data",
            "/rules",
        ] {
            for odd in odd {
                let mut object = object.clone();
                let Some(place) = object.pointer_mut(part) else { continue };
                *place = serde_json::from_str(odd).expect("it is JSON");
                for version in [VERSIONS[0], VERSIONS[VERSIONS.len() - 1]] {
                    let _ = faults(&object, version);
                }
            }
        }
    }
}

#[test]
fn rules_follow_the_version() {
    let pod = |spec: &str| {
        let text = format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"a"}},"spec":{spec}}}"#);
        serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON")
    };
    let cases = [
        (r#"{"containers":[{"name":"a","image":"a","env":[{"name":"1 a","value":""}]}]}"#, "1.31", "1.32"),
        (r#"{"containers":[{"name":"a","image":"a"}],"dnsConfig":{"searches":["_a.b"]}}"#, "1.32", "1.33"),
    ];
    for (spec, refused, accepted) in cases {
        for (version, refuses) in [(refused, true), (accepted, false)] {
            let version = Version::nearest(version).expect("a version").version;
            assert_eq!(!faults(&pod(spec), version).is_empty(), refuses, "{version} {spec}");
        }
    }
}

//! Schema and types agree, on every fixture, and every key is explained.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onramp::diagnostic::Sink;
use onramp::exceptions::Exceptions;
use onramp::metadata;
use onramp::migrate::Decisions;
use onramp::platform;
use onramp::release::read_request;
use onramp::report::Position;
use onramp::schema::{DIAGNOSTICS, SCHEMAS};
use onramp::snapshot::Snapshot;
use serde_json::Value as Json;

use crate::env::Env;

fn fixtures(kind: &str) -> Vec<(PathBuf, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schema").join(kind);
    let mut files: Vec<PathBuf> = fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.expect("entries can be read").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{kind} has fixtures");
    files
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(path).expect("fixtures are text")))
        .collect()
}

fn rules_platform() -> platform::LoadedPlatform {
    let text = include_str!("../../fixtures/rules/platform.yaml");
    platform::parse(text.into(), &mut Sink::default()).expect("the platform of the fixtures is valid")
}

fn codes(sink: Sink, text: &str) -> Vec<String> {
    sink.into_findings()
        .into_iter()
        .map(|finding| {
            let at = Position::of(text, finding.primary.span.map_or(0, |span| span.start));
            format!("{} {}:{}", finding.code.name, at.line, at.column)
        })
        .collect()
}

#[test]
fn valid_metadata_passes_schema_and_types() {
    let platform = rules_platform();
    for (path, text) in fixtures("metadata/valid") {
        let mut sink = Sink::default();
        let name: Arc<str> = "metadata.yaml".into();
        let read = metadata::read(&name, text.clone().into_bytes(), &platform, &mut sink);
        // A `null` that removes nothing is no matter of the schema.
        let found: Vec<String> =
            codes(sink, &text).into_iter().filter(|code| !code.starts_with("nothing-to-remove")).collect();
        assert_eq!(found, Vec::<String>::new(), "{}", path.display());
        assert!(read.is_some(), "{}", path.display());
    }
}

#[test]
fn invalid_metadata_is_refused_where_it_is_wrong() {
    let mut wrong = Vec::new();
    let platform = rules_platform();
    for (path, text) in fixtures("metadata/invalid") {
        let mut sink = Sink::default();
        let name: Arc<str> = "metadata.yaml".into();
        let read = metadata::read(&name, text.clone().into_bytes(), &platform, &mut sink);
        let found = codes(sink, &text);
        if found != [expected(&text)] || read.is_some() {
            wrong.push(format!("{}: {found:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn platform_files_agree_with_schema_and_types() {
    for (path, text) in fixtures("platform/valid") {
        let mut sink = Sink::default();
        let read = platform::parse(text.clone().into_bytes(), &mut sink);
        assert_eq!(codes(sink, &text), Vec::<String>::new(), "{}", path.display());
        assert!(read.is_some(), "{}", path.display());
    }
    for (path, text) in fixtures("platform/invalid") {
        let mut sink = Sink::default();
        let read = platform::parse(text.clone().into_bytes(), &mut sink);
        assert_eq!(codes(sink, &text), [expected(&text)], "{}", path.display());
        assert!(read.is_none(), "{}", path.display());
    }
}

#[test]
fn exceptions_agree_with_schema_and_types() {
    for kind in ["waivers", "freezes"] {
        let read = |text: &str| {
            let env = Env::new();
            env.write(&format!("{kind}/a.yaml"), text);
            let snapshot = Snapshot::work_tree(env.root()).expect("the directory is there");
            let mut sink = Sink::default();
            let found = Exceptions::read(&snapshot, &mut sink).expect("the directory can be listed");
            (codes(sink, text), found.waivers.len() + found.freezes.len())
        };
        for (path, text) in fixtures(&format!("{kind}/valid")) {
            assert_eq!(read(&text), (Vec::new(), 2), "{}", path.display());
        }
        for (path, text) in fixtures(&format!("{kind}/invalid")) {
            assert_eq!(read(&text), (vec![expected(&text)], 0), "{}", path.display());
        }
    }
}

#[test]
fn requests_agree_with_schema_and_types() {
    for (path, text) in fixtures("request/valid") {
        let mut sink = Sink::default();
        let read = read_request("requests/a.yaml", text.clone().into_bytes(), &mut sink);
        assert_eq!(codes(sink, &text), Vec::<String>::new(), "{}", path.display());
        assert_eq!(read.expect("it is read").bumps.len(), 2, "{}", path.display());
    }
    for (path, text) in fixtures("request/invalid") {
        let mut sink = Sink::default();
        let read = read_request("requests/a.yaml", text.clone().into_bytes(), &mut sink);
        assert_eq!(codes(sink, &text), [expected(&text)], "{}", path.display());
        assert!(read.is_none(), "{}", path.display());
    }
}

#[test]
fn decisions_agree_with_schema_and_types() {
    for (path, text) in fixtures("decisions/valid") {
        let mut sink = Sink::default();
        let read = Decisions::parse("migration/decisions.yaml", text.clone().into_bytes(), &mut sink);
        assert_eq!(codes(sink, &text), Vec::<String>::new(), "{}", path.display());
        assert!(read.is_some(), "{}", path.display());
    }
    let mut wrong = Vec::new();
    for (path, text) in fixtures("decisions/invalid") {
        let mut sink = Sink::default();
        let read = Decisions::parse("migration/decisions.yaml", text.clone().into_bytes(), &mut sink);
        let found = codes(sink, &text);
        if found != [expected(&text)] || read.is_some() {
            wrong.push(format!("{}: {found:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Types alone, without the schema before them, refuse unknown keys, missing keys and wrong types
/// too: a stricter schema must not hide a laxer model.
#[test]
fn types_refuse_what_the_schema_refuses() {
    let mut refused = 0;
    let mut wrong = Vec::new();
    for (path, text) in fixtures("metadata/invalid") {
        let expected = expected(&text);
        let structural = ["unknown-key", "wrong-type"].iter().any(|code| expected.starts_with(code));
        // Below `environments` the types see the merged tree only.
        let line: usize = expected.split([' ', ':']).nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
        let environments =
            text.lines().position(|line| line.starts_with("environments:")).map_or(0, |line| line + 1);
        // The merge has taken every `null` out, and the types leave resource names open.
        let merged_away = text.lines().nth(line.saturating_sub(1)).is_some_and(|line| line.contains("null"));
        if !structural || line >= environments || merged_away || path.ends_with("unknown-key-amounts.yaml") {
            continue;
        }
        let mut json = tree(&text);
        json.as_object_mut().expect("a map").shift_remove("environments");
        if serde_json::from_value::<metadata::Api>(json).is_ok() {
            wrong.push(path.display().to_string());
        }
        refused += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 15, "{refused} fixtures are structural");
}

#[test]
fn every_key_has_a_description_and_an_example() {
    let mut wrong = Vec::new();
    for schema in SCHEMAS {
        visit(&schema.json, schema.name, &mut |property, place| {
            let described = property["description"].as_str().is_some_and(|text| text.ends_with('.'));
            if !described || property["examples"].as_array().is_none_or(Vec::is_empty) {
                wrong.push(place.to_owned());
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_specialised_schema_names_what_the_platform_has() {
    let schema = onramp::render::specialise(&rules_platform().model);
    assert_eq!(
        schema["properties"]["environments"]["propertyNames"]["enum"],
        serde_json::json!(["staging", "prod"])
    );
    let tiers = schema["properties"]["tier"]["enum"].as_array().expect("tiers are an enumeration");
    assert!(tiers.contains(&"standard".into()));
    assert_eq!(schema["properties"]["template"]["enum"], serde_json::json!(["current"]));
    assert!(schema["$comment"].as_str().is_some_and(|text| text.starts_with("Generated by onramp from ")));
}

#[test]
fn the_specialised_schema_knows_where_files_of_an_environment_lie() {
    let schema = onramp::render::specialise(&rules_platform().model);
    let prod = &schema["properties"]["environments"]["properties"]["prod"];
    assert_eq!(prod["$ref"], "#/$defs/environment");
    let own = &prod["allOf"][0]["properties"];
    assert_eq!(own["extraResources"]["items"]["pattern"], "^resources/prod/");
    assert_eq!(own["patches"]["items"]["pattern"], "^patches/prod/");
    assert_eq!(own["patches"]["items"]["properties"]["path"]["pattern"], "^patches/prod/");
}

#[test]
fn the_specialised_schema_holds_namespaces_against_a_list() {
    let text = include_str!("../../fixtures/rules/platform.yaml");
    let text = text.replace("allow: [\"*\"]", "allow: [payments, payments-staging]");
    let platform = platform::parse(text.into_bytes(), &mut Sink::default()).expect("it is valid");
    let schema = onramp::render::specialise(&platform.model);
    for pointer in ["/properties/namespace", "/$defs/environment/properties/namespace"] {
        let namespace = schema.pointer(pointer).expect("the schema speaks of a namespace there");
        assert_eq!(
            namespace["then"]["enum"],
            serde_json::json!(["payments", "payments-staging"]),
            "{pointer}"
        );
    }
}

#[test]
fn json_output_fits_its_schema() {
    let env = Env::with_api("name: 1.10\nprots: {}\n");
    env.write("onboarding/orders/config/a", "");
    let run = env.run(&["lint", "--format", "json"]);
    assert_eq!(run.code, 1, "{run}");
    assert!(DIAGNOSTICS.accepts(&run.json()), "{run}");
    assert!(run.findings().len() > 3, "{run}");
    let clean = Env::with_api(include_str!("../../fixtures/schema/metadata/valid/smallest.yaml"));
    assert!(DIAGNOSTICS.accepts(&clean.run(&["lint", "--format", "json"]).json()));
}

fn expected(text: &str) -> String {
    let line = text.lines().next().and_then(|line| line.strip_prefix("# expect: "));
    line.expect("an invalid fixture says what it expects").to_owned()
}

fn tree(text: &str) -> Json {
    use onramp::yaml::{self, Source, SourceId};
    let source = Source { id: SourceId(0), path: "metadata.yaml".into(), text: text.to_owned() };
    let mut tree = yaml::parse(&source, &mut Sink::default()).expect("fixtures are YAML");
    onramp::schema::scalars_as_text(&mut tree, &source, &mut Sink::default());
    tree.to_json()
}

/// Visits every property of a schema with its place.
fn visit(schema: &Json, place: &str, check: &mut dyn FnMut(&Json, &str)) {
    let Json::Object(map) = schema else { return };
    for (key, value) in map {
        let place = format!("{place}/{key}");
        match (key.as_str(), value) {
            ("properties", Json::Object(properties)) => {
                for (name, property) in properties {
                    let place = format!("{place}/{name}");
                    // Inside `if` and `then` a property only narrows what is described elsewhere.
                    if !place.contains("/if/") && !place.contains("/then/") && !place.contains("/not/") {
                        check(property, &place);
                    }
                    visit(property, &place, check);
                }
            }
            ("examples" | "enum" | "const" | "required", _) => {}
            (_, Json::Array(items)) => items.iter().for_each(|item| visit(item, &place, check)),
            _ => visit(value, &place, check),
        }
    }
}

/// Looks for keys that stand in one map twice: a reader of JSON keeps one of them without a word.
struct Strict;

impl<'de> serde::de::DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> serde::de::Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut known = std::collections::BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !known.insert(key.clone()) {
                return Err(serde::de::Error::custom(format!("`{key}` is there twice")));
            }
            map.next_value_seed(Strict)?;
        }
        Ok(())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Strict)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[test]
fn no_schema_says_a_key_twice() {
    let read = |text: &str| {
        use serde::de::DeserializeSeed as _;
        Strict.deserialize(&mut serde_json::Deserializer::from_str(text))
    };
    for schema in SCHEMAS {
        assert!(read(schema.text).is_ok(), "{}: {:?}", schema.name, read(schema.text));
    }
    assert!(read(r#"{"a": [{"b": 1, "c": null, "b": 2}]}"#).is_err());
}

//! The store of schemas says what its source says, and says it of mutated objects too.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use onramp::diagnostic::Sink;
use onramp::kubernetes::{self, Target, VERSIONS, Version};
use onramp::yaml::{self, Source, SourceId, Sources};
use serde_json::{Value as Json, json};

use crate::tools::{documents, python, verdicts};

const OBJECTS: &str = include_str!("../../fixtures/kubernetes/core.yaml");

/// Mutated objects for each version.
const MUTATIONS: usize = 400;

#[test]
fn the_data_is_what_the_generator_writes() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/kubernetes/generate.py");
    let output = Command::new(python()).arg(script).args(["core", "--print"]).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let same = String::from_utf8_lossy(&output.stdout) == include_str!("../../schemas/kubernetes/core.txt");
    assert!(same, "core.txt is not what generate.py writes from the installed kubernetes-validate");
}

/// Our findings on an object: code and message.
fn findings(version: Version, object: &Json) -> Vec<(&'static str, String)> {
    // Through text, since findings point into one.
    let source = Source { id: SourceId(0), path: "object.yaml".into(), text: yaml::emit(object) };
    let mut sink = Sink::default();
    let tree = yaml::parse(&source, &mut sink).expect("what we write can be read");
    assert!(sink.is_empty(), "{}", source.text);
    let word = |key: &str| object[key].as_str().unwrap_or_default();
    let target = Target::Kind { api_version: word("apiVersion"), kind: word("kind") };
    let sources = Sources::new(vec![&source]);
    let fits = kubernetes::check(version, target, &[], &tree, &sources, &mut sink);
    let found: Vec<_> =
        sink.into_findings().into_iter().map(|found| (found.code.name, found.message)).collect();
    assert_eq!(fits, Some(found.is_empty()), "{target:?}");
    found
}

/// Insists that our schemas have nothing against objects, in any version.
pub(crate) fn agree(objects: &[Json]) {
    for version in VERSIONS {
        for object in objects {
            assert_eq!(findings(*version, object), [], "{version} {object}");
        }
    }
}

/// A generator of numbers that starts from the same one every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).expect("31 bits fit") % limit
    }
}

/// Every place below `metadata` and the keys beside it, as JSON pointers.
fn places(value: &Json, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Json)> = match value {
        Json::Object(map) => {
            map.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Json::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    for (key, child) in children {
        if at.is_empty() && matches!(key.as_str(), "apiVersion" | "kind") {
            continue;
        }
        let place = format!("{at}/{key}");
        places(child, &place, found);
        found.push(place);
    }
}

/// Changes one place of an object, and says what was done.
fn mutate(object: &mut Json, random: &mut Random) -> String {
    let mut all = Vec::new();
    places(object, "", &mut all);
    let place = all.swap_remove(random.below(all.len()));
    let (parent, key) = place.rsplit_once('/').expect("a place has a parent");
    let key = key.replace("~1", "/").replace("~0", "~");
    let value = object.pointer(&place).cloned().expect("the place is there");
    let parent = object.pointer_mut(parent).expect("the parent is there");
    let mut put = |new: Json| match &mut *parent {
        Json::Object(map) => drop(map.insert(key.clone(), new)),
        Json::Array(items) => items[key.parse::<usize>().expect("an index")] = new,
        _ => unreachable!("only maps and lists have places"),
    };
    let done = match random.below(12) {
        0 => {
            match parent {
                Json::Object(map) => drop(map.shift_remove(&key)),
                Json::Array(items) => drop(items.remove(key.parse::<usize>().expect("an index"))),
                _ => unreachable!("only maps and lists have places"),
            }
            "removed"
        }
        1 | 2 => {
            if let Json::Object(map) = parent {
                map.shift_remove(&key);
                map.insert(format!("{key}x"), value);
            }
            "renamed"
        }
        3 => {
            if let Json::Object(map) = parent {
                map.insert("unknown".to_owned(), json!(1));
            }
            "added"
        }
        kind => {
            let (new, name) = match kind {
                4 => (json!("text"), "text"),
                5 => (json!(7), "number"),
                6 => (json!(0.5), "fraction"),
                7 => (json!(true), "boolean"),
                8 => (json!([]), "list"),
                9 => (json!({}), "map"),
                10 => (json!(5_000_000_000_u64), "large"),
                _ => (Json::Null, "null"),
            };
            put(new);
            name
        }
    };
    format!("{place} {done}")
}

#[test]
fn mutated_objects_are_judged_as_by_kubernetes_validate() {
    let originals = documents(OBJECTS);
    assert!(originals.len() > 24, "{} objects", originals.len());
    agree(&originals);
    let mut random = Random(0x6f6e_7261_6d70);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for version in [VERSIONS[0], VERSIONS[4], VERSIONS[8], VERSIONS[VERSIONS.len() - 1]] {
        assert!(verdicts(version.as_str(), &originals).iter().all(Option::is_none), "{version}");
        let mut objects = Vec::new();
        let mut changes = Vec::new();
        for index in 0..MUTATIONS {
            // The first one, a Deployment, has most of what there is.
            let mut object =
                originals[if index % 2 == 0 { 0 } else { random.below(originals.len()) }].clone();
            changes.push(mutate(&mut object, &mut random));
            objects.push(object);
        }
        let theirs = verdicts(version.as_str(), &objects);
        for ((object, change), theirs) in objects.iter().zip(&changes).zip(theirs) {
            let ours = findings(version, object);
            let outcome = match (&theirs, ours.as_slice()) {
                (None, []) => "both accept",
                (Some(_), [_, ..]) => "both refuse",
                // Ranges of 32 bits, quantities, closed sets: more than the source knows.
                (None, found) if found.iter().all(|(code, _)| *code == "invalid-value") => {
                    "only we know the values"
                }
                // A `null` is no key here: missing where it is required, fine where a union may be left
                // out. The source takes it for a value of every map and list, and for none of a union.
                (None, [_, ..]) | (Some(_), []) if change.ends_with(" null") => "a null",
                _ => "unexplained",
            };
            if outcome == "unexplained" {
                unexplained.push(format!("{version} {} {change}: {theirs:?}, {ours:?}", object["kind"]));
            }
            *outcomes.entry(outcome).or_default() += 1;
        }
    }
    assert!(unexplained.is_empty(), "{}\n{outcomes:?}", unexplained.join("\n"));
    // Neither side may be right by saying one thing to all.
    for outcome in ["both accept", "both refuse"] {
        assert!(outcomes[outcome] > 300, "{outcomes:?}");
    }
    assert!(outcomes["both accept"] + outcomes["both refuse"] > 4 * MUTATIONS * 9 / 10, "{outcomes:?}");
}

//! What a real API server has against objects, and what we have: `server/main.go` is its source behind a pipe, and
//! `ONRAMP_SERVER` names the program, one for each version, joined by `:`.
//!
//! Random cases come from a seed that is printed. `ONRAMP_CASES` says how many, `ONRAMP_SEED` which.

#[path = "../it/admission/table.rs"]
mod table;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use onramp::admission::{Outcome, faults};
use onramp::kubernetes::{self, Version};
use serde_json::{Value as Json, json};

use self::table::{VERSION, meet, planted, pointer, sound};
use crate::corpus::{self, Corpus};
use crate::fixtures::{fixtures, overlays};
use crate::kustomize::choices::{Choices, numbers};
use crate::tools::{documents, native};

/// Random cases of a run.
const CASES: usize = 3_000;

/// The server behind a pipe.
struct Server {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// What it says of one object.
struct Answer {
    /// The places that it refuses, as JSON pointers as far as it names them, each with why.
    refusals: Vec<(String, String)>,
    warnings: usize,
    /// Whether it is a kind that it judges.
    known: bool,
}

impl Server {
    fn start() -> Self {
        let path = std::env::var("ONRAMP_SERVER").expect("ONRAMP_SERVER is the program; `.ci/run` sets it");
        let mut process = Command::new(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().expect("standard output is piped"));
        Self { process, input, output }
    }

    fn judge(&mut self, object: &Json) -> Answer {
        writeln!(self.input.as_mut().expect("it runs"), "{object}").expect("the server reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the server answers");
        let answer: Json = serde_json::from_str(&line).expect("the server answers in JSON");
        let refusals = answer["refusals"].as_array().expect("a list").iter().map(|refusal| {
            let field = refusal["field"].as_str().unwrap_or_default();
            (as_pointer(field), format!("{field}: {}", refusal["detail"].as_str().unwrap_or_default()))
        });
        Answer {
            refusals: refusals.collect(),
            warnings: answer["warnings"].as_array().map_or(0, Vec::len),
            known: answer.get("unknown").is_none(),
        }
    }
}

/// Writes `spec.containers[0].resources.limits[cpu]` as a pointer.
fn as_pointer(field: &str) -> String {
    let mut pointer = String::new();
    let mut rest = field;
    while !rest.is_empty() {
        let (step, after) = if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = inner.split_once(']').unwrap_or((inner, ""));
            (key, after.strip_prefix('.').unwrap_or(after))
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let after = &rest[end..];
            (&rest[..end], after.strip_prefix('.').unwrap_or(after))
        };
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        rest = after;
    }
    pointer
}

fn version() -> Version {
    Version::nearest(VERSION).expect("a version").version
}

/// Says why the two differ in what they refuse, if they do.
fn difference(object: &Json, answer: &Answer) -> Option<String> {
    let ours: Vec<String> = faults(object, version())
        .into_iter()
        .filter(|fault| fault.outcome == Outcome::Refused)
        .map(|fault| format!("{}: {}", fault.path, fault.message))
        .collect();
    match (answer.refusals.first(), ours.first()) {
        (Some((_, why)), None) => Some(format!("the server refuses {why}")),
        (None, Some(why)) => Some(format!("we refuse {why}")),
        _ => None,
    }
}

/// Differences that are known, each with its reason.
fn known(object: &Json) -> Option<&'static str> {
    let word = |key: &str| object[key].as_str().unwrap_or_default();
    let removed = kubernetes::removed(word("apiVersion"), word("kind"));
    if removed.is_some_and(|removed| removed.is_gone_in(version())) {
        return Some("an API version that the source can still decode and no server serves");
    }
    if has_null(object) {
        // A rule asks what is there, and for it nothing is there.
        return Some("`null` in a list or a map of the user, which the server reads as empty or as 0");
    }
    let bytes = |key: &str| object[key].as_object().is_some_and(|map| map.values().any(Json::is_array));
    if bytes("data") || bytes("binaryData") {
        return Some("bytes as a list of numbers, which the server's decoder takes and nobody writes");
    }
    if object["kind"] == "LimitRange" {
        return Some("a ratio of limits against max and min, which we do not divide");
    }
    None
}

fn has_null(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(items) => items.iter().any(has_null),
        Json::Object(map) => map.values().any(has_null),
        _ => false,
    }
}

#[test]
fn what_is_rendered_is_accepted() {
    let mut server = Server::start();
    let mut judged = 0;
    for (name, env) in fixtures() {
        for overlay in overlays(&env) {
            let built = native(&overlay).expect("it builds");
            for object in documents(&built) {
                let answer = server.judge(&object);
                assert!(answer.refusals.is_empty(), "{name}: {:?}\n{object}", answer.refusals);
                let ours = faults(&object, version());
                let refused = ours.iter().any(|fault| fault.outcome != Outcome::Warned);
                assert!(!refused, "{name}: {ours:?}\n{object}");
                judged += usize::from(answer.known);
            }
        }
    }
    assert!(judged > 100, "{judged} objects were judged");
}

#[test]
fn each_planted_fault_is_judged_as_by_the_server() {
    let mut server = Server::start();
    for (id, object) in sound() {
        let answer = server.judge(&object);
        assert!(answer.known && answer.refusals.is_empty(), "{id}: {:?}", answer.refusals);
    }
    let mut let_through = Vec::new();
    for row in planted().into_iter().filter(|row| !row.of_version) {
        let answer = server.judge(&row.object);
        let say = &row.say;
        assert!(answer.known, "{say}");
        match row.outcome {
            Outcome::Refused => {
                assert!(!answer.refusals.is_empty(), "{say}: the server takes it");
                let places = || answer.refusals.iter().map(|(place, _)| place.as_str());
                // What cannot be decoded has no place.
                let named = places().any(|place| !place.is_empty());
                let meets = |fault: &onramp::admission::Fault<'_>| {
                    fault.outcome == Outcome::Refused && places().any(|place| meet(place, &pointer(fault)))
                };
                let near = !named
                    || places().any(|place| meet(place, &row.found))
                    || faults(&row.object, version()).iter().any(meets);
                assert!(near, "{say}: {:?} is not {}", answer.refusals, row.found);
            }
            Outcome::Warned => {
                assert!(answer.refusals.is_empty() && answer.warnings > 0, "{say}: {:?}", answer.refusals);
            }
            Outcome::Broken => {
                assert!(answer.refusals.is_empty(), "{say}: {:?}", answer.refusals);
                let_through.push(row.say);
            }
        }
    }
    // Two are in the template of a StatefulSet, which the server does not look into; the last three are for a controller or the
    // scheduler to fail on.
    let known = [
        "image with a blank",
        "nodePort 80",
        "image with upper case",
        "StatefulSet container port 70000",
        "StatefulSet mount without volume",
        "schedule of the 31st of February",
        "node affinity greater than a text",
        "StatefulSet name of 53 characters",
    ];
    assert_eq!(let_through, known, "what the server lets through");
}

#[test]
fn random_changes_are_judged_as_by_the_server() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("ONRAMP_CASES").and_then(|cases| usize::try_from(cases).ok()).unwrap_or(CASES);
    let seed = number("ONRAMP_SEED").unwrap_or(33);
    let mut server = Server::start();
    let sound = sound();
    let (mut refused, mut different) = (0, Vec::new());
    let mut excused: BTreeMap<&str, usize> = BTreeMap::new();
    for case in 0..cases as u64 {
        let numbers = numbers(seed.wrapping_mul(1_000_003).wrapping_add(case), 24);
        let mut choices = Choices::new(&numbers);
        let (id, object) = &sound[choices.below(sound.len())];
        let mut object = object.clone();
        let mut what = change(&mut object, &mut choices);
        if choices.chance(20) {
            what = format!("{what}; {}", change(&mut object, &mut choices));
        }
        let answer = server.judge(&object);
        refused += usize::from(!answer.refusals.is_empty());
        if let Some(why) = difference(&object, &answer) {
            match known(&object) {
                Some(reason) => *excused.entry(reason).or_default() += 1,
                None => different.push(format!("{id} {what}: {why}")),
            }
        }
    }
    println!(
        "{cases} cases of seed {seed}: {refused} refused, {} different, known {excused:?}",
        different.len()
    );
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(excused.values().sum::<usize>() * 100 <= cases.max(100), "{excused:?}");
    assert!(refused * 4 > cases && refused < cases, "{refused} of {cases} are refused");
}

/// Texts that mean something somewhere.
const TEXTS: &[&str] = &[
    "",
    "A",
    "a",
    "-a",
    "a-",
    "a..b",
    "a_b",
    "a/b",
    "/a",
    "..",
    "../x",
    "a b",
    "80",
    "0",
    "-1",
    "50%",
    "150%",
    "-5%",
    "1Gi",
    "-1Gi",
    "1.5",
    "0.5m",
    "1e3",
    "100m",
    "None",
    "Always",
    "Never",
    "Exists",
    "In",
    "NotIn",
    "RollingUpdate",
    "OnDelete",
    "10.0.0.1",
    "10.0.0.0/8",
    "fd00::1",
    "999.1.1.1",
    "http",
    "UDP",
    "*.a.example",
    "a.example.",
    "@daily",
    "* * * * *",
    "61 * * * *",
    "UTC",
    "Mars/X",
    "YWJj",
    "!!",
    "a=b",
    "1abc",
    "Indexed",
    "Localhost",
    "kubernetes.io/x",
    "requests.cpu",
    "cpu",
    "hugepages-1Gi",
    "example.com/x",
    "metadata.name",
    "status.podIP",
];

/// Numbers at the ends of ranges.
const NUMBERS: &[i64] = &[
    0,
    1,
    -1,
    2,
    80,
    101,
    511,
    512,
    600,
    3601,
    65535,
    65536,
    86401,
    2_147_483_647,
    2_147_483_648,
    -2_147_483_649,
    99_999_999_999,
];

/// Changes one place of an object, and says which.
fn change(object: &mut Json, choices: &mut Choices<'_>) -> String {
    let mut places = Vec::new();
    collect(object, "", &mut places);
    places.retain(|place| place != "/apiVersion" && place != "/kind");
    let Some(place) = places.get(choices.below(places.len().max(1))).cloned() else { return String::new() };
    let (parent, key) = place.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/").replace("~0", "~");
    let old = object.pointer(&place).cloned().unwrap_or_default();
    let mut put = |value: Json| {
        if let Some(here) = object.pointer_mut(&place) {
            *here = value;
        }
    };
    let what = choices.below(10);
    match (what, &old) {
        (0 | 1, _) => {
            match object.pointer_mut(parent) {
                Some(Json::Array(items)) => drop(items.remove(key.parse().expect("an index"))),
                Some(Json::Object(map)) => drop(map.shift_remove(&key)),
                _ => {}
            }
            return format!("without {place}");
        }
        (2, _) => {
            if let Some(Json::Array(items)) = object.pointer_mut(parent) {
                items.push(old);
            } else if let Some(Json::Object(map)) = object.pointer_mut(parent) {
                let other = choices.pick(&["x", "a b", "UPPER", "_a", "x/y"]);
                let value = map.shift_remove(&key).unwrap_or_default();
                map.insert(other.to_owned(), value);
            }
            return format!("twice or renamed {place}");
        }
        (3, _) => put(choices
            .pick(&["null", "true", "1", "\"x\"", "[]", "{}", "1.5", "[\"a\"]"])
            .parse()
            .expect("JSON")),
        (4, Json::Object(_)) => put(json!({})),
        (4, Json::Array(_)) => put(json!([])),
        (5, _) => {
            let from = places[choices.below(places.len())].clone();
            let value = object.pointer(&from).cloned().unwrap_or_default();
            if let Some(here) = object.pointer_mut(&place) {
                *here = value;
            }
            return format!("{place} from {from}");
        }
        (6, Json::String(text)) => put(Json::from(text.repeat(70 / text.len().max(1) + 1))),
        (_, Json::Number(_)) => put(Json::from(choices.pick(NUMBERS))),
        (_, Json::Bool(value)) => put(Json::from(!value)),
        _ => put(Json::from(choices.pick(TEXTS))),
    }
    format!("{place} {}", object.pointer(&place).map(Json::to_string).unwrap_or_default())
}

fn collect(json: &Json, at: &str, places: &mut Vec<String>) {
    let mut go = |key: &str, value: &Json| {
        let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        collect(value, &place, places);
        places.push(place);
    };
    match json {
        Json::Object(map) => map.iter().for_each(|(key, value)| go(key, value)),
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                go(&index.to_string(), value);
            }
        }
        _ => {}
    }
}

/// With `ONRAMP_CORPUS`, a git bundle of foreign configuration, all of its objects are judged by both.
#[test]
fn objects_of_a_corpus_are_judged_as_by_the_server() {
    let Some(bundle) = std::env::var_os("ONRAMP_CORPUS") else { return };
    let clone = tempfile::tempdir().expect("a directory can be made");
    let repository = corpus::clone(Path::new(&bundle), clone.path()).expect("the bundle can be cloned");
    let mut server = Server::start();
    let (mut judged, mut refused, mut different) = (0, 0, Vec::new());
    for corpus in Corpus::read(repository).expect("the branches can be read").values() {
        for object in &corpus.objects {
            let answer = server.judge(&object.json);
            if !answer.known {
                continue;
            }
            judged += 1;
            refused += usize::from(!answer.refusals.is_empty());
            if let Some(why) = difference(&object.json, &answer).filter(|_| known(&object.json).is_none()) {
                different.push(format!("{} {}: {why}", object.branch, object.path));
            }
        }
    }
    println!("{judged} objects judged, {refused} refused, {} different", different.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

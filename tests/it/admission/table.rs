//! Sound objects of many kinds, and one fault planted in one of them a row: `fixtures/admission`.

use onramp::admission::{Fault, Outcome};
use onramp::effective::Step;
use serde_json::Value as Json;

/// Kubernetes' version that both are judged by.
pub(crate) const VERSION: &str = "1.33";

/// One object with one fault.
pub(crate) struct Planted {
    /// What is wrong, in the words of the table.
    pub(crate) say: String,
    pub(crate) object: Json,
    /// Where it should be found, as a JSON pointer.
    pub(crate) found: String,
    pub(crate) outcome: Outcome,
    /// Whether the API version was changed, which the oracle knows for versions that no server serves any more.
    pub(crate) of_version: bool,
}

/// All objects without fault, each with its name in the table.
pub(crate) fn sound() -> Vec<(String, Json)> {
    let lines = include_str!("../../../fixtures/admission/sound.jsonl").lines();
    let row = |line| serde_json::from_str::<Json>(line).expect("each line is JSON");
    lines.map(row).map(|row| (text(&row, "id"), row["object"].clone())).collect()
}

/// All objects with a fault.
pub(crate) fn planted() -> Vec<Planted> {
    let sound = sound();
    let lines = include_str!("../../../fixtures/admission/faults.jsonl").lines();
    let planted = lines.map(|line| {
        let row: Json = serde_json::from_str(line).expect("each line is JSON");
        let of = text(&row, "in");
        let object = sound.iter().find(|(id, _)| *id == of).map(|(_, object)| object.clone());
        let mut object = object.expect("the object is in the list");
        let at = text(&row, "at");
        plant(&mut object, &at, &row);
        Planted {
            say: text(&row, "say"),
            object,
            found: row["found"].as_str().unwrap_or(&at).to_owned(),
            outcome: match row["outcome"].as_str() {
                Some("refused") => Outcome::Refused,
                Some("broken") => Outcome::Broken,
                Some("warned") => Outcome::Warned,
                other => panic!("no outcome: {other:?}"),
            },
            of_version: at == "/apiVersion",
        }
    });
    planted.collect()
}

/// Puts a value at a place, or takes what is there away.
fn plant(object: &mut Json, at: &str, row: &Json) {
    let (parent, key) = at.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/").replace("~0", "~");
    let repeated = row.get("repeat").map(|repeat| {
        let count = repeat[1].as_u64().and_then(|count| usize::try_from(count).ok());
        Json::from(repeat[0].as_str().expect("a text").repeat(count.expect("a count")))
    });
    let value = row.get("put").cloned().or(repeated);
    match object.pointer_mut(parent).expect("the place is there") {
        Json::Array(items) => {
            let index: usize = key.parse().expect("an index");
            items[index] = value.expect("a value for the item");
        }
        Json::Object(map) => match value {
            Some(value) => drop(map.insert(key, value)),
            None => drop(map.shift_remove(&key).expect("the key is there")),
        },
        other => panic!("{other} has no parts"),
    }
}

fn text(row: &Json, key: &str) -> String {
    row[key].as_str().expect("a text").to_owned()
}

/// Writes a place as a JSON pointer.
pub(crate) fn pointer(fault: &Fault<'_>) -> String {
    let steps = fault.path.0.iter().map(|step| match step {
        Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Step::Index(index) => format!("/{index}"),
        Step::Element(element) => format!("/{element}"),
    });
    steps.collect()
}

/// Tells whether one of two places is the other, or is around it.
pub(crate) fn meet(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within(one, other) || within(other, one)
}

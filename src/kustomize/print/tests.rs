use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::diagnostic::Sink;
use crate::kustomize::{Object, order};
use crate::yaml::{Source, SourceId, parse};

/// Texts, keys, numbers and shapes that a printer of YAML has to think about, and what kustomize 5.7.1 and 5.8.1 print of
/// them.
#[test]
fn vectors_are_printed_as_kustomize_prints_them() {
    let objects = include_str!("../../../fixtures/kustomize-output/objects.jsonl");
    let printed = include_str!("../../../fixtures/kustomize-output/printed.yaml");
    let object = |line: &str| -> Object {
        let json = serde_json::from_str(line).unwrap();
        Object { json, name: "".into(), hashed: false }
    };
    let mut objects: Vec<Object> = objects.lines().map(object).collect();
    order::sort(&mut objects);
    for (object, expected) in objects.iter().zip(printed.split("\n---\n")) {
        assert_eq!(print([&object.json]).trim_end_matches('\n'), expected.trim_end_matches('\n'));
    }
    assert!(
        print(objects.iter().map(|object| &object.json)) == printed,
        "documents are joined in the same way"
    );
}

#[test]
fn nothing_is_printed_of_no_objects() {
    assert_eq!(print([]), "");
    assert_eq!(print([&json!({}), &json!({ "a": 1 })]), "{}\n---\na: 1\n");
}

/// Where the order of keys goes in circles, any order will do, but each key has to be there, once.
#[test]
fn keys_whose_order_goes_in_circles_are_all_printed() {
    let map: Map<String, Json> = (0..400_u32)
        .map(|number| {
            (format!("{}{}", number * 7919 % 400, ["", "a", ".", "A1"][number as usize % 4]), Json::Null)
        })
        .collect();
    let object = Json::Object(map.clone());
    let printed = print([&object]);
    assert_eq!(printed.lines().count(), map.len());
    assert_eq!(read(&printed).as_object().map(Map::len), Some(map.len()));
}

fn read(text: &str) -> Json {
    let source = Source { id: SourceId(0), path: "printed.yaml".into(), text: text.to_owned() };
    let mut sink = Sink::default();
    parse(&source, &mut sink).unwrap_or_else(|| panic!("not readable:\n{text}")).to_json()
}

proptest! {
    /// A reader that has nothing in common with the printer reads the same, whatever the text.
    #[test]
    fn texts_are_read_back(text in "([ -~]|[ \n\t'\":#-]|\\PC|(word )){0,60}", key in "[ -~]{1,20}") {
        // To that reader it is a merge, as to kustomize.
        prop_assume!(key != "<<");
        let object = json!({ "spec": [{ "key": text.clone() }, [text]], "keys": { key: "a" } });
        prop_assert_eq!(read(&print([&object])), object);
    }
}

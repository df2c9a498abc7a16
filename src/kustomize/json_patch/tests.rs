use serde_json::json;

use super::*;
use crate::yaml::{Source, SourceId, documents};

fn operation(text: &str) -> Result<Operation, String> {
    let source = Source { id: SourceId(0), path: "a.yaml".into(), text: text.to_owned() };
    let document = documents(&source).remove(0);
    let node = document.node.clone().unwrap();
    Operation::read(&node, &|node| document.value_of(node)).map_err(|mut faults| faults.remove(0).message)
}

fn applied(text: &str, manner: Manner) -> Result<Json, String> {
    let mut object = json!({ "a": { "b/c": 1, "l": [1, 2] }, "n": null });
    operation(text)?.apply(&mut object, "X x", manner).map_err(|fault| fault.message)?;
    Ok(object)
}

#[test]
fn operations_do_what_the_rfc_says() {
    let cases = [
        ("{ op: add, path: /a/l/1, value: 9 }", json!([1, 9, 2])),
        ("{ op: add, path: /a/l/2, value: 9 }", json!([1, 2, 9])),
        ("{ op: add, path: /a/l/-, value: 9 }", json!([1, 2, 9])),
        ("{ op: remove, path: /a/l/0 }", json!([2])),
        ("{ op: replace, path: /a/l/0, value: 9 }", json!([9, 2])),
        ("{ op: move, from: /a/l/0, path: /a/l/1 }", json!([2, 1])),
        ("{ op: copy, from: /a/b~1c, path: /a/l/0 }", json!([1, 1, 2])),
        ("{ op: test, path: /a/b~1c, value: 1 }", json!([1, 2])),
        ("{ op: test, path: /none, value: null }", json!([1, 2])),
    ];
    for (text, list) in cases {
        for manner in [Manner::Rfc, Manner::Kustomize] {
            let outcome = applied(text, manner).map(|object| object["a"]["l"].clone());
            assert_eq!(outcome, Ok(list.clone()), "{text}");
        }
    }
}

#[test]
fn what_is_not_there_is_named() {
    for (text, message) in [
        ("{ op: add, path: /a/l/3, value: 9 }", "`X x` has no `/a/l/3`"),
        ("{ op: add, path: /b/c, value: 9 }", "`X x` has no `/b`"),
        ("{ op: remove, path: /a/l/01 }", "`X x` has no `/a/l/01`"),
        ("{ op: remove, path: /a/l/-1 }", "`X x` has no `/a/l/-1`"),
        ("{ op: replace, path: /a/b, value: 9 }", "`X x` has no `/a/b`"),
        ("{ op: move, from: /x, path: /a/b }", "`X x` has no `/x`"),
        ("{ op: test, path: /a/b~1c, value: 2 }", "`/a/b~1c` of `X x` is not what the patch tests it for"),
    ] {
        assert_eq!(applied(text, Manner::Rfc), Err(message.to_owned()), "{text}");
    }
}

/// As `kustomize build` prints it.
#[test]
fn kustomize_takes_more() {
    for (text, list) in [
        ("{ op: remove, path: /a/l/01 }", json!([1])),
        ("{ op: remove, path: /a/l/-1 }", json!([1])),
        ("{ op: add, path: /a/l/-1, value: 9 }", json!([1, 2, 9])),
        ("{ op: replace, path: /a/l/-2, value: 9 }", json!([9, 2])),
        ("{ op: replace, path: /a/m, value: 9 }", json!([1, 2])),
    ] {
        let outcome = applied(text, Manner::Kustomize).map(|object| object["a"]["l"].clone());
        assert_eq!(outcome, Ok(list), "{text}");
    }
    assert_eq!(applied("{ op: replace, path: /a/m, value: 9 }", Manner::Kustomize).unwrap()["a"]["m"], 9);
    assert!(applied("{ op: replace, path: /m/a, value: 9 }", Manner::Kustomize).is_err());
}

#[test]
fn what_is_no_operation_is_said() {
    for (text, message) in [
        ("[]", "an operation is a map, and this is a list"),
        ("{ path: /a }", "the operation has no `op`"),
        ("{ op: put, path: /a }", "`put` is no operation"),
        ("{ op: add, path: /a }", "`op: add` needs `value`"),
        ("{ op: remove }", "`op: remove` needs `path`"),
        ("{ op: move, path: /a }", "`op: move` needs `from`"),
        ("{ op: remove, path: a }", "`a` is no JSON pointer"),
        ("{ op: remove, path: /a~2 }", "`/a~2` is no JSON pointer"),
    ] {
        assert_eq!(operation(text).map(drop), Err(message.to_owned()), "{text}");
    }
}

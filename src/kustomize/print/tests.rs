use serde_json::json;

use super::*;

#[test]
fn blocks() {
    let printed = print([&json!({"b": [{"x": [1, [2, []]]}, {}], "a": {"c": "d"}})]);
    assert_eq!(printed, "a:\n  c: d\nb:\n- x:\n  - 1\n  - - 2\n    - []\n- {}\n");
}

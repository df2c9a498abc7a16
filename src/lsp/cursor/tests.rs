//! Texts with `|` where the cursor is.

use proptest::prelude::*;

use super::*;

/// Says where the cursor is as `kind path token`.
fn at(marked: &str) -> String {
    let offset = marked.find('¦').expect("a cursor is marked");
    let text = marked.replace('¦', "");
    match locate(&text, offset) {
        None => "nowhere".to_owned(),
        Some(cursor) => {
            format!("{:?} {} `{}`", cursor.at, cursor.path.join("."), &text[cursor.token.clone()])
        }
    }
}

#[test]
fn keys_and_values_are_told_by_indentation() {
    for (marked, expected) in [
        ("¦", "Key  ``"),
        ("na¦", "Key  `na`"),
        ("name: a\nown¦er:\n", "Key  `owner`"),
        ("owner:\n  ¦", "Key owner ``"),
        ("owner:\n  te¦\n", "Key owner `te`"),
        ("owner:\n  team: a\n  ¦\nimage: b\n", "Key owner ``"),
        ("owner:\n  team: a\n¦\nimage: b\n", "Key  ``"),
        ("owner:\n  team: ¦a\n", "Value owner.team `a`"),
        ("tier: ¦", "Value tier ``"),
        ("tier:¦", "Value tier ``"),
        ("tier: st¦and # why\n", "Value tier `stand`"),
        ("tier: stand # wh¦y\n", "nowhere"),
        ("# a ¦comment\n", "nowhere"),
        ("a:\n  b:\n    c: ¦1\n", "Value a.b.c `1`"),
        ("a:\n  b: 1\nc:\n  ¦d: 2\n", "Key c `d`"),
        ("\"a b\": ¦1\n", "Value a b `1`"),
        ("a: http://x:80/¦y\n", "Value a `http://x:80/y`"),
        ("a: |\n  te¦xt: b\n", "nowhere"),
        ("a: |\n  text: b\nc¦: d\n", "Key  `c`"),
        ("a:\r\n  b¦: 1\r\n", "Key a `b`"),
    ] {
        assert_eq!(at(marked), expected, "{marked:?}");
    }
}

#[test]
fn items_count() {
    for (marked, expected) in [
        ("a:\n- x\n- ¦y\n", "Item a.1 `y`"),
        ("a:\n  - x\n  - ¦\n", "Item a.1 ``"),
        ("a:\n- k: 1\n  l¦: 2\n", "Key a.0 `l`"),
        ("a:\n- k: 1\n- k: ¦2\n", "Value a.1.k `2`"),
        ("a:\n- k:\n  - l\n  - m: ¦\n", "Value a.0.k.1.m ``"),
        ("a:\n- x\nb¦: 1\n", "Key  `b`"),
        ("- - a\n  - ¦b\n", "Item 0.1 `b`"),
        ("waivers:\n- code: ¦\n  api: a\n", "Value waivers.0.code ``"),
    ] {
        assert_eq!(at(marked), expected, "{marked:?}");
    }
}

#[test]
fn brackets_are_followed() {
    for (marked, expected) in [
        ("a: { b: ¦1 }\n", "Value a.b `1`"),
        ("a: { ¦ }\n", "Key a ``"),
        ("a: { b: 1, c¦ }\n", "Key a `c`"),
        ("a: { b: ¦\nc: 1\n", "Value a.b ``"),
        ("a: { b: 1\nc: ¦1\n", "Value c `1`"),
        ("a: { b: { c: [x, ¦y] } }\n", "Item a.b.c.1 `y`"),
        ("a: [{ b: 1 }, { ¦b: 2 }]\n", "Key a.1 `b`"),
        ("a: {\n  b: 1,\n  c: ¦2\n}\nd: 1\n", "Value a.c `2`"),
        ("a: {\n  b: 1\n}\nd: ¦1\n", "Value d `1`"),
        ("- { a: '¦b, c' }\n", "Value 0.a `'b, c'`"),
        ("a: [b]¦\n", "nowhere"),
    ] {
        assert_eq!(at(marked), expected, "{marked:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_followed(text in "[-a:{}\\[\\], #'\"|>\n\r\té\u{1f980}]{0,60}", at in 0usize..80) {
        if let Some(cursor) = locate(&text, at) {
            prop_assert!(text.get(cursor.token.clone()).is_some(), "{cursor:?}");
            cursor.full_path(&text);
        }
    }

    /// What can be read is found where the tree has it.
    #[test]
    fn paths_are_those_of_the_tree(keys in proptest::collection::vec("[a-z]{1,4}", 1..5), width in 1usize..4) {
        let space = |depth: usize| " ".repeat(depth * width);
        let level = |(depth, key): (usize, &String)| {
            format!("{0}other{depth}: 1\n{0}{key}:\n", space(depth))
        };
        let levels: String = keys.iter().enumerate().map(level).collect();
        let text = format!("{levels}{}last: value\n", space(keys.len()));
        let found = locate(&text, text.len() - 2).expect("a value");
        let expected: Vec<String> = keys.into_iter().chain(["last".to_owned()]).collect();
        prop_assert_eq!(found.path, expected);
    }
}

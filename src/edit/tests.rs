use proptest::prelude::*;

use super::*;

const BEHIND: &[&str] = &["lifecycle", "name"];

fn set_to(text: &str, value: &str) -> Result<String, String> {
    set(text, "template", value, BEHIND).map_err(|refusal| refusal.to_string())
}

fn removed(text: &str) -> Result<String, String> {
    remove(text, "template").map_err(|refusal| refusal.to_string())
}

#[test]
fn a_value_is_replaced_in_its_own_style() {
    let cases = [
        ("a: 1\ntemplate: v1\n", "a: 1\ntemplate: v2\n"),
        ("a: 1\ntemplate:   v1   # why\nb: 2\n", "a: 1\ntemplate:   v2   # why\nb: 2\n"),
        ("template: \"v1\"\n", "template: \"v2\"\n"),
        ("template: 'v1'\n", "template: 'v2'\n"),
        ("template: v1", "template: v2"),
        ("template: v1\r\nb: 2\r\n", "template: v2\r\nb: 2\r\n"),
        ("{template: v1, b: 2}\n", "{template: v2, b: 2}\n"),
        ("--- # c\n\"template\": !!str v1\n...\n", "--- # c\n\"template\": !!str v2\n...\n"),
        ("\u{feff}template: v1\n", "\u{feff}template: v2\n"),
        ("template:\n  v1\nb: 2\n", "template:\n  v2\nb: 2\n"),
    ];
    for (old, new) in cases {
        assert_eq!(set_to(old, "v2"), Ok(new.to_owned()), "{old:?}");
    }
}

#[test]
fn a_value_that_readers_differ_on_is_quoted() {
    assert_eq!(set_to("template: v1\n", "2026.1"), Ok("template: \"2026.1\"\n".to_owned()));
    assert_eq!(set_to("{name: x}", "on"), Ok("{name: x, template: \"on\"}".to_owned()));
    assert_eq!(set_to("template: 'v1'\n", "it's"), Ok("template: it's\n".to_owned()));
}

#[test]
fn a_new_key_goes_behind_the_one_that_it_belongs_to() {
    let cases = [
        ("name: x\nb: 2\n", "name: x\ntemplate: v2\nb: 2\n"),
        ("name: x\nlifecycle: poc # c\nb: 2\n", "name: x\nlifecycle: poc # c\ntemplate: v2\nb: 2\n"),
        ("# top\r\nname: x\r\n\r\nb: 2\r\n", "# top\r\nname: x\r\ntemplate: v2\r\n\r\nb: 2\r\n"),
        ("b: 2\nname: x", "b: 2\nname: x\ntemplate: v2"),
        ("b: 2\r\nname: x", "b: 2\r\nname: x\r\ntemplate: v2"),
        ("  name: x\n  b: 2\n", "  name: x\n  template: v2\n  b: 2\n"),
        ("{ name: x , b: 2 }", "{ name: x, template: v2 , b: 2 }"),
        ("{\n  b: 2,\n  name: x # c\n}\n", "{\n  b: 2,\n  name: x, template: v2 # c\n}\n"),
        ("---\nname: 'x\n  y'\n...\n", "---\nname: 'x\n  y'\ntemplate: v2\n...\n"),
        ("\u{feff}name: x\nb: 2\n", "\u{feff}name: x\ntemplate: v2\nb: 2\n"),
    ];
    for (old, new) in cases {
        assert_eq!(set_to(old, "v2"), Ok(new.to_owned()), "{old:?}");
    }
}

#[test]
fn a_key_is_removed_with_its_line() {
    let cases = [
        ("name: x\ntemplate: v1\nb: 2\n", "name: x\nb: 2\n"),
        ("# over\ntemplate: v1 # beside\n# under\nb: 2\n", "# over\n# under\nb: 2\n"),
        ("name: x\r\ntemplate: \"v1\"\r\nb: 2\r\n", "name: x\r\nb: 2\r\n"),
        ("name: x\ntemplate: v1", "name: x"),
        ("name: x\r\ntemplate: v1", "name: x"),
        ("name: x\ntemplate: v1\n...\n", "name: x\n...\n"),
        ("name: x\ntemplate: |\n  v1\n  v2\n\nb: 2\n", "name: x\n\nb: 2\n"),
        ("{ name: x, template: v1, b: 2 }", "{ name: x, b: 2 }"),
        ("{ name: x, template: v1 }", "{ name: x }"),
        ("{template: v1,\n name: x}", "{name: x}"),
        ("\u{feff}template: v1\nb: 2\n", "\u{feff}b: 2\n"),
    ];
    for (old, new) in cases {
        assert_eq!(removed(old), Ok(new.to_owned()), "{old:?}");
    }
}

#[test]
fn what_cannot_be_proved_is_refused() {
    for text in [
        "a: &v v1\ntemplate: *v\n",
        "template: &v v1\nb: *v\n",
        "template: |\n  v1\n",
        "template: 7\n",
        "template: [v1]\n",
        "template: v1\ntemplate: v1\n",
        "a: 1\n---\ntemplate: v1\n",
        "b: 2\n",
        "[name, x]\n",
        "name: [\n",
        "? name\n: x\n",
    ] {
        assert!(set_to(text, "v2").is_err(), "{text:?}: {:?}", set_to(text, "v2"));
    }
    for text in [
        "template: &v v1\nb: *v\n",
        "b: 2\n",
        "{template: v1}",
        "template: v1\n",
        "{b: 2, # lost\n template: v1}",
        "? template\n: v1\nb: 2\n",
        // The comment would become a line of the text.
        "text: |\n  one\ntemplate: v1\n  # c\n",
    ] {
        assert!(removed(text).is_err(), "{text:?}: {:?}", removed(text));
    }
    assert_eq!(set_to("a: &v v1\ntemplate: *v\n", "v2"), Err("its value is an alias".to_owned()));
}

/// Odd but sound lines of a file, none of which is about the key.
fn lines() -> impl Strategy<Value = Vec<&'static str>> {
    let line = proptest::sample::select(vec![
        "# a comment",
        "",
        "owner: { team: x, email: \"a@b\" }",
        "\"quoted key\": 'it''s'",
        "list:\n- a # c\n-   b",
        "deep:\n  template: not this one\n  more: [1, {template: nor this}]",
        "text: |\n  template: nor that\n\n  end",
        "folded: >-\n  one\n  two",
        "plain: several words\n  on two lines",
        "anchored: &a {x: 1}\nalias: *a",
        "tagged: !!str yes",
        "empty: {}",
        "unicode: \"äß\u{1F600}\"",
    ]);
    proptest::collection::vec(line, 0..8)
}

/// A file with the lines around one about the key, each line there at most once.
fn file(before: &[&str], own: &str, after: &[&str], crlf: bool, end: bool) -> String {
    let mut seen = std::collections::BTreeSet::new();
    let mut all = vec!["name: x"];
    for line in before.iter().copied().chain([own]).chain(after.iter().copied()) {
        if line.is_empty() || line.trim_start().starts_with('#') || seen.insert(line) {
            all.push(line);
        }
    }
    let mut text = all.join("\n");
    if end {
        text.push('\n');
    }
    if crlf { text.replace('\n', "\r\n") } else { text }
}

fn tree(text: &str) -> serde_json::Value {
    parse(&source(text.to_owned())).expect("the file is sound").to_json()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn an_edit_changes_one_key_and_no_other_byte(
        before in lines(), after in lines(), value in "[ -~äß]{1,12}", crlf: bool, end: bool,
        own in proptest::sample::select(vec!["template: v1", "template: \"v1\" # c", "template: 'v1'"]),
    ) {
        let text = file(&before, own, &after, crlf, end);
        let changed = set(&text, "template", &value, &["name"]).expect("the key can be set");
        let mut expected = tree(&text);
        expected["template"] = value.clone().into();
        prop_assert_eq!(tree(&changed), expected);
        // What stands before and behind the value is untouched.
        let at = text.find("\ntemplate: ").expect("the key is there") + "\ntemplate: ".len();
        let width = own.trim_start_matches("template: ").trim_end_matches(" # c").len();
        prop_assert!(changed.starts_with(&text[..at]) && changed.ends_with(&text[at + width..]));

        // Taken out and put in again, it is the same file but for its place and style.
        let without = remove(&text, "template").expect("the key can be removed");
        let mut expected = tree(&text);
        expected.as_object_mut().expect("a map").shift_remove("template");
        prop_assert_eq!(tree(&without), expected.clone());
        prop_assert_eq!(without.matches("# a comment").count(), text.matches("# a comment").count());
        let with = set(&without, "template", &value, &["name"]).expect("the key can be added");
        expected["template"] = value.into();
        prop_assert_eq!(tree(&with), expected);
        prop_assert_eq!(remove(&with, "template"), Ok(without));
    }
}

#[test]
fn a_path_is_replaced_or_completed_where_its_maps_are() {
    let path = &["environments", "prod", "image"];
    let cases = [
        // There: its own style, and nothing else of the line.
        (
            "environments:\n  prod: { image: r:1, replicas: 2 } # c\n",
            "environments:\n  prod: { image: r:2, replicas: 2 } # c\n",
        ),
        (
            "environments:\n  prod:\n    image:   'r:1'  # c\n",
            "environments:\n  prod:\n    image:   'r:2'  # c\n",
        ),
        // Not there: the first key of its map, under the comment of the map and over those of other keys.
        (
            "environments:\n  prod: # live\n    # few\n    replicas: 2\n  x: {}\n",
            "environments:\n  prod: # live\n    image: r:2\n    # few\n    replicas: 2\n  x: {}\n",
        ),
        (
            "environments:\r\n    prod:\r\n      a: 1",
            "environments:\r\n    prod:\r\n      image: r:2\r\n      a: 1",
        ),
        ("environments: { prod: { a: 1 } }\n", "environments: { prod: { image: r:2, a: 1 } }\n"),
        ("environments: {prod: {a: 1}}\n", "environments: {prod: {image: r:2, a: 1}}\n"),
        ("environments:\n  prod: {}\n", "environments:\n  prod: { image: r:2 }\n"),
        (
            "environments:\n  prod:  # later\n  dev: {}\n",
            "environments:\n  prod:  # later\n    image: r:2\n  dev: {}\n",
        ),
        ("environments:\n  prod:", "environments:\n  prod:\n    image: r:2"),
        ("environments:\n  prod: null\n", "environments:\n  prod: { image: r:2 }\n"),
        ("environments:\n  dev: {}\n", "environments:\n  prod:\n    image: r:2\n  dev: {}\n"),
        ("environments: { dev: {} }\n", "environments: { prod: { image: r:2 }, dev: {} }\n"),
    ];
    for (old, new) in cases {
        assert_eq!(set_at(old, path, "r:2", &[]), Ok(new.to_owned()), "{old:?}");
    }
    for text in [
        "environments:\n  prod: &p { a: 1 }\n  dev: *p\n",
        "x: &p { a: 1 }\nenvironments:\n  prod: *p\n",
        "environments:\n  prod: [1]\n",
        "environments:\n  prod: text\n",
        "environments:\n  prod: { image: 1.10 }\n",
        "environments:\n  prod: { image: |-\n r:1 }\n",
    ] {
        assert!(set_at(text, path, "r:2", &[]).is_err(), "{text:?}: {:?}", set_at(text, path, "r:2", &[]));
    }
}

#[test]
fn a_key_of_an_item_of_a_list_is_set_and_removed() {
    let text = "images:\n- name: a\n  newName: r\n  newTag: \"1\"\n- name: b\n  newName: r\n";
    let digest = set_at(text, &["images", "1", "digest"], "sha256:0", &["newTag", "newName"]);
    let expected =
        "images:\n- name: a\n  newName: r\n  newTag: \"1\"\n- name: b\n  newName: r\n  digest: sha256:0\n";
    assert_eq!(digest, Ok(expected.to_owned()));
    let tag = set_at(text, &["images", "0", "newTag"], "1.10", &[]);
    assert_eq!(tag, Ok(text.replace("\"1\"", "\"1.10\"")));
    let gone = remove_at(text, &["images", "0", "newTag"]);
    assert_eq!(gone, Ok(text.replace("  newTag: \"1\"\n", "")));
    assert!(remove_at(text, &["images", "0", "name"]).is_err());
    assert!(remove_at(text, &["images", "7", "name"]).is_err());
}

#[test]
fn one_document_of_several_is_changed() {
    let set = |text: &str, document: usize, path: &[&str]| {
        set_in(text, document, path, "v2").map_err(|refusal| refusal.to_string())
    };
    let several = "# head\n---\na: v1\n---\n# nothing\n---\r\nb: [{ c: 'v1' }]  # why\r\n--- \nc: v1\n...\n";
    assert_eq!(set(several, 0, &["a"]), Ok(several.replacen("a: v1", "a: v2", 1)));
    assert_eq!(set(several, 1, &["b", "0", "c"]), Ok(several.replacen("'v1'", "'v2'", 1)));
    assert_eq!(set(several, 2, &["c"]), Ok(several.replacen("c: v1\n", "c: v2\n", 1)));
    for (text, document, path, says) in [
        (several, 3, "a", "the document is not there"),
        (several, 0, "b", "`b` is not there"),
        ("a: &x v1\nb: *x\n", 0, "b", "its value is an alias"),
        ("a: |\n  v1\n", 0, "a", "its value is a block of text"),
        ("a: { b: v1 }\n", 0, "a", "its value is not text"),
        ("a: 1\n---\na: v1\na: v1\n", 0, "a", "the file is not sound throughout"),
        ("a: v1\n---\nb: [\n", 0, "a", "the file is not sound throughout"),
        ("a: &x v1\nb: *x\n", 0, "a", "the change would reach beyond it"),
    ] {
        assert_eq!(set(text, document, &[path]), Err(says.to_owned()), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_edit_of_a_document_changes_no_other_byte(
        files in proptest::collection::vec((lines(), lines()), 1..4), which: prop::sample::Index, value in "[ -~äß]{1,12}",
        crlf: bool, end: bool, head: bool,
        own in proptest::sample::select(vec!["template: v1", "template: \"v1\" # c", "template: 'v1'"]),
    ) {
        let all: Vec<String> = files.iter().map(|(before, after)| file(before, own, after, crlf, true)).collect();
        let line = if crlf { "---\r\n" } else { "---\n" };
        let mut text = format!("{}{}", if head { line } else { "" }, all.join(line));
        if !end {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        let at = which.index(all.len());
        let changed = set_in(&text, at, &["template"], &value).expect("the key can be set");
        let read = |text: &str| -> Vec<serde_json::Value> {
            let source = source(text.to_owned());
            yaml::documents(&source).iter().map(|document| document.node.as_ref().expect("it is sound").to_json()).collect()
        };
        let mut expected = read(&text);
        expected[at]["template"] = value.into();
        prop_assert_eq!(read(&changed), expected);
        let starts: Vec<usize> = text.match_indices("\ntemplate: ").map(|(at, key)| at + key.len()).collect();
        let width = own.trim_start_matches("template: ").trim_end_matches(" # c").len();
        prop_assert!(changed.starts_with(&text[..starts[at]]) && changed.ends_with(&text[starts[at] + width..]));
    }
}

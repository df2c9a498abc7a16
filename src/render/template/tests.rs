use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::yaml;

/// Loads one template of a repo's own.
fn load(text: &str) -> (Templates, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let own = BTreeMap::from([("service.yaml.j2".to_owned(), text.to_owned())]);
    (Templates::load(DIRECTORY, own, &mut findings), findings)
}

fn render(text: &str, context: Json) -> Result<Vec<Json>, Box<Diagnostic>> {
    let (templates, findings) = load(text);
    assert_eq!(findings, []);
    templates.render("service.yaml.j2", context)
}

#[test]
fn a_value_cannot_become_structure() {
    let nasty = [
        "x\ny: 1",
        "{a: b}",
        "[a]",
        "\"",
        "'",
        "# c",
        "- a",
        "&a",
        "*a",
        "!!int 1",
        "{{ 7 * 7 }}",
        "{% raw %}",
        "a: b",
        "---",
        "\u{F0000}0\u{F0000}",
    ];
    for text in nasty {
        let context = json!({ "value": text, "more": { "key": text } });
        let result = render("a: {{ value }}\nb: [1]\nc: {{ more }}\n", context);
        if text.contains(SLOT) {
            // The mark itself is no text that a template can carry; it is refused and not misread.
            assert!(result.is_err());
            continue;
        }
        let documents = result.unwrap();
        assert_eq!(documents, [json!({ "a": text, "b": [1], "c": { "key": text } })]);
        assert!(yaml::emit(&documents[0]).starts_with("a: "));
    }
}

#[test]
fn none_leaves_its_key_or_item_out() {
    let context = json!({ "gone": null, "list": [1, null] });
    let documents = render("a: {{ gone }}\nb:\n- {{ gone }}\n- {{ list }}\n", context).unwrap();
    assert_eq!(documents, [json!({ "b": [[1, null]] })]);
}

#[test]
fn macros_and_loops_keep_their_values_apart() {
    let text = "{% macro pair(name, value) %}\n- name: {{ name }}\n  value: {{ value }}\n{% endmacro %}\n\
        list:\n{% for item in items %}\n{{ pair(item, item ~ \"!\") }}{% endfor %}\n";
    let documents = render(text, json!({ "items": ["a: b", "c"] })).unwrap();
    assert_eq!(
        documents,
        [json!({ "list": [{ "name": "a: b", "value": "a: b!" }, { "name": "c", "value": "c!" }] })]
    );
}

#[test]
fn expressions_stand_alone() {
    for text in [
        "a: \"{{ x }}\"\n",
        "a: '{{ x }}'\n",
        "a: {{ x }}-svc\n",
        "a: v{{ x }}\n",
        "{{ x }}: 1\n",
        "a: [{{ x }}]\n",
        "a: { b: {{ x }} }\n",
        "{% if y %}\na: x{{ x }}\n{% endif %}\n",
        "a: {{ \"}}\" ~ x }}y\n",
    ] {
        let (_, findings) = load(text);
        let codes: Vec<&str> = findings.iter().map(|finding| finding.code.name).collect();
        assert_eq!(codes, ["unsafe-template"], "{text}");
    }
    for text in [
        "a: {{ x }}\n",
        "- {{ x }}\n",
        "- a: {{ x }}\n",
        "- - {{ x }}\n",
        "a: {{ \"a.\" ~ x }}  # why\n",
        "a: {{ \"}}\" }}\n",
        "{# {{ x }} is a comment #}\na: 1\n",
    ] {
        assert_eq!(load(text).1, [], "{text}");
    }
}

#[test]
fn what_fails_is_located() {
    for (text, span) in [("a: 1\nb: {{ nope }}\n", 11..15), ("a: 1\n b: {{ x }}\n", 5..16)] {
        let (templates, findings) = load(text);
        let finding = match findings.into_iter().next() {
            Some(finding) => finding,
            None => *templates.render("service.yaml.j2", json!({ "x": 1 })).unwrap_err(),
        };
        assert_eq!(finding.code.name, "template-failure", "{text}");
        assert_eq!(&*finding.primary.path, "templates/service.yaml.j2");
        assert_eq!(finding.primary.span, Some(span), "{text}");
    }
}

#[test]
fn a_template_without_end_ends() {
    let text = "a:\n{% for x in range(9999) %}{% for y in range(9999) %}{% endfor %}{% endfor %}\n- 1\n";
    let finding = render(text, json!({})).unwrap_err();
    assert!(finding.message.contains("steps"), "{}", finding.message);
}

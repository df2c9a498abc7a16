use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::diagnostic::Sink;
use crate::yaml::{Source, SourceId, parse};

fn read_back(text: &str) -> Value {
    let source = Source { id: SourceId(0), path: Arc::from("a.yaml"), text: text.to_owned() };
    let mut sink = Sink::default();
    let node = parse(&source, &mut sink);
    let findings = sink.into_findings();
    assert!(findings.is_empty(), "{findings:?}\n{text}");
    node.expect(text).to_json()
}

#[test]
fn the_layout_is_kubectls() {
    let value = json!({
        "kind": "Deployment",
        "empty": {}, "none": [], "nothing": null, "count": 3, "ratio": 0.5, "big": 1e21, "flag": true,
        "containers": [
            {"name": "web", "args": ["--port=80", "-v"], "env": [{"name": "A", "value": "1"}, {}]},
            {"name": "side"},
        ],
        "matrix": [[1, 2], [[3]], []],
        "text": "a\n  b\n\nc\n", "chomped": "a\nb", "kept": "a\n\n\n", "led": "\n a\n", "indented": "  a\nb\n",
        "odd": ["x\ny\n", {"k": "x\ny"}],
        "on": "on", "1": "1",
    });
    let expected = "\
kind: Deployment
empty: {}
none: []
nothing: null
count: 3
ratio: 0.5
big: 1.0e+21
flag: true
containers:
- name: web
  args:
  - --port=80
  - -v
  env:
  - name: A
    value: \"1\"
  - {}
- name: side
matrix:
- - 1
  - 2
- - - 3
- []
text: |
  a
    b

  c
chomped: |-
  a
  b
kept: |+
  a


led: |2

   a
indented: |2
    a
  b
odd:
- |
  x
  y
- k: |-
    x
    y
\"on\": \"on\"
\"1\": \"1\"
";
    assert_eq!(emit(&value), expected);
    assert_eq!(read_back(expected), value);
    let mut out = "# header\n".to_owned();
    emit_documents(&mut out, &[json!({"a": 1}), json!([2])]);
    assert_eq!(out, "# header\na: 1\n---\n- 2\n");
}

#[test]
fn long_lines_and_long_keys_survive() {
    let value =
        json!({"a": "word ".repeat(100).trim_end(), "k".repeat(2000): {"b".repeat(2000): ["c"], "d": "e"}});
    let text = emit(&value);
    assert!(text.lines().next().expect("a line").len() > 400);
    assert_eq!(read_back(&text), value);
}

/// Each text with the way it is written on one line.
const TEXTS: &[(&str, &str)] = &[
    ("no", "\"no\""),
    ("y", "\"y\""),
    ("n", "\"n\""),
    ("on", "\"on\""),
    ("tRue", "\"tRue\""),
    ("1_000", "\"1_000\""),
    ("1.10", "\"1.10\""),
    ("1234e56", "\"1234e56\""),
    ("0755", "\"0755\""),
    ("0o17", "\"0o17\""),
    ("0x1f", "\"0x1f\""),
    ("0b1", "\"0b1\""),
    ("12:30", "\"12:30\""),
    ("12:30:45", "\"12:30:45\""),
    ("2024-01-05", "\"2024-01-05\""),
    ("2024_01_05", "\"2024_01_05\""),
    ("~", "\"~\""),
    ("null", "\"null\""),
    ("", "\"\""),
    (" lead", "\" lead\""),
    ("trail ", "\"trail \""),
    ("a: b", "\"a: b\""),
    ("a #b", "\"a #b\""),
    ("#c", "\"#c\""),
    ("- x", "\"- x\""),
    ("-", "\"-\""),
    ("?", "\"?\""),
    ("!t", "\"!t\""),
    ("&a", "\"&a\""),
    ("*a", "\"*a\""),
    ("@x", "\"@x\""),
    ("`x", "\"`x\""),
    ("%x", "\"%x\""),
    ("|", "\"|\""),
    (">", "\">\""),
    ("{{ x }}", "\"{{ x }}\""),
    ("a {{ x }}", "\"a {{ x }}\""),
    ("[a]", "\"[a]\""),
    ("<<", "\"<<\""),
    ("=", "\"=\""),
    (".", "."),
    (".inf", "\".inf\""),
    (".nan", "\".nan\""),
    ("NaN", "\"NaN\""),
    ("+1", "\"+1\""),
    ("1e3", "\"1e3\""),
    ("1.", "\"1.\""),
    (".5", "\".5\""),
    ("0_", "\"0_\""),
    ("-0b1", "\"-0b1\""),
    ("a\nb", "\"a\\nb\""),
    ("\t", "\"\\t\""),
    ("a\tb", "\"a\\tb\""),
    ("\r", "\"\\r\""),
    ("\u{85}", "\"\\x85\""),
    ("\u{2028}", "\"\\u2028\""),
    ("\u{2029}", "\"\\u2029\""),
    ("\u{feff}", "\"\\uFEFF\""),
    ("\u{7f}", "\"\\x7F\""),
    ("\u{9b}", "\"\\x9B\""),
    ("\0", "\"\\x00\""),
    ("\u{fffe}", "\"\\uFFFE\""),
    ("\u{e000}", "\u{e000}"),
    ("🚀", "🚀"),
    ("é", "é"),
    ("---", "\"---\""),
    ("...", "\"...\""),
    ("--- a", "\"--- a\""),
    ("--flag=x", "--flag=x"),
    ("-x", "-x"),
    ("a:", "\"a:\""),
    ("a:b", "a:b"),
    (":", "\":\""),
    ("a#b", "a#b"),
    ("it's", "it's"),
    ("say \"x\"", "say \"x\""),
    ("\"x\"", "\"\\\"x\\\"\""),
    ("\\", "\\"),
    ("10.0.0.1", "10.0.0.1"),
    ("v2.0.0", "v2.0.0"),
    ("8080:80", "8080:80"),
    ("a, b", "a, b"),
    ("x]", "x]"),
    ("<b", "<b"),
    ("https://a.example/b?c=d", "https://a.example/b?c=d"),
    ("$X", "$X"),
    ("a\u{200b}b", "a\u{200b}b"),
];

#[test]
fn one_line_forms() {
    for (text, expected) in TEXTS {
        assert_eq!(encode_scalar(text), *expected, "{text:?}");
    }
}

#[test]
fn adversarial_texts_survive_everywhere() {
    let blocks = [
        "\tx\ny",
        "x\n\ty\n",
        "x \ny",
        "x\n y",
        "x\n\n",
        "\n",
        "\n\n",
        "\nx",
        "\n\nx\n",
        " x\ny",
        "  x\n y\n\n",
        "x\n---\ny",
        "x\n...\n",
        "# x\ny\n",
        "x: y\n- z\n",
        "x\n\t\ny",
        "x\r\ny\r\n",
        "x\u{85}\ny",
        "x\u{2028}\ny",
        "é\n🚀\n",
        "x\n ",
        " \n",
        "x\n\n\n y\n",
        "\n \n",
        "{{ x }}\ny\n",
        "\u{feff}x\ny",
        "x\n\u{7f}\n",
        "\n\tx\n",
        "x\n#y\n",
        "on\noff\n",
        "|\n>\n",
    ];
    for text in TEXTS.iter().map(|(text, _)| *text).chain(blocks) {
        for value in [
            json!(text),
            json!({"a": text}),
            json!({text: "a"}),
            json!({text: text, "z": 1}),
            json!([text]),
            json!([[text], text]),
            json!({"a": {"b": text}, "c": [{"d": text}]}),
            json!({"a": [{text: {text: text}}]}),
            json!([{text: [text]}]),
        ] {
            let written = emit(&value);
            assert_eq!(read_back(&written), value, "{written}");
            assert_eq!(emit(&read_back(&written)), written);
        }
    }
}

#[test]
fn numbers_survive() {
    for value in [
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.0),
        json!(1e300),
        json!(-1.5e-7),
        json!(1e16),
        json!(f64::MIN_POSITIVE),
        json!(f64::MAX),
        json!(0.1),
        json!(-0.0),
    ] {
        assert_eq!(read_back(&emit(&value)), value);
    }
}

fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ \\-:?#&*!|>'\"%@`,\\[\\]{}a-cnyYNoOfFtTeE0-9._+xX<=~\n\t]{0,8}",
        2 => "\\PC{0,12}",
        1 => any::<String>(),
        2 => proptest::collection::vec("[ \t]{0,2}[a-b#:\\- ]{0,6}", 0..5).prop_map(|lines| lines.join("\n")),
        1 => proptest::sample::select(TEXTS).prop_map(|(text, _)| text.to_owned()),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|value| json!(value)),
        any::<u64>().prop_map(|value| json!(value)),
        proptest::num::f64::NORMAL.prop_map(|value| json!(value)),
        nasty().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((nasty(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_written_is_read_back(value in document()) {
        let text = emit(&value);
        prop_assert_eq!(read_back(&text), value);
        prop_assert!(text.ends_with('\n'));
    }

    #[test]
    fn a_scalar_stays_on_its_line(text in nasty()) {
        prop_assert!(!encode_scalar(&text).contains(['\n', '\r']));
    }
}

proptest! {
    /// The one pass over a word says what all the checks say.
    #[test]
    fn a_word_is_plain_to_all_checks(text in "[a-zA-Z][a-zA-Z0-9._/:-]{0,12}") {
        if is_word(&text) && text.len() > LONGEST_LITERAL {
            prop_assert!(is_text_to_all(&text), "{}", text);
            prop_assert_eq!(read_back(&format!("{text}\n")), json!(text));
        }
    }
}

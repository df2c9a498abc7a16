use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::yaml::{SourceId, codes, is_empty_value, is_plain};

fn source(text: &str) -> Source {
    Source { id: SourceId(7), path: Arc::from("a.yaml"), text: text.to_owned() }
}

fn read(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let mut sink = Sink::default();
    let node = parse(&source(text), &mut sink);
    (node, sink.into_findings())
}

/// Reads a file without findings.
fn clean(text: &str) -> Node {
    let (node, findings) = read(text);
    let messages: Vec<_> = findings.iter().map(|finding| (&finding.message, &finding.primary.span)).collect();
    assert!(messages.is_empty(), "{messages:?} {text:?}");
    node.expect(text)
}

/// Reads a file and returns its findings as "code text-under-the-span".
fn faults(text: &str) -> Vec<String> {
    read(text)
        .1
        .iter()
        .map(|finding| {
            let written = finding.primary.span.clone().map(|span| &text[span]);
            format!("{} {}", finding.code.name, written.unwrap_or("-"))
        })
        .collect()
}

/// Lists what stands under the span of each key and value, in file order.
fn spans(text: &str) -> Vec<String> {
    fn walk(source: &Source, node: &Node, out: &mut Vec<String>) {
        out.push(source.slice(node.span).to_owned());
        for item in node.items() {
            walk(source, item, out);
        }
        for entry in node.entries() {
            out.push(source.slice(entry.key_span).to_owned());
            walk(source, &entry.node, out);
        }
    }
    let mut out = Vec::new();
    walk(&source(text), &clean(text), &mut out);
    out
}

#[test]
fn spans_cover_exactly_what_is_written() {
    let cases: &[(&str, &[&str])] = &[
        ("a: b\n", &["a: b", "a", "b"]),
        ("a: 'b'  # c\n\"d\": \"e\"\n", &["a: 'b'  # c\n\"d\": \"e\"", "a", "'b'", "\"d\"", "\"e\""]),
        (
            "a: {b: 1, c: [x, w]} # d\n",
            &["a: {b: 1, c: [x, w]}", "a", "{b: 1, c: [x, w]}", "b", "1", "c", "[x, w]", "x", "w"],
        ),
        ("a: {}\nb: []\n", &["a: {}\nb: []", "a", "{}", "b", "[]"]),
        ("a:\n  - b\n  - c: d\n", &["a:\n  - b\n  - c: d", "a", "b\n  - c: d", "b", "c: d", "c", "d"]),
        ("a:\n- b\n- c\nd: e\n", &["a:\n- b\n- c\nd: e", "a", "b\n- c", "b", "c", "d", "e"]),
        ("a: b\r\nc:\r\n  d: e\r\n", &["a: b\r\nc:\r\n  d: e", "a", "b", "c", "d: e", "d", "e"]),
        ("é: ü # ö\nß: [€, 🚀]\n", &["é: ü # ö\nß: [€, 🚀]", "é", "ü", "ß", "[€, 🚀]", "€", "🚀"]),
        ("\u{feff}a: b\n", &["a: b", "a", "b"]),
        ("\u{feff}# c\r\na: é\r\n", &["a: é", "a", "é"]),
        ("---\na: b\n...\n", &["a: b", "a", "b"]),
        ("a: &x b\nc: *x\n", &["a: &x b\nc: *x", "a", "b", "c", "*x"]),
        ("a: &x\n  b: c\n", &["a: &x\n  b: c", "a", "b: c", "b", "c"]),
        ("a: !!str 5\n", &["a: !!str 5", "a", "5"]),
        ("a: |\n  x\n  w\n\nb: c\n", &["a: |\n  x\n  w\n\nb: c", "a", "|\n  x\n  w", "b", "c"]),
        ("a: |-  # | c\n\n  x\n", &["a: |-  # | c\n\n  x", "a", "|-  # | c\n\n  x"]),
        ("a: &x >2+\n   x\n\n\nb: c", &["a: &x >2+\n   x\n\n\nb: c", "a", ">2+\n   x", "b", "c"]),
        ("a: |\r\n  x\r\n  w\r\nb: c\r\n", &["a: |\r\n  x\r\n  w\r\nb: c", "a", "|\r\n  x\r\n  w", "b", "c"]),
        ("a: |-\nb: c\n", &["a: |-\nb: c", "a", "|-", "b", "c"]),
        ("- |\n  x\n- |\n  w\n", &["|\n  x\n- |\n  w", "|\n  x", "|\n  w"]),
        ("a: x\n  w\nb: \"x\n  w\"\n", &["a: x\n  w\nb: \"x\n  w\"", "a", "x\n  w", "b", "\"x\n  w\""]),
        ("a:\nb:   # c\n", &["a:\nb:", "a", "", "b", ""]),
        ("- a\n-\n- b\n", &["a\n-\n- b", "a", "", "b"]),
        ("? a\n: b\n", &["a\n: b", "a", "b"]),
    ];
    for (text, expected) in cases {
        assert_eq!(spans(text), *expected, "{text:?}");
    }
}

#[test]
fn an_empty_value_stands_behind_its_colon() {
    for (text, key, at) in [
        ("a:\n", "a", 2),
        ("a:   # c\n", "a", 2),
        ("é:\r\nb: c\r\n", "é", 3),
        ("{a: , b:, c}", "a", 3),
        ("{a: , b:, c}", "b", 8),
        ("{a: , b:, c}", "c", 11),
    ] {
        let root = clean(text);
        let node = root.get(key).expect(key);
        assert_eq!((node.span.start, node.span.end), (at, at), "{text:?} {key}");
        assert!(is_empty_value(&source(text), node), "{text:?}");
    }
    let root = clean("a: null\nb: ~\nc: ''\n");
    for key in ["a", "b", "c"] {
        assert!(!is_empty_value(&source("a: null\nb: ~\nc: ''\n"), root.get(key).expect(key)), "{key}");
    }
}

#[test]
fn plain_means_neither_quoted_nor_block() {
    let text = "a: b\nc: 'b'\nd: \"b\"\ne: |\n  b\nf: >\n  b\n";
    let root = clean(text);
    let plain: Vec<_> =
        root.entries().iter().filter(|e| is_plain(&source(text), e.node.span)).map(|e| &*e.key).collect();
    assert_eq!(plain, ["a"]);
}

#[test]
fn values_are_those_of_kubernetes() {
    let text = "a: 1\nb: -5\nc: 1.5\nd: true\ne: null\nf: ~\ng:\nh: text\ni: \"1\"\nj: 0x1f\nk: 18446744073709551615\n\
                l: 200000000000000000000\nm: .5\nnn: 1e3\no: |\n  1\np: !!str 1\nq: True\nr: 10.0.0.1\ns: v1.2.3\nt: 8080:80\n";
    let expected = json!({
        "a": 1, "b": -5, "c": 1.5, "d": true, "e": null, "f": null, "g": null, "h": "text", "i": "1", "j": 31,
        "k": 18_446_744_073_709_551_615_u64, "l": 2e20, "m": 0.5, "nn": 1000.0, "o": "1\n",
        "p": "1", "q": true, "r": "10.0.0.1", "s": "v1.2.3", "t": "8080:80",
    });
    assert_eq!(clean(text).to_json(), expected);
}

#[test]
fn each_trap_is_found_where_it_stands() {
    let cases: &[(&str, &[&str])] = &[
        // Bytes and text.
        ("", &["empty-document -"]),
        ("\u{feff}\r\n", &["empty-document -"]),
        ("# c\n", &["empty-document -"]),
        ("---\n# c\n", &["empty-document -"]),
        ("a: b\n---\nc: d\n", &["several-documents ---"]),
        ("a: b\n---\n", &["several-documents ---"]),
        ("---\n---\na: b\n", &["several-documents ---"]),
        ("a:\n\tb: c\n", &["tab-indentation \t"]),
        ("\ta: b\n", &["tab-indentation \t"]),
        ("a:\n  b: c\n\td: e\n", &["tab-indentation \t"]),
        ("a:\n  b: c\n  \td: e\n", &["tab-indentation \t"]),
        ("a: |\n\tx\n", &["tab-indentation \t"]),
        ("-\ta: b\n", &["tab-indentation \t"]),
        ("a:\n\t\n  b: c\n", &["tab-indentation \t"]),
        ("a: b\n\t# c\nd: e\n", &["tab-indentation \t"]),
        ("a: b\n\n\t", &["tab-indentation \t"]),
        // Structure.
        ("a: 1\nb: 2\na: 3\n'b': 4\n", &["duplicate-key a", "duplicate-key 'b'"]),
        ("a: 1\na: 2\na: 3\n", &["duplicate-key a", "duplicate-key a"]),
        ("x: {a: 1, a: 2}\n", &["duplicate-key a"]),
        (
            "1: a\ntrue: b\n~: c\n[x]: d\n{w: z}: e\n",
            &[
                "non-string-key 1",
                "non-string-key true",
                "non-string-key ~",
                "non-string-key [x]",
                "non-string-key {w: z}",
            ],
        ),
        ("? - a\n: b\n", &["non-string-key a"]),
        (": b\n", &["non-string-key "]),
        ("a: &x {b: c}\nd:\n  <<: *x\n", &["merge-key <<"]),
        ("a: *b\n", &["unknown-alias *b"]),
        ("a: *.acme.example\n", &["unknown-alias *.acme.example"]),
        ("a: &x [*x]\n", &["alias-expansion *x"]),
        ("a: &x 1\n*x : b\n", &["non-string-key *x"]),
        // Values.
        ("a: on\nyes: b\n", &["ambiguous-scalar on", "ambiguous-scalar yes"]),
        (
            "[0755, 0o755, 1_000, 12:30, 2024-01-05, 08, 0b1, y, N]",
            &[
                "ambiguous-scalar 0755",
                "ambiguous-scalar 0o755",
                "ambiguous-scalar 1_000",
                "ambiguous-scalar 12:30",
                "ambiguous-scalar 2024-01-05",
                "ambiguous-scalar 08",
                "ambiguous-scalar 0b1",
                "ambiguous-scalar y",
                "ambiguous-scalar N",
            ],
        ),
        (
            "a: .inf\nb: .NaN\nc: 1e999\n",
            &["non-finite-number .inf", "non-finite-number .NaN", "non-finite-number 1e999"],
        ),
        (
            "a: !!int 5\nb: !vault x\nc: ! y\nd: !m {}\n!k e: f\n",
            &[
                "explicit-tag !!int",
                "explicit-tag !vault",
                "explicit-tag !",
                "explicit-tag !m",
                "explicit-tag !k",
            ],
        ),
        ("a: !!str [x]\n", &["explicit-tag !!str"]),
        // Templates.
        ("a: {{ x }}\nb: c\n", &["template-leftover {{ x }}"]),
        ("a: {{ .Values.x | default \"y\" }}\n", &["template-leftover {{ .Values.x | default \"y\" }}"]),
        ("a: {{ x }}:{{ y }}\n", &["template-leftover {{ x }}"]),
        ("a: b:{{ y }}\n", &["template-leftover b:{{ y }}"]),
        ("{{ x }}: w\n", &["template-leftover {{ x }}"]),
        ("{{- if x }}\na: b\n{{- end }}\n", &["template-leftover {{- if x }}"]),
        ("a: b\n{{ if x }}\nc: d\n{{ end }}\n", &["template-leftover {{ if x }}"]),
        ("a: b\n{% if x %}\nc: d\n", &["template-leftover {% if x %}"]),
        ("a: <% x %>\nb: <%= y %>z\n", &["template-leftover <% x %>", "template-leftover <%= y %>z"]),
        ("a: {{ x\n", &["template-leftover {{ x"]),
        ("a: [{{ x }}, {{ y }}]\n", &["template-leftover {{ x }}", "template-leftover {{ y }}"]),
        ("a: &x {{ x }}\nb: *x\n", &["template-leftover {{ x }}"]),
    ];
    for (text, expected) in cases {
        assert_eq!(faults(text), *expected, "{text:?}");
    }
}

#[test]
fn what_only_looks_like_a_trap_is_accepted() {
    for text in [
        "a: \"{{ x }}\"\nb: '{% x %}'\nc: |\n  {{ x }}\nd: \"on\"\n'1': x\n\"<<\": w\n'y': z\n",
        "a: ${X}\nb: __IMAGE_TAG__\nc: $(X)\n",
        "# header\n---\na: b\n",
        "a: b\n...\n# footer\n",
        "a: b # {{ x }}\n# {% y %}\n",
        "a: [b,\n\tc]\n",
        "a:\tb\t\n",
        "a: |\n  x\n  \tw\n",
        "a: b \t# c\nd:\t# e\n  - f\t\n",
        "a: [\n\t\n  b,\n\t# c\n]\n",
        "a: yEs\nb: oN\nc: 1.2.3\nd: 08:61\ne: 0x\nf: 2024-1\ng: +\nh: -x\ni: .\nj: 1e\nk: 0b2\nl: _1\n",
        "x: &a {b: &b c}\nw: *a\nz: *b\n",
        "a: null\n",
    ] {
        clean(text);
    }
    clean("null\n");
}

#[test]
fn one_fault_leaves_the_rest_usable() {
    let (node, findings) =
        read("a: on\nb: {{ x }}\nc: 1\nc: 2\n7: d\nbase: &x {k: 1, l: 2}\ne: {k: 3, <<: *x}\nf: *g\n");
    assert_eq!(findings.len(), 6);
    assert_eq!(
        node.expect("a tree").to_json(),
        json!({"a": "on", "b": "{{ x }}", "c": 1, "7": "d", "base": {"k": 1, "l": 2}, "e": {"k": 3, "l": 2}, "f": "*g"})
    );
    let (node, _) = read("a: b\n---\nc: d\n");
    assert_eq!(node.expect("the first document").to_json(), json!({"a": "b"}));
}

#[test]
fn a_copy_stands_at_its_alias() {
    let text = "a: &x {b: c}\nd: *x\n";
    let root = clean(text);
    let copy = root.get("d").expect("d");
    assert_eq!(source(text).slice(copy.span), "*x");
    assert_eq!(source(text).slice(copy.get("b").expect("b").span), "c");
    assert_eq!(copy.get("b").expect("b").span.start, 10);
}

#[test]
fn messages_say_what_to_write() {
    let cases = [
        (
            "a: on\n",
            "`on` is read as `true` by some Kubernetes tools and as text by others",
            "write `\"on\"` for the text, or `true`",
        ),
        (
            "a: 0755\n",
            "`0755` is read as `493` by some Kubernetes tools and as `755` by others",
            "write `\"0755\"` for the text, or `493` or `755`",
        ),
        (
            "a: 12:30\n",
            "`12:30` is read as `750` by some Kubernetes tools and as text by others",
            "write `\"12:30\"` for the text, or `750`",
        ),
        (
            "a: 2024-01-05\n",
            "`2024-01-05` is read as a point in time by some Kubernetes tools and as text by others",
            "write `\"2024-01-05\"`",
        ),
        (
            "on: a\n",
            "the key `on` is read as `true` by some Kubernetes tools and as text by others",
            "write `\"on\"`",
        ),
        ("80: a\n", "the key `80` is an integer, not text", "write it in quotes: `\"80\"`"),
        (
            "a: 1\na: 2\n",
            "the key `a` is written twice in one map",
            "remove one of the two: tools differ in which one they take",
        ),
    ];
    for (text, message, help) in cases {
        let finding = read(text).1.remove(0);
        assert_eq!((finding.message.as_str(), finding.help.as_deref()), (message, Some(help)), "{text}");
    }
    let finding = read("a: 1\na: 2\n").1.remove(0);
    assert_eq!(finding.related[0].location, Location::at("a.yaml", 0..1));
}

#[test]
fn syntax_errors_are_in_plain_words() {
    let cases = [
        ("a: \"foo\nb: c\n", "\"", "the quote that opens here is not closed"),
        ("a: 'foo\nb: 'bar'\n", "'", "the quote that opens here is not closed"),
        ("a: 'foo", "'", "the quote that opens here is not closed"),
        ("a: \"x\" y\n", "y", "text follows the closing quote"),
        ("a: \"x\\q\"\n", "\"", "the text in double quotes has an escape that YAML does not know"),
        (" a: b\nc: d\n", " ", "the first line is indented, the lines below are not"),
        ("# x\n  a: b\n c: d\n", "  ", "the first line is indented, the lines below are not"),
        ("----\na: b\n", "----", "a document starts with three dashes, not more"),
        ("a: x: y\n", ":", "a second `: ` on one line"),
        (
            "a: b\n  c: d\n",
            "  c:",
            "this line continues the value of the line above, so it cannot have a `: `",
        ),
        ("a:b\nc: d\n", "a:b", "this line is not `key: value`"),
        ("a:\n    b: c\n  d: e\n", "d: e", "this line is not indented like its neighbours"),
        ("a: b\n- c\n", "- c", "a list item stands among the keys of a map"),
        ("- a\nb: c\n", "b: c", "a list item was expected here, `- `"),
        ("a: b\nc\nd: e\n", "c", "this line is not `key: value`"),
        ("a: [1, 2\n", "[", "the `[` that opens here is not closed"),
        ("a: [1, 2\nb: c\n", ":", "a `,` or the closing bracket is missing before this"),
        ("a: {b: c\nd: e\n", ":", "a `,` or the closing bracket is missing before this"),
        ("a: [}\n", "[", "the `[` that opens here is closed by `}`"),
        ("a: ]\n", "]", "this bracket closes nothing"),
        ("a: @x\n", "@", "a value cannot start with `@`"),
        ("a: `x\n", "`", "a value cannot start with ```"),
        ("a: %x\n", "%", "a value cannot start with `%`"),
        ("a: \"\u{8}\"\n", "\u{8}", "the control character U+0008 is not allowed in YAML"),
        ("a: - b\n", "-", "a list item `- ` cannot start here"),
        ("a: *\n", "*", "`*` and `&` start a YAML alias or anchor, and no name follows"),
        (
            "%YAML 1.1\n---\na: b\n",
            "%YAML 1.1",
            "a line that starts with `%` is a YAML directive, which is not read here",
        ),
        ("a: | x\n  y\n", "|", "text follows the `|` or `>` that starts a block of text"),
    ];
    for (text, place, message) in cases {
        let (node, findings) = read(text);
        assert_eq!(findings.len(), 1, "{text:?}");
        let finding = &findings[0];
        let span = finding.primary.span.clone().expect("a place");
        assert_eq!(
            (finding.code.name, &text[span], finding.message.as_str()),
            ("yaml-syntax", place, message),
            "{text:?}"
        );
        assert!(finding.help.is_some() && node.is_none(), "{text:?}");
    }
}

#[test]
fn a_hostile_file_is_refused_in_time() {
    let only = |text: &str| {
        let started = std::time::Instant::now();
        let names: Vec<_> = read(text).1.iter().map(|finding| finding.code.name).collect();
        assert!(started.elapsed().as_secs() < 120, "{:?}", &text[..text.len().min(40)]);
        names
    };
    let mut block = String::new();
    for depth in 0..3000 {
        writeln!(block, "{:depth$}a:", "").expect("a string");
    }
    for text in [
        "[".repeat(10_000),
        "{a: ".repeat(10_000),
        "[".repeat(10_000) + &"]".repeat(10_000),
        "{".repeat(2) + &"[".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "- ? ".repeat(50_000),
        "[? ".repeat(50_000),
        block,
        "a: ".to_owned() + &"[".repeat(65) + &"]".repeat(65),
    ] {
        let names = only(&text);
        assert!(
            matches!(names[..], ["deep-nesting" | "template-leftover"]),
            "{names:?} {:?}",
            &text[..40.min(text.len())]
        );
    }
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for level in 1..9 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        writeln!(bomb, "a{level}: &a{level} [{before}]").expect("a string");
    }
    for level in 1..200 {
        writeln!(chain, "a{level}: &a{level} [*a{}]", level - 1).expect("a string");
    }
    assert_eq!(only(&bomb), ["alias-expansion"]);
    assert_eq!(only(&chain), ["deep-nesting"]);
    assert_eq!(
        only(&format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(1000))),
        ["alias-expansion"]
    );
    assert_eq!(only(&("a: ".to_owned() + &"[".repeat(63) + &"]".repeat(63))), [""; 0]);
    assert_eq!(only(&format!("[{}]", "on, ".repeat(100_000))).len(), MAX_FINDINGS);
    assert_eq!(only(&format!("{{{}}}", "a: 1, ".repeat(100_000))).len(), MAX_FINDINGS);
    // Neither hangs nor panics; what is found does not matter.
    for text in [
        "\"".repeat(500_000),
        "'".repeat(500_001),
        "a: |\n".to_owned() + &" \n".repeat(300_000),
        "#".repeat(1_000_000),
        "\n".repeat(1_000_000),
        "a".repeat(1_000_000),
        "a: ".repeat(300_000),
        "&a ".repeat(300_000),
        "!a ".repeat(300_000),
        "*a ".repeat(300_000),
        "---\n".repeat(200_000),
        "{{ ".repeat(300_000),
        "{% ".repeat(300_000),
        ",".repeat(500_000),
        "- a\n".repeat(200_000),
        "\t".repeat(500_000),
        "[a, ".repeat(60) + &"b, ".repeat(300_000),
        ": ".repeat(300_000),
    ] {
        only(&text);
    }
}

#[test]
fn codes_are_complete() {
    for code in codes::ALL {
        assert!(code.page.starts_with(&format!("# {}\n\n", code.name)), "{}", code.name);
        assert!(code.summary().ends_with('.'), "{}", code.name);
    }
    assert_eq!(codes::ALL.len(), 17);
}

/// The examples of the pages, as far as this layer is concerned: all of it except what `decode` finds.
#[test]
fn pages_tell_the_truth() {
    for code in codes::ALL {
        let mut blocks = code.page.split("```yaml").skip(1);
        let mut next = || {
            let block = blocks.next().expect("a block").split("```").next().expect("its end");
            let (info, text) = block.split_once('\n').expect("an info line");
            if info.contains("escaped") { text.replace("\\t", "\t") } else { text.to_owned() }
        };
        let (flagged, accepted) = (next(), next());
        if !flagged.contains('\\') {
            assert!(faults(&flagged).iter().any(|fault| fault.starts_with(code.name)), "{}", code.name);
        }
        clean(&accepted);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "[ -~\n\t\r:{}\\[\\]#&*!|>'\"%@`,?\\-é\u{feff}\u{85}]{0,80}") {
        let (_, findings) = read(&text);
        for finding in findings {
            if let Some(span) = finding.primary.span {
                proptest::prop_assert!(text.get(span.clone()).is_some(), "{span:?}");
            }
        }
    }

    #[test]
    fn yaml_like_text_is_read_without_panic(parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..40)) {
        let text = parts.concat();
        let (node, findings) = read(&text);
        for finding in findings {
            if let Some(span) = finding.primary.span {
                proptest::prop_assert!(text.get(span.clone()).is_some(), "{span:?}");
            }
        }
        if let Some(node) = node {
            proptest::prop_assert!(text.get(node.span.start as usize..node.span.end as usize).is_some());
        }
    }
}

const PARTS: &[&str] = &[
    "a", "b", ": ", ":", "\n", "\n  ", "\n    ", "- ", "? ", "[", "]", "{", "}", ", ", "{{ x }}", "\"", "'",
    "|", ">-", "\n\n", "&x ", "*x", "!t ", "!!str ", "<<", "on", "1", "~", " # c", "\t", "\r\n", "é",
    "---\n", "...\n", "{% x %}", "%Y", "\u{feff}",
];

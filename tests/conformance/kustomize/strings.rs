//! Texts and keys that have hurt somebody, or that a printer of YAML has to think about.

use super::choices::Choices;

const PLAIN: &[&str] =
    &["a", "info", "payments", "v1.2.3", "http://example.com/x?y=z", "a b", "/var/lib/x", "8080"];

const ODD: &[&str] = &[
    "y",
    "no",
    "On",
    "OFF",
    "true",
    "null",
    "~",
    "",
    "1_000",
    "1.10",
    "1e3",
    "0755",
    "0o17",
    "0x1f",
    "0b1",
    "08",
    "12:30",
    "2026-01-05",
    "2026-01-05T10:00:00Z",
    "2026-1-5 1:2:3",
    ".5",
    ".inf",
    "+1",
    "-",
    "- x",
    "?",
    "!t",
    "&a",
    "*a",
    "@x",
    "`x",
    "%x",
    "|",
    ">",
    "[a]",
    "{a}",
    "<<",
    "=",
    "\"q\"",
    "'q'",
    "it's",
    "a: b",
    "a #b",
    "#x",
    "a:",
    " lead",
    "trail ",
    "a  b",
    "line\nbreak",
    "ends\n",
    "\n",
    "two\n\n",
    "  two\n blocks",
    "tab\there",
    "tab\t\nbreak",
    "blank \nbreak",
    "cr\rlf\r\n",
    "---",
    "--- a",
    "...",
    "\\",
    "C:\\x",
    "$(VAR)",
    "${X}",
    "é",
    "日本語",
    "🚀",
    "🚀\nline",
    "nbsp\u{a0}x",
    "ls\u{2028}x",
    "ps\u{2029}",
    "\u{feff}bom",
    "bell\u{7}",
    "nul\0x",
    "nel\u{85}x",
    "a,b",
    "a=b",
    "a=b=c",
    "x \" y ' z",
    "- a\n- b\n",
    "key: value\nother:\n  - 1\n",
    "{\"json\": [1, 2]}",
    "\ttab first",
    "\"",
    "'",
    "'a",
    "a'",
    "\"a\"b",
];

const WORDS: &[&str] =
    &["word", "--flag=value", "x", "it's", "-Xmx512m", "é", "\"q\"", "#x", "a:b", "key:", "日本語", ""];

/// A text as a value: mostly a plain one.
pub(super) fn text(choices: &mut Choices) -> String {
    match choices.below(10) {
        0..=4 => choices.pick(PLAIN).to_owned(),
        5..=7 => choices.pick(ODD).to_owned(),
        8 => {
            let words = 5 + choices.below(40);
            (0..words).map(|_| choices.pick(WORDS)).collect::<Vec<_>>().join(" ")
        }
        _ => {
            let lines = 1 + choices.below(5);
            let line = |choices: &mut Choices| choices.some(4, |choices| choices.pick(WORDS)).join(" ");
            (0..lines).map(|_| line(choices)).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A text that a line of an environment file can hold.
pub(super) fn one_line(choices: &mut Choices) -> String {
    text(choices).replace(['\n', '\r'], " ")
}

/// A key of a map of texts.
pub(super) fn key(choices: &mut Choices) -> String {
    const KEYS: &[&str] = &[
        "a",
        "LOG_LEVEL",
        "b.c",
        "a-b",
        "a_b",
        "key2",
        "key10",
        "y",
        "on",
        "A",
        "app.yaml",
        "x.properties",
        "Z.z",
        "a1",
    ];
    // What reads as something else is refused by all.
    if choices.chance(1) { choices.pick(&["1", "null", "0x1", "2026-01-05"]) } else { choices.pick(KEYS) }
        .to_owned()
}

/// A key of annotations or of a custom resource, where more is allowed.
pub(super) fn odd_key(choices: &mut Choices) -> String {
    const KEYS: &[&str] = &[
        "a",
        "example.com/b",
        "a b",
        "a: b",
        "-",
        "?x",
        "b",
        "é",
        "#",
        "c-2",
        "c-10",
        "@x",
        "it's",
        "x/y/z",
        "A.b",
        "a-key-that-is-longer-than-what-a-reader-of-yaml-takes-before-a-colon-which-is-one-hundred-and-twenty-eight-bytes-and-so-here-it-ends",
    ];
    choices.pick(KEYS).to_owned()
}

//! Texts from metadata.yaml arrive in the rendered files as they are, or are refused where no tool
//! can carry them.

use std::path::Path;
use std::sync::Arc;

use onramp::diagnostic::Sink;
use onramp::yaml::{self, Source, SourceId};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

/// Texts that Kustomize drops, changes or stumbles over, as JSON writes them.
const UNBUILDABLE: &[&str] =
    &["a\u{85}b", "a\u{7f}", "\u{80}", "a\u{9f}", "\u{fffe}", "a\u{ffff}b", "\ta\nb", "\t\n"];

/// Texts that look like those and arrive.
const BUILDABLE: &[&str] =
    &["\ta", "a\n\tb", " \ta\nb", "\u{a0}", "\u{fffd}", "\u{feff}", "\u{2028}", "\u{1}", "\u{1b}[31m"];

/// Writes a text so that YAML readers take it back, whatever it holds.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

fn parse(path: &str, text: String) -> Json {
    let source = Source { id: SourceId(0), path: Arc::from(path), text };
    let mut sink = Sink::default();
    let node = yaml::parse(&source, &mut sink);
    let findings = sink.into_findings();
    assert!(findings.is_empty(), "{path}: {findings:?}\n{}", source.text);
    node.unwrap_or_else(|| panic!("{path} is YAML")).to_json()
}

#[test]
fn what_kustomize_cannot_carry_is_refused_where_it_stands() {
    // Where the text goes, and where its opening quote stands then.
    let places = [
        ("env: { LOG_LEVEL: info }", "env: { A: {} }", "8:11"),
        ("env: { LOG_LEVEL: info }", "annotations: { example.com/a: {} }", "8:31"),
        ("env: { LOG_LEVEL: info }", "podAnnotations: { example.com/a: {} }", "8:34"),
        ("env: { LOG_LEVEL: info }", "command: [sh, {}]", "8:15"),
        ("env: { LOG_LEVEL: info }", "args:\n- {}", "9:3"),
        ("env: { LOG_LEVEL: info }", "config: { literals: { A: {} }, mountPath: /etc/payments }", "8:26"),
        ("prod: {}", "prod: { env: { A: {} } }", "11:21"),
    ];
    for (old, new, at) in places {
        for text in UNBUILDABLE {
            let env = Env::with_api(&METADATA.replace(old, &new.replacen("{}", &quoted(text), 1)));
            let lint = env.run(&["lint", "--format", "json"]);
            assert_eq!(lint.findings(), [format!("unbuildable-text {PATH}:{at}")], "{new} {text:?}");
            let before = env.files();
            assert_eq!(env.run(&["render"]).code, 1);
            assert!(env.files() == before);
        }
        for text in BUILDABLE {
            let env = Env::with_api(&METADATA.replace(old, &new.replacen("{}", &quoted(text), 1)));
            let lint = env.run(&["lint", "--format", "json"]);
            assert_eq!(lint.findings(), [""; 0], "{new} {text:?}");
        }
    }
}

#[test]
fn a_config_file_that_kustomize_cannot_carry_is_refused_where_it_is_wrong() {
    let metadata = METADATA.replace(
        "env: { LOG_LEVEL: info }",
        "config:\n  files: [config/sound.txt, config/odd.txt]\n  mountPath: /etc/payments",
    );
    for text in UNBUILDABLE {
        let env = Env::with_api(&metadata);
        env.write("onboarding/payments/config/sound.txt", "sound\n");
        env.write("onboarding/payments/config/odd.txt", text);
        let lint = env.run(&["lint", "--format", "json"]);
        let findings = lint.findings();
        let [finding] = findings.as_slice() else { panic!("{text:?}: {findings:?}") };
        assert!(
            finding.starts_with("unbuildable-text onboarding/payments/config/odd.txt:1:"),
            "{text:?}: {finding}"
        );
    }
    // What is not UTF-8 is carried as bytes.
    for bytes in BUILDABLE.iter().map(|text| text.as_bytes()).chain([&b"\x85\xff"[..]]) {
        let env = Env::with_api(&metadata);
        env.write("onboarding/payments/config/sound.txt", "sound\n");
        env.write("onboarding/payments/config/odd.txt", bytes);
        assert_eq!(env.run(&["lint", "--format", "json"]).findings(), [""; 0], "{bytes:?}");
    }
}

#[test]
fn defaults_of_the_platform_are_refused_in_platform_yaml() {
    for text in UNBUILDABLE {
        let env = Env::with_api(METADATA);
        let platform = env.read("platform.yaml");
        let defaults = format!("defaults:\n- podAnnotations: {{ example.com/a: {} }}\n", quoted(text));
        env.write("platform.yaml", platform + &defaults);
        let lint = env.run(&["lint", "--format", "json"]);
        assert_eq!(lint.findings(), ["unbuildable-text platform.yaml:27:36"], "{text:?}");
        assert_eq!(env.run(&["render"]).code, 1);
        assert!(!env.exists("onboarding/payments/base"));
    }
}

#[test]
fn people_are_told_which_character() {
    let env = Env::with_api(&METADATA.replace("LOG_LEVEL: info", "A: \"x\\Ny\", B: \"\\x7f\""));
    insta::assert_snapshot!(env.run(&["lint"]), @r#"
    exit code: 1
    ----- stdout -----
    unbuildable-text

      × the text contains U+0085 (next line), which Kustomize turns into a blank
       ╭─[onboarding/payments/metadata.yaml:8:11]
     8 │ env: { A: "x\Ny", B: "\x7f" }
       ·           ───┬──
       ·              ╰── Kustomize cannot carry this text
       ╰────
      help: remove the character, or keep the text in the image or in a Secret

    unbuildable-text

      × the text contains U+007F (delete)
       ╭─[onboarding/payments/metadata.yaml:8:22]
     8 │ env: { A: "x\Ny", B: "\x7f" }
       ·                      ───┬──
       ·                         ╰── Kustomize cannot carry this text
       ╰────
      help: remove the character, or keep the text in the image or in a Secret

    Checked 1 API: 2 errors.
    "#);
}

/// Words that some reader takes for something else, and characters that some writer gets wrong.
fn text() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        4 => "[ -~]{0,12}",
        2 => "[\\PC\n\t \u{1}-\u{1f}\u{a0}\u{2028}\u{202e}\u{feff}😀]{0,12}",
        1 => prop::sample::select(vec![
            "no", "0755", "1_000", "12:30", "1e3", "~", "null", ".inf", "2024-01-05", "'", "\"", "''", "\"\"",
            "'a'", "\"a\"", "- a", "a: b", "a #b", "# a", "{{ x }}", "$(A)", "${A}", "<%", "|", ">", "\\", "=",
            "\n", "\n\n", "a\n", "a\n\n", " a", "a ", "\ta", "a\n b\nc", "::error::x\ny", "---", "...", "%", "@", "`",
        ]).prop_map(str::to_owned),
    ];
    vec(parts, 0..4).prop_map(|parts| parts.concat()).prop_filter("a tool carries it", |text| {
        let refused = text.chars().any(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'));
        !(refused || text.starts_with('\t') && text.contains('\n'))
    })
}

/// Kustomize's rule for the value of a literal: one pair of equal quotes is taken off.
fn as_kustomize_reads(entry: &str) -> (String, String) {
    let (key, value) = entry.split_once('=').expect("a key and a value");
    let pair = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    let value = if pair('"') || pair('\'') { &value[1..value.len() - 1] } else { value };
    (key.to_owned(), value.to_owned())
}

/// Renders an API that says each of the texts in each place, and reads the files back.
fn assert_arrive(texts: &[String]) {
    let list = |lead: &str| {
        let lines = texts.iter().enumerate().map(|(at, text)| format!("{lead}K{at}: {}\n", quoted(text)));
        lines.collect::<Vec<_>>().concat()
    };
    let args = texts.iter().map(|text| format!("- {}\n", quoted(text))).collect::<Vec<_>>().concat();
    let annotations = list("  example.com/");
    let said = format!(
        "env:\n{}annotations:\n{annotations}podAnnotations:\n{annotations}args:\n{args}\
         config:\n  mountPath: /etc/payments\n  literals:\n{}",
        list("  "),
        list("    "),
    );
    let env = Env::with_api(&METADATA.replace("env: { LOG_LEVEL: info }\n", &said));
    let printed = env.run(&["render"]).success();
    // `$(A)`, which nobody sets, is a warning.
    assert!(printed.contains("Rendered 1 API: "), "{printed}");

    let read = |path: &str| parse(path, env.read(&format!("onboarding/payments/{path}")));
    let deployment = read("base/deployment.yaml");
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    let entries = |name: &dyn Fn(usize) -> String| -> Json {
        texts
            .iter()
            .enumerate()
            .map(|(at, text)| (name(at), json!(text)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let expected: Vec<Json> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| json!({ "name": format!("K{at}"), "value": text }))
        .collect();
    assert_eq!(container["env"], json!(expected));
    assert_eq!(container["args"], json!(texts));
    let annotations = entries(&|at| format!("example.com/K{at}"));
    assert_eq!(deployment["metadata"]["annotations"], annotations);
    assert_eq!(deployment["spec"]["template"]["metadata"]["annotations"], annotations);
    let component = read("config/kustomization.yaml");
    let literals = component["configMapGenerator"][0]["literals"].as_array().expect("literals");
    let literals: Vec<_> =
        literals.iter().map(|entry| as_kustomize_reads(entry.as_str().expect("text"))).collect();
    let expected: Vec<_> =
        texts.iter().enumerate().map(|(at, text)| (format!("K{at}"), text.clone())).collect();
    assert_eq!(literals, expected);

    let before = env.files();
    let again = env.run(&["render"]).success();
    assert!(again.ends_with("Nothing changed.\n"), "{again}");
    assert!(env.files() == before);
    // And every file is what any reader takes for YAML.
    for (path, bytes) in
        before.iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|e| e == "yaml"))
    {
        parse(path, String::from_utf8(bytes.clone()).expect("text"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_other_text_arrives(texts in vec(text(), 1..8)) {
        assert_arrive(&texts);
    }
}

#[test]
fn the_texts_that_are_known_for_trouble_arrive() {
    let texts = [
        "",
        " ",
        "\n",
        "\n\n",
        "no",
        "y",
        "0755",
        "0o17",
        "1_000",
        "12:30",
        "1234e56",
        "2024-01-05",
        "~",
        "null",
        "=",
        "<<",
        "\"a\"",
        "'a'",
        "\"",
        "''",
        "a=b",
        "=a",
        "a: b",
        "a #b",
        "- a",
        "{{ x }}",
        "{% x %}",
        "$(A)/x",
        "\r\n",
        "a\r\nb",
        "a\n\tb",
        "\ta",
        "a \nb",
        "a\n\n\n",
        "\n a",
        "::error::x\ny",
        "\u{1b}[31m",
        "\u{feff}a",
        "\u{2028}",
        "\u{202e}",
        "\u{0}",
        "😀",
        "a\u{1}",
        "é",
        "x\u{fffd}",
        "-",
        "---\na",
        "...\n",
        "# a\nb",
        "%YAML",
        "|\n a",
    ];
    assert_arrive(&texts.map(str::to_owned));
}

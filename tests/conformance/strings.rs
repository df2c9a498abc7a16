//! A string from metadata.yaml arrives in the built object as exactly that string, in every place
//! where a string can go.

use onramp::yaml::emit;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};

use crate::env::Env;
use crate::tools::{build, documents};

/// Strings that have hurt somebody.
const NASTY: &[&str] = &[
    "no",
    "y",
    "on",
    "1_000",
    "1.10",
    "1234e56",
    "0755",
    "0o17",
    "0x1f",
    "12:30",
    "2026-01-05",
    "~",
    "null",
    "",
    " lead",
    "trail ",
    "a: b",
    "a #b",
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
    "{{ x }}",
    "[a]",
    "{a}",
    "<<",
    "=",
    "\"",
    "'",
    "\"quoted\"",
    "'quoted'",
    "line\nbreak",
    "ends\n",
    "\n",
    "two\n\n",
    "  two\n blocks",
    "ls\u{2028}",
    "\u{feff}bom",
    "🚀",
    "é",
    "tab\there",
    "---",
    "...",
    "--- a",
    "$(VAR)",
    "a,b",
    "\\",
    "C:\\x",
    "%{x}",
    "${X}",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s",
    "trailing blank \nline",
    "cr\rlf",
    ".inf",
    "NaN",
    "+1",
    "1e3",
    "0b1",
];

fn metadata(texts: &[String]) -> Json {
    let numbered = |prefix: &str| -> serde_json::Map<String, Json> {
        texts
            .iter()
            .enumerate()
            .map(|(index, text)| (format!("{prefix}{index}"), text.as_str().into()))
            .collect()
    };
    json!({
        "apiVersion": "onramp/v1",
        "name": "payments",
        "owner": { "team": "payments", "email": "p@acme.example" },
        "image": "registry.example/payments:v1",
        "ports": { "http": 8080 },
        "command": texts,
        "args": texts,
        "env": numbered("E"),
        "annotations": numbered("a"),
        "podAnnotations": numbered("p"),
        "service": { "annotations": numbered("s") },
        "config": { "literals": numbered("L") },
        "probes": { "liveness": { "exec": { "command": texts } } },
        "environments": { "staging": { "env": { "E0": "overridden" } }, "prod": {} },
    })
}

/// What no version of Kustomize can carry is refused by lint (`unbuildable-text`).
fn is_text(text: &str) -> bool {
    let refused = text.chars().any(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'));
    !(refused || text.starts_with('\t') && text.contains('\n'))
}

fn arrive(texts: &[String]) {
    let env = Env::with_api(&emit(&metadata(texts)));
    env.run(&["render"]).success();
    let objects = documents(&build(&env.path("onboarding/payments/overlays/prod")));
    let object = |kind: &str| objects.iter().find(|object| object["kind"] == kind).expect("it is built");
    let deployment = object("Deployment");
    let template = &deployment["spec"]["template"];
    let container = &template["spec"]["containers"][0];
    let list = Json::from(texts.to_vec());
    assert_eq!(container["command"], list);
    assert_eq!(container["args"], list);
    assert_eq!(container["livenessProbe"]["exec"]["command"], list);
    for (index, text) in texts.iter().enumerate() {
        let variable = &container["env"][index];
        assert_eq!(variable["name"], format!("E{index}"));
        assert_eq!(variable["value"], text.as_str(), "env");
        assert_eq!(deployment["metadata"]["annotations"][format!("a{index}")], text.as_str(), "annotation");
        assert_eq!(template["metadata"]["annotations"][format!("p{index}")], text.as_str(), "pod annotation");
        let service = object("Service");
        assert_eq!(
            service["metadata"]["annotations"][format!("s{index}")],
            text.as_str(),
            "service annotation"
        );
        assert_eq!(object("ConfigMap")["data"][format!("L{index}")], text.as_str(), "literal");
    }
    // The overridden environment writes the whole list anew; the others still arrive.
    let staging = documents(&build(&env.path("onboarding/payments/overlays/staging")));
    let deployment = staging.iter().find(|object| object["kind"] == "Deployment").expect("it is built");
    let variables = &deployment["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(variables[0]["value"], "overridden");
    for (index, text) in texts.iter().enumerate().skip(1) {
        assert_eq!(variables[index]["value"], text.as_str(), "env after an override");
    }
}

#[test]
fn nasty_strings_arrive() {
    let texts: Vec<String> = NASTY.iter().map(|text| (*text).to_owned()).collect();
    arrive(&texts);
}

#[test]
fn random_strings_arrive() {
    let text = prop_oneof![
        3 => "[ -~]{0,24}",
        2 => "[ :#'\"{}\\[\\],&*?|>%@`!~=\\-0-9a-z\\n\\t]{0,16}",
        2 => "\\PC{0,12}",
        1 => "[\\x01-\\x20a\"':]{0,8}",
        1 => proptest::sample::select(NASTY).prop_map(str::to_owned),
    ]
    .prop_filter("lint refuses what Kustomize cannot carry", |text: &String| is_text(text));
    let mut runner =
        TestRunner::new(Config { cases: cases(), failure_persistence: None, ..Config::default() });
    runner
        .run(&proptest::collection::vec(text, 12), |texts| {
            arrive(&texts);
            Ok(())
        })
        .expect("every string arrives");
}

/// 40 cases, or as many as `ONRAMP_CASES` says.
fn cases() -> u32 {
    std::env::var("ONRAMP_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40)
}

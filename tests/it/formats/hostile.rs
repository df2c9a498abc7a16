//! Texts that a reader of a format could take for its own, in every place that a stranger can write to, through the program and
//! into every format.

use std::fmt::Write as _;

use onramp::report::FORMATS;
use serde_json::Value as Json;

use super::others::{valid_gitlab, valid_junit, valid_lines, valid_rdjson};
use super::valid_sarif;
use crate::env::{Env, METADATA};

const HOSTILE: &[&str] = &[
    // Commands to the runner that reads the log.
    "::error::owned",
    "##[error]owned",
    "##vso[task.complete]owned",
    "\n::warning file=a::owned",
    "%0A::notice::owned",
    // Terminals.
    "\u{1b}[31mred",
    "\u{9b}2Jgone",
    "\u{1b}]8;;https://evil.example\u{7}link",
    "\u{202e}desrever",
    "\u{2066}isolated",
    "a\u{2028}::error::owned",
    "\r\u{8}over",
    // Markdown.
    "`` ` code",
    "[a](https://evil.example)",
    "![i](https://evil.example/x.png)",
    "<img src=x onerror=alert(1)>",
    "| a | b |",
    "@acme/admins",
    "fixes #123",
    "</details>",
    // XML.
    "]]><owned/>",
    "&owned;<!--",
    "\u{1}\u{b}\u{fffe}",
    // JSON, and messages of SARIF.
    "\"}],\"owned\":[{\"",
    "\\u0022owned",
    "[text](0) {0} {1}",
];

/// A text as it stands in YAML, between double quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{c}"),
            c if c.is_control()
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{fffe}') =>
            {
                write!(out, "\\u{:04x}", u32::from(c))
            }
            c => write!(out, "{c}"),
        }
        .expect("texts can be written to");
    }
    out + "\""
}

/// A repo with each of the texts as the name of an API, of a file, of a variable; as a value, as what the platform says, as the
/// reason of a waiver and of an ignored finding.
fn everywhere() -> Env {
    let env = Env::new();
    let mut platform = include_str!("../../../fixtures/rules/platform.yaml").to_owned();
    let mut waivers = "apiVersion: onramp/v1\nwaivers:\n".to_owned();
    for (index, text) in HOSTILE.iter().enumerate() {
        let _ = writeln!(platform, "  state{index}: {{ notice: {} }}", quoted(text));
        let state = METADATA.replace("lifecycle: approved", &format!("lifecycle: state{index}"));
        for kind in ["notice", "waived", "ignored"] {
            let state = state.replace("name: payments", &format!("name: {kind}{index}"));
            env.write(&format!("onboarding/{kind}{index}/metadata.yaml"), state);
        }
        let waiver =
            format!("- {{ code: lifecycle-notice, api: waived{index}, reason: {} }}\n", quoted(text));
        waivers.push_str(&waiver);
        // A comment is a line, and has no control characters.
        let plain: String = text.chars().filter(|c| !c.is_control() && *c != '\u{fffe}').collect();
        let comment =
            format!("lifecycle: state{index} # onramp: ignore lifecycle-notice,x{plain} because {plain}");
        env.edit(
            &format!("onboarding/ignored{index}/metadata.yaml"),
            &format!("lifecycle: state{index}"),
            &comment,
        );
        let (tier, key) = (format!("tier: {}", quoted(text)), format!("{}: info", quoted(text)));
        let bad = METADATA.replace("tier: standard", &tier).replace("LOG_LEVEL: info", &key);
        env.write(&format!("onboarding/bad{index}/metadata.yaml"), bad);
        let name = text.replace('/', "\u{2044}");
        env.write(&format!("onboarding/{name}/metadata.yaml"), METADATA);
        env.write(&format!("onboarding/notice{index}/base/{name}.yaml"), "a: b\n");
    }
    env.write("platform.yaml", platform);
    env.write("waivers/all.yaml", waivers);
    env
}

/// What no output may hold, whoever reads it.
fn assert_tame(format: &str, text: &str) {
    let unseen = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    assert_eq!(text.find(unseen).map(|at| &text[at..text.ceil_char_boundary(at + 40)]), None, "{format}");
    for command in ["##[", "##vso["] {
        assert!(!text.contains(command), "{format} holds {command}");
    }
    let is_command = |line: &&str| line.trim_start().starts_with("::");
    for line in text.lines().filter(is_command) {
        let ours = ["::error file=", "::warning file=", "::notice file=", "::notice title=onramp::"];
        let is_ours = format == "github" && ours.iter().any(|start| line.starts_with(start));
        assert!(
            is_ours && !line.contains("owned::") && line.matches("title=").count() == 1,
            "{format}: {line}"
        );
    }
}

/// Every text of a JSON document.
fn texts<'a>(json: &'a Json, found: &mut Vec<&'a str>) {
    match json {
        Json::String(text) => found.push(text),
        Json::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(map) => map.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[test]
fn no_text_is_taken_for_anything_else_in_any_format() {
    let env = everywhere();
    for format in FORMATS {
        let run = env.run(&["lint", "--show-waived", "--format", format.name]);
        assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{}", format.name);
        let out = &run.stdout;
        assert_tame(format.name, out);
        match format.name {
            "json" => {
                let json = run.json();
                assert!(onramp::schema::DIAGNOSTICS.accepts(&json));
                assert_eq!(json["waived"].as_array().map(Vec::len), Some(2 * HOSTILE.len()));
                assert!(json["findings"].as_array().is_some_and(|all| all.len() > 5 * HOSTILE.len()));
                assert_eq!(json.get("owned"), None);
            }
            "jsonl" => assert!(valid_lines(out).len() > 7 * HOSTILE.len()),
            "sarif" => {
                let json = valid_sarif(out);
                let results = json["runs"][0]["results"].as_array().expect("results are a list");
                let mut found = Vec::new();
                for result in results {
                    texts(&result["message"], &mut found);
                    texts(&result["suppressions"], &mut found);
                    texts(&result["relatedLocations"], &mut found);
                }
                assert!(found.len() > 7 * HOSTILE.len());
                for text in found {
                    assert!(!text.contains("](") && !text.contains("{0}") && !text.contains("{1}"), "{text}");
                    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
                }
            }
            "gitlab" => {
                let json = valid_gitlab(out);
                let mut found = Vec::new();
                texts(&json, &mut found);
                assert!(found.len() > 20 * HOSTILE.len());
            }
            "rdjson" => {
                let json = valid_rdjson(out);
                for diagnostic in json["diagnostics"].as_array().expect("diagnostics are a list") {
                    assert_plain_markdown(diagnostic["message"].as_str().expect("a message"));
                }
            }
            "junit" => {
                let document = valid_junit(out);
                assert!(document.all("testcase").len() > 5 * HOSTILE.len());
                assert_eq!(document.all("owned").len(), 0);
            }
            "github" => assert_eq!(out.lines().filter(|line| line.starts_with("::error ")).count(), 10),
            "markdown" => out.lines().for_each(assert_plain_markdown),
            "human" => assert!(out.contains("owned")),
            other => panic!("{other} is tried by nobody"),
        }
    }
}

/// Insists that what means something to a forge stands in code spans.
fn assert_plain_markdown(text: &str) {
    let mut outside = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        let run = rest[start..].chars().take_while(|c| *c == '`').count();
        let after = &rest[start + run..];
        let fence = "`".repeat(run);
        let end = after
            .match_indices(&fence)
            .map(|(at, _)| at)
            .find(|at| !after[..*at].ends_with('`') && !after[at + run..].starts_with('`'));
        let end = end.unwrap_or_else(|| panic!("a code span has no end: {text}"));
        rest = &after[end + run..];
    }
    outside.push_str(rest);
    let outside = outside.replace("**error**", "").replace("**warning**", "").replace("**info**", "");
    let outside = outside.trim_start_matches("### ");
    let live = outside.find(|c| "<>[]!*@#|\\~&{}".contains(c));
    assert_eq!(live, None, "{outside:?} of {text:?}");
}

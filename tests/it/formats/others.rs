//! The formats for other readers than GitHub, each held against the schema of who reads it.

use std::collections::BTreeSet;

use onramp::diagnostic::{Diagnostic, Edit, Fix, Location, Passed, PassedBy, Safety, Severity};
use onramp::policy;
use onramp::report::Report;
use onramp::schema::DIAGNOSTICS;
use onramp::snapshot::Snapshot;
use serde_json::{Value as Json, json};

use super::xsd::{self, Element};
use super::{report, two_findings, valid_sarif, write};
use crate::env::{Env, METADATA};

/// GitLab publishes no schema; this one says what its documentation says of the properties that it reads.
const GITLAB: &str = include_str!("../../../fixtures/formats/gitlab-code-quality.schema.json");
const RDJSON: &str = include_str!("../../../fixtures/formats/rdjson.schema.json");
const JUNIT: &str = include_str!("../../../fixtures/formats/junit-10.xsd");

#[track_caller]
pub(super) fn valid(schema: &str, text: &str) -> Json {
    let schema: Json = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let json: Json = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{text}");
    json
}

#[track_caller]
pub(super) fn valid_gitlab(text: &str) -> Json {
    let json = valid(GITLAB, text);
    let prints =
        json.as_array().expect("entries are a list").iter().map(|entry| entry["fingerprint"].as_str());
    let prints: Vec<_> = prints.collect();
    assert_eq!(prints.iter().collect::<BTreeSet<_>>().len(), prints.len(), "each fingerprint is there once");
    json
}

#[track_caller]
pub(super) fn valid_rdjson(text: &str) -> Json {
    valid(RDJSON, text)
}

#[track_caller]
pub(super) fn valid_junit(text: &str) -> Element {
    let schema = xsd::parse(JUNIT).expect("the schema is XML");
    let document = xsd::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(xsd::violations(&schema, &document), Vec::<String>::new(), "{text}");
    // What is counted is there.
    for suite in document.all("testsuite") {
        let of = |name| suite.all(name).len().to_string();
        let counts =
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")];
        for (attribute, element) in counts {
            assert_eq!(suite.attributes[attribute], of(element), "{attribute} of {text}");
        }
    }
    document
}

#[track_caller]
pub(super) fn valid_lines(text: &str) -> Vec<Json> {
    // One schema of ours describes the document and the lines of it.
    let mut schema = DIAGNOSTICS.json.clone();
    let line = schema["$defs"]["line"].clone();
    let Json::Object(root) = &mut schema else { panic!("the schema is a map") };
    root.retain(|key, _| key == "$schema" || key == "$defs");
    root.insert("allOf".to_owned(), json!([line]));
    let schema = schema.to_string();
    text.lines().map(|line| valid(&schema, line)).collect()
}

/// A file with a finding that has a fix in several steps, and one with a fix that repeats a secret.
fn fixable() -> Report {
    let env = Env::new();
    let text = "name: pé\nflags: on, off\nDB_TOKEN: 1234e10\n";
    env.write("onboarding/a/metadata.yaml", text);
    let snapshot = Snapshot::work_tree(env.root()).expect("the directory is there");
    let finding = |at: &str, edits: &[(&str, &str)]| {
        let code = policy::code("ambiguous-scalar").expect("there is such a rule");
        let span = |word: &str| {
            let start = text.find(word).expect("the text has the word");
            start..start + word.len()
        };
        let edit = |(old, new): &(&str, &str)| Edit {
            path: "onboarding/a/metadata.yaml".into(),
            span: span(old),
            text: (*new).to_owned(),
        };
        let edits = edits.iter().map(edit).collect();
        let fix = Fix { message: "quote it".to_owned(), safety: Safety::Safe, edits };
        Diagnostic::new(code, Location::at("onboarding/a/metadata.yaml", span(at)), "it is ambiguous")
            .fix(fix)
    };
    let findings = vec![
        finding("pé", &[("pé", "\"pé\"")]),
        finding("on, off", &[("off", "\"off\""), ("on,", "\"on\",")]),
        finding("1234e10", &[("1234e10", "\"1234e10\"")]),
    ];
    Report::new(findings, &snapshot, 1, 0)
}

#[test]
fn jsonl_is_a_line_for_each_finding_and_one_for_the_run() {
    let env = two_findings();
    let run = env.run(&["lint", "--format", "jsonl"]);
    assert_eq!(run.code, 1);
    let lines = valid_lines(&run.stdout);
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    assert_eq!(kinds, ["finding", "finding", "summary"]);
    let document = env.run(&["lint", "--format", "json"]).json();
    for (index, line) in lines.iter().enumerate().take(2) {
        let mut finding = document["findings"][index].clone();
        finding["type"] = "finding".into();
        assert_eq!(*line, finding);
    }
    assert_eq!((&lines[2]["errors"], &lines[2]["warnings"]), (&json!(1), &json!(1)));
    assert_eq!(valid_lines(&Env::with_api(METADATA).run(&["lint", "--format", "jsonl"]).success()).len(), 1);
}

#[test]
fn gitlab_gets_a_code_quality_report() {
    let env = two_findings();
    let run = env.run(&["lint", "--format", "gitlab"]);
    insta::assert_snapshot!(run, @r#"
    exit code: 1
    ----- stdout -----
    [
      {
        "description": "`platform.yaml` has no tier `huge`; help: tiers are `standard`",
        "check_name": "unknown-tier",
        "fingerprint": "93e17dca30045ec5:1",
        "severity": "critical",
        "location": {
          "path": "onboarding/payments/metadata.yaml",
          "lines": {
            "begin": 4,
            "end": 4
          }
        }
      },
      {
        "description": "`registry.example/apis/payments` has neither tag nor digest; help: write `registry.example/apis/payments:<tag>`",
        "check_name": "image-without-tag",
        "fingerprint": "2c9396738177ad4c:1",
        "severity": "minor",
        "location": {
          "path": "onboarding/payments/metadata.yaml",
          "lines": {
            "begin": 6,
            "end": 6
          }
        }
      }
    ]
    "#);
    valid_gitlab(&run.stdout);
    assert_eq!(
        valid_gitlab(&Env::with_api(METADATA).run(&["lint", "--format", "gitlab"]).success()),
        json!([])
    );
    assert_eq!(valid_gitlab(&write("gitlab", &report(30, 20, 10))).as_array().map(Vec::len), Some(60));
}

#[test]
fn gitlab_knows_a_finding_again() {
    let env = two_findings();
    let prints = |env: &Env| -> Vec<(Json, Json)> {
        let json = env.run(&["lint", "--format", "gitlab"]).json();
        let entries = json.as_array().expect("entries are a list").iter();
        entries
            .map(|entry| (entry["fingerprint"].clone(), entry["location"]["lines"]["begin"].clone()))
            .collect()
    };
    let before = prints(&env);
    env.edit("onboarding/payments/metadata.yaml", "name: payments\n", "# Pays.\nname: payments\n");
    let after = prints(&env);
    assert_eq!(before.len(), 2);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.0, after.0);
        assert_eq!(before.1.as_u64().map(|line| line + 1), after.1.as_u64());
    }
}

#[test]
fn junit_has_a_suite_for_each_api() {
    let env = two_findings();
    let run = env.run(&["lint", "--format", "junit"]);
    insta::assert_snapshot!(run, @r#"
    exit code: 1
    ----- stdout -----
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="onramp" tests="2" failures="1" errors="0">
      <testsuite name="payments" tests="2" failures="1" errors="0" skipped="1">
        <testcase classname="payments" name="unknown-tier onboarding/payments/metadata.yaml:4:7">
          <failure type="unknown-tier" message="`platform.yaml` has no tier `huge`">error: onboarding/payments/metadata.yaml:4:7
    `platform.yaml` has no tier `huge`
    help: tiers are `standard`</failure>
        </testcase>
        <testcase classname="payments" name="image-without-tag onboarding/payments/metadata.yaml:6:8">
          <skipped type="image-without-tag" message="`registry.example/apis/payments` has neither tag nor digest">warning: onboarding/payments/metadata.yaml:6:8
    `registry.example/apis/payments` has neither tag nor digest
    help: write `registry.example/apis/payments:&lt;tag&gt;`</skipped>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    valid_junit(&run.stdout);
    let clean = valid_junit(&Env::with_api(METADATA).run(&["lint", "--format", "junit"]).success());
    assert_eq!(clean.all("testcase").len(), 1, "no reader takes a report without tests");
    let all = valid_junit(&write("junit", &report(3, 2, 1)));
    assert_eq!((all.attributes["tests"].as_str(), all.attributes["failures"].as_str()), ("6", "3"));
    let snapshot = Snapshot::work_tree(env.root()).expect("the directory is there");
    let skipped = valid_junit(&write("junit", &Report::new(Vec::new(), &snapshot, 0, 3)));
    assert_eq!(skipped.all("error")[0].attributes["message"], "3 APIs could not be looked at");
}

#[test]
fn rdjson_counts_bytes_and_suggests() {
    let json = valid_rdjson(&write("rdjson", &fixable()));
    let suggestion = |index: usize| json["diagnostics"][index]["suggestions"].clone();
    let range = |from: (u64, u64), to: (u64, u64)| {
        let position = |(line, column): (u64, u64)| json!({ "line": line, "column": column });
        json!({ "start": position(from), "end": position(to) })
    };
    // `é` has two bytes.
    assert_eq!(suggestion(0), json!([{ "range": range((1, 7), (1, 10)), "text": "\"pé\"" }]));
    assert_eq!(suggestion(1), json!([{ "range": range((2, 8), (2, 15)), "text": "\"on\", \"off\"" }]));
    assert_eq!(suggestion(2), Json::Null, "it would repeat a secret");
    assert_eq!(json["diagnostics"][1]["location"]["range"], range((2, 8), (2, 15)));
    valid_rdjson(&two_findings().run(&["lint", "--format", "rdjson"]).stdout);
    assert_eq!(valid_rdjson(&write("rdjson", &report(2, 1, 1)))["diagnostics"][3]["severity"], "ERROR");
}

#[test]
fn fixes_are_carried_where_a_format_can() {
    let report = fixable();
    let sarif = valid_sarif(&write("sarif", &report));
    let fixes = |index: usize| sarif["runs"][0]["results"][index]["fixes"].clone();
    let replacement = |line: u64, start: u64, end: u64, text: &str| {
        json!({
            "deletedRegion": { "startLine": line, "startColumn": start, "endLine": line, "endColumn": end },
            "insertedContent": { "text": text },
        })
    };
    assert_eq!(
        fixes(0),
        json!([{
            "description": { "text": "quote it" },
            "artifactChanges": [{
                "artifactLocation": { "uri": "onboarding/a/metadata.yaml", "uriBaseId": "%SRCROOT%" },
                "replacements": [replacement(1, 7, 9, "\"pé\"")],
            }],
        }])
    );
    let two = &fixes(1)[0]["artifactChanges"][0]["replacements"];
    assert_eq!(*two, json!([replacement(2, 12, 15, "\"off\""), replacement(2, 8, 11, "\"on\",")]));
    assert_eq!(fixes(2), Json::Null);
    let json: Json = serde_json::from_str(&write("json", &report)).expect("it is JSON");
    assert!(DIAGNOSTICS.accepts(&json), "{json}");
    assert_eq!(json["findings"][0]["fix"]["edits"][0]["text"], "\"pé\"");
    assert_eq!(
        (&json["findings"][0]["fix"]["safety"], &json["findings"][2]["fix"]),
        (&json!("safe"), &Json::Null)
    );
    assert!(write("github", &report).contains("it is ambiguous%0Afixable: quote it\n"));
    assert!(write("markdown", &report).contains("it is ambiguous\n  - `--fix`: quote it\n"));
    for format in ["json", "jsonl", "sarif", "rdjson", "markdown", "github", "gitlab", "junit", "human"] {
        assert!(!write(format, &report).contains("1234e10"), "{format}");
    }
}

#[test]
fn what_passes_is_shown_where_it_is_asked_for() {
    let env = two_findings();
    let snapshot = Snapshot::work_tree(env.root()).expect("the directory is there");
    let code = policy::code("unknown-tier").expect("there is such a rule");
    let finding = |line| Diagnostic::new(code, Location::at("platform.yaml", line..line + 3), "wrong");
    let passed = |by, line| Passed { finding: finding(line), by, reason: "agreed [x](0)".to_owned() };
    let passed =
        vec![passed(PassedBy::Waiver, 0), passed(PassedBy::Ignore, 80), passed(PassedBy::Baseline, 120)];
    let report = Report::new(Vec::new(), &snapshot, 1, 0).waived(3).showing(passed, &snapshot);
    let sarif = valid_sarif(&write("sarif", &report));
    let results = sarif["runs"][0]["results"].as_array().expect("results are a list");
    let kinds: Vec<&Json> = results.iter().map(|result| &result["suppressions"][0]["kind"]).collect();
    assert_eq!(kinds, ["external", "inSource", "external"]);
    assert_eq!(results[0]["suppressions"][0]["justification"], "agreed [x] (0)");
    let json: Json = serde_json::from_str(&write("json", &report)).expect("it is JSON");
    assert!(DIAGNOSTICS.accepts(&json), "{json:#}");
    assert_eq!(json["waived"][2]["waivedBy"], "baseline");
    assert_eq!(valid_lines(&write("jsonl", &report)).len(), 4);
    // Others count them.
    assert!(!write("gitlab", &report).contains("unknown-tier"));
    assert_eq!(report.worst(), None::<Severity>);
}

#[test]
fn a_variable_for_findings_does_not_break_commands_with_other_formats() {
    let env = two_findings();
    env.git(&["init", "--quiet"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message", "one"]);
    let github = [("ONRAMP_FORMAT", "github,sarif=a.sarif")];
    assert_eq!(env.run_with(&["lint"], &github).code, 1);
    assert_eq!(env.run_with(&["diff", "--base", "HEAD"], &github).code, 0);
    assert_eq!(env.run_with(&["route", "list"], &github).code, 0);
    let json = env.run_with(&["diff", "--base", "HEAD"], &[("ONRAMP_DIFF_FORMAT", "json")]);
    assert_eq!(json.json()["version"], 1);
}

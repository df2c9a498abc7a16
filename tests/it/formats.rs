//! The formats that findings are written in: what forges read, and several at once.

mod hostile;
mod others;
mod xsd;

use onramp::diagnostic::{Diagnostic, Location, Severity};
use onramp::policy;
use onramp::report::{FORMATS, Report, Style, markdown};
use onramp::snapshot::Snapshot;
use serde_json::Value as Json;

use crate::env::{Env, METADATA};

/// `payments` has an unknown tier, and an image that another finding speaks of.
fn two_findings() -> Env {
    let env = Env::with_api(&METADATA.replace("tier: standard", "tier: huge"));
    env.edit("onboarding/payments/metadata.yaml", "payments:v2.0.0", "payments");
    let platform = env.read("platform.yaml");
    env.write("platform.yaml", platform + "rules: { image-without-tag: warning }\n");
    env
}

/// Findings of all severities, in files that are not there.
fn report(errors: usize, warnings: usize, notes: usize) -> Report {
    let env = Env::new();
    let snapshot = Snapshot::work_tree(env.root()).expect("the directory is there");
    let code = policy::code("unknown-tier").expect("there is such a rule");
    let severities = [(Severity::Info, notes), (Severity::Warning, warnings), (Severity::Error, errors)];
    let mut findings = Vec::new();
    for (severity, number) in severities {
        for index in 0..number {
            let path = format!("onboarding/api-{index}/metadata.yaml");
            let mut finding = Diagnostic::new(code, Location::file(path), "no tier is called `huge`");
            finding.severity = severity;
            findings.push(finding.help("write `basic`"));
        }
    }
    Report::new(findings, &snapshot, errors + warnings + notes, 0)
}

fn write(format: &str, report: &Report) -> String {
    let format = FORMATS.iter().find(|known| known.name == format).expect("there is such a format");
    (format.write)(report, &Style { color: false, width: 100 })
}

#[test]
fn github_gets_annotations() {
    let env = two_findings();
    insta::assert_snapshot!(env.run(&["lint", "--format", "github"]), @"
    exit code: 1
    ----- stdout -----
    ::error file=onboarding/payments/metadata.yaml,line=4,endLine=4,col=7,endColumn=11,title=unknown-tier::`platform.yaml` has no tier `huge`%0Ahelp: tiers are `standard`
    ::warning file=onboarding/payments/metadata.yaml,line=6,endLine=6,col=8,endColumn=38,title=image-without-tag::`registry.example/apis/payments` has neither tag nor digest%0Ahelp: write `registry.example/apis/payments:<tag>`
    Checked 1 API: 1 error, 1 warning.
    ");
}

#[test]
fn markdown_is_a_list() {
    let env = two_findings();
    insta::assert_snapshot!(env.run(&["lint", "--format", "markdown"]), @"
    exit code: 1
    ----- stdout -----
    ### Findings: 1 error, 1 warning

    Checked 1 API: 1 error, 1 warning.

    - **error** `unknown-tier` at `onboarding/payments/metadata.yaml:4:7`: `platform.yaml` has no tier `huge`
      - help: tiers are `standard`
    - **warning** `image-without-tag` at `onboarding/payments/metadata.yaml:6:8`: `registry.example/apis/payments` has neither tag nor digest
      - help: write `registry.example/apis/payments:<tag>`
    ");
    let clean = Env::with_api(METADATA);
    assert_eq!(
        clean.run(&["lint", "--format", "markdown"]).success(),
        "### Findings: none\n\nChecked 1 API: no findings.\n"
    );
}

#[test]
fn github_is_told_what_it_would_not_show() {
    let text = write("github", &report(12, 10, 13));
    let commands = |name: &str| text.lines().filter(|line| line.starts_with(&format!("::{name} "))).count();
    assert_eq!((commands("error"), commands("warning"), commands("notice")), (10, 10, 10));
    assert!(text.starts_with("::error file=onboarding/api-0/metadata.yaml,title=unknown-tier::"), "{text}");
    let last: Vec<&str> = text.lines().rev().take(2).collect();
    insta::assert_snapshot!(last.join("\n"), @"
    Checked 35 APIs: 12 errors, 10 warnings, 13 notes.
    ::notice title=onramp::2 errors, 4 notes not annotated: GitHub shows 10 of each kind in a step. `--format human` lists all of them, and so does `--format sarif=FILE`.
    ");
    // What fits is all there is to say.
    let text = write("github", &report(10, 0, 9));
    assert_eq!(text.lines().filter(|line| line.starts_with("::")).count(), 19);
    assert!(!text.contains("not annotated"), "{text}");
}

#[test]
fn markdown_fits_its_budget() {
    let report = report(40, 30, 30);
    let whole = markdown::findings(&report, 1 << 20);
    assert_eq!(whole.matches("\n- **").count(), 100);
    assert!(!whole.contains("Not shown"));
    assert_eq!(markdown::findings(&report, whole.len()), whole);
    let mut shown = 0;
    for budget in 0..=whole.len() {
        let text = markdown::findings(&report, budget);
        assert!(text.len() <= budget, "{} of {budget}", text.len());
        let items = text.matches("\n- **").count();
        assert!(items >= shown, "a larger budget shows no less");
        shown = items;
        if !text.is_empty() && text != whole {
            let rest = 100 - items;
            let said = text.lines().last().unwrap_or_default();
            let numbers = said.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<usize>().ok());
            assert_eq!(numbers.sum::<usize>(), rest, "{said}");
        }
    }
    let text = markdown::findings(&report, 6_000);
    assert!(text.find("**error**") < text.find("**warning**"), "the worst come first: {text}");
    assert!(text.ends_with("30 notes.\n") && !text.contains("**info**"), "{text}");
    // Ten thousand findings and more still fit a comment.
    assert!(write("markdown", &self::report(4_000, 4_000, 4_000)).len() <= markdown::LIMIT);
}

fn sarif_validator() -> jsonschema::Validator {
    let schema = include_str!("../../fixtures/formats/sarif-2.1.0.schema.json");
    let mut schema: Json = serde_json::from_str(schema).expect("the schema is JSON");
    // This pattern has an unmatched bracket, and is of a property that no report of ours has.
    for of in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{of}/properties/language"));
        let language = language.and_then(Json::as_object_mut).expect("it has a language");
        language.remove("pattern").expect("the language has a pattern");
    }
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is one")
}

#[track_caller]
fn valid_sarif(text: &str) -> Json {
    let json: Json = serde_json::from_str(text).expect("it is JSON");
    let errors: Vec<String> = sarif_validator().iter_errors(&json).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{text}");
    json
}

#[test]
fn sarif_fits_its_schema() {
    let env = two_findings();
    let run = env.run(&["lint", "--format", "sarif"]);
    let mut json = valid_sarif(&run.stdout);
    for rule in json["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules are a list") {
        let page = rule["help"]["markdown"].as_str().expect("a rule has a page");
        assert!(page.contains("## How to fix"), "{page}");
        rule["help"] = "[PAGE]".into();
    }
    let driver = &mut json["runs"][0]["tool"]["driver"];
    driver["version"] = "[VERSION]".into();
    driver["semanticVersion"] = "[VERSION]".into();
    insta::assert_snapshot!(format!("{json:#}"), @r#"
    {
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "onramp",
              "version": "[VERSION]",
              "semanticVersion": "[VERSION]",
              "rules": [
                {
                  "id": "unknown-tier",
                  "name": "unknown-tier",
                  "shortDescription": {
                    "text": "An API names a tier that `platform.yaml` does not have."
                  },
                  "fullDescription": {
                    "text": "An API names a tier that `platform.yaml` does not have."
                  },
                  "help": "[PAGE]",
                  "defaultConfiguration": {
                    "level": "error"
                  },
                  "properties": {
                    "tags": [
                      "gitops"
                    ],
                    "problem.severity": "error"
                  }
                },
                {
                  "id": "image-without-tag",
                  "name": "image-without-tag",
                  "shortDescription": {
                    "text": "An image names neither a tag nor a digest."
                  },
                  "fullDescription": {
                    "text": "An image names neither a tag nor a digest."
                  },
                  "help": "[PAGE]",
                  "defaultConfiguration": {
                    "level": "error"
                  },
                  "properties": {
                    "tags": [
                      "gitops"
                    ],
                    "problem.severity": "error"
                  }
                }
              ]
            }
          },
          "invocations": [
            {
              "executionSuccessful": true,
              "toolExecutionNotifications": []
            }
          ],
          "columnKind": "unicodeCodePoints",
          "results": [
            {
              "ruleId": "unknown-tier",
              "ruleIndex": 0,
              "level": "error",
              "message": {
                "text": "`platform.yaml` has no tier `huge`\ntiers are `standard`"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "onboarding/payments/metadata.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 4,
                      "startColumn": 7,
                      "endLine": 4,
                      "endColumn": 11
                    }
                  },
                  "message": {
                    "text": "not a tier"
                  }
                }
              ],
              "partialFingerprints": {
                "primaryLocationLineHash": "93e17dca30045ec5:1"
              },
              "properties": {
                "api": "payments"
              }
            },
            {
              "ruleId": "image-without-tag",
              "ruleIndex": 1,
              "level": "warning",
              "message": {
                "text": "`registry.example/apis/payments` has neither tag nor digest\nwrite `registry.example/apis/payments:<tag>`"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "onboarding/payments/metadata.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 6,
                      "startColumn": 8,
                      "endLine": 6,
                      "endColumn": 38
                    }
                  },
                  "message": {
                    "text": "which version?"
                  }
                }
              ],
              "partialFingerprints": {
                "primaryLocationLineHash": "2c9396738177ad4c:1"
              },
              "properties": {
                "api": "payments"
              }
            }
          ]
        }
      ]
    }
    "#);
    valid_sarif(&write("sarif", &report(2, 0, 0)));
    valid_sarif(&Env::with_api(METADATA).run(&["lint", "--format", "sarif"]).stdout);
}

#[test]
fn sarif_stays_within_what_github_keeps() {
    let json: Json = serde_json::from_str(&write("sarif", &report(3_000, 2_500, 7))).expect("it is JSON");
    let run = &json["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(5_000));
    assert_eq!(run["results"][4_999]["level"], "warning");
    let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert_eq!(said, "left out, since the file would be too large: 500 warnings, 7 notes");
}

#[test]
fn fingerprints_survive_a_shift_of_lines() {
    let env = two_findings();
    let path = "onboarding/payments/metadata.yaml";
    let fingerprints = || {
        let json = env.run(&["lint", "--format", "sarif"]).json();
        let results = json["runs"][0]["results"].as_array().expect("results are a list").clone();
        results
            .iter()
            .map(|result| {
                let print = &result["partialFingerprints"]["primaryLocationLineHash"];
                let line = result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64();
                (print.as_str().expect("a text").to_owned(), line.expect("a line"))
            })
            .collect::<Vec<_>>()
    };
    let before = fingerprints();
    env.edit(path, "name: payments\n", "# Pays.\n\nname: payments\n");
    let after = fingerprints();
    assert_eq!(before.len(), 2);
    assert_ne!(before[0].0, before[1].0);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before.0, before.1 + 2), (&after.0, after.1));
    }
    // Another tier is another finding.
    env.edit(path, "tier: huge", "tier: tiny");
    assert_ne!(fingerprints()[0].0, before[0].0);
}

#[test]
fn forges_get_paths_from_the_top_of_the_git_repository() {
    let env = Env::new();
    let inner = two_findings();
    for (path, bytes) in inner.files() {
        env.write(&format!("apis/config repo/{path}"), bytes);
    }
    env.git(&["init", "--quiet"]);
    let run = |format: &str| env.run(&["--repo", "apis/config repo", "lint", "--format", format]).stdout;
    assert!(run("github").contains("file=apis/config repo/onboarding/payments/metadata.yaml,line="));
    assert!(run("sarif").contains("\"uri\":\"apis/config%20repo/onboarding/payments/metadata.yaml\""));
    assert!(run("markdown").contains("`apis/config repo/onboarding/payments/metadata.yaml:4:7`"));
    // Who works in the repo counts from its top.
    assert!(run("json").contains("\"onboarding/payments/metadata.yaml\""));
    assert!(run("human").contains("[onboarding/payments/metadata.yaml:4:7]"));
}

#[test]
fn several_formats_come_of_one_run() {
    let env = two_findings();
    env.write("out/.keep", "");
    let formats = ["--format", "sarif=out/a.sarif", "--format", "github", "--format", "markdown=out/b.md"];
    let run = env.run(&[&["lint"], &formats[..]].concat());
    assert_eq!(run.stdout, env.run(&["lint", "--format", "github"]).stdout);
    valid_sarif(&env.read("out/a.sarif"));
    assert_eq!(env.read("out/b.md"), env.run(&["lint", "--format", "markdown"]).stdout);
    let names: Vec<String> = env.files().into_iter().map(|(path, _)| path).collect();
    assert!(names.iter().all(|name| !name.contains(".onramp")), "nothing is left beside them: {names:?}");
    // The variable and a flag with commas say the same; what was there is replaced.
    env.write("out/b.md", "old\n".repeat(10_000));
    let list = "sarif=out/a.sarif,json,markdown=out/b.md";
    let by_variable = env.run_with(&["lint"], &[("ONRAMP_FORMAT", list)]);
    assert_eq!(by_variable.stdout, env.run(&["lint", "--format", "json"]).stdout);
    assert!(env.read("out/b.md").starts_with("### Findings: 1 error, 1 warning\n"));
    assert_eq!(env.run(&["lint", "--format", list]).stdout, by_variable.stdout);
    // Only files: nothing is printed, and the exit code stays.
    let quiet = env.run(&["lint", "--color", "always", "--format", "human=out/c.txt"]);
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (1, "", ""));
    assert_eq!(env.read("out/c.txt"), env.run(&["lint"]).stdout);
    // A file is written though nobody reads what is printed.
    let closed = env.run_into_closed_pipe(&["lint", "--format", "json", "--format", "json=out/d.json"]);
    assert_eq!((closed.code, closed.stderr.as_str()), (0, ""));
    assert_eq!(env.read("out/d.json"), by_variable.stdout);
}

#[test]
fn where_formats_cannot_go_is_usage() {
    let env = two_findings();
    insta::assert_snapshot!(env.run(&["lint", "--format", "json,github"]), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `json` and `github` would both go to standard output
    hint: name a file for one of them: `--format github=FILE`
    ");
    insta::assert_snapshot!(env.run(&["lint", "--format", "sarif=nowhere/a.sarif"]), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: failed to write `nowhere/a.sarif`
    caused by: No such file or directory (os error 2)
    hint: name a file in a directory that is there
    ");
    insta::assert_snapshot!(env.run(&["lint", "--format", "sarif=onboarding"]), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: failed to write `onboarding`
    caused by: is a directory
    hint: name a file in a directory that is there
    ");
    insta::assert_snapshot!(env.run(&["lint", "--format", "json=a,markdown=a"]), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: two formats would go to `a`
    ");
    insta::assert_snapshot!(env.run(&["lint", "--format", "sarif="]), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `sarif=` needs the name of a file, in UTF-8
    ");
    insta::assert_snapshot!(env.run(&["lint", "--format", "markdwn=a"]), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'markdwn' for '--format <FORMAT[=FILE]>'
      [possible values: human, json, jsonl, github, gitlab, rdjson, sarif, junit, markdown]

      tip: a similar value exists: 'markdown'

    For more information, try '--help'.
    ");
    for refused in ["", "=a", "json=platform.yaml/a", "json,,human"] {
        let run = env.run(&["lint", "--format", refused]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{refused}: {run}");
    }
    assert!(!env.exists("a"), "nothing is written where something is wrong");
}

#[test]
fn a_list_of_other_formats_is_read_in_the_same_way() {
    let env = two_findings();
    let verify = |formats: &str| env.run(&["migrate", "verify", "--format", formats]);
    insta::assert_snapshot!(verify("htm=a"), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'htm' for '--format <FORMAT[=FILE]>'
      [possible values: text, json, markdown, html]

      tip: a similar value exists: 'html'

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(verify("json,html"), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `json` and `html` would both go to standard output
    hint: name a file for one of them: `--format html=FILE`
    ");
    insta::assert_snapshot!(verify("json=a,html=a"), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: two formats would go to `a`
    ");
    insta::assert_snapshot!(verify("html=nowhere/a.html"), @"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: failed to write `nowhere/a.html`
    caused by: No such file or directory (os error 2)
    hint: name a file in a directory that is there
    ");
}

/// Renaming over a device would replace it.
#[test]
fn a_link_is_replaced_and_what_is_no_file_is_written_to() {
    let env = two_findings();
    env.write("secret.txt", "mine\n");
    env.link("report.md", "secret.txt");
    env.link("nothing", "/dev/null");
    assert_eq!(env.run(&["lint", "--format", "markdown=report.md,json=nothing"]).code, 1);
    assert_eq!(env.read("secret.txt"), "mine\n");
    assert!(env.read("report.md").starts_with("### Findings"));
    let target = std::fs::read_link(env.path("nothing")).expect("the link is still one");
    assert_eq!(target.to_str(), Some("/dev/null"));
}

#[test]
fn hostile_values_stay_values() {
    let hostile =
        r"a`b\n::error::c ##[add-mask]d @acme/team <b> [x](https://evil.example) | %0A::warning::e, f:g";
    let env = Env::with_api(&METADATA.replace("tier: standard", &format!("tier: \"{hostile}\"")));
    env.write("onboarding/a,b%0A::c/metadata.yaml", METADATA);
    let github = env.run(&["lint", "--format", "github"]).stdout;
    insta::assert_snapshot!(github, @"
    ::error file=onboarding/a%2Cb%250A%3A%3Ac/metadata.yaml,line=2,endLine=2,col=7,endColumn=15,title=directory-name-mismatch::the API is called `payments`, but its directory `a,b%250A::c`%0Ahelp: write `name: a,b%250A::c`, or rename the directory
    ::error file=onboarding/payments/metadata.yaml,line=4,endLine=4,col=7,endColumn=102,title=invalid-value::`tier` cannot be `a`b␊::error::c # #[add-mask]d @acme/team <b> [x](https://evil…`: it has more than 63 characters
    ::error file=onboarding/payments/metadata.yaml,line=4,endLine=4,col=7,endColumn=102,title=invalid-value::`tier` cannot be `a`b␊::error::c # #[add-mask]d @acme/team <b> [x](https://evil…`: wanted is letters, digits, hyphens, underscores and dots, with a letter or digit at the ends%0Ahelp: A name that can stand as the value of a Kubernetes label: letters, digits, hyphens, underscores and dots, at most 63 characters.
    Checked 2 APIs: 3 errors.
    ");
    let markdown = env.run(&["lint", "--format", "markdown"]).stdout;
    insta::assert_snapshot!(markdown, @"
    ### Findings: 3 errors

    Checked 2 APIs: 3 errors.

    - **error** `directory-name-mismatch` at `onboarding/a,b%0A::c/metadata.yaml:2:7`: the API is called `payments`, but its directory `a,b%0A::c`
      - help: write `name: a,b%0A::c`, or rename the directory
    - **error** `invalid-value` at `onboarding/payments/metadata.yaml:4:7`: `tier` cannot be `a` `b␊::error::c` `#` `#[add-mask]d` `@acme/team` `<b>` `[x](https://evil…` `: it has more than 63 characters`
    - **error** `invalid-value` at `onboarding/payments/metadata.yaml:4:7`: `tier` cannot be `a` `b␊::error::c` `#` `#[add-mask]d` `@acme/team` `<b>` `[x](https://evil…` `: wanted is letters, digits, hyphens, underscores and dots, with a letter or digit at the ends`
      - help: A name that can stand as the value of a Kubernetes label: letters, digits, hyphens, underscores and dots, at most 63 characters.
    ");
    let sarif = env.run(&["lint", "--format", "sarif"]).stdout;
    valid_sarif(&sarif);
    assert!(!sarif.contains("](http"), "{sarif}");
    for text in [github, markdown, sarif] {
        assert!(!text.contains("##["), "{text}");
    }
}

#[test]
fn secrets_stay_out_of_every_format() {
    let env =
        Env::with_api(&METADATA.replace("LOG_LEVEL: info", "DB_PASSWORD: hunter2, DB_PASSWORD: 1234e10"));
    for format in FORMATS {
        let text = env.run(&["lint", "--format", format.name]).stdout;
        assert!(!text.is_empty() && !text.contains("hunter2") && !text.contains("1234e10"), "{text}");
    }
}

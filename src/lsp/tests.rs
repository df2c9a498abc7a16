//! Whole conversations, without a stream.
#![expect(clippy::disallowed_methods, reason = "fixtures are written straight to disk")]

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::diagnostic::{Fix, Safety};

const METADATA: &str = "\
apiVersion: onramp/v1
name: payments
owner: { team: payments, email: payments@acme.example }
tier: standard
lifecycle: approved
image: registry.example/apis/payments:v2.0.0
ports: { http: 8080 }
env: { LOG_LEVEL: info }
environments:
  staging: {}
  prod: { replicas: 3 }
probes: { readiness: { tcpSocket: { port: http } } }
";

const PATH: &str = "onboarding/payments/metadata.yaml";

/// An editor, and a repo that it has open.
struct Editor {
    repo: TempDir,
    server: Server,
    number: i32,
}

impl Editor {
    fn new(encodings: &Json) -> Self {
        let repo = TempDir::new().unwrap();
        let root = repo.path().to_owned();
        let world = World {
            repo: Box::new(move |file| file.starts_with(&root).then(|| root.clone())),
            today: Box::new(|| "2026-06-01".to_owned()),
        };
        let mut editor = Self { repo, server: Server::new(world), number: 0 };
        editor.write("platform.yaml", include_str!("../../fixtures/rules/platform.yaml"));
        editor.write(PATH, METADATA);
        let capabilities = json!({ "capabilities": { "general": { "positionEncodings": encodings } } });
        editor.ask("initialize", capabilities).unwrap();
        editor
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.repo.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}/{path}", self.repo.path().display())
    }

    fn ask(&mut self, method: &str, params: Json) -> Result<Json, i32> {
        self.number += 1;
        let request = Request::new(self.number.into(), method.to_owned(), params);
        let answers = self.server.take(request.into());
        let Some(Message::Response(answer)) = answers.into_iter().next() else {
            panic!("no answer to {method}")
        };
        answer.response_result.map_err(|error| error.code)
    }

    fn say(&mut self, method: &str, params: Json) {
        assert!(self.server.take(Notification::new(method.to_owned(), params).into()).is_empty());
    }

    fn open(&mut self, path: &str, text: &str) {
        let document = json!({ "uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text });
        self.say("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, path: &str, version: i32, text: &str) {
        let document = json!({ "uri": self.uri(path), "version": version });
        self.say(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [{ "text": text }] }),
        );
    }

    /// What is published: `path version: code line:column-line:column`.
    fn settle(&mut self) -> Vec<String> {
        let base = self.uri("");
        let mut lines = Vec::new();
        for message in self.server.settle() {
            let Message::Notification(notification) = message else { panic!("{message:?}") };
            assert_eq!(notification.method, "textDocument/publishDiagnostics", "{:?}", notification.params);
            let params = notification.params;
            let path = params["uri"].as_str().unwrap().strip_prefix(&base).unwrap().to_owned();
            let codes: Vec<String> = params["diagnostics"]
                .as_array()
                .unwrap()
                .iter()
                .map(|found| {
                    let at = |side: &str| {
                        format!("{}:{}", found["range"][side]["line"], found["range"][side]["character"])
                    };
                    format!("{} {}-{}", found["code"].as_str().unwrap(), at("start"), at("end"))
                })
                .collect();
            lines.push(format!("{path} {}: {}", params["version"], codes.join(", ")));
        }
        lines
    }

    /// Asks about the place that `¦` marks, after the text with it was opened.
    fn at(&mut self, method: &str, path: &str, marked: &str) -> Json {
        let text = marked.replace('¦', "");
        let position = self.server.encoding.position(&text, marked.find('¦').unwrap());
        self.open(path, &text);
        let uri = self.uri(path);
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": position })).unwrap()
    }

    fn labels(&mut self, path: &str, marked: &str) -> Vec<String> {
        let items = self.at("textDocument/completion", path, marked);
        items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }
}

fn editor() -> Editor {
    Editor::new(&json!(["utf-16"]))
}

#[test]
fn findings_come_with_the_text_and_go_with_it() {
    let mut editor = editor();
    editor.open(PATH, METADATA);
    assert_eq!(editor.settle(), [format!("{PATH} 1: ")]);
    assert!(editor.settle().is_empty(), "nothing changed");
    editor.change(PATH, 2, &METADATA.replace("standard", "huge"));
    // Of two changes that come together only the second is looked at.
    editor.change(PATH, 3, &METADATA.replace("standard", "\u{1f980}"));
    editor.change(PATH, 4, &METADATA.replace("LOG_LEVEL: info", "A: \"\u{1f980}\", B: *x"));
    let found = editor.settle();
    assert!(found.len() == 1 && found[0].starts_with(&format!("{PATH} 4: ")), "{found:?}");
    assert!(found[0].ends_with("unknown-alias 7:19-7:21"), "a crab is two columns wide: {found:?}");
    editor.change(PATH, 5, METADATA);
    assert_eq!(editor.settle(), [format!("{PATH} 5: ")]);
    // One file breaks another, which is named although it is not open.
    editor.write("onboarding/payments/patches/a.yaml", "kind: [\n");
    editor.change(PATH, 6, &(METADATA.to_owned() + "patches: [patches/a.yaml]\n"));
    let broken = editor.settle();
    assert!(
        broken.iter().any(|line| line.starts_with("onboarding/payments/patches/a.yaml null: yaml-syntax")),
        "{broken:?}"
    );
    editor.change(PATH, 7, METADATA);
    let mended = editor.settle();
    // What nothing names any more is no longer read, and that is all that is left to say of it.
    let left = "onboarding/payments/patches/a.yaml null: unused-file 0:0-0:0";
    assert!(mended.contains(&left.to_owned()), "{mended:?}");
    let uri = editor.uri(PATH);
    editor.say("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    editor.settle();
}

#[test]
fn bytes_are_columns_where_both_agree() {
    let mut editor = Editor::new(&json!(["utf-8", "utf-16"]));
    editor.open(PATH, &METADATA.replace("LOG_LEVEL: info", "A: \"\u{1f980}\", B: *x"));
    let found = editor.settle();
    assert!(found[0].ends_with("unknown-alias 7:21-7:23"), "{found:?}");
}

#[test]
fn the_platform_concerns_all_that_is_open() {
    let mut editor = editor();
    editor.open(PATH, METADATA);
    editor.settle();
    let platform = fs::read_to_string(editor.repo.path().join("platform.yaml")).unwrap();
    editor.open("platform.yaml", &platform.replace("standard:", "ordinary:"));
    let found = editor.settle();
    assert!(found.iter().any(|line| line.starts_with(&format!("{PATH} 1: unknown-tier 3:6"))), "{found:?}");
}

#[test]
fn a_place_is_explained() {
    let mut editor = editor();
    let hover = editor.at("textDocument/hover", PATH, &METADATA.replace("tier:", "ti¦er:"));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.starts_with("**`tier`**"), "{text}");
    assert!(text.contains("Size class") && text.contains("Example: `\"standard\"`"), "{text}");
    assert!(text.contains(&format!("In staging, prod: `tier: standard` from `{PATH}:4`")), "{text}");
    assert_eq!(hover["range"]["end"], json!({ "line": 3, "character": 4 }));
    let hover = editor.at("textDocument/hover", PATH, &METADATA.replace("replicas: 3", "replicas: ¦3"));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains(&format!("In prod: `replicas: 3` from `{PATH}:11`")), "{text}");
    let secret = METADATA.replace("LOG_LEVEL: info", "API_TOKEN: ¦hunter2");
    let hover = editor.at("textDocument/hover", PATH, &secret).to_string();
    assert!(hover.contains("API_TOKEN") && !hover.contains("hunter2"), "{hover}");
    let secret = METADATA.replace("LOG_LEVEL: info", "DB_PASS: ¦hunter2-Zq81xx");
    let hover = editor.at("textDocument/hover", PATH, &secret).to_string();
    assert!(hover.contains("DB_PASS: ***") && !hover.contains("hunter2"), "{hover}");
    assert_eq!(editor.at("textDocument/hover", PATH, "# a comm¦ent\n"), Json::Null);
}

#[test]
fn what_may_be_written_is_offered() {
    let mut editor = editor();
    let keys = editor.labels(PATH, &format!("{METADATA}¦"));
    assert!(keys.contains(&"autoscaling".to_owned()) && !keys.contains(&"tier".to_owned()), "{keys:?}");
    assert_eq!(editor.labels(PATH, "owner:\n  te¦\n")[..2], ["team", "email"]);
    let tiers = editor.labels(PATH, &METADATA.replace("tier: standard", "tier: ¦"));
    assert!(tiers.contains(&"standard".to_owned()) && !tiers.contains(&"huge".to_owned()), "{tiers:?}");
    let environments = editor.labels(PATH, "name: payments\nenvironments:\n  ¦\n");
    assert!(
        environments.contains(&"staging".to_owned()) && environments.contains(&"prod".to_owned()),
        "{environments:?}"
    );
    let shared =
        "name: a\nworkloads:\n  web: {}\n  worker: {}\nenvironments:\n  prod:\n    workloads:\n      ¦\n";
    assert_eq!(editor.labels(PATH, shared), ["web", "worker"]);
    editor.write("onboarding/payments/config/a.yaml", "");
    let files = editor.labels(PATH, &format!("{METADATA}config:\n  files:\n  - ¦\n"));
    assert!(files.contains(&"config/a.yaml".to_owned()), "{files:?}");
    for file in ["resources/a.yaml", "resources/prod/b.yaml", "resources/prod/kustomization.yaml"] {
        editor.write(&format!("onboarding/payments/{file}"), "");
    }
    let shared = editor.labels(PATH, &format!("{METADATA}extraResources:\n- ¦\n"));
    assert!(shared.contains(&"resources/a.yaml".to_owned()), "{shared:?}");
    assert!(!shared.contains(&"resources/prod/b.yaml".to_owned()), "{shared:?}");
    let own = "name: a\nenvironments:\n  prod:\n    extraResources:\n    - ¦\n";
    let own = editor.labels(PATH, own);
    assert!(own.contains(&"resources/prod/b.yaml".to_owned()), "{own:?}");
    assert!(!own.contains(&"resources/a.yaml".to_owned()), "{own:?}");
    let patch = "name: a\nenvironments:\n  prod:\n    patches:\n    - path: ¦\n";
    editor.write("onboarding/payments/patches/prod/c.yaml", "");
    let patches = editor.labels(PATH, patch);
    assert!(patches.contains(&"patches/prod/c.yaml".to_owned()), "{patches:?}");
    let codes = editor.labels("waivers/a.yaml", "apiVersion: onramp/v1\nwaivers:\n- code: ¦\n");
    assert!(codes.contains(&"too-few-replicas".to_owned()) && !codes.contains(&"yaml-syntax".to_owned()));
    let apis = editor.labels("waivers/a.yaml", "waivers:\n- code: x\n  api: pa¦\n");
    assert!(apis.contains(&"payments".to_owned()), "{apis:?}");
    // What is offered takes the place of what is there.
    let items =
        editor.at("textDocument/completion", PATH, &METADATA.replace("tier: standard", "tier: sta¦nd"));
    let range = &items[0]["textEdit"]["range"];
    assert_eq!(
        (range["start"]["character"].as_u64(), range["end"]["character"].as_u64()),
        (Some(6), Some(11))
    );
}

#[test]
fn places_lead_to_files() {
    let mut editor = editor();
    editor.write("onboarding/payments/base/deployment.yaml", "kind: Deployment\n");
    editor.write("onboarding/payments/overlays/prod/scaling.yaml", "spec:\n  replicas: 3\n");
    editor.write("onboarding/payments/config/a.yaml", "a: b\n");
    let uris = |answer: &Json| -> Vec<String> {
        let places = answer.as_array().unwrap().iter();
        places
            .map(|place| place["uri"].as_str().unwrap().rsplit("payments/").next().unwrap().to_owned())
            .collect()
    };
    let found = editor.at("textDocument/definition", PATH, &METADATA.replace("image:", "im¦age:"));
    assert_eq!(uris(&found), ["base/deployment.yaml"]);
    let found = editor.at("textDocument/definition", PATH, &METADATA.replace("replicas: 3", "rep¦licas: 3"));
    assert_eq!(uris(&found), ["overlays/prod/scaling.yaml"]);
    assert_eq!(found[0]["range"]["start"]["line"], 1);
    let text = format!("{METADATA}config: {{ files: [config/¦a.yaml] }}\n");
    assert_eq!(uris(&editor.at("textDocument/definition", PATH, &text)), ["config/a.yaml"]);
    editor.write("onboarding/payments/patches/prod/a.yaml", "a: b\n");
    let text = METADATA.replace("replicas: 3", "patches: [patches/prod/¦a.yaml]");
    assert_eq!(uris(&editor.at("textDocument/definition", PATH, &text)), ["patches/prod/a.yaml"]);
    let outline = editor
        .ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": editor.uri(PATH) } }))
        .unwrap();
    assert_eq!(outline[0]["name"], "apiVersion");
}

#[test]
fn findings_can_be_acted_upon() {
    let mut editor = editor();
    editor.open(PATH, &METADATA.replace("standard", "huge"));
    let params = json!({
        "textDocument": { "uri": editor.uri(PATH) },
        "range": { "start": { "line": 3, "character": 7 }, "end": { "line": 3, "character": 7 } },
        "context": { "diagnostics": [] },
    });
    let actions = editor.ask("textDocument/codeAction", params).unwrap();
    let explain = actions.as_array().unwrap().last().unwrap();
    assert_eq!(explain["title"], "Explain unknown-tier");
    let command = json!({ "command": EXPLAIN, "arguments": explain["command"]["arguments"] });
    let page = editor.ask("workspace/executeCommand", command).unwrap();
    assert!(page.as_str().unwrap().starts_with("# unknown-tier"), "{page}");
    let wrong =
        editor.ask("workspace/executeCommand", json!({ "command": "rm", "arguments": ["unknown-tier"] }));
    assert_eq!(wrong, Err(-32602));
}

#[test]
fn only_the_kinds_that_are_asked_for_are_offered() {
    let mut editor = editor();
    editor.open(PATH, &METADATA.replace("LOG_LEVEL: info", "LOG_LEVEL: 1.10"));
    let line = METADATA.lines().position(|line| line.starts_with("env:")).unwrap();
    let at = json!({ "line": line, "character": 18 });
    let mut titles = |only: &Json| -> Vec<String> {
        let params = json!({
            "textDocument": { "uri": editor.uri(PATH) },
            "range": { "start": at, "end": at },
            "context": { "diagnostics": [], "only": only },
        });
        let actions = editor.ask("textDocument/codeAction", params).unwrap();
        actions
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action["title"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(titles(&json!(null)), ["put it in quotes", "Explain unquoted-text"]);
    assert_eq!(titles(&json!([""])), ["put it in quotes", "Explain unquoted-text"]);
    assert_eq!(titles(&json!(["quickfix"])), ["put it in quotes"]);
    assert_eq!(titles(&json!(["source.fixAll"])), Vec::<String>::new());
}

#[test]
fn a_rule_of_the_platform_is_explained() {
    let mut editor = editor();
    let rule = "customRules:\n- code: acme-name\n  about: metadata\n  validations:\n  - { expression: \"metadata.name == 'other'\" }\n";
    editor.write("platform.yaml", &format!("{}{rule}", include_str!("../../fixtures/rules/platform.yaml")));
    editor.open(PATH, METADATA);
    let command = json!({ "command": EXPLAIN, "arguments": ["acme-name"] });
    let page = editor.ask("workspace/executeCommand", command).unwrap();
    assert!(page.as_str().unwrap().contains("acme-name"), "{page}");
}

#[test]
fn a_fix_is_an_edit() {
    let mut editor = editor();
    editor.open(PATH, METADATA);
    let root = editor.repo.path().to_owned();
    let files = editor.server.files(&root).unwrap();
    let at = METADATA.find("standard").unwrap();
    let edit = crate::diagnostic::Edit { path: PATH.into(), span: at..at + 8, text: "basic".to_owned() };
    let fix = Fix { message: "write `basic`".to_owned(), safety: Safety::Unsafe, edits: vec![edit] };
    let place = crate::diagnostic::Location::at(PATH, at..at + 8);
    let code = policy::code("unknown-tier").unwrap();
    let diagnostic = crate::diagnostic::Diagnostic::new(code, place, "a").fix(fix);
    let actions = Finding::of(diagnostic, &Unit::Api("payments".to_owned())).unwrap().actions(&files);
    assert_eq!(actions[0].title, "write `basic` (may change more than that)");
    let edit = serde_json::to_value(&actions[0].edit).unwrap();
    let edits = edit["changes"].as_object().unwrap().values().next().unwrap();
    assert_eq!(edits[0]["newText"], "basic");
    assert_eq!(edits[0]["range"]["start"], json!({ "line": 3, "character": 6 }));
}

#[test]
fn an_end_is_asked_for_first() {
    let mut editor = editor();
    assert_eq!(editor.ask("textDocument/nonsense", json!({})), Err(-32601));
    assert_eq!(editor.ask("textDocument/hover", json!({})), Err(-32602));
    editor.say("$/cancelRequest", json!({ "id": 1 }));
    assert_eq!(editor.ask("shutdown", Json::Null), Ok(Json::Null));
    assert_eq!(editor.ask("textDocument/hover", json!({})), Err(-32600));
    editor.say("exit", Json::Null);
    assert_eq!(editor.server.ended(), Some(true));
    let mut killed = editor_without_greeting();
    assert_eq!(killed.ask("textDocument/hover", json!({})), Err(-32002));
    killed.say("exit", Json::Null);
    assert_eq!(killed.server.ended(), Some(false));
}

fn editor_without_greeting() -> Editor {
    let mut editor = editor();
    editor.server.state = State::New;
    editor
}

#[test]
fn files_that_are_nobodys_are_left_alone() {
    let mut editor = editor();
    editor.open("README.md", "- [");
    editor.open("onboarding/../../outside.yaml", "a: [");
    editor.say(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": "untitled:1", "languageId": "yaml", "version": 1, "text": "a" } }),
    );
    assert!(editor.settle().is_empty());
    assert_eq!(editor.at("textDocument/hover", "README.md", "a¦: b\n"), Json::Null);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is typed, there are answers, and nothing is written.
    #[test]
    fn any_edit_has_answers(edits in proptest::collection::vec((0u32..14, 0u32..30, 0u32..3, 0u32..12, "[-a:{}\\[\\], #'\"|\n\t\u{1f980}&*]{0,6}"), 1..6)) {
        let mut editor = editor();
        editor.open(PATH, METADATA);
        let uri = editor.uri(PATH);
        for (version, (line, column, lines, columns, text)) in edits.into_iter().enumerate() {
            let at = json!({ "line": line, "character": column });
            let range = json!({ "start": at, "end": { "line": line + lines, "character": columns } });
            let change = json!({ "range": range, "text": text });
            let document = json!({ "uri": uri, "version": version });
            editor.say("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
            let here = json!({ "textDocument": { "uri": uri }, "position": at });
            for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition", "textDocument/documentSymbol"] {
                prop_assert!(editor.ask(method, here.clone()).is_ok());
            }
            let range = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
            prop_assert!(editor.ask("textDocument/codeAction", range).is_ok());
        }
        editor.settle();
        prop_assert_eq!(fs::read_to_string(editor.repo.path().join(PATH)).unwrap(), METADATA);
    }
}

//! The proof is itself proved: whichever leaf changes, in a branch or in what was written, `verify` finds it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use onramp::git::Repo;
use onramp::migrate::{ApiOutcome, Decisions, Outcome, Record, Request, State, Verdict, verify};
use onramp::snapshot::Snapshot;
use onramp::yaml::{Node, Source, SourceId, Span, Value, documents};
use serde_json::{Value as Json, json};

use super::branches::files;
use super::done;
use super::import::Import;
use crate::env::Env;

/// How many leaves are changed without `ONRAMP_CASES`.
const CASES: usize = 60;

/// Which leaves without `ONRAMP_SEED`, which may be any number but 0.
const SEED: u64 = 0x0b5e_55ed;

/// A span that says nothing.
const NOWHERE: Span = Span { source: SourceId(0), start: 0, end: 0 };

/// Kinds of the objects whose leaves are changed.
const KINDS: &[&str] = &[
    "Deployment",
    "StatefulSet",
    "CronJob",
    "Service",
    "HorizontalPodAutoscaler",
    "Ingress",
    "ConfigMap",
    "PersistentVolumeClaim",
];

/// A generator of numbers that starts from the same one every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).expect("31 bits fit") % limit
    }
}

/// A value in a file.
#[derive(Clone, Debug)]
struct Leaf {
    /// The branch; nothing for a file of the config repo.
    branch: Option<&'static str>,
    file: String,
    /// Kind and name of the object, where it is one.
    title: String,
    /// The place in the object.
    pointer: String,
    range: Range<usize>,
    value: Value,
}

/// Finds the leaves of a node.
fn leaves(node: &Node, start: usize, pointer: &str, found: &mut Vec<(String, Range<usize>, Value)>) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                let key = entry.key.replace('~', "~0").replace('/', "~1");
                leaves(&entry.node, start, &format!("{pointer}/{key}"), found);
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, start, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Null => {}
        value => {
            let range = start + node.span.start as usize..start + node.span.end as usize;
            found.push((pointer.to_owned(), range, value.clone()));
        }
    }
}

/// The objects of a document: those of a list, or itself.
fn objects(node: &Node) -> Vec<&Node> {
    match node.get("items") {
        Some(items) => items.items().iter().collect(),
        None => vec![node],
    }
}

fn text<'a>(node: &'a Node, path: &[&'a str]) -> &'a str {
    node.follow(path.iter().copied()).0.as_str().unwrap_or_default()
}

/// All leaves of a file of YAML.
fn in_yaml(branch: Option<&'static str>, file: &str, content: &str) -> Vec<Leaf> {
    let source = Source { id: SourceId(0), path: file.into(), text: content.to_owned() };
    let mut all = Vec::new();
    for document in documents(&source) {
        let Some(node) = &document.node else { continue };
        for object in objects(node) {
            let kind = text(object, &["kind"]);
            if branch.is_some() && !KINDS.contains(&kind) {
                continue;
            }
            let title = format!("{kind} {}", text(object, &["metadata", "name"]));
            let mut found = Vec::new();
            leaves(object, document.start, "", &mut found);
            all.extend(found.into_iter().map(|(pointer, range, value)| Leaf {
                branch,
                file: file.to_owned(),
                title: title.clone(),
                pointer,
                range,
                value,
            }));
        }
    }
    all
}

/// All lines of a file that is no YAML.
fn in_text(file: &str, content: &str) -> Vec<Leaf> {
    let mut at = 0;
    let lines = content.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        let text = line.trim_end_matches('\n');
        Leaf {
            branch: None,
            file: file.to_owned(),
            title: "line".to_owned(),
            pointer: String::new(),
            range: start..start + text.len(),
            value: Value::String(text.into()),
        }
    });
    lines.collect()
}

impl Leaf {
    /// Another value of the same type, as it is written.
    fn other(&self, random: &mut Random) -> (Json, String) {
        let value = match &self.value {
            Value::Bool(value) => json!(!value),
            Value::Number(number) => match number.as_i64() {
                Some(number) => json!(number + 1),
                None => json!(number.as_f64().unwrap_or_default() + 1.0),
            },
            Value::String(text) => {
                let digits: Vec<usize> = text
                    .bytes()
                    .enumerate()
                    .filter(|(_, byte)| byte.is_ascii_digit())
                    .map(|(at, _)| at)
                    .collect();
                // Another version of an API is the same object to a server.
                let is_version = self.pointer.ends_with("apiVersion");
                if digits.is_empty() || is_version || random.below(2) == 0 {
                    json!(format!("{text}x"))
                } else {
                    let at = digits[random.below(digits.len())];
                    let next = (text.as_bytes()[at] - b'0' + 1) % 10;
                    json!(format!("{}{next}{}", &text[..at], &text[at + 1..]))
                }
            }
            other => panic!("{other:?} is no leaf"),
        };
        let written = match (&value, self.title.as_str()) {
            (Json::String(text), "line") => text.clone(),
            _ => value.to_string(),
        };
        (value, written)
    }

    /// Returns the file with another value, which must be the only thing that is other.
    fn changed(&self, content: &str, random: &mut Random) -> String {
        let (value, written) = self.other(random);
        let changed = format!("{}{written}{}", &content[..self.range.start], &content[self.range.end..]);
        if self.title != "line" {
            let before = in_yaml(self.branch, &self.file, content);
            let after = in_yaml(self.branch, &self.file, &changed);
            let read = |leaves: &[Leaf]| -> Vec<Json> {
                leaves
                    .iter()
                    .map(|leaf| Node { span: NOWHERE, value: leaf.value.clone() }.to_json())
                    .collect()
            };
            let at = before.iter().position(|leaf| leaf.range == self.range).expect("it is a leaf");
            let (mut expected, read) = (read(&before), read(&after));
            // Another kind is not looked into any more.
            if before.len() == after.len() {
                expected[at] = value;
                assert_eq!(read, expected, "{self:?}\n{changed}");
            }
        }
        assert_ne!(changed, content, "{self:?}");
        changed
    }

    /// Tells whether no server tells the object with another value there from the one before. What is not named here has
    /// to be found.
    fn is_unseen(&self, scaled: &[(&str, &str)]) -> bool {
        let noise = ["/status/", "/metadata/uid", "/metadata/resourceVersion", "/metadata/generation"];
        noise.iter().any(|place| self.pointer.starts_with(place))
            || self.pointer.ends_with("metadata/creationTimestamp")
            // The autoscaler says how many pods there are.
            || self.pointer == "/spec/replicas"
                && scaled.contains(&(self.branch.unwrap_or_default(), self.title.as_str()))
            // The overlay says the namespace of whatever it takes in.
            || self.branch.is_none()
                && self.file.contains("/resources/")
                && self.pointer == "/metadata/namespace"
    }
}

/// Workloads that an autoscaler scales.
const SCALED: &[(&str, &str)] = &[
    ("legacy/shop-stage", "Deployment shop"),
    ("legacy/shop-prod", "Deployment shop"),
    ("legacy/portal", "Deployment portal"),
];

/// The API that a branch became a part of.
fn api_of(branch: &str) -> &str {
    let name = branch.strip_prefix("legacy/").expect("the branches are below legacy/");
    ["-stage", "-prod", "-uat"].iter().find_map(|word| name.strip_suffix(word)).unwrap_or(name)
}

/// The migrated fleet, and how it is proved.
struct Proof {
    env: Env,
    decisions: Decisions,
    config: Snapshot,
}

impl Proof {
    fn new() -> Self {
        let env = done();
        let config = Snapshot::work_tree(env.root()).expect("the repo can be read");
        Self { env, decisions: Decisions::default(), config }
    }

    fn verify(&self, config: &Snapshot, api: &str) -> ApiOutcome {
        let only = [api.to_owned()];
        let request = Request {
            branches: &[],
            only: &only,
            decisions: &self.decisions,
            values: None,
            sync: false,
            allow_unexplained: false,
            today: "2026-07-01",
        };
        let repo = Repo::discover(self.env.root()).expect("the repo can be read");
        let outcome: Outcome = verify(config, &repo, &request, &|_| {}).expect("there is something to prove");
        outcome.apis.into_iter().find(|outcome| outcome.name == api).expect("the API is told of")
    }

    /// Puts a file into a branch and looks at the API; then with a record that knows of the commit.
    fn in_branch(&self, branch: &str, file: &str, content: &str) -> (ApiOutcome, ApiOutcome) {
        let reference = format!("refs/heads/{branch}");
        let before = self.env.git(&["rev-parse", &reference]);
        Import::default().commit(branch, false).file(file, content).into_repo(&self.env);
        let after = self.env.git(&["rev-parse", &reference]);
        let api = api_of(branch);
        let moved = self.verify(&self.config, api);
        let mut config = self.config.clone();
        let path = Record::path(api);
        let record = self.env.read(&path);
        assert!(record.contains(before.trim()), "{record}");
        let record = record.replace(before.trim(), after.trim());
        config.lay(&path, record.into_bytes()).expect("the record can be replaced");
        let differed = self.verify(&config, api);
        self.env.git(&["update-ref", &reference, before.trim()]);
        (moved, differed)
    }
}

fn why(outcome: &ApiOutcome) -> &str {
    if let State::Refused(why) = &outcome.state { why } else { "" }
}

#[test]
fn every_leaf_that_changes_is_found() {
    let proof = Proof::new();
    let all = all_leaves(&proof);
    let cases = std::env::var("ONRAMP_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let seed = std::env::var("ONRAMP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED);
    let mut random = Random(seed);
    let [in_branches, written] = &all;
    let mut missed = Vec::new();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for case in 0..cases {
        let from = if case % 2 == 0 { in_branches } else { written };
        let (leaf, content) = &from[random.below(from.len())];
        let changed = leaf.changed(content, &mut random);
        let told = || format!("{:?} {} {}{}", leaf.branch, leaf.file, leaf.title, leaf.pointer);
        let Some(branch) = leaf.branch else {
            let mut config = proof.config.clone();
            config.lay(&leaf.file, changed.into_bytes()).expect("files can be replaced");
            let api = leaf.file.split('/').nth(1).expect("it is a file of an API");
            let outcome = proof.verify(&config, api);
            match (outcome.state, leaf.is_unseen(SCALED)) {
                (State::Refused(_), false) => *found.entry("in what was written").or_default() += 1,
                (State::Unchanged, true) => *found.entry("unseen").or_default() += 1,
                _ => missed.push(told()),
            }
            continue;
        };
        let (moved, differed) = proof.in_branch(branch, &leaf.file, &changed);
        if !why(&moved).contains("moved from") {
            missed.push(format!("{}: the commit", told()));
        }
        let is_found = differed.verdict() == Verdict::Unexplained && why(&differed).contains("unexplained")
            || why(&differed).contains("no branch of it has");
        match (is_found, leaf.is_unseen(SCALED)) {
            (true, false) => *found.entry("in branches").or_default() += 1,
            (false, true) => *found.entry("unseen").or_default() += 1,
            (true, true) => missed.push(format!("{}: no server sees it", told())),
            (false, false) => missed.push(format!("{}: {}", told(), why(&differed))),
        }
    }
    assert!(missed.is_empty(), "{} of {cases}: {missed:#?}\n{found:?}", missed.len());
    assert_eq!(found.values().sum::<usize>(), cases);
    assert!(found["in branches"] * 3 > cases, "{found:?}");
    assert!(found["in what was written"] * 3 > cases, "{found:?}");
}

/// All leaves of the branches, and all of what was written, each with its file.
fn all_leaves(proof: &Proof) -> [Vec<(Leaf, Arc<str>)>; 2] {
    let mut in_branches = Vec::new();
    for (branch, path, content) in files() {
        if path.starts_with("README") || path.ends_with("kustomization.yaml") {
            continue;
        }
        let content: Arc<str> = content.into();
        let leaves = in_yaml(Some(branch), path, &content);
        in_branches.extend(leaves.into_iter().map(|leaf| (leaf, Arc::clone(&content))));
    }
    let mut written = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (path, bytes) in proof.env.files() {
        let mut parts = path.split('/');
        let kind = (parts.next() == Some("onboarding")).then(|| parts.nth(1)).flatten().unwrap_or_default();
        if !["base", "overlays", "config", "resources", "patches"].contains(&kind) {
            continue;
        }
        *seen.entry(kind.to_owned()).or_default() += 1;
        let content: Arc<str> = String::from_utf8(bytes).expect("what is written is UTF-8").into();
        let is_yaml = kind != "config" && path.rsplit('.').next() == Some("yaml");
        let leaves = if is_yaml { in_yaml(None, &path, &content) } else { in_text(&path, &content) };
        written.extend(leaves.into_iter().map(|leaf| (leaf, Arc::clone(&content))));
    }
    for kind in ["base", "overlays", "config", "resources"] {
        assert!(seen.contains_key(kind), "the fleet has some {kind}: {seen:?}");
    }
    assert!(in_branches.len() > 300 && written.len() > 300, "{} {}", in_branches.len(), written.len());
    [in_branches, written]
}

#[test]
fn nothing_is_found_where_nothing_changed() {
    let proof = Proof::new();
    for api in super::branches::APIS {
        let outcome = proof.verify(&proof.config, api);
        assert_eq!(outcome.state, State::Unchanged, "{api}");
        assert_ne!(outcome.verdict(), Verdict::Unexplained, "{api}");
    }
    // Another layout and another comment are a new commit, and no difference.
    let text = files().into_iter().find(|(branch, ..)| *branch == "legacy/mail").expect("there is one").2;
    let text = format!("# Rewritten.\n{}", text.replace("# Bounces pile up.\n", ""));
    let (moved, differed) = proof.in_branch("legacy/mail", "all.yml", &text);
    assert!(why(&moved).contains("moved from"), "{moved:?}");
    assert_eq!(differed.state, State::Unchanged, "{differed:#?}");
}

#[test]
fn the_command_ends_with_one_and_names_the_api() {
    let env = done();
    let files = env.files();
    let (overlay, _) = files
        .iter()
        .find(|(path, _)| path.starts_with("onboarding/cart/base/") && path.contains("deployment"))
        .expect("cart has a Deployment");
    env.edit(overlay, "Recreate", "RollingUpdate");
    let text = env.git(&["show", "legacy/reports-prod:app.yaml"]).replace("600m", "601m");
    Import::default().commit("legacy/reports-prod", false).file("app.yaml", text).into_repo(&env);
    let run = env.run(&["migrate", "verify", "--format", "json", "--quiet"]);
    assert_eq!(run.code, 1, "{run}");
    let report = run.json();
    let refused: Vec<&str> = super::states(&report)
        .into_iter()
        .filter(|(_, state)| *state == "refused")
        .map(|(name, _)| name)
        .collect();
    assert_eq!(refused, ["cart", "reports"]);
    let text = env.run(&["migrate", "verify", "--quiet"]);
    assert!(text.code == 1 && text.stdout.contains("cart") && text.stdout.contains("reports"), "{text}");
    let _ = env.run(&["migrate", "verify", "--quiet", "shop"]).success();
}

#[test]
fn what_no_longer_renders_is_told_with_the_reason() {
    let env = super::done();
    env.edit(
        "onboarding/cart/metadata.yaml",
        "    image: registry",
        "    imagePullPolicy: Alwaysx\n    image: registry",
    );
    let render = env.run(&["render", "--check", "cart"]);
    assert_eq!(render.code, 1, "{render}");
    let verify = env.run(&["migrate", "verify", "--quiet", "--format", "json"]);
    assert_eq!(verify.code, 1, "{verify}");
    let report = verify.json();
    let why = super::api(&report, "cart")["why"].as_str().unwrap_or_default().to_owned();
    assert!(
        why.contains("unknown key `imagePullPolicy`") && why.contains("onboarding/cart/metadata.yaml:"),
        "{why}"
    );
    let others = super::states(&report).into_iter().filter(|(_, state)| *state == "refused").count();
    assert_eq!(others, 1, "{report:#}");
    // A template that cannot be used is the caller's, as for `render`.
    let env = super::done();
    env.write("templates/deployment.yaml.j2", "{{ nothing.of.this }}\n");
    let (render, verify) = (env.run(&["render", "--check"]), env.run(&["migrate", "verify", "--quiet"]));
    assert_eq!((render.code, verify.code), (2, 2), "{render}{verify}");
    assert!(verify.stderr.contains("a template of this repo cannot be used"), "{verify}");
}

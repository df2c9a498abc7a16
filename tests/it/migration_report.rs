//! What a migration tells: an outcome with every variant of everything, in four formats.

use std::collections::{BTreeMap, BTreeSet};

use onramp::diagnostic::Sink;
use onramp::legacy::{Skipped, Variable};
use onramp::migrate::report::{Standing, Summary, html, json, markdown, skeleton, text};
use onramp::migrate::{
    ApiOutcome, BranchOutcome, Class, Decisions, Difference, DocumentOutcome, EnvironmentOutcome, Fate,
    FileOutcome, LostComment, ObjectOutcome, Outcome, Question, QuestionKind, SourceGap, SourceNote, State,
    Values,
};
use onramp::report::markdown::LIMIT;
use onramp::schema::MIGRATION;
use serde_json::{Value as Json, json};

use crate::generated::compare;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn fates() -> Vec<Fate> {
    vec![
        Fate::Said,
        Fate::Generated,
        Fate::Kept("resources/role.yaml".to_owned()),
        Fate::Input("prod/kustomization.yaml".into()),
        Fate::Kustomization,
        Fate::Repeated("copy.yaml".to_owned()),
        Fate::Superseded("portal-deploy.yaml".to_owned()),
        Fate::Withheld,
        Fate::Left("nothing here runs it".to_owned()),
        Fate::NoObject,
        Fate::Unreadable("yaml-syntax".to_owned(), "a quote has no end".to_owned()),
        Fate::Unwritten("no image is known".to_owned()),
    ]
}

fn skipped() -> Vec<Skipped> {
    let variable =
        Variable { name: "IMAGE".to_owned(), written: "${IMAGE}".to_owned(), line: 4, default: None };
    vec![
        Skipped::NotYaml,
        Skipped::Encrypted,
        Skipped::TooLarge(60_000_000),
        Skipped::Link,
        Skipped::Submodule,
        Skipped::BadName,
        Skipped::TooMany,
        Skipped::Unreadable("it is not in the repository".to_owned()),
        Skipped::Template(vec![variable]),
        Skipped::Input("prod/kustomization.yaml".into()),
    ]
}

fn classes() -> Vec<Class> {
    vec![
        Class::ApiVersion,
        Class::Default,
        Class::Noise,
        Class::Namespace,
        Class::Replicas,
        Class::Repaired,
        Class::Decided,
        Class::Edited,
        Class::Unexplained,
    ]
}

fn question(kind: QuestionKind, text: &str, answer: &str, is_open: bool) -> Question {
    Question { kind, text: text.to_owned(), answer: answer.to_owned(), is_open }
}

fn object(name: &str, fate: Fate, differences: Vec<Difference>) -> ObjectOutcome {
    ObjectOutcome {
        kind: "Deployment".to_owned(),
        name: name.to_owned(),
        origin: Some(("legacy/shop".to_owned(), "deploy.yaml".into(), 3)),
        is_workload: true,
        fate,
        differences,
    }
}

fn difference(path: &str, before: Option<Json>, after: Option<Json>, class: Class) -> Difference {
    Difference { path: path.to_owned(), before, after, class }
}

fn api(name: &str, state: State, objects: Vec<ObjectOutcome>) -> ApiOutcome {
    ApiOutcome {
        name: name.to_owned(),
        sources: vec![("legacy/shop".to_owned(), COMMIT.to_owned())],
        state,
        environments: vec![EnvironmentOutcome { name: "prod".to_owned(), objects }],
        questions: Vec::new(),
        comments_kept: 2,
        comments_lost: Vec::new(),
        notes: Vec::new(),
        gaps: Vec::new(),
        findings: BTreeMap::new(),
        files: vec![format!("onboarding/{name}/metadata.yaml")],
    }
}

/// Every variant of every enumeration.
fn everything() -> Outcome {
    let document = |line, fates| DocumentOutcome { line, title: format!("Deployment d{line}"), fates };
    let mut documents: Vec<DocumentOutcome> =
        fates().into_iter().enumerate().map(|(index, fate)| document(index + 1, vec![fate])).collect();
    documents.push(document(90, vec![Fate::Said, Fate::Withheld]));
    documents.push(document(91, Vec::new()));
    let mut files = vec![
        FileOutcome { path: "deploy.yaml".into(), skipped: None, documents },
        FileOutcome { path: "empty.yaml".into(), skipped: None, documents: Vec::new() },
    ];
    for (index, skipped) in skipped().into_iter().enumerate() {
        let path = format!("skipped/{index}").into();
        files.push(FileOutcome { path, skipped: Some(skipped), documents: Vec::new() });
    }
    let branch = |name: &str, apis: &[&str], failure: Option<&str>, files| BranchOutcome {
        name: name.to_owned(),
        commit: COMMIT.to_owned(),
        apis: apis.iter().map(|api| (*api).to_owned()).collect(),
        failure: failure.map(str::to_owned),
        files,
    };
    let each = classes().into_iter().enumerate().map(|(index, class)| {
        difference(&format!("/spec/place{index}"), Some(json!(index)), Some(json!("x")), class)
    });
    let image = "/spec/template/spec/containers/0/image";
    let mut shop = api(
        "shop",
        State::Written,
        vec![
            object("shop", Fate::Said, each.collect()),
            object(
                "portal",
                Fate::Said,
                vec![
                    difference(image, Some(json!("a:1")), Some(json!("a:2")), Class::Decided),
                    difference("/spec/selector/matchLabels/app", Some(json!("a")), None, Class::Decided),
                ],
            ),
            ObjectOutcome {
                kind: "Secret".to_owned(),
                is_workload: false,
                ..object(
                    "db",
                    Fate::Withheld,
                    vec![difference("/data/password", Some(json!("aHVudGVyMg==")), None, Class::Unexplained)],
                )
            },
            ObjectOutcome {
                origin: None,
                is_workload: false,
                ..object(
                    "new",
                    Fate::Said,
                    vec![difference("", None, Some(json!({ "kind": "Deployment" })), Class::Unexplained)],
                )
            },
        ],
    );
    shop.environments.push(EnvironmentOutcome {
        name: "staging".to_owned(),
        objects: fates().into_iter().map(|fate| object("other", fate, Vec::new())).collect(),
    });
    shop.questions = vec![
        question(
            QuestionKind::Image,
            "which image is `shop:latest`?",
            "apis: { shop: { images: { \"shop:latest\": \"shop:latest\" } } }",
            true,
        ),
        question(
            QuestionKind::Definition,
            "which file defines Deployment portal?",
            "definitions: { Deployment portal: portal-deploy.yaml }",
            true,
        ),
    ];
    shop.comments_lost = vec![LostComment {
        branch: "legacy/shop".to_owned(),
        file: "deploy.yaml".into(),
        line: 7,
        text: " ask before scaling, password: hunter2".to_owned(),
    }];
    shop.notes = vec![SourceNote {
        object: "Deployment shop".to_owned(),
        path: image.to_owned(),
        text: "the tag moves".to_owned(),
    }];
    shop.findings = BTreeMap::from([
        ("missing-probe".to_owned(), 2),
        ("missing-limit".to_owned(), 1),
        ("literal-secret".to_owned(), 2),
    ]);
    let mut orders = api("orders", State::Refused("no image is known".to_owned()), Vec::new());
    orders.questions = vec![
        question(
            QuestionKind::Owner,
            "who owns `orders`?",
            "apis: { orders: { owner: { team: orders, email: orders@acme.example } } }",
            true,
        ),
        question(QuestionKind::Values, "what is `${IMAGE}`?", "IMAGE: \"\"", false),
        question(
            QuestionKind::Environment,
            "where does `legacy/orders-int` run?",
            "branches: { legacy/orders-int: { environment: integration } }",
            true,
        ),
        question(
            QuestionKind::Namespace,
            "which namespace does it run in?",
            "namespaces: { prod: orders }",
            true,
        ),
        question(
            QuestionKind::Api,
            "is `legacy/Orders` another API?",
            "branches: { legacy/Orders: { api: orders-2 } }",
            true,
        ),
    ];
    let same = api("billing", State::Unchanged, vec![object("billing", Fate::Said, Vec::new())]);
    let replicas = difference("/spec/replicas", Some(json!(3)), None, Class::Replicas);
    let mild = api("cart", State::Written, vec![object("cart", Fate::Said, vec![replicas])]);
    let left = api(
        "mail",
        State::Written,
        vec![object("mail", Fate::Left("nobody runs it".to_owned()), Vec::new())],
    );
    let skipped = api("radio", State::Skipped("replaced by shop".to_owned()), Vec::new());
    Outcome {
        branches: vec![
            branch("legacy/empty", &[], None, Vec::new()),
            branch("legacy/gone", &[], Some("its commit is not there"), Vec::new()),
            branch("legacy/shop", &["shop", "orders"], None, files),
        ],
        apis: vec![same, mild, left, orders, shop, skipped],
        added_environments: vec!["uat".to_owned(), "load".to_owned()],
        unused_decisions: vec!["line 11: apis.old".to_owned()],
    }
}

#[test]
fn every_format_is_the_golden_file() {
    let outcome = everything();
    compare("fixtures/migration/report.txt", &text(&outcome, false));
    compare("fixtures/migration/report-all.txt", &text(&outcome, true));
    compare("fixtures/migration/report.md", &markdown(&outcome, LIMIT));
    compare("fixtures/migration/report.html", &html(&outcome));
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    compare("fixtures/migration/report.json", &json(&outcome).replace(&version, "\"version\": \"0.0.0\""));
}

#[test]
fn json_fits_its_schema_and_has_every_variant() {
    let document: Json = serde_json::from_str(&json(&everything())).expect("it is JSON");
    assert!(MIGRATION.accepts(&document), "{document:#}");
    assert!(MIGRATION.accepts(&serde_json::from_str(&json(&Outcome::default())).expect("it is JSON")));
    // What the schema enumerates is there, so the outcome has all variants and the schema no others.
    let mut said = BTreeSet::new();
    strings(&document, &mut said);
    for place in [
        "/$defs/fate/properties/name/enum",
        "/$defs/branch/properties/files/items/properties/fate/enum",
        "/$defs/branch/properties/files/items/properties/documents/items/properties/fate/enum",
        "/$defs/object/properties/differences/items/properties/class/enum",
        "/$defs/object/properties/verdict/enum",
        "/$defs/api/properties/state/enum",
        "/$defs/api/properties/standing/enum",
        "/$defs/api/properties/questions/items/properties/kind/enum",
    ] {
        let names = MIGRATION.json.pointer(place).and_then(Json::as_array).expect("an enumeration");
        for name in names {
            assert!(said.contains(name.as_str().expect("a name")), "{place}: {name}");
        }
    }
}

fn strings<'a>(json: &'a Json, into: &mut BTreeSet<&'a str>) {
    match json {
        Json::String(text) => drop(into.insert(text)),
        Json::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Json::Object(map) => map.values().for_each(|value| strings(value, into)),
        _ => {}
    }
}

#[test]
fn everything_is_counted_once() {
    let outcome = everything();
    let summary = Summary::new(&outcome);
    let section = |name: &str| {
        let section = summary.sections.iter().find(|section| section.name == name);
        section.unwrap_or_else(|| panic!("{name} is counted"))
    };
    for one in &summary.sections {
        for (column, _) in one.columns.iter().enumerate() {
            let sum: usize = one.rows.iter().map(|row| row.counts[column]).sum();
            assert_eq!(one.totals.as_ref().map_or(sum, |totals| totals[column]), sum, "{}", one.name);
        }
    }
    let objects: Vec<&ObjectOutcome> = outcome
        .apis
        .iter()
        .flat_map(|api| &api.environments)
        .flat_map(|environment| &environment.objects)
        .collect();
    let workloads = objects.iter().filter(|object| object.is_workload).count();
    assert_eq!(section("apis").totals, Some(vec![outcome.apis.len(), workloads, objects.len()]));
    assert_eq!(section("branches").totals, Some(vec![outcome.branches.len()]));
    let files: Vec<&FileOutcome> = outcome.branches.iter().flat_map(|branch| &branch.files).collect();
    assert_eq!(section("files").totals, Some(vec![files.len()]));
    assert_eq!(section("files").rows.len(), files.len(), "each file of the sample has a fate of its own");
    let documents: usize = files.iter().map(|file| file.documents.len()).sum();
    assert_eq!(section("documents").totals, Some(vec![documents]));
    assert_eq!(
        section("documents").rows.len(),
        documents,
        "each document of the sample has a fate of its own"
    );
    let differences: usize = objects.iter().map(|object| object.differences.len()).sum();
    let places: usize = section("differences").rows.iter().map(|row| row.counts[0]).sum();
    assert_eq!(places, differences);
    assert_eq!(section("questions").totals, Some(vec![7, 1]));
    assert_eq!((summary.questions, summary.blocking), (7, 1));
    assert_eq!((summary.pods_changed, summary.selectors_changed), (1, 1));
    assert_eq!((summary.withheld, summary.comments_kept, summary.comments_lost), (2, 12, 1));
}

#[test]
fn the_answers_are_files_that_can_be_read() {
    let skeleton = skeleton(&everything());
    insta::assert_snapshot!(skeleton.decisions, @"
    apiVersion: onramp/v1
    branches:
      legacy/orders-int:
        environment: integration
      legacy/Orders:
        api: orders-2
    apis:
      orders:
        owner:
          team: orders
          email: orders@acme.example
        namespaces:
          prod: orders
      shop:
        images:
          shop:latest: shop:latest
        definitions:
          Deployment portal: portal-deploy.yaml
    ");
    insta::assert_snapshot!(skeleton.values, @r#"IMAGE: """#);
    let mut sink = Sink::default();
    let decisions = Decisions::parse("decisions.yaml", skeleton.decisions.into(), &mut sink);
    let values = Values::parse("values.yaml", skeleton.values.into(), &mut sink);
    assert_eq!(sink.into_findings(), []);
    let decisions = decisions.expect("it is a decisions file");
    assert_eq!(decisions.api("shop").and_then(|api| api.image("shop:latest")), Some("shop:latest"));
    assert_eq!(values.expect("it is a file of values").of("legacy/orders")["IMAGE"], "");
    assert_eq!(skeleton.answered, 7);
}

#[test]
fn who_owns_many_is_answered_once() {
    let asked = |name: &str, mail: &str| {
        let mut api = api(name, State::Written, Vec::new());
        let answer = format!("owner: {{ team: …, email: {mail} }}");
        api.questions = vec![question(QuestionKind::Owner, "who owns it?", &answer, true)];
        api
    };
    let names = [
        ("mail", "ann@acme.example"),
        ("mail-in", "ann@acme.example"),
        ("mail-out", "ann@acme.example"),
        ("shop-cart", "bob@acme.example"),
        ("shop-web", "eve@acme.example"),
        ("wiki-web", "bob@acme.example"),
    ];
    let apis = names.map(|(name, mail)| asked(name, mail)).into();
    let outcome = Outcome { apis, ..everything() };
    let skeleton = skeleton(&outcome);
    insta::assert_snapshot!(skeleton.decisions, @"
    apiVersion: onramp/v1
    owners:
      mail-*:
        team: …
        email: ann@acme.example
    apis:
      mail:
        owner:
          team: …
          email: ann@acme.example
      shop-cart:
        owner:
          team: …
          email: bob@acme.example
      shop-web:
        owner:
          team: …
          email: eve@acme.example
      wiki-web:
        owner:
          team: …
          email: bob@acme.example
    ");
    assert_eq!(skeleton.answered, 6);
    let mut sink = Sink::default();
    let text = skeleton.decisions.replace('…', "team");
    let decisions = Decisions::parse("decisions.yaml", text.into(), &mut sink);
    assert_eq!(sink.into_findings(), []);
    let decisions = decisions.expect("it is a decisions file");
    for (name, mail) in names {
        assert_eq!(decisions.owner(name).map(|owner| owner.email.as_str()), Some(mail), "{name}");
    }
}

/// Names that each format could take for its own.
const HOSTILE: &str =
    "<script>alert(1)</script>|`a```b`\u{1b}[2J\n::error::x ##[error]y ]]> @acme/team &amp; \"'\u{202e}";

/// The sample, with hostile text wherever a branch could have any.
fn hostile() -> Outcome {
    let mut outcome = everything();
    let text = || HOSTILE.to_owned();
    outcome.added_environments = vec![text()];
    outcome.unused_decisions = vec![text()];
    for branch in &mut outcome.branches {
        branch.name = text();
        branch.commit = text();
        branch.apis = vec![text()];
        branch.failure = Some(text());
        for file in &mut branch.files {
            file.path = HOSTILE.into();
            if file.skipped.is_some() {
                let variable = Variable { name: text(), written: text(), line: 1, default: None };
                file.skipped = Some(Skipped::Template(vec![variable]));
            }
            for document in &mut file.documents {
                document.title = text();
                document.fates = vec![Fate::Unreadable(text(), text()), Fate::Left(text())];
            }
        }
    }
    for api in &mut outcome.apis {
        api.name = text();
        api.sources = vec![(text(), text())];
        api.state = State::Refused(text());
        for environment in &mut api.environments {
            environment.name = text();
            for object in &mut environment.objects {
                (object.kind, object.name) = (text(), text());
                object.origin = Some((text(), HOSTILE.into(), 1));
                for difference in &mut object.differences {
                    difference.path = format!("/{HOSTILE}");
                    difference.before = Some(json!({ HOSTILE: [HOSTILE] }));
                    difference.after = Some(json!(HOSTILE));
                    difference.class = Class::Unexplained;
                }
            }
        }
        let answer = json!({ "images": { HOSTILE: "a:1" } }).to_string();
        api.questions = vec![question(QuestionKind::Image, HOSTILE, &answer, true)];
        api.comments_lost = vec![LostComment { branch: text(), file: HOSTILE.into(), line: 1, text: text() }];
        api.notes = vec![SourceNote { object: text(), path: text(), text: text() }];
        api.gaps = vec![SourceGap { branch: text(), file: HOSTILE.into(), line: 1, text: text() }];
        api.findings = BTreeMap::from([(text(), 1)]);
        api.files = vec![text()];
    }
    outcome
}

#[test]
fn what_is_not_known_is_told_everywhere_and_makes_no_api_identical() {
    let mut shop = api("shop", State::Written, vec![object("shop", Fate::Said, Vec::new())]);
    assert_eq!(Standing::of(&shop).name(), "identical");
    shop.gaps = vec![SourceGap {
        branch: "legacy/shop".to_owned(),
        file: "overlays/prod/kustomization.yaml".into(),
        line: 4,
        text: "onramp does not fetch `github.com/acme/base?ref=v1`".to_owned(),
    }];
    assert_eq!(Standing::of(&shop).name(), "left");
    let outcome = Outcome { apis: vec![shop], ..Outcome::default() };
    let place = "legacy/shop overlays/prod/kustomization.yaml:4";
    let page = html(&outcome);
    for out in [text(&outcome, false), text(&outcome, true), markdown(&outcome, LIMIT), page.clone()] {
        assert!(out.contains(place) && out.contains("does not fetch"), "{out}");
        assert!(out.contains("missing in the sources"), "{out}");
    }
    assert!(page.contains("class=\"left asked\""), "{page}");
    let json: Json = serde_json::from_str(&json(&outcome)).expect("it is JSON");
    assert_eq!(json["apis"][0]["gaps"][0]["line"], 4);
    assert_eq!(json["summary"]["gaps"], 1);
}

#[test]
fn no_name_means_anything_to_a_terminal_a_log_a_browser_or_a_forge() {
    let outcome = hostile();
    let (short, all, page, markdown, json) = (
        text(&outcome, false),
        text(&outcome, true),
        html(&outcome),
        markdown(&outcome, LIMIT),
        json(&outcome),
    );
    for out in [&short, &all, &page, &markdown, &json] {
        assert!(out.contains("alert(1)") || out.contains("alert&#40;1&#41;"), "{out}");
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out}");
        assert!(!out.contains("##[error]"), "{out}");
        assert!(!out.lines().any(|line| line.trim_start().starts_with("::")), "{out}");
    }
    assert!(!page.contains("<script") && !page.contains("</script"), "{page}");
    assert!(!page.contains("&amp; \"'"), "{page}");
    // The tags are ours, and there are as many closed as are opened.
    for tag in ["details", "table", "tr", "td", "ul", "div", "pre", "code", "p"] {
        let (opened, closed) =
            (page.matches(&format!("<{tag}>")).count(), page.matches(&format!("</{tag}>")).count());
        let with_attributes = page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened + with_attributes, closed, "{tag}");
    }
    // Outside of code no line of the markdown has a tag but ours, a mention or a cell too many.
    let mut outside = String::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("yaml").to_owned()),
            None => outside += &(without_code(line) + "\n"),
        }
    }
    assert_eq!(fence, None, "a fence is closed");
    for ours in ["<details>", "<summary>", "</summary>", "</details>", "<code>", "</code>"] {
        outside = outside.replace(ours, "");
    }
    assert!(!outside.contains(['<', '>', '@', '`']), "{outside}");
    assert!(json.is_ascii() || serde_json::from_str::<Json>(&json).is_ok());
    assert!(MIGRATION.accepts(&serde_json::from_str(&json).expect("it is JSON")));
}

/// Takes the code spans of a line out.
fn without_code(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        outside += &rest[..start];
        let length = rest[start..].find(|c| c != '`').unwrap_or(rest.len() - start);
        let after = &rest[start + length..];
        let runs = after.match_indices('`').filter(|(at, _)| !after[..*at].ends_with('`'));
        let end = runs
            .map(|(at, _)| (at, after[at..].find(|c| c != '`').unwrap_or(after.len() - at)))
            .find(|(_, run)| *run == length);
        let Some((at, run)) = end else { return outside + &rest[start..] };
        rest = &after[at + run..];
    }
    outside + rest
}

#[test]
fn no_format_shows_a_secret() {
    let mut outcome = everything();
    let env = "/spec/template/spec/containers/0/env";
    let token = format!("ghp_{}", "a1B2".repeat(9));
    let leaks = vec![
        difference(&format!("{env}/0/value"), Some(json!("hunter2")), None, Class::Unexplained),
        difference(
            &format!("{env}/1"),
            Some(json!({ "name": "DB_PASSWORD", "value": "hunter2" })),
            None,
            Class::Unexplained,
        ),
        difference("/metadata/annotations/note", Some(json!(token)), None, Class::Unexplained),
    ];
    outcome.apis[0].environments[0].objects[0].differences = leaks;
    outcome.apis[0].questions = vec![question(
        QuestionKind::Image,
        &format!("what is {token}?"),
        &format!("images: {{ a: {token} }}"),
        true,
    )];
    for out in [text(&outcome, true), html(&outcome), markdown(&outcome, LIMIT), json(&outcome)] {
        for secret in ["hunter2", "aHVudGVyMg", &token] {
            assert!(!out.contains(secret), "{secret}: {out}");
        }
        assert!(out.contains("***"), "{out}");
    }
}

#[test]
fn markdown_fits_a_comment_whatever_the_size() {
    let mut outcome = everything();
    let template = outcome.apis[4].clone();
    for number in 0..5_000 {
        let mut api = template.clone();
        api.name = format!("api-{number}");
        outcome.apis.push(api);
        let mut branch = outcome.branches[2].clone();
        branch.name = format!("legacy/api-{number}");
        outcome.branches.push(branch);
    }
    for budget in [LIMIT, LIMIT / 2, 9_000] {
        let out = markdown(&outcome, budget);
        assert!(out.len() < budget && out.len() > budget / 2, "{} of {budget}", out.len());
        assert!(out.starts_with("### Migration: pod templates changed: 5001\n"), "{}", &out[..200]);
        assert!(out.contains("\nNot shown, for want of room: "), "{out}");
        assert!(out.contains("yaml\napiVersion: onramp/v1\n"), "{out}");
    }
    assert_eq!(markdown(&outcome, 100), "");
    assert!(markdown(&hostile(), LIMIT).len() < LIMIT);
}

#[test]
fn text_tells_of_those_that_need_somebody_and_of_all_where_that_is_asked_for() {
    let outcome = everything();
    let (short, all) = (text(&outcome, false), text(&outcome, true));
    assert!(short.starts_with("pod templates changed: 1\nselectors changed: 1\n"), "{short}");
    for name in ["billing", "cart", "mail"] {
        assert!(!short.contains(&format!("\n{name}: ")) && all.contains(&format!("\n{name}: ")), "{name}");
    }
    assert!(short.contains("4 APIs need nobody; `--verbose` shows all."), "{short}");
    assert!(short.find("\norders: ") < short.find("\nshop: "), "the worst comes first: {short}");
    let clean = Outcome::default();
    assert!(text(&clean, true).starts_with("pod templates changed: 0\nselectors changed: 0\n"));
}

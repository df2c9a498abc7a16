//! What a decisions file answers, and where each mistake in one is found.

use super::*;
use crate::report::Position;

const WHOLE: &str = "\
apiVersion: onramp/v1
environments: { uat: staging, loadtest: null }
defaults:
  owner: { team: platform, email: platform@acme.example }
  environment: prod
branches:
  legacy/shop-old: { skip: \"replaced by shop\" }
  legacy/shop-*: { api: shop, environment: prod }
  legacy/*: { environment: staging }
apis:
  shop:
    owner: { team: shop, email: shop@acme.example, channel: \"#shop\" }
    images:
      \"shop:latest\": \"registry.example/shop:1.4.2\"
      ${IMAGE}: registry.example/other:1
    definitions: { \"Deployment portal\": portal-deploy.yaml }
    namespaces: { prod: shop }
    accept:
    - { object: \"Deployment shop\", path: /spec/template/spec/containers/0, reason: \"moved on\" }
    - { object: \"Service *\", path: \"\", reason: \"nobody calls it\" }
  batch-*: { skip: gone in March, images: { a: \"b:1\" } }
";

fn read(text: &str) -> Decisions {
    let mut sink = Sink::default();
    let decisions = Decisions::parse("migration/decisions.yaml", text.into(), &mut sink);
    assert_eq!(sink.into_findings(), []);
    decisions.unwrap()
}

fn refused(text: &str) -> Vec<String> {
    let mut sink = Sink::default();
    let text = format!("apiVersion: onramp/v1\n{text}");
    let decisions = Decisions::parse("migration/decisions.yaml", text.clone().into(), &mut sink);
    assert!(decisions.is_none(), "{text}");
    let each = sink.into_findings().into_iter().map(|finding| {
        let at = Position::of(&text, finding.primary.span.as_ref().map_or(0, |span| span.start));
        format!("{} {}:{} {}", finding.code.name, at.line, at.column, finding.message)
    });
    each.collect()
}

#[test]
fn answers_are_found_by_name_and_the_first_entry_that_fits_counts() {
    let decisions = read(WHOLE);
    assert_eq!(decisions.words()["uat"].as_deref(), Some("staging"));
    assert_eq!(decisions.words()["loadtest"], None);
    decisions.found(&["staging".to_owned()]);
    assert_eq!(decisions.environment(), Some("prod"));
    let skipped = decisions.branch("legacy/shop-old").unwrap();
    assert_eq!(skipped.skip.as_deref(), Some("replaced by shop"));
    let live = decisions.branch("legacy/shop-live").unwrap();
    assert_eq!((live.api.as_deref(), live.environment.as_deref()), (Some("shop"), Some("prod")));
    assert_eq!(decisions.branch("legacy/orders").unwrap().environment.as_deref(), Some("staging"));
    assert_eq!(decisions.branch("main"), None);
    assert_eq!(decisions.owner("shop").unwrap().team, "shop");
    assert_eq!(decisions.owner("orders").unwrap().team, "platform");
    assert_eq!(decisions.api("batch-night").unwrap().skip(), Some("gone in March"));
    assert!(decisions.api("orders").is_none());
    let shop = decisions.api("shop").unwrap();
    assert_eq!(shop.skip(), None);
    assert_eq!(shop.image("shop:latest"), Some("registry.example/shop:1.4.2"));
    assert_eq!(shop.image("${IMAGE}"), Some("registry.example/other:1"));
    assert_eq!(shop.image("shop"), None);
    assert_eq!((shop.namespace("prod"), shop.namespace("staging")), (Some("shop"), None));
    assert_eq!(shop.definition("Deployment portal"), Some("portal-deploy.yaml"));
    let at = "/spec/template/spec/containers/0";
    assert_eq!(shop.accepts("Deployment shop", at), Some("moved on"));
    assert_eq!(shop.accepts("Deployment shop", &format!("{at}/image")), Some("moved on"));
    assert_eq!(shop.accepts("Deployment shop", &format!("{at}1")), None);
    assert_eq!(shop.accepts("Deployment shop", "/spec/template/spec"), None);
    assert_eq!(shop.accepts("Deployment other", at), None);
    assert_eq!(shop.accepts("Service shop", "/spec/ports/0"), Some("nobody calls it"));
    assert_eq!(decisions.unused(), Vec::<String>::new());
}

#[test]
fn one_entry_says_who_owns_many() {
    let team = |name: &str| format!("{{ team: {name}, email: {name}@acme.example }}");
    let text = format!(
        "apiVersion: onramp/v1
defaults: {{ owner: {} }}
owners:
  payments-old: {}
  payments-*: {}
  mail-*: {}
apis:
  payments-core: {{ owner: {} }}
  payments-*: {{ images: {{ a: \"b:1\" }} }}
",
        team("platform"),
        team("archive"),
        team("payments"),
        team("mail"),
        team("core"),
    );
    let decisions = read(&text);
    let team = |api: &str| decisions.owner(api).unwrap().team.as_str();
    assert_eq!(team("payments-core"), "core");
    assert_eq!(team("payments-old"), "archive");
    // Another entry for the API says nothing of its owner.
    assert_eq!(team("payments-web"), "payments");
    assert_eq!(team("payments"), "platform");
    assert_eq!(decisions.unused(), ["line 6: owners.mail-*", "line 9: apis.payments-*.images.a"]);
}

#[test]
fn without_a_file_nothing_is_decided() {
    let decisions = Decisions::default();
    assert!(decisions.branch("legacy/shop").is_none() && decisions.api("shop").is_none());
    assert!(decisions.owner("shop").is_none() && decisions.environment().is_none());
    assert!(decisions.words().is_empty() && decisions.unused().is_empty());
    assert!(read("apiVersion: onramp/v1\n").unused().is_empty());
}

#[test]
fn what_decides_nothing_is_named_with_its_line() {
    let decisions = read(WHOLE);
    decisions.branch("legacy/shop-live");
    decisions.api("shop").unwrap().image("shop:latest");
    decisions.api("batch-night");
    assert_eq!(
        decisions.unused(),
        [
            "line 2: environments.uat",
            "line 4: defaults.owner",
            "line 5: defaults.environment",
            "line 7: branches.legacy/shop-old",
            "line 9: branches.legacy/*",
            "line 12: apis.shop.owner",
            "line 15: apis.shop.images.${IMAGE}",
            "line 16: apis.shop.definitions.Deployment portal",
            "line 17: apis.shop.namespaces.prod",
            "line 19: apis.shop.accept.0",
            "line 20: apis.shop.accept.1",
        ]
    );
    // Of an API that nobody asks for, the whole entry is named and not its parts.
    let unused = read(WHOLE).unused();
    assert_eq!(&unused[unused.len() - 2..], ["line 11: apis.shop", "line 21: apis.batch-*"]);
}

#[test]
fn lookups_come_from_several_threads() {
    let decisions = read(WHOLE);
    std::thread::scope(|scope| {
        for name in ["shop", "batch-a", "orders"] {
            let decisions = &decisions;
            scope.spawn(move || decisions.owner(name).unwrap().team.len());
        }
    });
    assert!(!decisions.unused().iter().any(|unused| unused.ends_with("owner")));
}

#[test]
fn each_mistake_is_found_where_it_is() {
    let wrong = [
        ("branch: {}\n", "unknown-key 2:1 unknown key `branch`"),
        ("branches: { a: { skp: x } }\n", "unknown-key 2:18 unknown key `skp`"),
        ("branches: { a: { skip: x, api: shop } }\n", "exclusive-keys 2:27 "),
        ("branches: { a: { environment: Prod } }\n", "invalid-value 2:31 "),
        ("branches: { a: {} }\n", "invalid-value 2:16 "),
        ("branches: { \"a{\": { skip: x } }\n", "invalid-value 2:13 `a{` is not a pattern: "),
        ("apis: { \"a[\": { skip: x } }\n", "invalid-value 2:9 `a[` is not a pattern: "),
        ("apis: { a: { skip: , images: { x: \"y:1\" } } }\n", "empty-value 2:14 "),
        ("apis: { a: { owner: { team: a } } }\n", "missing-key 2:23 "),
        ("apis: { a: { images: { x: \"a b\" } } }\n", "invalid-value 2:27 "),
        ("apis: { a: { images: [x] } }\n", "wrong-type 2:22 "),
        ("apis: { a: { definitions: { portal: a.yaml } } }\n", "invalid-value 2:29 "),
        ("apis: { a: { accept: [{ object: A b, path: x, reason: z }] } }\n", "invalid-value 2:44 "),
        (
            "apis: { a: { accept: [{ object: \"A {\", path: /x, reason: z }] } }\n",
            "invalid-value 2:33 `A {` is not a pattern: ",
        ),
        ("apis: { a: { accept: [{ object: A b, path: /x }] } }\n", "missing-key 2:25 "),
        ("owners: { \"a{\": { team: a, email: a@b } }\n", "invalid-value 2:11 `a{` is not a pattern: "),
        ("owners: { a: { team: a } }\n", "missing-key 2:16 "),
        ("environments: { UAT: staging }\n", "invalid-value 2:17 "),
        ("environments: { uat: Staging }\n", "invalid-value 2:22 "),
        ("defaults: { owner: platform }\n", "wrong-type 2:20 "),
        ("defaults: { enviroment: prod }\n", "unknown-key 2:13 "),
    ];
    for (text, expected) in wrong {
        let found = refused(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert!(found[0].starts_with(expected), "{text}: {found:#?}");
    }
}

//! The two entries of an API lead to the same container path, and where they do not it is said.

use std::collections::BTreeSet;

use onramp::route::semantics::{PathType, ingress_path};
use onramp::route::{Answer, Entry, NoteKind, Rewrite, Route, Semantics};
use proptest::prelude::*;

use super::vectors::{Short, ask};
use crate::env::{Env, METADATA};

const UNIFIED: &str = "api.acme.example";

/// Both entries of APIs with these prefixes, on one router.
fn both_entries(router: Semantics, prefixes: &[String]) -> Vec<Route> {
    let mut table = Vec::new();
    for (index, prefix) in prefixes.iter().enumerate() {
        let short = |host: String, path: &str, strip| Short {
            host,
            path: path.to_owned(),
            exact: false,
            strip,
            rewrite: None,
            to: format!("api-{index}"),
        };
        table.push(short(format!("{index}.legacy.example"), "/", false).route(router, 2 * index));
        let unified = short(UNIFIED.to_owned(), prefix, true).route(router, 2 * index + 1);
        table.push(Route { entry: Entry::Unified, ..unified });
    }
    table
}

/// Paths that all routers read alike: lower case, no `//`, no `%2F`, no dot segments.
fn segment() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-c]", 2 => "[a-c][a-z0-9._~-]{0,3}[a-z0-9]", 1 => Just("v1.0".to_owned())]
}

fn path(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(segment(), 1..=most).prop_map(|segments| format!("/{}", segments.join("/")))
}

fn table_and_request() -> impl Strategy<Value = (Vec<String>, String, String)> {
    let prefixes = prop::collection::btree_set(path(3), 1..6);
    let tail =
        prop_oneof![Just(String::new()), Just("/".to_owned()), path(3), path(3).prop_map(|path| path + "/")];
    let query = prop_oneof![Just(String::new()), Just("?q=/A//b%2F..".to_owned())];
    let nested = any::<prop::sample::Index>();
    (prefixes, nested, path(2), any::<bool>(), tail, query).prop_map(
        |(prefixes, index, below, nest, tail, query)| {
            let mut prefixes: Vec<String> = prefixes.into_iter().collect();
            let start = prefixes[index.index(prefixes.len())].clone();
            let child = format!("{start}{below}");
            if nest && !prefixes.contains(&child) {
                prefixes.push(child);
            }
            (prefixes, format!("{start}{tail}"), query)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn legacy_and_unified_lead_to_the_same((prefixes, path, query) in table_and_request()) {
        for router in Semantics::ALL.into_iter().filter(|router| router.rewrites()) {
            let routes = both_entries(router, &prefixes);
            let unified = ask(router, &routes, &format!("{UNIFIED}{path}{query}"));
            let winner = unified.route.expect("the request starts with a prefix");
            let index = prefixes.iter().position(|prefix| *prefix == winner.path).expect("it is one of them");
            let tail = &path[winner.path.len()..];
            let slash = if tail.is_empty() { "/" } else { "" };
            let legacy = ask(router, &routes, &format!("{index}.legacy.example{slash}{tail}{query}"));
            prop_assert_eq!(&legacy.route.expect("it takes the whole host").service, &winner.service);
            prop_assert_eq!(&legacy.container_path, &unified.container_path, "{} {}", router.name(), path);

            let longest = prefixes.iter().filter(|prefix| {
                path.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }).max_by_key(|prefix| prefix.len());
            prop_assert_eq!(Some(&winner.path), longest, "{}", router.name());
            let kinds = kinds(&unified);
            prop_assert!(kinds.is_subset(&BTreeSet::from([NoteKind::MissingTrailingSlash])), "{:?}", unified);
            prop_assert_eq!(kinds.is_empty(), !tail.is_empty());
        }
    }
}

fn kinds(answer: &Answer<'_>) -> BTreeSet<NoteKind> {
    answer.notes.iter().map(|note| note.kind).collect()
}

/// What the two entries of one API do with a tail: container paths, and kinds of the unified entry's notes.
fn differ(router: Semantics, tail: &str) -> (Option<String>, Option<String>, BTreeSet<NoteKind>) {
    let table = both_entries(router, &["/pay".to_owned()]);
    let legacy = ask(router, &table, &format!("0.legacy.example{tail}"));
    let unified = ask(router, &table, &format!("{UNIFIED}/pay{tail}"));
    (legacy.container_path.clone(), unified.container_path.clone(), kinds(&unified))
}

#[test]
fn a_repeated_slash_is_named() {
    for router in Semantics::ALL {
        let (legacy, unified, kinds) = differ(router, "/a//b");
        assert!(kinds.contains(&NoteKind::RepeatedSlash), "{}", router.name());
        assert_eq!(
            legacy == unified,
            matches!(router, Semantics::GatewayApi | Semantics::Kong),
            "{}",
            router.name()
        );
    }
    let (legacy, unified, _) = differ(Semantics::IngressNginx, "/a//b");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a//b"), Some("/a/b")));
}

#[test]
fn an_encoded_slash_is_named() {
    for router in Semantics::ALL {
        assert!(differ(router, "/a%2fb").2.contains(&NoteKind::EncodedSlash), "{}", router.name());
    }
    let (legacy, unified, _) = differ(Semantics::IngressNginx, "/a%2Fb");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a%2Fb"), Some("/a/b")));
    let (legacy, unified, _) = differ(Semantics::Kong, "/a%2Fb");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a%2Fb"), Some("/a%2Fb")));
}

#[test]
fn a_dot_segment_is_named() {
    for router in Semantics::ALL {
        for tail in ["/a/../b", "/./b", "/%2e/b"] {
            assert!(differ(router, tail).2.contains(&NoteKind::DotSegment), "{} {tail}", router.name());
        }
    }
    let (legacy, unified, _) = differ(Semantics::IngressNginx, "/a/../b");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a/../b"), Some("/b")));
    // Out of the prefix: another API's business, or nobody's.
    let (_, unified, kinds) = differ(Semantics::IngressNginx, "/../b");
    assert_eq!((unified, kinds.contains(&NoteKind::DotSegment)), (None, true));
}

#[test]
fn upper_case_is_named_on_nginx_and_beside_it() {
    let routes = |router| both_entries(router, &["/pay".to_owned()]);
    for router in Semantics::ALL {
        let routes = routes(router);
        let answer = ask(router, &routes, &format!("{UNIFIED}/Pay/A"));
        assert!(kinds(&answer).contains(&NoteKind::Case), "{}", router.name());
        let found = router == Semantics::IngressNginx;
        assert_eq!(answer.route.is_some(), found, "{}", router.name());
        assert_eq!(answer.container_path.as_deref(), found.then_some("/A"), "{}", router.name());
    }
}

#[test]
fn a_missing_trailing_slash_is_named() {
    for router in Semantics::ALL.into_iter().filter(|router| router.rewrites()) {
        let (_, unified, kinds) = differ(router, "");
        assert_eq!(unified.as_deref(), Some("/"), "{}", router.name());
        assert!(kinds.contains(&NoteKind::MissingTrailingSlash), "{}", router.name());
        assert!(differ(router, "/").2.is_empty(), "{}", router.name());
    }
}

#[test]
fn other_encodings_are_named_where_they_change() {
    let (legacy, unified, kinds) = differ(Semantics::IngressNginx, "/a%7Eb");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a%7Eb"), Some("/a~b")));
    assert!(kinds.contains(&NoteKind::Encoding));
    assert!(!differ(Semantics::GatewayApi, "/a%7Eb").2.contains(&NoteKind::Encoding));
    assert!(!differ(Semantics::IngressNginx, "/a%20b").2.contains(&NoteKind::Encoding));
}

#[test]
fn a_router_without_rewrite_says_so() {
    let (legacy, unified, kinds) = differ(Semantics::GceIngress, "/a");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a"), Some("/pay/a")));
    assert!(kinds.contains(&NoteKind::NoRewrite));
}

#[test]
fn the_host_wide_regex_is_named() {
    let short = |path: &str, exact, strip| Short {
        host: "a.example".to_owned(),
        path: path.to_owned(),
        exact,
        strip,
        rewrite: None,
        to: path.to_owned(),
    };
    let nginx = Semantics::IngressNginx;
    let table: Vec<Route> =
        [short("/pay", false, false), short("/exact", true, false), short("/x", false, true)]
            .iter()
            .enumerate()
            .map(|(index, short)| short.route(nginx, index))
            .collect();
    for (path, kind) in [
        ("/pay/a", NoteKind::HostWideRegex),
        ("/payment", NoteKind::PartOfSegment),
        ("/exact/a", NoteKind::PartOfSegment),
        ("/PAY/a", NoteKind::Case),
    ] {
        let answer = ask(nginx, &table, &format!("a.example{path}"));
        assert!(kinds(&answer).contains(&kind), "{path}: {answer:?}");
        assert_eq!(kinds(&answer).contains(&NoteKind::Case), kind == NoteKind::Case, "{path}: {answer:?}");
        let alone = ask(nginx, &table[..2], &format!("a.example{path}"));
        assert!(!kinds(&alone).contains(&NoteKind::HostWideRegex), "{path}: {alone:?}");
        assert_eq!(alone.route.is_some(), path == "/pay/a", "{path}");
    }
}

#[test]
fn two_that_say_the_same_are_named() {
    for router in Semantics::ALL {
        let mut routes = both_entries(router, &["/pay".to_owned()]);
        let twin = Route { object: "z-twin".to_owned(), ..routes[1].clone() };
        routes.push(twin);
        let answer = ask(router, &routes, &format!("{UNIFIED}/pay/a"));
        assert_eq!(answer.route.map(|route| route.object.as_str()), Some("object-01"), "{}", router.name());
        assert!(kinds(&answer).contains(&NoteKind::Tie), "{}: {answer:?}", router.name());
        assert_eq!(answer.lost.len(), 1, "{}: {answer:?}", router.name());
    }
}

/// What is asked of nginx is what is rendered.
#[test]
fn the_ingress_is_the_one_that_is_rendered() {
    let routes = "routes: { legacy: { hosts: [old.acme.example] }, unified: { prefix: /pay/v1.2 } }\n";
    let env = Env::with_api(&METADATA.replace("environments:", &format!("{routes}environments:")));
    env.run(&["render"]).success();
    let rendered = env.files().into_iter().filter(|(path, _)| path.contains("overlays/prod/"));
    let rendered: String = rendered.map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()).collect();
    let legacy = Short {
        host: "old.acme.example".to_owned(),
        path: "/".to_owned(),
        exact: false,
        strip: false,
        rewrite: None,
        to: "payments".to_owned(),
    };
    let unified = Short { path: "/pay/v1.2".to_owned(), strip: true, ..legacy.clone() };
    for short in [legacy, unified] {
        let ours = ingress_path(&short.route(Semantics::IngressNginx, 0));
        let kind = match ours.path_type {
            PathType::Prefix => "Prefix",
            PathType::Exact => "Exact",
            PathType::ImplementationSpecific => "ImplementationSpecific",
        };
        let written = format!("path: {}\n        pathType: {kind}\n", ours.path);
        assert!(rendered.contains(&written), "{written} in\n{rendered}");
        if let Some(target) = ours.rewrite_target {
            assert!(rendered.contains(&format!("rewrite-target: {target}\n")), "{target} in\n{rendered}");
        }
    }
}

#[test]
fn every_kind_of_note_is_documented() {
    let page = include_str!("../../../docs/routes.md");
    for kind in NoteKind::ALL {
        assert!(page.contains(&format!("| `{}` |", kind.name())), "docs/routes.md explains {}", kind.name());
    }
    for router in Semantics::ALL {
        assert!(page.contains(router.name()), "docs/routes.md tells of {}", router.name());
    }
    assert_eq!(Rewrite::Prefix("/x".to_owned()).to_string(), "prefix /x");
}

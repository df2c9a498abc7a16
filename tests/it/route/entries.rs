//! The two entries of an API lead to the same container path, and where they do not it is said.

use std::collections::BTreeSet;

use onramp::platform::RouterKind;
use onramp::render::EntryKind;
use onramp::route::{Answer, NoteKind, Rewrite, Route};

use super::vectors::{Short, ask, routers};

const UNIFIED: &str = "api.acme.example";

/// Both entries of APIs with these prefixes, on one router.
fn both_entries(router: RouterKind, prefixes: &[String]) -> Vec<Route> {
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
        table.push(Route { entry: EntryKind::Unified, ..unified });
    }
    table
}

fn kinds(answer: &Answer<'_>) -> BTreeSet<NoteKind> {
    answer.notes.iter().map(|note| note.kind).collect()
}

/// What the two entries of one API do with a tail: container paths, and kinds of the unified entry's notes.
fn differ(router: RouterKind, tail: &str) -> (Option<String>, Option<String>, BTreeSet<NoteKind>) {
    let table = both_entries(router, &["/pay".to_owned()]);
    let legacy = ask(router, &table, &format!("0.legacy.example{tail}"));
    let unified = ask(router, &table, &format!("{UNIFIED}/pay{tail}"));
    (legacy.container_path.clone(), unified.container_path.clone(), kinds(&unified))
}

#[test]
fn a_repeated_slash_is_named() {
    for router in routers() {
        let (legacy, unified, kinds) = differ(router, "/a//b");
        assert!(kinds.contains(&NoteKind::RepeatedSlash), "{}", router.name());
        assert_eq!(
            legacy == unified,
            matches!(router, RouterKind::GatewayApi | RouterKind::Kong),
            "{}",
            router.name()
        );
    }
    let (legacy, unified, _) = differ(RouterKind::IngressNginx, "/a//b");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a//b"), Some("/a/b")));
}

#[test]
fn an_encoded_slash_is_named() {
    for router in routers() {
        assert!(differ(router, "/a%2fb").2.contains(&NoteKind::EncodedSlash), "{}", router.name());
    }
    let (legacy, unified, _) = differ(RouterKind::IngressNginx, "/a%2Fb");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a%2Fb"), Some("/a/b")));
    let (legacy, unified, _) = differ(RouterKind::Kong, "/a%2Fb");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a%2Fb"), Some("/a%2Fb")));
}

#[test]
fn a_dot_segment_is_named() {
    for router in routers() {
        for tail in ["/a/../b", "/./b", "/%2e/b"] {
            assert!(differ(router, tail).2.contains(&NoteKind::DotSegment), "{} {tail}", router.name());
        }
    }
    let (legacy, unified, _) = differ(RouterKind::IngressNginx, "/a/../b");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a/../b"), Some("/b")));
    // Out of the prefix: another API's business, or nobody's.
    let (_, unified, kinds) = differ(RouterKind::IngressNginx, "/../b");
    assert_eq!((unified, kinds.contains(&NoteKind::DotSegment)), (None, true));
}

#[test]
fn upper_case_is_named_on_nginx_and_beside_it() {
    let routes = |router| both_entries(router, &["/pay".to_owned()]);
    for router in routers() {
        let routes = routes(router);
        let answer = ask(router, &routes, &format!("{UNIFIED}/Pay/A"));
        assert!(kinds(&answer).contains(&NoteKind::Case), "{}", router.name());
        let found = router == RouterKind::IngressNginx;
        assert_eq!(answer.route.is_some(), found, "{}", router.name());
        assert_eq!(answer.container_path.as_deref(), found.then_some("/A"), "{}", router.name());
    }
}

#[test]
fn a_missing_trailing_slash_is_named() {
    for router in routers().filter(|router| *router != RouterKind::GceIngress) {
        let (_, unified, kinds) = differ(router, "");
        assert_eq!(unified.as_deref(), Some("/"), "{}", router.name());
        assert!(kinds.contains(&NoteKind::MissingTrailingSlash), "{}", router.name());
        assert!(differ(router, "/").2.is_empty(), "{}", router.name());
    }
}

#[test]
fn other_encodings_are_named_where_they_change() {
    let (legacy, unified, kinds) = differ(RouterKind::IngressNginx, "/a%7Eb");
    assert_eq!((legacy.as_deref(), unified.as_deref()), (Some("/a%7Eb"), Some("/a~b")));
    assert!(kinds.contains(&NoteKind::Encoding));
    assert!(!differ(RouterKind::GatewayApi, "/a%7Eb").2.contains(&NoteKind::Encoding));
    assert!(!differ(RouterKind::IngressNginx, "/a%20b").2.contains(&NoteKind::Encoding));
}

#[test]
fn a_router_without_rewrite_says_so() {
    let (legacy, unified, kinds) = differ(RouterKind::GceIngress, "/a");
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
    let nginx = RouterKind::IngressNginx;
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
    for router in routers() {
        let mut routes = both_entries(router, &["/pay".to_owned()]);
        let twin = Route { object: "z-twin".to_owned(), ..routes[1].clone() };
        routes.push(twin);
        let answer = ask(router, &routes, &format!("{UNIFIED}/pay/a"));
        assert_eq!(answer.route.map(|route| route.object.as_str()), Some("object-01"), "{}", router.name());
        assert!(kinds(&answer).contains(&NoteKind::Tie), "{}: {answer:?}", router.name());
        assert_eq!(answer.lost.len(), 1, "{}: {answer:?}", router.name());
    }
}

#[test]
fn every_kind_of_note_is_documented() {
    let page = include_str!("../../../docs/routes.md");
    for kind in NoteKind::ALL {
        assert!(page.contains(&format!("| `{}` |", kind.name())), "docs/routes.md explains {}", kind.name());
    }
    for router in routers() {
        assert!(page.contains(router.name()), "docs/routes.md tells of {}", router.name());
    }
    assert_eq!(Rewrite::Prefix("/x".to_owned()).to_string(), "prefix /x");
}

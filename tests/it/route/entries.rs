//! The two entries of an API lead to the same container path, and where they do not it is said.

use std::collections::BTreeSet;

use onramp::platform::RouterKind;
use onramp::render::EntryKind;
use onramp::route::{Answer, NoteKind, Rewrite, Route, answer};

use super::rendered::{Numbers, SEGMENTS, environment, render, workloads_text};
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

/// APIs whose legacy host and whose prefix lead to the same workload, by the same rewrite; the hosts
/// are `<api>.legacy.example`. Beside that each has a host with paths of its own.
fn equal_entries(numbers: &mut Numbers) -> Vec<(String, String)> {
    let mut prefixes = vec![numbers.path(1, 3)];
    while prefixes.len() < 4 {
        let nested = if numbers.one_in(2) { prefixes[0].clone() } else { String::new() };
        let prefix = nested + &numbers.path(1, 2);
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    let one = |(index, prefix): (usize, &String)| {
        let workloads = &["web", "admin", "jobs"][..=numbers.below(3)];
        let chosen = if workloads.len() > 1 {
            format!(", workload: {}", numbers.pick(workloads))
        } else {
            String::new()
        };
        let rewrite = numbers.pick(&["", "", ", rewritePrefix: /new/v1.0"]);
        let name = format!("api{index}");
        let strip = if numbers.one_in(2) { ", strip: true" } else { "" };
        let other = if workloads.len() > 1 { ", workload: admin" } else { "" };
        let more = format!("{{ prefix: /x, exact: true{other} }}, {{ prefix: /x/y{other}{strip} }}");
        let text = format!(
            "{}routes:\n  legacy: {{ hosts: [{{ host: {name}.legacy.example, paths: [{{ prefix: /{chosen}{rewrite} }}] }}, \
             {{ host: {name}.more.example, paths: [{more}] }}] }}\n  unified: {{ prefix: {prefix}{chosen}{rewrite} }}\n",
            workloads_text(workloads)
        );
        (name, text)
    };
    prefixes.iter().enumerate().map(one).collect()
}

/// What a URL comes to: workload, Service and path.
type Where<'a> = Option<(Option<&'a str>, &'a str, String)>;

fn place<'a>(answer: &Answer<'a>) -> Where<'a> {
    let route = answer.route?;
    Some((route.workload.as_deref(), &route.service, answer.container_path.clone()?))
}

/// For every router that claims both entries: what all routers read alike leads to the same workload and
/// path through both, and where anything else does not, a note says why.
#[test]
fn legacy_and_unified_lead_to_the_same() {
    use RouterKind::{GatewayApi, IngressNginx, Kong};
    let environments: &[&[RouterKind]] = &[&[IngressNginx], &[GatewayApi], &[Kong], &[IngressNginx, Kong]];
    let (mut same, mut odd, mut differ) = (0, 0, 0);
    for seed in 0..40 {
        let mut numbers = Numbers::new(seed);
        let rendered = render(environments, &equal_entries(&mut numbers));
        for routers in environments {
            let name = environment(routers);
            let table: Vec<&Route> =
                rendered.routes.iter().filter(|route| *route.environment == *name).collect();
            let prefixes: Vec<&Route> = table
                .iter()
                .copied()
                .filter(|route| route.entry == EntryKind::Unified && route.router == routers[0])
                .collect();
            for router in routers.iter().flat_map(|router| [*router; 30]) {
                let start = &prefixes[numbers.below(prefixes.len())].path;
                let is_plain = numbers.one_in(2);
                let mut path = start.clone();
                for _ in 0..numbers.below(4) {
                    path.push_str(numbers.pick(if is_plain { SEGMENTS } else { ODD }));
                }
                if numbers.one_in(4) {
                    path.push('/');
                }
                if !is_plain && numbers.one_in(6) {
                    path = path.to_uppercase();
                }
                let query = numbers.pick(&["", "?q=/A//b%2F.."]);
                // Whose prefix it is, by whole segments and whatever the case.
                let lower = path.to_ascii_lowercase();
                let owner = prefixes
                    .iter()
                    .filter(|route| {
                        let rest = lower.strip_prefix(&route.path);
                        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    })
                    .max_by_key(|route| route.path.len());
                let Some(owner) = owner else { continue };
                let tail = &path[owner.path.len()..];
                let slash = if tail.is_empty() { "/" } else { "" };
                let unified = answer(router, &table, &owner.host, &format!("{path}{query}"));
                let legacy = answer(
                    router,
                    &table,
                    &format!("{}.legacy.example", owner.api),
                    &format!("{slash}{tail}{query}"),
                );
                let said = format!("{name} {path}\n{unified:#?}\n{legacy:#?}\n{}", rendered.said);
                let kinds: BTreeSet<NoteKind> = kinds(&unified).union(&kinds(&legacy)).copied().collect();
                let (one, other) = (place(&unified), place(&legacy));
                if is_plain {
                    assert_eq!(unified.route.map(|route| &route.path), Some(&owner.path), "{said}");
                    assert_eq!(unified.route.map(|route| &route.api), Some(&owner.api), "{said}");
                    let bare = NoteKind::MissingTrailingSlash;
                    assert_eq!(kinds, (tail.is_empty()).then_some(bare).into_iter().collect(), "{said}");
                    // `/p` becomes `/new` and not `/new/`, while `/` of a host cannot do without its slash.
                    if !tail.is_empty() || owner.rewrite == Rewrite::Strip {
                        assert_eq!(one, other, "{said}");
                        assert!(one.is_some(), "{said}");
                        same += 1;
                    }
                } else if one == other {
                    odd += 1;
                } else {
                    assert!(!kinds.is_empty(), "no word of the difference: {said}");
                    differ += 1;
                }
            }
        }
    }
    assert!(same > 1000 && odd > 100 && differ > 100, "{same}, {odd}, {differ}");
}

/// What routers read in ways of their own, and what they do not.
const ODD: &[&str] =
    &["//", "/./", "/..", "/%2e", "%2F", "%7E", "%20", "%C3%A9", "/B", "/b", "/a", "x", "/v1.0"];

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

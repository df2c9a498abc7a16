//! Where routers differ: what a reader of an answer may not expect.

use super::{Answer, Note, NoteKind, Rewrite, Route, host, path};
use crate::platform::RouterKind;

/// Returns the notes that do not depend on how a router found its answer.
pub(super) fn notes(
    router: RouterKind,
    answer: &Answer<'_>,
    table: &[&Route],
    host: &str,
    target: &str,
) -> Vec<Note> {
    let (request, _) = path::split(target);
    let mut notes = Vec::new();
    notes.extend(case(answer, table, host, request));
    for (kind, what, present) in [
        (NoteKind::RepeatedSlash, "`//`", request.contains("//")),
        (NoteKind::EncodedSlash, "`%2F`", request.to_ascii_lowercase().contains("%2f")),
        (NoteKind::DotSegment, "a dot segment", has_dot_segment(request)),
    ] {
        if present {
            notes.push(Note::new(kind, spelled(router, kind, what, answer)));
        }
    }
    notes.extend(answer.route.and_then(|route| trailing_slash(route, request)));
    let spellings = [NoteKind::RepeatedSlash, NoteKind::EncodedSlash, NoteKind::DotSegment];
    if !notes.iter().any(|note| spellings.contains(&note.kind)) {
        notes.extend(encoding(answer, request));
    }
    notes
}

/// Says that the same path in another case is answered by another, or by this one on some routers only.
fn case(answer: &Answer<'_>, table: &[&Route], host: &str, request: &str) -> Option<Note> {
    if let Some(winner) = answer.route
        && rest_in_other_case(winner, request).is_some()
    {
        let text = format!(
            "`{}` matches although the case differs, since a rewrite on an ingress-nginx host ignores case; other routers do not",
            winner.path
        );
        return Some(Note::new(NoteKind::Case, text));
    }
    let better = |route: &&&Route| {
        host::matches(&route.host, host)
            && answer.route.is_none_or(|winner| route.path.len() > winner.path.len())
            && rest_in_other_case(route, request)
                .is_some_and(|rest| rest.is_empty() || (!route.exact && rest.starts_with('/')))
    };
    let missed = table.iter().filter(better).max_by_key(|route| route.path.len())?;
    let text = format!("`{}` of `{}` does not match, since the case differs", missed.path, missed.object);
    Some(Note::new(NoteKind::Case, text))
}

/// Returns what follows a route's path where a request starts with it, but in another case.
fn rest_in_other_case<'r>(route: &Route, request: &'r str) -> Option<&'r str> {
    let (start, rest) = request.split_at_checked(route.path.len())?;
    (start != route.path && start.eq_ignore_ascii_case(&route.path)).then_some(rest)
}

/// Says what a router does with a spelling that routers treat differently.
fn spelled(router: RouterKind, kind: NoteKind, what: &str, answer: &Answer<'_>) -> String {
    let rewritten = answer.route.is_some_and(|route| route.rewrite != Rewrite::Keep);
    match (router, kind) {
        (RouterKind::IngressNginx, NoteKind::DotSegment) if answer.status == Some(400) => {
            format!("{what} that leads above the root is refused with 400")
        }
        (RouterKind::IngressNginx, _) if rewritten => format!(
            "nginx resolves {what} before it matches, and a rewritten path reaches the container resolved"
        ),
        (RouterKind::IngressNginx, _) => format!(
            "nginx resolves {what} before it matches, but without a rewrite the container sees the path as it was sent"
        ),
        (RouterKind::Kong, NoteKind::EncodedSlash) => {
            "Kong keeps `%2F`, which is no slash when it matches; ingress-nginx reads it as one".to_owned()
        }
        (RouterKind::Kong, _) => {
            format!("Kong resolves {what} before it matches, and the container sees the resolved path")
        }
        (RouterKind::GatewayApi | RouterKind::GceIngress, _) => format!(
            "what {} does with {what} is not specified: read here as it stands; many implementations resolve or refuse it",
            router.name()
        ),
    }
}

/// Says that relative links of a page under the bare prefix lead out of it.
fn trailing_slash(route: &Route, request: &str) -> Option<Note> {
    let bare = route.path != "/" && !route.exact && route.rewrite != Rewrite::Keep;
    (bare && request.eq_ignore_ascii_case(&route.path)).then(|| {
        let text = format!(
            "without a slash at its end, relative links of the page lead outside `{}`; ask for `{}/`",
            route.path, route.path
        );
        Note::new(NoteKind::MissingTrailingSlash, text)
    })
}

/// Says that a rewritten path does not arrive byte for byte.
fn encoding(answer: &Answer<'_>, request: &str) -> Option<Note> {
    let route = answer.route?;
    let (arrives, _) = path::split(answer.container_path.as_deref()?);
    let literal = match &route.rewrite {
        Rewrite::Keep => request.to_owned(),
        _ if route.exact => return None,
        Rewrite::Strip => path::replace(request, &route.path, "/"),
        Rewrite::Prefix(prefix) => path::replace(request, &route.path, prefix),
    };
    (path::has_prefix(request, &route.path) && arrives != literal).then(|| {
        let text = format!(
            "{} decodes and encodes the path anew; as sent it would be `{literal}`",
            route.router.name()
        );
        Note::new(NoteKind::Encoding, text)
    })
}

fn has_dot_segment(request: &str) -> bool {
    let decoded = request.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/");
    decoded.split('/').any(|segment| segment == "." || segment == "..")
}

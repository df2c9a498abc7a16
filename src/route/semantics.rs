//! The routers' own rules, one file each.

mod expression;
mod gateway_api;
mod gce_ingress;
mod ingress_nginx;
mod kong;

use super::{Answer, Lost, Note, NoteKind, Route, host, plain_host, traps};
use crate::platform::RouterKind;

/// Asks a router what it does with a request.
///
/// The table holds the routes of one environment, of whatever routers; `host` is what the request names, and
/// `target` its path and query as sent.
pub fn answer<'a>(router: RouterKind, table: &[&'a Route], host: &str, target: &str) -> Answer<'a> {
    let host = plain_host(host);
    let own: Vec<&Route> = table.iter().copied().filter(|route| route.router == router).collect();
    let mut answer = match router {
        RouterKind::IngressNginx => ingress_nginx::answer(&own, &host, target),
        RouterKind::GatewayApi => gateway_api::answer(&own, &host, target),
        RouterKind::GceIngress => gce_ingress::answer(&own, &host, target),
        RouterKind::Kong => kong::answer(&own, &host, target),
    };
    let notes = traps::notes(router, &answer, &own, &host, target);
    answer.notes.extend(notes);
    answer.notes.sort_by_key(|note| note.kind);
    answer
}

impl<'a> Answer<'a> {
    /// The router answers itself.
    fn refused(status: u16) -> Self {
        Self { route: None, container_path: None, status: Some(status), lost: Vec::new(), notes: Vec::new() }
    }

    /// The first of the matching routes wins. Without any the router answers 404.
    fn first(
        matching: &[&'a Route],
        container_path: impl FnOnce(&Route) -> String,
        why: impl Fn(&Route, &Route) -> String,
    ) -> Self {
        let Some((winner, others)) = matching.split_first() else { return Self::refused(404) };
        let lost = others.iter().map(|route| Lost { route, why: why(winner, route) }).collect();
        let tie = others.first().filter(|other| {
            other.host == winner.host && other.path == winner.path && other.exact == winner.exact
        });
        let note = |other: &&Route| {
            let text = format!(
                "`{}` says the same; the older object wins, and how old they are is not in the repo",
                other.object
            );
            Note::new(NoteKind::Tie, text)
        };
        Self {
            route: Some(winner),
            container_path: Some(container_path(winner)),
            status: None,
            lost,
            notes: tie.map(note).into_iter().collect(),
        }
    }
}

/// Says why a route lost where the more specific one wins: by host, by kind of path, by length.
fn less_specific(winner: &Route, loser: &Route) -> String {
    if host::rank(&winner.host) < host::rank(&loser.host) {
        format!("the host `{}` is less specific", loser.host)
    } else if winner.exact && !loser.exact {
        "an exact path goes before a prefix".to_owned()
    } else if winner.path.len() > loser.path.len() {
        format!("its path `{}` is shorter", loser.path)
    } else {
        format!("it says the same as `{}`", winner.object)
    }
}

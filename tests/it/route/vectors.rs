//! `fixtures/route`: tables, requests and answers that are not ours, each with its source. Also read by the conformance suite.

use std::fs;
use std::path::Path;

use onramp::diagnostic::Sink;
use onramp::platform::RouterKind;
use onramp::render::{self, EntryKind, EntryPath, ROUTERS, Target, router_by_kind};
use onramp::route::{Answer, Origin, Rewrite, Route, Url, answer};
use onramp::yaml::{self, Source, SourceId};
use serde::Deserialize;

/// Requests to one table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) source: String,
    pub(crate) routers: Vec<String>,
    pub(crate) routes: Vec<Short>,
    pub(crate) requests: Vec<Request>,
}

/// A route in few words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Short {
    pub(crate) host: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) exact: bool,
    #[serde(default)]
    pub(crate) strip: bool,
    pub(crate) rewrite: Option<String>,
    pub(crate) to: String,
}

/// A request, and what becomes of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) ask: String,
    pub(crate) to: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
}

/// All cases of all files.
pub(crate) fn cases() -> Vec<Case> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/route");
    let mut paths: Vec<_> = fs::read_dir(directory)
        .expect("there are vectors")
        .map(|entry| entry.expect("entries can be read").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).expect("vectors can be read");
            let source = Source { id: SourceId(0), path: path.to_string_lossy().as_ref().into(), text };
            let mut sink = Sink::default();
            let tree = yaml::parse(&source, &mut sink).unwrap_or_else(|| panic!("{sink:?}"));
            let cases: Vec<Case> = serde_json::from_value(tree.to_json())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            cases
        })
        .collect()
}

/// The router that a file names.
pub(crate) fn router(name: &str) -> RouterKind {
    let found = routers().find(|router| router.name() == name);
    found.unwrap_or_else(|| panic!("no router is called {name}"))
}

/// All routers.
pub(crate) fn routers() -> impl Iterator<Item = RouterKind> {
    ROUTERS.iter().map(|router| router.kind())
}

impl Short {
    /// The same as the only route of an API on one router, written by the router's renderer; objects are
    /// named in the order of the table.
    pub(crate) fn route(&self, router: RouterKind, index: usize) -> Route {
        let rewrite = match &self.rewrite {
            Some(prefix) => render::Rewrite::Prefix(prefix),
            None if self.strip && self.path != "/" => render::Rewrite::Strip,
            None => render::Rewrite::Keep,
        };
        let target = Target {
            workload: "app",
            service: self.to.clone(),
            port_name: Some("http".to_owned()),
            port_number: 80,
            by_number: false,
            health: None,
        };
        let path = EntryPath { prefix: &self.path, exact: self.exact, rewrite, target, index: None };
        let mixed = rewrite != render::Rewrite::Keep;
        let written = router_by_kind(router).expect("it is in the list").written(&path, mixed);
        Route {
            api: self.to.as_str().into(),
            environment: "prod".into(),
            router,
            entry: EntryKind::Legacy,
            object: format!("object-{index:02}"),
            host: self.host.clone(),
            path: self.path.clone(),
            exact: self.exact,
            rewrite: match rewrite {
                render::Rewrite::Keep => Rewrite::Keep,
                render::Rewrite::Strip => Rewrite::Strip,
                render::Rewrite::Prefix(prefix) => Rewrite::Prefix(prefix.to_owned()),
            },
            written,
            workload: None,
            service: self.to.clone(),
            port: "http".to_owned(),
            origin: Origin { path: "metadata.yaml".into(), line: 1 },
        }
    }
}

/// The table of a case, for one router.
pub(crate) fn table(case: &Case, router: RouterKind) -> Vec<Route> {
    case.routes.iter().enumerate().map(|(index, short)| short.route(router, index)).collect()
}

/// Asks for a URL as a vector writes it.
pub(crate) fn ask<'a>(router: RouterKind, table: &'a [Route], url: &str) -> Answer<'a> {
    let url = Url::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    let table: Vec<&Route> = table.iter().collect();
    answer(router, &table, &url.host, &url.target)
}

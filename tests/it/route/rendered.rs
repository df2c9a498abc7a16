//! Random config repos, really rendered: the routes that onramp says, and the objects that it writes.
//! Also used by the conformance suite.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use onramp::diagnostic::{Severity, Sink};
use onramp::fleet::{self, Work};
use onramp::platform::RouterKind;
use onramp::route::{self, Route};
use onramp::snapshot::Snapshot;
use onramp::yaml::{self, Source, SourceId};
use serde_json::Value as Json;

use crate::env::Env;

/// A path of a rendered object, in the object's own words.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) environment: String,
    pub(crate) router: RouterKind,
    pub(crate) object: String,
    pub(crate) annotations: Json,
    pub(crate) host: String,
    /// The text of the path.
    pub(crate) path: String,
    /// `pathType` of an Ingress, `type` of an `HTTPRoute`'s match.
    pub(crate) kind: String,
    /// The filters of an `HTTPRoute`'s rule.
    pub(crate) filters: Json,
    pub(crate) service: String,
    pub(crate) port: String,
}

/// What was rendered of a config repo.
pub(crate) struct Rendered {
    pub(crate) routes: Vec<Route>,
    pub(crate) lines: Vec<Line>,
    /// The files of the APIs, for a message.
    pub(crate) said: String,
}

/// Numbers that a seed determines, by `xorshift64`.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        // An odd number, since zero would stay zero.
        let mut numbers = Self((seed << 1) ^ 0x5eed_0fab_ad1d_ea11);
        // Neighbouring seeds part only after some steps.
        for _ in 0..8 {
            numbers.below(2);
        }
        numbers
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % u64::try_from(limit).expect("small")).expect("small")
    }

    pub(crate) fn one_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    pub(crate) fn path(&mut self, least: usize, most: usize) -> String {
        let depth = least + self.below(most + 1 - least);
        (0..depth).map(|_| self.pick(SEGMENTS)).collect()
    }
}

/// What paths of routes are made of.
pub(crate) const SEGMENTS: &[&str] = &["/a", "/b", "/ab", "/a", "/v1.0", "/v1", "/a-b_c"];

/// A host on which several APIs have paths.
pub(crate) const SHARED: &str = "shared.example";

/// Renders the APIs, and takes routes and objects of it. Each environment is named after its routers.
pub(crate) fn render(environments: &[&[RouterKind]], apis: &[(String, String)]) -> Rendered {
    let env = Env::new();
    let mut platform = "apiVersion: onramp/v1\nenvironments:\n".to_owned();
    let mut served = String::new();
    for routers in environments {
        let names: Vec<&str> = routers.iter().map(|router| router.name()).collect();
        let name = environment(routers);
        let _ = writeln!(
            platform,
            "  {name}: {{ namespace: {name}, unifiedHost: api.{name}.example, router: [{}], clusters: [{name}], \
             gateway: {{ name: public, namespace: gateways }} }}",
            names.join(", ")
        );
        let _ = write!(served, "{name}: {{}}, ");
    }
    env.write("platform.yaml", &platform);
    let mut said = String::new();
    for (name, workloads_and_routes) in apis {
        let text = format!(
            "apiVersion: onramp/v1\nname: {name}\nowner: {{ team: t, email: t@acme.example }}\n\
             image: registry.example/apis/x:v1\n{workloads_and_routes}environments: {{ {served} }}\n"
        );
        env.write(&format!("onboarding/{name}/metadata.yaml"), &text);
        said += &text;
    }
    let snapshot = Snapshot::work_tree(env.root()).expect("it is a directory");
    let outcome = fleet::run(&snapshot, None, Work::Render, "2026-01-01").expect("it can be read");
    let errors: Vec<_> =
        outcome.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{said}");
    let gathered = fleet::gather(&snapshot, route::of).expect("it can be read");
    let mut lines = Vec::new();
    for change in &outcome.changes.changes {
        if let (Some(environment), Some(text)) = (overlay(&change.path), &change.new) {
            text.split("\n---\n").for_each(|document| read(document, environment, &mut lines));
        }
    }
    Rendered { routes: gathered.values.into_iter().flatten().collect(), lines, said }
}

/// The name of an environment with these routers, which is short.
pub(crate) fn environment(routers: &[RouterKind]) -> String {
    let word = |router: &RouterKind| router.name().split('-').next().unwrap_or_default().to_owned();
    routers.iter().map(word).collect::<Vec<_>>().join("-")
}

/// The environment whose overlay a file lies in.
fn overlay(path: &str) -> Option<&str> {
    path.split_once("/overlays/")?.1.split('/').next()
}

/// Reads the paths of a rendered object.
fn read(text: &str, environment: &str, lines: &mut Vec<Line>) {
    if !text.contains("\nkind: Ingress\n") && !text.contains("\nkind: HTTPRoute\n") {
        return;
    }
    let source = Source { id: SourceId(0), path: "object".into(), text: text.to_owned() };
    let mut sink = Sink::default();
    let object = yaml::parse(&source, &mut sink).unwrap_or_else(|| panic!("{sink:?}\n{text}")).to_json();
    let annotations = &object["metadata"]["annotations"];
    let line =
        |router, host: &Json, path: &Json, kind: &Json, filters: &Json, service: &Json, port: &Json| Line {
            environment: environment.to_owned(),
            router,
            object: words(&object["metadata"]["name"]),
            annotations: annotations.clone(),
            host: words(host),
            path: words(path),
            kind: words(kind),
            filters: filters.clone(),
            service: words(service),
            port: words(port),
        };
    if object["kind"] == "HTTPRoute" {
        for host in list(&object["spec"]["hostnames"]) {
            for rule in list(&object["spec"]["rules"]) {
                let backend = &rule["backendRefs"][0];
                for matched in list(&rule["matches"]) {
                    let (value, kind) = (&matched["path"]["value"], &matched["path"]["type"]);
                    let (service, port) = (&backend["name"], &backend["port"]);
                    lines.push(line(
                        RouterKind::GatewayApi,
                        host,
                        value,
                        kind,
                        &rule["filters"],
                        service,
                        port,
                    ));
                }
            }
        }
        return;
    }
    let class = [&object["spec"]["ingressClassName"], &annotations["kubernetes.io/ingress.class"]];
    let router = match class.map(|class| class.as_str().unwrap_or_default()) {
        ["nginx", ""] => RouterKind::IngressNginx,
        ["kong", ""] => RouterKind::Kong,
        ["", "gce"] => RouterKind::GceIngress,
        other => panic!("{other:?}"),
    };
    for rule in list(&object["spec"]["rules"]) {
        for path in list(&rule["http"]["paths"]) {
            let service = &path["backend"]["service"];
            let port = service["port"].get("name").unwrap_or(&service["port"]["number"]);
            let (name, kind) = (&service["name"], &path["pathType"]);
            lines.push(line(router, &rule["host"], &path["path"], kind, &Json::Null, name, port));
        }
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn words(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// Makes up APIs with several workloads, hosts and paths. No two claim the same.
pub(crate) fn apis(numbers: &mut Numbers, rewrites: bool) -> Vec<(String, String)> {
    let mut claimed = BTreeSet::new();
    let mut prefixes = vec![String::new()];
    let mut apis = Vec::new();
    for index in 0..=numbers.below(3) {
        let workloads = &["web", "admin", "jobs"][..=numbers.below(3)];
        let mut text = workloads_text(workloads);
        text.push_str("routes:\n");
        let mut hosts = Vec::new();
        for host in 0..=numbers.below(3) {
            let host =
                if numbers.one_in(3) { SHARED.to_owned() } else { format!("h{host}.a{index}.example") };
            let mut paths = Vec::new();
            for _ in 0..=numbers.below(4) {
                let path = numbers.path(0, 3);
                let prefix = if path.is_empty() { "/".to_owned() } else { path };
                let exact = numbers.one_in(4);
                if claimed.insert((host.clone(), prefix.clone(), exact)) {
                    let rewrite = rewrite(numbers, rewrites, "");
                    let workload = workload(numbers, workloads);
                    paths.push(format!("{{ prefix: {prefix}, exact: {exact}{workload}{rewrite} }}"));
                }
            }
            if !paths.is_empty() {
                hosts.push(format!("{{ host: {host}, paths: [{}] }}", paths.join(", ")));
            }
        }
        if !hosts.is_empty() {
            let _ = writeln!(text, "  legacy: {{ hosts: [{}] }}", hosts.join(", "));
        }
        let below = prefixes[numbers.below(prefixes.len())].clone();
        let prefix = below + &numbers.path(1, 2);
        if !prefixes.contains(&prefix) {
            let rewrite = rewrite(numbers, rewrites, ", strip: false");
            let workload = workload(numbers, workloads);
            let _ = writeln!(text, "  unified: {{ prefix: {prefix}{workload}{rewrite} }}");
            prefixes.push(prefix);
        } else if hosts.is_empty() {
            continue;
        }
        apis.push((format!("api{index}"), text));
    }
    apis
}

/// The part of a metadata.yaml that says the workloads: one, or several.
pub(crate) fn workloads_text(names: &[&str]) -> String {
    let one = "ports: { http: 8080, other: 8081 }, probes: { readiness: { httpGet: { path: /ready, port: http } } }";
    if names.len() == 1 {
        return one.replace("}, probes", "}\nprobes") + "\n";
    }
    let all: Vec<String> = names.iter().map(|name| format!("  {name}: {{ {one} }}\n")).collect();
    format!("workloads:\n{}", all.concat())
}

fn workload(numbers: &mut Numbers, workloads: &[&str]) -> String {
    let port = if numbers.one_in(3) { numbers.pick(&[", port: other", ", port: 8080"]) } else { "" };
    let name =
        if workloads.len() > 1 { format!(", workload: {}", numbers.pick(workloads)) } else { String::new() };
    name + port
}

fn rewrite(numbers: &mut Numbers, allowed: bool, none: &'static str) -> &'static str {
    if allowed { numbers.pick(&[none, none, ", strip: true", ", rewritePrefix: /n/p"]) } else { none }
}

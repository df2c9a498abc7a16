//! The real nginx: it is given the `location` blocks that ingress-nginx would write, and answers as
//! `route` says; and it takes the maps of `route list --format nginx`.
//!
//! The blocks are written anew here, after the controller's own code, so that a mistake in `route`
//! is not repeated: `updateServerLocations` (`internal/ingress/controller/location.go`),
//! `enforceRegexModifier`, `buildLocation`, `buildProxyPass`, `buildServerName`
//! (`internal/ingress/controller/template/template.go`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use onramp::platform::RouterKind::IngressNginx;
use onramp::render::PathKind;
use onramp::route::{Answer, Route, Url, answer};

use crate::env::Env;
use crate::rendered::{self, Line, Numbers, SEGMENTS, SHARED};
use crate::vectors::{cases, table};

/// A running nginx, stopped when dropped.
struct Nginx {
    env: Env,
    port: u16,
}

/// What a request came to: a status, and where it was forwarded the route's index and the path.
#[derive(Debug, PartialEq, Eq)]
struct Reply {
    status: u16,
    forwarded: Option<(usize, String)>,
}

fn binary() -> PathBuf {
    std::env::var("ONRAMP_NGINX").expect("ONRAMP_NGINX is an nginx; `.ci/run` sets it").into()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

impl Nginx {
    /// Starts it. In the background it returns once it listens, so nobody has to wait.
    fn start(http: impl FnOnce(u16, u16) -> String) -> Self {
        let env = Env::new();
        let (port, backend) = (free_port(), free_port());
        let directory = env.root().display();
        let mut conf = format!(
            "daemon on; master_process off; pid {directory}/pid; error_log {directory}/errors;\nevents {{}}\nhttp {{\naccess_log off;\n"
        );
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            let _ = writeln!(conf, "{kind}_temp_path {directory}/{kind};");
        }
        conf += &http(port, backend);
        let _ = writeln!(
            conf,
            "server {{ listen 127.0.0.1:{backend}; location / {{ return 200 \"$http_x_route $request_uri\"; }} }}\n}}"
        );
        env.write("nginx.conf", &conf);
        let nginx = Self { env, port };
        let started = nginx.command(&[]).output().expect("nginx runs");
        assert!(started.status.success(), "{}\n{conf}", String::from_utf8_lossy(&started.stderr));
        nginx
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.arg("-p").arg(self.env.root()).arg("-c").arg(self.env.path("nginx.conf")).args(args);
        command
    }

    fn get(&self, host: &str, target: &str) -> Reply {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("nginx listens");
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("nginx reads");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("nginx answers");
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text}"));
        let status = head[9..12].parse().expect("a status");
        let forwarded = body.split_once(' ').filter(|_| status == 200);
        let forwarded = forwarded.map(|(index, path)| (index.parse().expect("an index"), path.to_owned()));
        Reply { status, forwarded }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Where this fails there is a panic already, and its own temporary directory is gone next.
        let _ = self.command(&["-s", "stop"]).output();
    }
}

/// One `location` on its way into the configuration.
#[derive(Clone)]
struct Location {
    host: String,
    path: String,
    path_type: String,
    target: Option<String>,
    use_regex: bool,
    route: Option<usize>,
}

/// A path of a rendered object.
fn of_line((index, line): (usize, &Line)) -> Location {
    let annotation = |key: &str| line.annotations.get(format!("nginx.ingress.kubernetes.io/{key}"));
    Location {
        host: line.host.clone(),
        path: line.path.clone(),
        path_type: line.kind.clone(),
        target: annotation("rewrite-target").map(|target| target.as_str().expect("text").to_owned()),
        use_regex: annotation("use-regex").is_some_and(|value| value == "true"),
        route: Some(index),
    }
}

/// The path of a vector's route, which no API can say and so nothing rendered.
fn of_route((index, route): (usize, &Route)) -> Location {
    Location {
        host: route.host.clone(),
        path: route.written.text.clone(),
        path_type: path_type(route).to_owned(),
        target: route.written.target.clone(),
        use_regex: route.written.kind == PathKind::Expression,
        route: Some(index),
    }
}

fn path_type(route: &Route) -> &'static str {
    match route.written.kind {
        PathKind::Prefix => "Prefix",
        PathKind::Exact => "Exact",
        PathKind::Expression => "ImplementationSpecific",
    }
}

impl Location {
    fn needs_rewrite(&self) -> bool {
        self.target.as_ref().is_some_and(|target| !target.is_empty() && *target != self.path)
    }
}

/// Writes the configuration of ingress-nginx for paths of objects, in the order of the objects.
fn ingress_nginx(paths: &[Location], port: u16, backend: u16) -> String {
    let mut hosts: BTreeMap<&str, Vec<&Location>> = BTreeMap::new();
    for path in paths {
        hosts.entry(&path.host).or_default().push(path);
    }
    let mut conf = format!(
        "upstream upstream_balancer {{ server 127.0.0.1:{backend}; }}\nserver_names_hash_bucket_size 512;\n\
         server {{ listen 127.0.0.1:{port} default_server; server_name _; return 404; }}\n"
    );
    for (host, paths) in hosts {
        let name = match host.strip_prefix("*.") {
            Some(rest) => format!("\"~^(?<subdomain>[\\w-]+)\\.{}$\"", rest.replace('.', "\\.")),
            None => host.to_owned(),
        };
        let _ = writeln!(conf, "server {{ listen 127.0.0.1:{port}; server_name {name};");
        let locations = server_locations(&paths);
        let enforce_regex = locations.iter().any(|location| location.needs_rewrite() || location.use_regex);
        for location in &locations {
            let Location { path, path_type, target, route, .. } = location;
            let modifier = match &**path_type {
                _ if enforce_regex => format!("~* \"^{path}\""),
                "Exact" => format!("= \"{path}\""),
                _ => format!("\"{path}\""),
            };
            let _ = writeln!(conf, "location {modifier} {{");
            if let Some(target) = target.as_ref().filter(|_| location.needs_rewrite()) {
                let _ = writeln!(conf, "rewrite \"(?i){path}\" {target} break;");
            }
            let _ = match route {
                Some(route) => writeln!(
                    conf,
                    "proxy_set_header X-Route {route}; proxy_pass http://upstream_balancer; }}"
                ),
                None => writeln!(conf, "return 404; }}"),
            };
        }
        conf += "}\n";
    }
    conf
}

/// Orders the paths of a host, and adds what `updateServerLocations` adds.
fn server_locations(paths: &[&Location]) -> Vec<Location> {
    let default = Location {
        host: String::new(),
        path: "/".to_owned(),
        path_type: "Prefix".to_owned(),
        target: None,
        use_regex: false,
        route: None,
    };
    let mut locations = vec![default];
    for own in paths {
        let same = |known: &&mut Location| known.path == own.path && known.path_type == own.path_type;
        match locations.iter_mut().find(same) {
            Some(known) if known.route.is_none() => *known = (*own).clone(),
            Some(_) => {}
            None => locations.push((*own).clone()),
        }
    }
    locations.sort_by(|a, b| b.path.cmp(&a.path));
    locations.sort_by_key(|location| std::cmp::Reverse(location.path.len()));
    let exact: Vec<String> = locations
        .iter()
        .filter(|location| location.path_type == "Exact")
        .map(|location| location.path.clone())
        .collect();
    let mut updated = Vec::new();
    for location in locations {
        let stays = location.path == "/"
            || location.path_type != "Prefix"
            || location.needs_rewrite()
            || location.use_regex;
        if stays {
            updated.push(location);
            continue;
        }
        let path = format!("{}/", location.path);
        updated.push(Location { path, ..location.clone() });
        if !exact.contains(&location.path) {
            updated.push(Location { path_type: "Exact".to_owned(), ..location });
        }
    }
    updated
}

/// What nginx should reply, the routes being in the order of the locations.
fn expected(routes: &[&Route], answer: &Answer<'_>) -> Reply {
    let index = |route: &Route| routes.iter().position(|known| std::ptr::eq(*known, route));
    let forwarded = answer.route.and_then(index).zip(answer.container_path.clone());
    Reply { status: answer.status.unwrap_or(200), forwarded }
}

#[test]
fn nginx_answers_the_vectors_as_we_do() {
    let mut asked = 0;
    for case in cases() {
        if !case.routers.iter().any(|name| name == IngressNginx.name()) {
            continue;
        }
        let routes = table(&case, IngressNginx);
        let paths: Vec<Location> = routes.iter().enumerate().map(of_route).collect();
        let nginx = Nginx::start(|port, backend| ingress_nginx(&paths, port, backend));
        let all: Vec<&Route> = routes.iter().collect();
        for request in &case.requests {
            let url = Url::parse(&request.ask).expect("vectors are URLs");
            let reply = nginx.get(&url.host, &url.target);
            let ours = answer(IngressNginx, &all, &url.host, &url.target);
            assert_eq!(reply, expected(&all, &ours), "{}: {}", case.what, request.ask);
            let to = reply.forwarded.as_ref().map(|(index, _)| routes[*index].service.as_str());
            assert_eq!(to, request.to.as_deref(), "{}: {}", case.what, request.ask);
            asked += 1;
        }
    }
    assert!(asked >= 40, "{asked} requests were made");
}

/// What requests are made of besides.
const PIECES: &[&str] = &[
    "/", "//", "/.", "/..", "/...", "/%2e", "/%2E%2e", "%2F", "%2f%2F", "/%61", "x", "/v1x0", "%0a", "%0A/b",
    "%3f", "%23", "%25", "%20", "+", "%2B", "|", "\"", "^", "%C3%A9", "%7E", "%7f", "~", ":", ";",
    "?q=/..//", "?", "%zz", "%00", "/B", "/AB",
];

/// Several APIs are rendered, and their Ingress objects are what nginx is given.
#[test]
fn nginx_answers_random_requests_as_we_do() {
    let (mut forwarded, mut rewritten, mut refused, mut shared) = (0, 0, 0, 0);
    for seed in 0..100 {
        let mut numbers = Numbers::new(seed);
        let apis = rendered::apis(&mut numbers, seed % 4 != 0);
        let rendered = rendered::render(&[&[IngressNginx]], &apis);
        // The controller takes objects of one age by name.
        let mut lines = rendered.lines;
        lines.sort_by(|a, b| a.object.cmp(&b.object));
        let same = |route: &Route, line: &Line| {
            let Line { object, host, path, kind, .. } = line;
            (&route.object, &route.host, &route.written.text, path_type(route)) == (object, host, path, kind)
        };
        let find = |line: &Line| rendered.routes.iter().find(|route| same(route, line));
        let routes: Vec<&Route> = lines.iter().filter_map(find).collect();
        assert_eq!([routes.len(), rendered.routes.len()], [lines.len(); 2], "{}", rendered.said);
        let paths: Vec<Location> = lines.iter().enumerate().map(of_line).collect();
        let nginx = Nginx::start(|port, backend| ingress_nginx(&paths, port, backend));
        for _ in 0..40 {
            let route = routes[numbers.below(routes.len())];
            let mut target = route.path.clone();
            for _ in 0..numbers.below(5) {
                let pieces = if numbers.one_in(3) { SEGMENTS } else { PIECES };
                target.push_str(numbers.pick(pieces));
            }
            let ours = answer(IngressNginx, &routes, &route.host, &target);
            if ours.container_path.as_deref().is_some_and(|path| path == "/..") {
                // A newline behind the dots ends the path there, and the backend refuses it, being nginx.
                continue;
            }
            let reply = nginx.get(&route.host, &target);
            assert_eq!(reply, expected(&routes, &ours), "{}{target}\n{}", route.host, rendered.said);
            match &reply.forwarded {
                Some((_, path)) if *path != target => rewritten += 1,
                Some(_) => forwarded += 1,
                None => refused += 1,
            }
            shared += usize::from(route.host == SHARED);
        }
    }
    let counts = [forwarded, rewritten, refused, shared];
    assert!(
        counts.iter().all(|count| *count > 200),
        "forwarded, rewritten, refused, on a shared host: {counts:?}"
    );
}

#[test]
fn nginx_takes_the_maps_of_the_edge() {
    let env = Env::new();
    env.run(&["init"]).success();
    let long = format!("{}.{}.example", "a".repeat(63), "b".repeat(63));
    let old = "old.customer-a.example";
    for (name, host) in [("legacy", old), ("long", &long)] {
        let metadata = format!(
            "apiVersion: onramp/v1\nname: {name}\nowner: {{ team: t, email: t@acme.example }}\ntier: basic\n\
             image: europe-docker.pkg.dev/acme/apis/x:v1\nports: {{ http: 8080 }}\n\
             routes: {{ legacy: {{ hosts: [{host}] }} }}\nenvironments: {{ staging: {{}}, prod: {{}} }}\n"
        );
        env.write(&format!("onboarding/{name}/metadata.yaml"), metadata);
    }
    let maps = env.run(&["route", "list", "--format", "nginx"]).success();
    env.write("maps.conf", &maps);
    let include = env.path("maps.conf");
    // Each upstream tells its own name; what nobody claims is 404.
    let mut upstreams: Vec<&str> = maps.split('"').filter(|word| word.starts_with("onramp_")).collect();
    upstreams.sort_unstable();
    upstreams.dedup();
    assert_eq!(upstreams.len(), 2, "{maps}");
    let ports: Vec<u16> = upstreams.iter().map(|_| free_port()).collect();
    let nginx = Nginx::start(|port, _| {
        let mut conf = format!("include {};\nserver_names_hash_bucket_size 512;\n", include.display());
        for (index, (name, upstream)) in upstreams.iter().zip(&ports).enumerate() {
            let _ = writeln!(conf, "upstream {name} {{ server 127.0.0.1:{upstream}; }}");
            let _ = writeln!(
                conf,
                "server {{ listen 127.0.0.1:{upstream}; location / {{ return 200 \"{index} $request_uri\"; }} }}"
            );
        }
        let _ = writeln!(
            conf,
            "server {{ listen 127.0.0.1:{port} default_server; if ($onramp_upstream = \"\") {{ return 404; }}\n\
             location / {{ proxy_pass http://$onramp_upstream; proxy_set_header Host $host; }} }}"
        );
        conf
    });
    let tested = nginx.command(&["-t"]).output().expect("nginx runs");
    let said = String::from_utf8_lossy(&tested.stderr).into_owned();
    assert!(tested.status.success() && !said.contains("warn"), "{said}");
    let of = |environment: &str| upstreams.iter().position(|name| name.contains(environment));
    for (host, environment) in [
        ("api.staging.acme.example", "staging"),
        ("api.acme.example", "prod"),
        (old, "prod"),
        (&long, "prod"),
    ] {
        let reply = nginx.get(host, "/a//b%2Fc");
        assert_eq!(reply.forwarded, of(environment).map(|index| (index, "/a//b%2Fc".to_owned())), "{host}");
    }
    assert_eq!(nginx.get("other.example", "/").status, 404);
}

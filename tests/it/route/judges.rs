//! `route` answers as the rendered objects do: for each router a judge that knows the objects alone, and
//! nothing of how they came to be.

use onramp::platform::RouterKind;
use onramp::route::{Route, answer};
use regex::Regex;

use super::rendered::{Line, Numbers, SEGMENTS, apis, environment, render};

/// Where a request goes: a line, and the path that the container sees.
type Verdict<'l> = Option<(&'l Line, String)>;

#[test]
fn routes_answer_as_the_rendered_objects_do() {
    use RouterKind::{GatewayApi, GceIngress, IngressNginx, Kong};
    let moves: &[&[RouterKind]] =
        &[&[IngressNginx], &[GatewayApi], &[Kong], &[IngressNginx, GatewayApi], &[Kong, IngressNginx]];
    let all: &[&[RouterKind]] =
        &[&[IngressNginx], &[GatewayApi], &[Kong], &[GceIngress], &[GceIngress, Kong]];
    let (mut forwarded, mut refused) = ([0; 4], [0; 4]);
    for seed in 0..60 {
        let mut numbers = Numbers::new(seed);
        let rewrites = seed % 3 != 0;
        let environments = if rewrites { moves } else { all };
        let rendered = render(environments, &apis(&mut numbers, rewrites));
        for routers in environments {
            let name = environment(routers);
            let table: Vec<&Route> =
                rendered.routes.iter().filter(|route| *route.environment == *name).collect();
            for router in *routers {
                let lines: Vec<&Line> = rendered
                    .lines
                    .iter()
                    .filter(|line| line.environment == name && line.router == *router)
                    .collect();
                let own = table.iter().filter(|route| route.router == *router).count();
                assert_eq!(own, lines.len(), "{name}: {}", rendered.said);
                for _ in 0..12 {
                    let route = table[numbers.below(table.len())];
                    let path = request(&mut numbers, &route.path);
                    let verdict = judge(*router, &lines, &route.host, &path);
                    let ours = answer(*router, &table, &route.host, &format!("{path}?q=%2F//"));
                    let expected = verdict.map(|(line, path)| {
                        let Line { object, service, port, .. } = line;
                        (&**object, &**service, &**port, format!("{path}?q=%2F//"))
                    });
                    let actual = ours.route.zip(ours.container_path.clone()).map(|(route, path)| {
                        let port = if *router == GatewayApi && route.port != "8081" && route.port != "8080" {
                            // An HTTPRoute numbers its ports.
                            if route.port == "other" { "8081" } else { "8080" }
                        } else {
                            &*route.port
                        };
                        (&*route.object, &*route.service, port, path)
                    });
                    assert_eq!(actual, expected, "{name} {} {path}\n{}", route.host, rendered.said);
                    let counts = if actual.is_some() { &mut forwarded } else { &mut refused };
                    counts[*router as usize] += 1;
                }
            }
        }
    }
    for count in forwarded.iter().chain(&refused) {
        assert!(*count > 10, "forwarded and not, by router: {forwarded:?} {refused:?}");
    }
}

/// A path that no router reads in a way of its own: no `//`, no `%`, no dot segment.
fn request(numbers: &mut Numbers, start: &str) -> String {
    let mut path = start.trim_end_matches('/').to_owned();
    for _ in 0..numbers.below(3) {
        path.push_str(numbers.pick(&[SEGMENTS[0], SEGMENTS[4], "/v1x0", "x", "/A", "/c"]));
    }
    if numbers.one_in(4) {
        path.push('/');
    }
    if numbers.one_in(8) {
        path = path.to_uppercase();
    }
    if path.starts_with('/') { path } else { format!("/{path}") }
}

fn judge<'l>(router: RouterKind, lines: &[&'l Line], host: &str, path: &str) -> Verdict<'l> {
    let lines: Vec<&Line> = lines.iter().copied().filter(|line| line.host == host).collect();
    match router {
        RouterKind::IngressNginx => ingress_nginx(lines, path),
        RouterKind::GatewayApi => gateway_api(lines, path),
        RouterKind::GceIngress => gce_ingress(lines, path),
        RouterKind::Kong => kong(lines, path),
    }
}

/// What follows a prefix by whole segments.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let rest = if prefix == "/" { Some(path) } else { path.strip_prefix(prefix) };
    rest.filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn annotation<'l>(line: &'l Line, key: &str) -> Option<&'l str> {
    line.annotations.get(key)?.as_str()
}

/// By the specification: an exact path, then the most characters.
fn gateway_api<'l>(lines: Vec<&'l Line>, path: &str) -> Verdict<'l> {
    let fits = |line: &&Line| match &*line.kind {
        "Exact" => path == line.path,
        "PathPrefix" => below(path, &line.path).is_some(),
        other => panic!("{other}"),
    };
    let line = lines.into_iter().filter(fits).max_by_key(|line| (line.kind == "Exact", line.path.len()))?;
    let filters = line.filters.as_array().map(Vec::as_slice).unwrap_or_default();
    let rewrite = filters.iter().find(|filter| filter["type"] == "URLRewrite");
    let Some(rewrite) = rewrite.map(|filter| &filter["urlRewrite"]["path"]) else {
        return Some((line, path.to_owned()));
    };
    if rewrite["type"] == "ReplaceFullPath" {
        return Some((line, rewrite["replaceFullPath"].as_str()?.to_owned()));
    }
    assert_eq!((rewrite["type"].as_str(), &*line.kind), (Some("ReplacePrefixMatch"), "PathPrefix"));
    let replaced =
        rewrite["replacePrefixMatch"].as_str()?.trim_end_matches('/').to_owned() + below(path, &line.path)?;
    Some((line, if replaced.is_empty() { "/".to_owned() } else { replaced }))
}

/// As a URL map: `/x` and `/x/*` of a prefix, the longest goes first.
fn gce_ingress<'l>(lines: Vec<&'l Line>, path: &str) -> Verdict<'l> {
    let mut rules: Vec<(String, bool, &Line)> = Vec::new();
    for line in lines {
        match &*line.kind {
            "Exact" => rules.push((line.path.clone(), false, line)),
            "Prefix" if line.path == "/" => rules.push(("/".to_owned(), true, line)),
            "Prefix" => {
                rules.push((format!("{}/", line.path), true, line));
                rules.push((line.path.clone(), false, line));
            }
            other => panic!("{other}"),
        }
    }
    rules.retain(|(rule, is_open, _)| if *is_open { path.starts_with(rule) } else { path == rule });
    // Of two that say the same the exact one stands for itself.
    let (.., line) =
        rules.into_iter().max_by_key(|(rule, is_open, line)| (rule.len(), !is_open, line.kind == "Exact"))?;
    Some((line, path.to_owned()))
}

/// Replaces a match at the start, as `$1` and on say.
fn replaced(found: &Regex, path: &str, replacement: &str) -> String {
    let captures = found.captures(path).expect("it matches");
    let mut out = replacement.to_owned();
    for number in 1..captures.len() {
        out = out.replace(&format!("${number}"), captures.get(number).map_or("", |group| group.as_str()));
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

/// As the controller's configuration: all regular expressions by the length of their text, or an exact
/// path and then the longest prefix.
fn ingress_nginx<'l>(mut lines: Vec<&'l Line>, path: &str) -> Verdict<'l> {
    const TARGET: &str = "nginx.ingress.kubernetes.io/rewrite-target";
    const REGEX: &str = "nginx.ingress.kubernetes.io/use-regex";
    let is_regex =
        |line: &&Line| annotation(line, TARGET).is_some() || annotation(line, REGEX) == Some("true");
    if !lines.iter().any(is_regex) {
        assert!(lines.iter().all(|line| line.kind != "ImplementationSpecific"), "{lines:?}");
        let fits = |line: &&Line| match &*line.kind {
            "Exact" => path == line.path,
            _ => below(path, &line.path).is_some(),
        };
        let line =
            lines.into_iter().filter(fits).max_by_key(|line| (line.kind == "Exact", line.path.len()))?;
        return Some((line, path.to_owned()));
    }
    lines.sort_by(|a, b| (b.path.len(), &b.path, &a.object).cmp(&(a.path.len(), &a.path, &b.object)));
    let expression = |line: &Line| Regex::new(&format!("(?i)^{}", line.path)).expect("it is an expression");
    let line = lines.into_iter().find(|line| expression(line).is_match(path))?;
    let container = annotation(line, TARGET).map(|target| replaced(&expression(line), path, target));
    Some((line, container.unwrap_or_else(|| path.to_owned())))
}

/// As the ingress controller fills Kong: regular expressions go first, then the longer text.
fn kong<'l>(lines: Vec<&'l Line>, path: &str) -> Verdict<'l> {
    let mut tried: Vec<(bool, usize, bool, Regex, &Line)> = Vec::new();
    for line in lines {
        let text = line.path.trim_end_matches('/');
        let mut add = |is_regex, length, expression: String| {
            let expression = Regex::new(&format!("^{expression}")).expect("it is an expression");
            tried.push((is_regex, length, line.kind == "Exact", expression, line));
        };
        let literal = regex::escape(text);
        match &*line.kind {
            "ImplementationSpecific" => {
                let expression = line.path.strip_prefix("/~").expect("it is an expression").to_owned();
                add(true, expression.len(), expression);
            }
            "Exact" => add(true, line.path.len() + 1, format!("{}$", regex::escape(&line.path))),
            "Prefix" if text.is_empty() => add(false, 1, "/".to_owned()),
            "Prefix" => {
                add(true, text.len() + 1, format!("{literal}$"));
                add(false, text.len() + 1, format!("{literal}/"));
            }
            other => panic!("{other}"),
        }
    }
    tried.retain(|(.., expression, _)| expression.is_match(path));
    let (.., expression, line) =
        tried.into_iter().max_by_key(|(is_regex, length, exact, ..)| (*is_regex, *length, *exact))?;
    if let Some(target) = annotation(line, "konghq.com/rewrite") {
        return Some((line, replaced(&expression, path, target)));
    }
    let strips = annotation(line, "konghq.com/strip-path").expect("it is always said") == "true";
    let rest = if strips { &path[expression.find(path).expect("it matches").end()..] } else { path };
    Some((line, format!("/{}", rest.trim_start_matches('/'))))
}

//! `route list`: the whole table, one format each.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Route, edge, explain::route_json};
use crate::report::harmless;

/// The version of the JSON form; it rises when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// A way to write the table.
#[derive(Debug)]
pub struct Format {
    /// What `--format` calls it.
    pub name: &'static str,
    /// Writes it; an error names the value that the format cannot hold.
    pub write: fn(&[Route]) -> Result<String, String>,
}

/// All formats.
pub static FORMATS: &[Format] = &[
    Format { name: "human", write: human },
    Format { name: "json", write: json },
    Format { name: "csv", write: csv },
    Format { name: "nginx", write: edge::nginx },
];

const COLUMNS: [&str; 13] = [
    "environment",
    "router",
    "host",
    "path",
    "exact",
    "rewrite",
    "entry",
    "api",
    "workload",
    "service",
    "port",
    "object",
    "written",
];

fn cells(route: &Route) -> [String; 13] {
    [
        route.environment.to_string(),
        route.router.name().to_owned(),
        route.host.clone(),
        route.path.clone(),
        route.exact.to_string(),
        route.rewrite.to_string(),
        route.entry.key().to_owned(),
        route.api.to_string(),
        route.workload.clone().unwrap_or_default(),
        route.service.clone(),
        route.port.clone(),
        route.object.clone(),
        route.origin.to_string(),
    ]
}

/// Columns for people: those that say where a request goes.
#[expect(clippy::unnecessary_wraps, reason = "all formats have one signature")]
fn human(routes: &[Route]) -> Result<String, String> {
    let mut rows =
        vec![["environment", "router", "host and path", "rewrite", "leads to", "written"].map(str::to_owned)];
    rows.extend(routes.iter().map(|route| {
        let exact = if route.exact { " (exact)" } else { "" };
        let workload = route.workload.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        [
            route.environment.to_string(),
            route.router.name().to_owned(),
            format!("{}{}{exact}", route.host, route.path),
            route.rewrite.to_string(),
            format!("{}{workload}:{}", route.service, route.port),
            route.origin.to_string(),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let line: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{:width$}", harmless(cell))).collect();
        let _ = writeln!(out, "{}", line.join("  ").trim_end());
    }
    Ok(out)
}

#[expect(clippy::unnecessary_wraps, reason = "all formats have one signature")]
fn json(routes: &[Route]) -> Result<String, String> {
    let routes: Vec<Json> = routes.iter().map(route_json).collect();
    Ok(format!("{:#}\n", json!({ "version": VERSION, "routes": routes })))
}

/// RFC 4180: lines end with CRLF, cells that need it are quoted.
#[expect(clippy::unnecessary_wraps, reason = "all formats have one signature")]
fn csv(routes: &[Route]) -> Result<String, String> {
    let line = |cells: &[String]| cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\r\n";
    let head = COLUMNS.map(str::to_owned);
    Ok(std::iter::once(line(&head)).chain(routes.iter().map(|route| line(&cells(route)))).collect())
}

/// A spreadsheet runs a cell that starts like a formula, so such a one gets an apostrophe in front.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_a_row() {
        assert_eq!(cell("/a"), "/a");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-a,\"b\""), "\"'-a,\"\"b\"\"\"");
        assert_eq!(cell("a\r\nb"), "\"a\r\nb\"");
    }
}

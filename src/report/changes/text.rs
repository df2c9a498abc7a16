//! For people at a terminal or in a log.

use std::fmt::Write as _;

use super::{Line, members, objects, summary, unknown, whose};
use crate::diagnostic::count;
use crate::effective::{Changed, Groups};
use crate::report::harmless;
use crate::report::text::lines_without_commands;

/// Writes the summary, then each group: those of few APIs first.
pub fn text(groups: &Groups) -> String {
    let mut out = summary(groups) + "\n";
    let counts: Vec<[String; 3]> = groups
        .counts
        .iter()
        .filter(|count| count.changed.environments > 0)
        .map(|one| {
            let Changed { apis, namespaces, environments } = one.changed;
            let who = if apis + namespaces == 0 { "-".to_owned() } else { whose(apis, namespaces) };
            [one.risk.words().to_owned(), who, count(environments, "environment")]
        })
        .collect();
    let width = |column: usize| counts.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let (risk, units) = (width(0), width(1));
    for row in &counts {
        let _ = writeln!(out, "  {:risk$}  {:units$}  {}", row[0], row[1], row[2]);
    }
    let name = |name: &str| harmless(name);
    for one in &groups.unknown {
        let _ = writeln!(out, "\n{}", unknown(one, &name));
    }
    for group in &groups.groups {
        let _ = writeln!(out, "\n{}: {}", members(group, &name), group.risk.words());
        for object in objects(group) {
            let restarts = match object.restarts.join(", ") {
                none if none.is_empty() => none,
                restarts => format!(" (restarts {restarts})"),
            };
            if object.object.is_empty() {
                object.lines.iter().for_each(|one| line(&mut out, 2, one));
                continue;
            }
            let risk = if object.risk == group.risk { "" } else { object.risk.words() };
            let risk = if risk.is_empty() { String::new() } else { format!(": {risk}") };
            if let [one] = object.lines.as_slice()
                && one.path.is_empty()
            {
                let words = [one.words.clone(), one.values.join(" -> ")].join(" ");
                let _ =
                    writeln!(out, "  {} {}{restarts}{risk}: {}", one.sign, object.object, words.trim_end());
                continue;
            }
            let _ = writeln!(out, "  {}{restarts}{risk}", object.object);
            object.lines.iter().for_each(|one| line(&mut out, 4, one));
        }
    }
    lines_without_commands(&out)
}

fn line(out: &mut String, indent: usize, line: &Line) {
    let parts = [line.words.clone(), line.values.join(" -> ")];
    let what = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let colon = if line.path.is_empty() || what.is_empty() { "" } else { ": " };
    let _ = writeln!(out, "{:indent$}{} {}{colon}{what}", "", line.sign, line.path);
    for text in &line.excerpt {
        let _ = writeln!(out, "{:indent$}    {text}", "");
    }
}

//! For people with a browser: one file without scripts and without anything from elsewhere. A radio button filters by how APIs
//! ended, by style alone.

use std::fmt::Write as _;

use super::summary::file_fate;
use super::text::short;
use super::{Section, Standing, Summary, in_order, needs_somebody, shown, skeleton, words};
use crate::diagnostic::count;
use crate::migrate::{
    ApiOutcome, BranchOutcome, EnvironmentOutcome, Fate, ObjectOutcome, Outcome, State, Verdict,
};
use crate::report::{harmless, lines_without_commands};

const STYLE: &str = include_str!("page.css");

/// Writes a page with all that is known.
pub fn html(outcome: &Outcome) -> String {
    let summary = Summary::new(outcome);
    let [pods, selectors] = summary.headline();
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Migration: {pods}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{pods}</h1>\n<p>{selectors}</p>\n<div class=\"tables\">\n"
    );
    for one in &summary.sections {
        section(&mut out, one);
    }
    out += "</div>\n<ul>\n";
    for (label, value) in summary.facts() {
        let _ = writeln!(out, "<li>{label}: {value}</li>");
    }
    let _ = writeln!(out, "<li>environments added: {}</li>", list(&outcome.added_environments));
    if !outcome.unused_decisions.is_empty() {
        let _ = writeln!(out, "<li>decide nothing: {}</li>", list(&outcome.unused_decisions));
    }
    out += "</ul>\n<h2>APIs</h2>\n";
    filters(&mut out);
    out += "<div class=\"apis\">\n";
    for one in in_order(outcome) {
        api(&mut out, one);
    }
    out += "</div>\n<h2>Branches</h2>\n";
    for one in &outcome.branches {
        branch(&mut out, one);
    }
    let skeleton = skeleton(outcome);
    for (title, yaml) in [
        ("What would answer the open questions, for the file of --decisions", &skeleton.decisions),
        ("What would fill in the templates, for the file of --values", &skeleton.values),
    ] {
        if !yaml.is_empty() {
            let lines: Vec<String> = yaml.lines().map(escaped).collect();
            let _ = write!(out, "<h2>{title}</h2>\n<pre>{}</pre>\n", lines.join("\n"));
        }
    }
    // It may be printed into the log of a pipeline.
    lines_without_commands(&(out + "</body>\n</html>\n"))
}

fn section(out: &mut String, section: &Section) {
    if section.rows.is_empty() {
        return;
    }
    let _ = write!(out, "<table>\n<tr><th>{}</th>", section.name);
    for column in section.columns {
        let _ = write!(out, "<th class=\"n\">{column}</th>");
    }
    out.push_str("</tr>\n");
    let totals = section.totals.iter().map(|totals| ("<b>total</b>", totals));
    for (words, counts) in section.rows.iter().map(|row| (row.words, &row.counts)).chain(totals) {
        let _ = write!(out, "<tr><td>{words}</td>");
        for number in counts {
            let _ = write!(out, "<td class=\"n\">{number}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
}

/// Writes radio buttons; which details they hide is said by the style.
fn filters(out: &mut String) {
    let verdicts = [Verdict::Identical, Verdict::Intended, Verdict::Left, Verdict::Unexplained];
    let standings = verdicts.map(Standing::Proved).into_iter().chain([Standing::Refused]);
    let of_standings = standings.map(|one| (one.name(), one.words()));
    let all = [("all", "all"), ("asked", "those that need somebody")].into_iter().chain(of_standings);
    for (id, words) in all {
        let checked = if id == "all" { " checked" } else { "" };
        let _ = writeln!(
            out,
            "<input type=\"radio\" name=\"filter\" id=\"{id}\"{checked}><label for=\"{id}\">{words}</label>"
        );
    }
}

fn api(out: &mut String, api: &ApiOutcome) {
    let standing = Standing::of(api);
    let asked = if needs_somebody(api) { " asked" } else { "" };
    let _ = writeln!(
        out,
        "<details class=\"{}{asked}\"><summary><b>{}</b> <span class=\"verdict\">{}</span></summary>",
        standing.name(),
        escaped(&api.name),
        standing.words()
    );
    match &api.state {
        State::Refused(why) => drop(writeln!(out, "<p>Not written: {}</p>", told(why))),
        State::Skipped(why) => drop(writeln!(out, "<p>Left out: {}</p>", told(why))),
        State::Unchanged => out.push_str("<p>Written before from the same commits.</p>\n"),
        State::Written => {}
    }
    let sources =
        api.sources.iter().map(|(branch, commit)| format!("{} ({})", coded(branch), coded(&short(commit))));
    let _ = writeln!(out, "<p>From {}.</p>", sources.collect::<Vec<_>>().join(", "));
    if !api.gaps.is_empty() {
        out.push_str("<ul>\n");
        for gap in &api.gaps {
            let place = coded(&format!("{} {}:{}", gap.branch, gap.file, gap.line));
            let _ = writeln!(out, "<li>Missing at {place}: {}</li>", told(&gap.text));
        }
        out.push_str("</ul>\n");
    }
    if !api.questions.is_empty() {
        out.push_str("<ul>\n");
        for question in &api.questions {
            let blocks = if question.is_open { "" } else { " Nothing is written before it is answered." };
            let (_, kind) = words::question(question.kind);
            let _ = writeln!(out, "<li>Open, {kind}: {}{blocks}</li>", told(&question.text));
        }
        out.push_str("</ul>\n");
    }
    for environment in &api.environments {
        self::environment(out, environment);
    }
    details_of(out, api);
    out.push_str("</details>\n");
}

fn details_of(out: &mut String, api: &ApiOutcome) {
    let _ = writeln!(out, "<p>Comments: {} kept, {} lost.</p>", api.comments_kept, api.comments_lost.len());
    let lost = api.comments_lost.iter().map(|lost| {
        format!(
            "lost at {}: {}",
            coded(&format!("{} {}:{}", lost.branch, lost.file, lost.line)),
            told(lost.text.trim())
        )
    });
    let notes = api.notes.iter().map(|note| {
        format!("noticed at {}: {}", coded(&format!("{} {}", note.object, note.path)), told(&note.text))
    });
    let findings =
        api.findings.iter().map(|(code, number)| format!("for the baseline: {} {number}", coded(code)));
    let files = api.files.iter().map(|file| format!("file {}", coded(file)));
    let items: Vec<String> = lost.chain(notes).chain(findings).chain(files).collect();
    if !items.is_empty() {
        let _ = writeln!(out, "<ul><li>{}</li></ul>", items.join("</li>\n<li>"));
    }
}

fn environment(out: &mut String, environment: &EnvironmentOutcome) {
    let EnvironmentOutcome { name, objects } = environment;
    let _ = writeln!(
        out,
        "<table>\n<tr><th>{}</th><th>from</th><th>fate</th><th>verdict</th><th>differences</th></tr>",
        escaped(name)
    );
    for object in objects {
        let place = object.origin.as_ref().map(|(branch, file, line)| format!("{branch} {file}:{line}"));
        let (key, words) = words::verdict(object.verdict());
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><b class=\"verdict {key}\">{words}</b></td><td>{}</td></tr>",
            coded(&format!("{} {}", object.kind, object.name)),
            place.map(|place| coded(&place)).unwrap_or_default(),
            fate(&object.fate),
            differences(object),
        );
    }
    out.push_str("</table>\n");
}

fn differences(object: &ObjectOutcome) -> String {
    let each = object.differences.iter().map(|difference| {
        let line = shown::line(object, difference);
        format!("{} {} {} ({})", line.sign, coded(&line.path), coded(&line.values()), line.class)
    });
    each.collect::<Vec<_>>().join("<br>\n")
}

fn branch(out: &mut String, branch: &BranchOutcome) {
    let failure = branch.failure.as_ref().map(|why| format!(": not read: {}", told(why))).unwrap_or_default();
    let _ = writeln!(
        out,
        "<details><summary>{} ({}), {}, APIs: {}{failure}</summary>",
        coded(&branch.name),
        coded(&short(&branch.commit)),
        count(branch.files.len(), "file"),
        list(&branch.apis)
    );
    out.push_str("<table>\n<tr><th>file</th><th class=\"n\">line</th><th>document</th><th>fate</th></tr>\n");
    for file in &branch.files {
        let more = file.skipped.as_ref().and_then(|skipped| words::skipped(skipped).1);
        let more = more.map(|more| format!(" ({})", told(&more))).unwrap_or_default();
        let path = coded(&file.path);
        let _ = writeln!(
            out,
            "<tr><td>{path}</td><td></td><td></td><td>{}{more}</td></tr>",
            words::of(words::FILES, file_fate(file))
        );
        for document in &file.documents {
            let mut fates: Vec<String> = document.fates.iter().map(fate).collect();
            if fates.is_empty() {
                fates.push(words::of(words::DOCUMENTS, "unknown").to_owned());
            }
            let _ = writeln!(
                out,
                "<tr><td>{path}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>",
                document.line,
                told(&document.title),
                fates.join("; ")
            );
        }
    }
    out.push_str("</table></details>\n");
}

fn fate(fate: &Fate) -> String {
    let (name, what) = words::fate(fate);
    let what = what.map(|what| format!(" ({})", told(&what))).unwrap_or_default();
    format!("{}{what}", words::of(words::DOCUMENTS, name))
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| coded(name)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn coded(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", escaped(text)) }
}

fn told(text: &str) -> String {
    escaped(&shown::told(text))
}

/// Writes a text so that no browser takes it for anything else.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in harmless(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

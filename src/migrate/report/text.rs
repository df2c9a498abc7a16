//! For people at a terminal or in a log.

use std::fmt::Write as _;

use super::summary::{document_fate, file_fate};
use super::{Section, Standing, Summary, in_order, needs_somebody, shown, skeleton, words};
use crate::diagnostic::count;
use crate::migrate::{
    ApiOutcome, BranchOutcome, DocumentOutcome, EnvironmentOutcome, FileOutcome, ObjectOutcome, Outcome,
    State, Verdict,
};
use crate::report::{harmless, lines_without_commands};

/// Writes the page of counts, then the APIs and branches that need somebody, or `all` of them, then what would answer the open
/// questions.
pub fn text(outcome: &Outcome, all: bool) -> String {
    let summary = Summary::new(outcome);
    let mut out = summary.headline().join("\n") + "\n";
    for one in &summary.sections {
        section(&mut out, one);
    }
    facts(&mut out, outcome, &summary);
    let apis = in_order(outcome);
    let shown = apis.iter().filter(|one| all || needs_somebody(one)).count();
    for one in &apis[..shown] {
        api(&mut out, one, all);
    }
    if shown < apis.len() {
        let rest = count(apis.len() - shown, "API");
        let verb = if apis.len() - shown == 1 { "needs" } else { "need" };
        let _ = writeln!(out, "\n{rest} {verb} nobody; `--verbose` shows all.");
    }
    for one in &outcome.branches {
        branch(&mut out, one, all);
    }
    answers(&mut out, outcome);
    lines_without_commands(&out)
}

fn section(out: &mut String, section: &Section) {
    if section.rows.is_empty() {
        return;
    }
    let title = section.name;
    let label = section.rows.iter().map(|row| row.words.len() + 2).max().unwrap_or(0).max(title.len());
    let widths: Vec<usize> = section.columns.iter().map(|column| column.len().max(7)).collect();
    let _ = write!(out, "\n{title:label$}");
    for (column, width) in section.columns.iter().zip(&widths) {
        let _ = write!(out, "  {column:>width$}");
    }
    out.push('\n');
    let totals = section.totals.iter().map(|totals| ("total", totals));
    for (words, counts) in section.rows.iter().map(|row| (row.words, &row.counts)).chain(totals) {
        let _ = write!(out, "  {words:width$}", width = label - 2);
        for (number, width) in counts.iter().zip(&widths) {
            let _ = write!(out, "  {number:>width$}");
        }
        out.push('\n');
    }
}

fn facts(out: &mut String, outcome: &Outcome, summary: &Summary) {
    let mut facts = summary.facts();
    let added: Vec<String> = outcome.added_environments.iter().map(|name| harmless(name)).collect();
    facts.push(("environments added", if added.is_empty() { "none".to_owned() } else { added.join(", ") }));
    let width = facts.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    out.push('\n');
    for (label, value) in facts {
        let _ = writeln!(out, "{label:width$}  {value}");
    }
    for unused in &outcome.unused_decisions {
        let _ = writeln!(out, "decides nothing: {}", harmless(unused));
    }
}

fn api(out: &mut String, api: &ApiOutcome, all: bool) {
    let why = match &api.state {
        State::Refused(why) => format!(": {}", told(why)),
        State::Skipped(why) => format!(", left out: {}", told(why)),
        State::Unchanged => ", as before".to_owned(),
        State::Written => String::new(),
    };
    let _ = writeln!(out, "\n{}: {}{why}", harmless(&api.name), Standing::of(api).words());
    let sources: Vec<String> = api
        .sources
        .iter()
        .map(|(branch, commit)| format!("{} ({})", harmless(branch), short(commit)))
        .collect();
    if !sources.is_empty() {
        let _ = writeln!(out, "  from {}", sources.join(", "));
    }
    for gap in &api.gaps {
        let place = format!("{} {}:{}", gap.branch, gap.file, gap.line);
        let _ = writeln!(out, "  missing at {}: {}", harmless(&place), told(&gap.text));
    }
    for (names, block) in environments(api, all) {
        let _ = write!(out, "  {names}\n{block}");
    }
    for question in &api.questions {
        let blocks = if question.is_open { "" } else { "; nothing is written before it is answered" };
        let (_, kind) = words::question(question.kind);
        let _ = writeln!(out, "  open: {kind}: {}{blocks}", told(&question.text));
    }
    if api.literals() > 0 {
        let _ = writeln!(out, "  in plain text: {}", plain(api));
    }
    if !all {
        return;
    }
    for lost in &api.comments_lost {
        let place = format!("{} {}:{}", lost.branch, lost.file, lost.line);
        let _ = writeln!(out, "  lost comment at {}: {}", harmless(&place), told(lost.text.trim()));
    }
    for note in &api.notes {
        let place = format!("{} {}", note.object, note.path);
        let _ = writeln!(out, "  noticed at {}: {}", harmless(place.trim_end()), told(&note.text));
    }
    let findings: Vec<String> =
        api.findings.iter().map(|(code, number)| format!("{} {number}", harmless(code))).collect();
    if !findings.is_empty() {
        let _ = writeln!(out, "  for the baseline: {}", findings.join(", "));
    }
    for file in &api.files {
        let _ = writeln!(out, "  file {}", harmless(file));
    }
}

/// Writes the objects of each environment; those of environments that say the same are written once.
fn environments(api: &ApiOutcome, all: bool) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    for EnvironmentOutcome { name, objects } in &api.environments {
        let mut block = String::new();
        for one in objects {
            let is_bad =
                one.verdict() == Verdict::Unexplained || one.changes_pods() || one.changes_selector();
            if all || is_bad {
                object(&mut block, one);
            }
        }
        if block.is_empty() {
            continue;
        }
        match blocks.last_mut().filter(|(_, last)| *last == block) {
            Some((names, _)) => names.extend([", ", &harmless(name)]),
            None => blocks.push((harmless(name), block)),
        }
    }
    blocks
}

fn object(out: &mut String, object: &ObjectOutcome) {
    let name = harmless(&format!("{} {}", object.kind, object.name));
    let place = match &object.origin {
        Some((branch, file, line)) => format!(" ({})", harmless(&format!("{branch} {file}:{line}"))),
        None => String::new(),
    };
    let (fate, what) = words::fate(&object.fate);
    let fate = words::of(words::DOCUMENTS, fate);
    let what = what.map(|what| format!(" ({})", told(&what))).unwrap_or_default();
    let verdict = words::verdict(object.verdict()).1;
    let _ = writeln!(out, "    {name}{place}: {verdict}; {fate}{what}");
    for difference in &object.differences {
        let line = shown::line(object, difference);
        let (path, values) = (harmless(&line.path), harmless(&line.values()));
        let _ = writeln!(out, "      {} {path}: {values} ({})", line.sign, line.class);
    }
}

fn branch(out: &mut String, branch: &BranchOutcome, all: bool) {
    let mut block = String::new();
    for one in &branch.files {
        file(&mut block, one, all);
    }
    let failure = branch.failure.as_ref().map(|why| format!(": not read: {}", told(why))).unwrap_or_default();
    if !all && failure.is_empty() && block.is_empty() {
        return;
    }
    let apis: Vec<String> = branch.apis.iter().map(|name| harmless(name)).collect();
    let apis = if apis.is_empty() { String::new() } else { format!(" -> {}", apis.join(", ")) };
    let _ = writeln!(out, "\n{} ({}){apis}{failure}", harmless(&branch.name), short(&branch.commit));
    out.push_str(&block);
}

fn file(out: &mut String, file: &FileOutcome, all: bool) {
    let name = file_fate(file);
    let more = file.skipped.as_ref().and_then(|skipped| words::skipped(skipped).1);
    let more = more.map(|more| format!(" ({})", told(&more))).unwrap_or_default();
    let of_file = format!("  {}: {}{more}\n", harmless(&file.path), words::of(words::FILES, name));
    if all || ["unreadable", "template"].contains(&name) {
        out.push_str(&of_file);
    }
    for one in &file.documents {
        if all || ["unreadable", "unknown"].contains(&document_fate(one)) {
            let place = harmless(&format!("{}:{}", file.path, one.line));
            let title = if one.title.is_empty() { String::new() } else { format!("{}: ", told(&one.title)) };
            let _ = writeln!(out, "  {place}: {title}{}", fates(one));
        }
    }
}

fn fates(document: &DocumentOutcome) -> String {
    let each = document.fates.iter().map(|fate| {
        let (name, what) = words::fate(fate);
        let what = what.map(|what| format!(" ({})", told(&what))).unwrap_or_default();
        format!("{}{what}", words::of(words::DOCUMENTS, name))
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() { words::of(words::DOCUMENTS, "unknown").to_owned() } else { each.join("; ") }
}

fn answers(out: &mut String, outcome: &Outcome) {
    let skeleton = skeleton(outcome);
    let files = [
        (
            "decisions",
            &skeleton.decisions,
            "What would answer the open questions, for the file of `--decisions`",
        ),
        ("values", &skeleton.values, "What would fill in the templates, for the file of `--values`"),
    ];
    for (_, yaml, title) in files.iter().filter(|(_, yaml, _)| !yaml.is_empty()) {
        let _ = writeln!(out, "\n{title}; look at each line:\n");
        for line in yaml.lines() {
            let _ = writeln!(out, "{}", harmless(line));
        }
    }
}

fn told(text: &str) -> String {
    harmless(&shown::told(text))
}

/// Says how many passwords and keys came along.
pub(super) fn plain(api: &ApiOutcome) -> String {
    format!("{} that may be a password or a key, waived as `literal-secret`", count(api.literals(), "value"))
}

/// Returns enough of a commit's name.
pub(super) fn short(commit: &str) -> String {
    harmless(&commit.chars().take(12).collect::<String>())
}

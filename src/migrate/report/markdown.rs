//! For the description of a pull request: as much as fits, the APIs that need somebody first.

use std::fmt::Write as _;

use super::summary::{document_fate, file_fate};
use super::text::{self, short};
use super::{Section, Skeleton, Standing, Summary, in_order, needs_somebody, shown, skeleton, words};
use crate::diagnostic::count;
use crate::migrate::{ApiOutcome, BranchOutcome, ObjectOutcome, Outcome, State, Verdict};
use crate::report::markdown::{cell, code, prose};
use crate::report::{harmless, lines_without_commands};

/// The most lines of one API, so that one alone takes not all the room.
const MOST_LINES: usize = 40;
/// The most names of a list.
const MOST_NAMES: usize = 20;

/// Writes a section on the migration in fewer bytes than `budget`, which is fewer than so many characters. First the counts are
/// written and what would answer the questions, then as many APIs as there is room for, then as many branches; the rest is counted.
pub fn markdown(outcome: &Outcome, budget: usize) -> String {
    let summary = Summary::new(outcome);
    let [pods, selectors] = summary.headline();
    let mut out = format!("### Migration: {pods}\n\n{selectors}\n");
    for one in &summary.sections {
        section(&mut out, one);
    }
    facts(&mut out, outcome, &summary);
    if out.len() >= budget {
        return String::new();
    }
    let answers = answers(outcome, (budget - out.len()) / 3);
    let mut room = budget.saturating_sub(out.len() + answers.len() + 1);
    let apis: Vec<&ApiOutcome> = in_order(outcome).into_iter().filter(|api| needs_somebody(api)).collect();
    fill(&mut out, &mut room, apis.iter().map(|one| api(one)), "API");
    fill(&mut out, &mut room, outcome.branches.iter().map(branch), "branch of those read");
    out + &answers
}

/// Appends what fits, and counts the rest in a last line for which room is kept.
fn fill(out: &mut String, room: &mut usize, items: impl ExactSizeIterator<Item = String>, noun: &str) {
    let total = items.len();
    let rest = |number: usize| {
        let what = match noun {
            "API" => count(number, "API"),
            _ if number == 1 => "1 branch".to_owned(),
            _ => format!("{number} branches"),
        };
        format!("\nNot shown, for want of room: {what}. The other formats have all.\n")
    };
    let reserve = rest(total).len();
    let mut shown = 0;
    let mut held_back = String::new();
    for item in items {
        if item.len() + reserve <= *room {
            *room -= item.len();
            out.push_str(&item);
            shown += 1;
        } else if shown + 1 == total && item.len() <= *room {
            held_back = item;
            shown += 1;
        }
    }
    *room -= held_back.len();
    out.push_str(&held_back);
    if shown < total && reserve <= *room {
        let rest = rest(total - shown);
        *room -= rest.len();
        out.push_str(&rest);
    }
}

fn section(out: &mut String, section: &Section) {
    if section.rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n| {} | {} |", section.name, section.columns.join(" | "));
    let _ = writeln!(out, "|---|{}", "---:|".repeat(section.columns.len()));
    let totals = section.totals.iter().map(|totals| ("**total**", totals));
    for (words, counts) in section.rows.iter().map(|row| (row.words, &row.counts)).chain(totals) {
        let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
        let _ = writeln!(out, "| {words} | {} |", counts.join(" | "));
    }
}

fn facts(out: &mut String, outcome: &Outcome, summary: &Summary) {
    out.push('\n');
    for (label, value) in summary.facts() {
        let _ = writeln!(out, "- {label}: {value}");
    }
    let _ = writeln!(out, "- environments added: {}", names(&outcome.added_environments));
    if !outcome.unused_decisions.is_empty() {
        let _ = writeln!(out, "- decide nothing: {}", names(&outcome.unused_decisions));
    }
}

/// Names the first of a list.
fn names(all: &[String]) -> String {
    let mut names: Vec<String> = all.iter().take(MOST_NAMES).map(|name| code(&brief(name))).collect();
    if all.len() > MOST_NAMES {
        names.push(format!("{} more", all.len() - MOST_NAMES));
    }
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn api(api: &ApiOutcome) -> String {
    let why = match &api.state {
        State::Refused(why) => format!(": {}", told(why)),
        State::Skipped(why) => format!(", left out: {}", told(why)),
        State::Written | State::Unchanged => String::new(),
    };
    let mut out = format!("\n**{}** {}{why}\n\n", code(&brief(&api.name)), Standing::of(api).words());
    let sources: Vec<String> = api
        .sources
        .iter()
        .take(MOST_NAMES)
        .map(|(branch, commit)| format!("{} ({})", code(&brief(branch)), code(&short(commit))))
        .collect();
    if !sources.is_empty() {
        let _ = writeln!(out, "- from {}", sources.join(", "));
    }
    let mut lines: Vec<String> = Vec::new();
    for gap in &api.gaps {
        let place = code(&brief(&format!("{} {}:{}", gap.branch, gap.file, gap.line)));
        lines.push(format!("- missing at {place}: {}\n", told(&gap.text)));
    }
    for question in &api.questions {
        let (_, kind) = words::question(question.kind);
        let blocks = if question.is_open { "" } else { " (nothing is written before)" };
        lines.push(format!("- open: {kind}: {}{blocks}\n", told(&question.text)));
    }
    if api.literals() > 0 {
        lines.push(format!("- in plain text: {}\n", text::plain(api)));
    }
    for environment in &api.environments {
        for object in &environment.objects {
            let is_bad = object.verdict() == Verdict::Unexplained
                || object.changes_pods()
                || object.changes_selector();
            if is_bad {
                lines.extend(self::object(&environment.name, object));
            }
        }
    }
    let left_out = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    out += &lines.concat();
    if left_out > 0 {
        let _ = writeln!(out, "- and {} more", count(left_out, "line"));
    }
    out
}

fn object(environment: &str, object: &ObjectOutcome) -> Vec<String> {
    let name = code(&brief(&format!("{} {}", object.kind, object.name)));
    let place = match &object.origin {
        Some((branch, file, line)) => format!(", {}", code(&brief(&format!("{branch} {file}:{line}")))),
        None => String::new(),
    };
    let verdict = words::verdict(object.verdict()).1;
    let head = format!("- {} {name}{place}: {verdict}\n", code(&brief(environment)));
    let differences = object.differences.iter().map(|difference| {
        let line = shown::line(object, difference);
        let values: Vec<String> = line.values.iter().map(|value| code(value)).collect();
        let sign = match line.sign {
            '+' => "new",
            '-' => "goes",
            _ => "",
        };
        let parts = [code(&brief(&line.path)), sign.to_owned(), values.join(" → ")];
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        format!("  - {} ({})\n", parts.join(" "), line.class)
    });
    std::iter::once(head).chain(differences).collect()
}

/// Writes what became of a branch's files, behind one line.
fn branch(branch: &BranchOutcome) -> String {
    let failure = branch.failure.as_ref().map(|why| format!(": not read: {}", html(why))).unwrap_or_default();
    let mut out = format!(
        "\n<details><summary>{} ({}): {}{failure}</summary>\n\n",
        html(&branch.name),
        html(&short(&branch.commit)),
        count(branch.files.len(), "file")
    );
    out += "| file | line | document | what became of it |\n|---|---:|---|---|\n";
    for file in &branch.files {
        let path = cell(&code(&brief(&file.path)));
        let fate = file_fate(file);
        if fate != "read" {
            let _ = writeln!(out, "| {path} | | | {} |", words::of(words::FILES, fate));
        }
        for document in &file.documents {
            let title = cell(&code(&brief(&shown::told(&document.title))));
            let fate = words::of(words::DOCUMENTS, document_fate(document));
            let _ = writeln!(out, "| {path} | {} | {title} | {fate} |", document.line);
        }
    }
    out + "\n</details>\n"
}

/// Writes what would answer the open questions, of as many as fit.
fn answers(outcome: &Outcome, budget: usize) -> String {
    let whole = skeleton(outcome);
    let text = fenced(&whole, "");
    if text.len() <= budget {
        return text;
    }
    // More questions make no shorter answer.
    let (mut most, mut above) = (0, whole.answered);
    let cut = |most: usize| {
        let rest = " The answers to further questions are left out for want of room.";
        fenced(&super::skeleton::of_first(outcome, most), rest)
    };
    while most + 1 < above {
        let middle = usize::midpoint(most, above);
        if cut(middle).len() <= budget { most = middle } else { above = middle }
    }
    let text = cut(most);
    if text.len() <= budget { text } else { String::new() }
}

fn fenced(skeleton: &Skeleton, more: &str) -> String {
    let files = [
        (&skeleton.decisions, "What would answer the open questions, for the file of `--decisions`."),
        (&skeleton.values, "What would fill in the templates, for the file of `--values`."),
    ];
    let mut out = String::new();
    for (yaml, title) in files.iter().filter(|(yaml, _)| !yaml.is_empty()) {
        let longest = yaml.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        let lines: Vec<String> = yaml.lines().map(|line| lines_without_commands(&harmless(line))).collect();
        let _ =
            write!(out, "\n{title} Look at each line.{more}\n\n{fence}yaml\n{}\n{fence}\n", lines.join("\n"));
    }
    out
}

fn told(text: &str) -> String {
    prose(&brief(&shown::told(text)))
}

/// Writes a text for a place where forges read HTML and markdown both.
fn html(text: &str) -> String {
    let text = brief(&shown::told(text));
    if text.trim().is_empty() {
        return String::new();
    }
    let tame: String = harmless(&text)
        .chars()
        .map(|c| match c {
            c if c.is_alphanumeric() || " /.,-".contains(c) => c.to_string(),
            c => format!("&#{};", u32::from(c)),
        })
        .collect();
    format!("<code>{tame}</code>")
}

/// The most characters of a text of a branch.
const MOST_CHARACTERS: usize = 300;

fn brief(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

//! For a comment on a pull request: the riskiest groups first, and never longer than the room there is.

use super::{Line, ObjectLines, members, objects, summary, unknown};
use crate::diagnostic::count;
use crate::effective::{Changed, Group, Groups};
use crate::report::harmless;
use crate::report::markdown::code;

/// The longest line of an excerpt or value, in bytes, since one group alone must not take all the room.
const MOST_LINES: usize = 60;

/// Writes a section on the changes in at most `budget` bytes: summary, counts, groups. A group that
/// does not fit is dropped, and counted in a last line; the next ones may.
pub fn markdown(groups: &Groups, budget: usize) -> String {
    let mut out = format!("### Effect: {}\n", summary(groups));
    let counts: Vec<String> = groups
        .counts
        .iter()
        .filter(|count| count.changed.environments > 0)
        .map(|count| {
            let Changed { apis, namespaces, environments } = count.changed;
            format!("| {} | {} | {environments} |\n", count.risk.words(), apis + namespaces)
        })
        .collect();
    if !counts.is_empty() {
        out += "\n| in the clusters | APIs and namespaces | environments |\n|---|---:|---:|\n";
        out += &counts.concat();
    }
    let mut worst_first: Vec<&Group> = groups.groups.iter().collect();
    worst_first.sort_by_key(|group| std::cmp::Reverse(group.risk));
    let items: Vec<String> = groups
        .unknown
        .iter()
        .map(|one| format!("\n**{}**\n", unknown(one, &code)))
        .chain(worst_first.iter().map(|group| section(group)))
        .collect();
    let left_out = |number: usize| format!("\nNot shown, for want of room: {}.\n", count(number, "group"));
    let all: usize = items.iter().map(String::len).sum();
    let reserve = if out.len() + all <= budget { 0 } else { left_out(items.len()).len() };
    let mut shown = 0;
    for item in &items {
        // One group that somebody made large hides no other.
        if out.len() + item.len() + reserve <= budget {
            out += item;
            shown += 1;
        }
    }
    if shown < items.len() {
        out += &left_out(items.len() - shown);
    }
    if out.len() <= budget { out } else { String::new() }
}

/// Writes one group.
fn section(group: &Group) -> String {
    let mut out = format!("\n**{}** {}\n\n", group.risk.words(), members(group, &code));
    let objects = objects(group);
    let mut lines: Vec<String> = Vec::new();
    for object in &objects {
        item(group, object, &mut lines);
    }
    let left_out = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    out += &lines.concat();
    if left_out > 0 {
        out += &["- and ", &count(left_out, "line"), " more\n"].concat();
    }
    out
}

fn item(group: &Group, object: &ObjectLines, lines: &mut Vec<String>) {
    let indent = if object.object.is_empty() { "" } else { "  " };
    if !object.object.is_empty() {
        let restarts: Vec<String> = object.restarts.iter().map(|name| code(name)).collect();
        let restarts =
            if restarts.is_empty() { String::new() } else { format!(" (restarts {})", restarts.join(", ")) };
        let risk = if object.risk == group.risk { "" } else { object.risk.words() };
        let risk = if risk.is_empty() { String::new() } else { format!(": {risk}") };
        lines.push(format!("- {}{restarts}{risk}\n", code(&object.object)));
    }
    lines.extend(object.lines.iter().map(|line| format!("{indent}- {}\n", change(line))));
}

fn change(line: &Line) -> String {
    let values: Vec<String> = line.values.iter().map(|value| code(&harmless(value))).collect();
    let verb = match (line.sign, line.words.is_empty()) {
        ('+', true) => "new",
        ('-', true) => "goes",
        _ => "",
    };
    // Names of kinds in the words are the repo's.
    let words = crate::report::markdown::prose(&line.words);
    let parts = [code(&line.path), verb.to_owned(), words, values.join(" → ")];
    let mut text =
        parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let excerpt: Vec<String> = line.excerpt.iter().map(|line| code(line)).collect();
    if !excerpt.is_empty() {
        text += ": ";
        text += &excerpt.join(", ");
    }
    text
}

//! What a check found, in the words of each format: its findings, and what changes in the clusters.

use crate::effective::Groups;
use crate::report::{Format, Report, Style, changes, harmless, markdown};

/// A report together with the changes that it is about.
pub(super) struct Shown<'a> {
    /// The findings.
    pub(super) report: &'a Report,
    /// What changes; nothing where that is not known.
    pub(super) groups: Option<&'a Groups>,
    /// What the two sides are called.
    pub(super) sides: [String; 2],
    /// Where the whole of it can be found.
    pub(super) artifact: Option<&'a str>,
}

impl Shown<'_> {
    /// Writes it in a format. Those for annotations have no place for changes.
    pub(super) fn write(&self, format: &Format, style: &Style) -> String {
        match (format.name, self.groups) {
            ("human", Some(groups)) => self.human(format, style, groups),
            ("json", Some(groups)) => self.json(format, style, groups),
            ("markdown", groups) => self.markdown(groups, markdown::LIMIT),
            _ => (format.write)(self.report, style),
        }
    }

    /// How much changes, the findings, and then what changes.
    fn human(&self, format: &Format, style: &Style, groups: &Groups) -> String {
        let changes = changes::text(groups);
        let findings = (format.write)(self.report, style);
        match changes.split_once("\n\n") {
            Some((summary, each)) => format!("{summary}\n\n{findings}\n{each}"),
            None => format!("{changes}{findings}"),
        }
    }

    /// The document of the findings, with the one of the changes in it.
    fn json(&self, format: &Format, style: &Style, groups: &Groups) -> String {
        let findings = (format.write)(self.report, style);
        let [base, head] = &self.sides;
        let changes = changes::json(groups, base, head);
        // Both are objects of ours, written over several lines, and one more key makes them one.
        match findings.trim_end().strip_suffix('}') {
            Some(open) => format!("{},\n  \"changes\": {}\n}}\n", open.trim_end(), indented(&changes)),
            None => findings,
        }
    }

    /// The worst findings, and then the riskiest changes, in at most `limit` bytes.
    fn markdown(&self, groups: Option<&Groups>, limit: usize) -> String {
        let pointer =
            self.artifact.map_or_else(String::new, |url| format!("\nThe whole report: {}\n", address(url)));
        let room = limit.saturating_sub(pointer.len() + 1);
        let effect = |room| groups.map_or_else(String::new, |groups| changes::markdown(groups, room));
        // What is wrong comes before what changes, but does not take all of the room.
        let spare = room.saturating_sub(effect(room).len());
        let findings = markdown::findings(self.report, spare.max(room / 3 * 2));
        let effect = effect(room - findings.len());
        format!("{findings}\n{effect}{pointer}")
    }
}

fn indented(json: &str) -> String {
    json.trim_end().replace('\n', "\n  ")
}

/// Writes an address so that it is a link, and nothing else than one.
fn address(url: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!&=+,;%".contains(c);
    let is_link =
        ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) && url.chars().all(plain);
    if is_link { format!("<{url}>") } else { markdown::code(&harmless(url)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, Location};
    use crate::render::codes::STALE_RENDER;
    use crate::snapshot::Snapshot;

    fn report(findings: usize) -> Report {
        let finding = |number| {
            let message =
                format!("`onboarding/api-{number}/base/deployment.yaml` is not what it is rendered to");
            Diagnostic::new(&STALE_RENDER, Location::file(format!("a/{number}")), message)
        };
        let directory = tempfile::tempdir().unwrap();
        let snapshot = Snapshot::work_tree(directory.path()).unwrap();
        Report::new((0..findings).map(finding).collect(), &snapshot, findings, 0)
    }

    #[test]
    fn a_comment_fits_whatever_is_found_and_says_where_the_rest_is() {
        for findings in [0, 10, 5_000] {
            let report = report(findings);
            let artifact = Some("https://ci.acme.example/runs/7?a=b");
            let shown =
                Shown { report: &report, groups: None, sides: [String::new(), String::new()], artifact };
            let text = shown.markdown(None, markdown::LIMIT);
            assert!(text.len() <= markdown::LIMIT, "{}", text.len());
            assert!(text.ends_with("The whole report: <https://ci.acme.example/runs/7?a=b>\n"), "{text}");
            assert_eq!(text.contains("Not shown, for want of room"), findings == 5_000);
        }
    }

    #[test]
    fn an_address_is_a_link_or_nothing_but_text() {
        assert_eq!(address("https://a.example/x"), "<https://a.example/x>");
        for hostile in ["javascript:alert(1)", "https://a> <img src=x", "https://a\n# b", "[a](https://b)"] {
            assert!(address(hostile).starts_with('`'), "{hostile}");
        }
    }
}

//! Findings made ready to be shown: lines and columns found, texts made harmless.
//!
//! Output formats are consumers of a [`Report`]; [`FORMATS`] names them all. `docs/formats.md` says what
//! each is for.

pub mod changes;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod jsonl;
mod junit;
pub mod markdown;
mod rdjson;
mod sarif;
mod text;

pub use text::{harmless, lines_without_commands, masked, quiet_in_logs, shown};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Fix, Location, Passed, PassedBy, Safety, Severity, count};
use crate::secrets;
use crate::snapshot::Snapshot;

/// A way to show a report.
#[derive(Clone, Debug)]
pub struct Format {
    /// What `--format` calls it.
    pub name: &'static str,
    /// Writes it.
    pub write: fn(&Report, &Style) -> String,
    /// Whether it is read by a forge, which counts paths from the top of the git repository
    /// ([`Report::below`]).
    pub for_forge: bool,
}

/// All formats; the first is what people get who ask for none.
pub static FORMATS: &[Format] = &[
    Format { name: "human", write: human::write, for_forge: false },
    Format { name: "json", write: json::write, for_forge: false },
    Format { name: "jsonl", write: jsonl::write, for_forge: false },
    Format { name: "github", write: github::write, for_forge: true },
    Format { name: "gitlab", write: gitlab::write, for_forge: true },
    Format { name: "rdjson", write: rdjson::write, for_forge: true },
    Format { name: "sarif", write: sarif::write, for_forge: true },
    Format { name: "junit", write: junit::write, for_forge: false },
    Format { name: "markdown", write: markdown::write, for_forge: true },
];

/// How a terminal wants it.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// Findings with their places and counts.
#[derive(Debug)]
pub struct Report {
    /// The findings in the order of the report.
    pub findings: Vec<Located>,
    /// How many APIs were looked at.
    pub apis: usize,
    /// How many could not be looked at.
    pub skipped: usize,
    /// How many findings a waiver covers; they are not among the findings.
    pub waived: usize,
    /// How many findings fixes took away, and in how many files; they are not among the findings.
    pub fixed: (usize, usize),
    /// What these are, where they are to be shown.
    passed: Vec<ShownPassed>,
    shows_passed: bool,
    /// The config repo's directory in its git repository, with `/`; empty at the top.
    prefix: String,
}

/// A finding with its places as lines and columns.
#[derive(Debug)]
pub struct Located {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// The primary place.
    pub place: Place,
    /// The further places, as in the finding.
    pub related: Vec<Place>,
    /// The places of the edits of its fix, as in the finding. A fix that would show a secret is left out of both.
    edits: Vec<Place>,
    /// Whether `lint` can mend it, shown or not.
    pub fixable: Option<Safety>,
}

/// A finding that passes, to be shown all the same.
#[derive(Debug)]
pub struct ShownPassed {
    /// The finding.
    pub finding: Located,
    /// What lets it pass.
    pub by: PassedBy,
    /// Why.
    pub reason: String,
}

/// A place as people count it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, where the place is inside of it.
    pub file: Option<Arc<File>>,
    /// First character.
    pub start: Option<Position>,
    /// One past the last character.
    pub end: Option<Position>,
}

/// A position as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// The most bytes of a file that is shown.
const MAX_BYTES: u64 = 4 << 20;

impl Report {
    /// Finds lines and columns. Each file with a finding is read once more.
    pub fn new(findings: Vec<Diagnostic>, snapshot: &Snapshot, apis: usize, skipped: usize) -> Self {
        let mut texts = Texts { snapshot, known: BTreeMap::new() };
        texts.read(&findings);
        let findings = findings.into_iter().map(|diagnostic| texts.locate(diagnostic)).collect();
        Self {
            findings,
            apis,
            skipped,
            waived: 0,
            fixed: (0, 0),
            passed: Vec::new(),
            shows_passed: false,
            prefix: String::new(),
        }
    }

    /// Adds findings that pass, for the formats that can say so: a reader of SARIF and of JSON.
    #[must_use]
    pub fn showing(mut self, passed: Vec<Passed>, snapshot: &Snapshot) -> Self {
        let mut texts = Texts { snapshot, known: BTreeMap::new() };
        let located: Vec<_> = passed
            .into_iter()
            .map(|passed| (texts.locate(passed.finding), passed.by, passed.reason))
            .collect();
        // One reason stands for findings of many files, and may repeat what any of them holds.
        let secrets = texts.secrets();
        let show = |(finding, by, reason): (Located, PassedBy, String)| ShownPassed {
            finding,
            by,
            reason: without_secrets(&reason, &secrets),
        };
        self.passed = located.into_iter().map(show).collect();
        self.shows_passed = true;
        self
    }

    /// Takes out the findings that the baseline knows: `covered` says of each whether it does.
    #[must_use]
    pub fn passing(mut self, covered: &[bool]) -> Self {
        let (known, new): (Vec<_>, Vec<_>) =
            self.findings.into_iter().enumerate().partition(|(index, _)| covered.get(*index) == Some(&true));
        self.findings = new.into_iter().map(|(_, finding)| finding).collect();
        self.waived += known.len();
        if self.shows_passed {
            let passed = |(_, finding)| ShownPassed {
                finding,
                by: PassedBy::Baseline,
                reason: "it was there before".to_owned(),
            };
            self.passed.extend(known.into_iter().map(passed));
        }
        self
    }

    /// Adds findings at the end.
    #[must_use]
    pub fn and(mut self, findings: Vec<Diagnostic>, snapshot: &Snapshot) -> Self {
        let mut texts = Texts { snapshot, known: BTreeMap::new() };
        self.findings.extend(findings.into_iter().map(|finding| texts.locate(finding)));
        self
    }

    /// Returns the findings that pass and are to be shown.
    pub fn shown_passed(&self) -> &[ShownPassed] {
        &self.passed
    }

    /// Says how many findings a waiver covers.
    #[must_use]
    pub fn waived(mut self, waived: usize) -> Self {
        self.waived = waived;
        self
    }

    /// Says how many findings fixes took away, and in how many files.
    #[must_use]
    pub fn fixed(mut self, findings: usize, files: usize) -> Self {
        self.fixed = (findings, files);
        self
    }

    /// Counts the findings that have a fix of this kind.
    pub fn fixable(&self, safety: Safety) -> usize {
        self.findings.iter().filter(|finding| finding.fixable == Some(safety)).count()
    }

    /// Says in one line what fixes did and could do; nothing where there are none.
    pub fn fixes_line(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.fixed.0 > 0 {
            let (findings, files) = (count(self.fixed.0, "finding"), count(self.fixed.1, "file"));
            parts.push(format!("Fixed {findings} in {files}; run `onramp render` next."));
        }
        let could = match (self.fixable(Safety::Safe), self.fixable(Safety::Unsafe)) {
            (0, 0) => None,
            (safe, 0) => Some(format!("{safe} fixable with `onramp lint --fix`.")),
            (0, more) => Some(format!("{more} fixable with `onramp lint --unsafe-fixes`.")),
            (safe, more) => {
                Some(format!("{safe} fixable with `onramp lint --fix`, {more} more with `--unsafe-fixes`."))
            }
        };
        parts.extend(could);
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// Says where the config repo lies in its git repository: a path with `/`, empty at the top.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        prefix.trim_matches('/').clone_into(&mut self.prefix);
        self
    }

    /// Returns a path of the config repo as the git repository knows it.
    pub fn path(&self, path: &str) -> String {
        if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) }
    }

    /// Returns the findings, the worst first; those of one severity in the order of the report.
    pub fn worst_first(&self) -> Vec<&Located> {
        let mut findings: Vec<&Located> = self.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.diagnostic.severity));
        findings
    }

    /// Says in one line what was looked at and what was found.
    pub fn closing_line(&self) -> String {
        let mut found = vec![counts(self.findings.iter())];
        if self.findings.is_empty() {
            found = vec!["no findings".to_owned()];
        }
        if self.waived > 0 {
            found.push(format!("{} waived", count(self.waived, "finding")));
        }
        if self.skipped > 0 {
            found.push(format!("{} not looked at", count(self.skipped, "API")));
        }
        format!("Checked {}: {}.", count(self.apis, "API"), found.join(", "))
    }

    /// Counts the findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.diagnostic.severity == severity).count()
    }

    /// Returns the worst severity.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.diagnostic.severity).max()
    }
}

/// Counts findings by severity: `1 error, 2 warnings`; empty for none.
fn counts<'a>(findings: impl Iterator<Item = &'a Located>) -> String {
    let mut numbers = BTreeMap::new();
    for finding in findings {
        *numbers.entry(std::cmp::Reverse(finding.diagnostic.severity)).or_insert(0_usize) += 1;
    }
    let noun = |severity: Severity| if severity == Severity::Info { "note" } else { severity.name() };
    let parts = numbers.into_iter().map(|(severity, number)| count(number, noun(severity.0)));
    parts.collect::<Vec<_>>().join(", ")
}

/// Takes secrets out of what somebody wrote for findings to pass: those of files, and what looks like one.
fn without_secrets(reason: &str, of_files: &BTreeSet<String>) -> String {
    let spans: Vec<_> = secrets::scan("reason", reason).into_iter().map(|hit| hit.span).collect();
    let values: Vec<&str> = of_files.iter().map(String::as_str).collect();
    secrets::without(&text::hidden(reason, &spans), &values)
}

struct Texts<'a> {
    snapshot: &'a Snapshot,
    known: BTreeMap<Arc<str>, Option<Arc<File>>>,
}

impl Texts<'_> {
    /// Reads the files that many findings are in at once; further ones are read as they are met.
    fn read(&mut self, findings: &[Diagnostic]) {
        let inside = findings.iter().filter(|finding| finding.primary.span.is_some());
        let paths: BTreeSet<&Arc<str>> = inside.map(|finding| &finding.primary.path).collect();
        let files = paths.into_par_iter().map(|path| (path.clone(), self.read_file(path)));
        self.known = files.collect();
    }

    fn locate(&mut self, mut diagnostic: Diagnostic) -> Located {
        let files: BTreeMap<Arc<str>, Arc<File>> = diagnostic
            .fix
            .iter()
            .flat_map(|fix| &fix.edits)
            .filter_map(|edit| Some((edit.path.clone(), self.file(&edit.path)?)))
            .collect();
        diagnostic.fix = diagnostic
            .fix
            .filter(|fix| !fix.is_at_alias(|path| files.get(path).map(|file| file.plain.as_str())));
        let fixable = diagnostic.fix.as_ref().map(|fix| fix.safety);
        self.redact(&mut diagnostic);
        Located {
            fixable,
            place: self.place(&diagnostic.primary),
            related: diagnostic.related.iter().map(|related| self.place(&related.location)).collect(),
            edits: diagnostic.fix.as_ref().map(|fix| self.edits(fix)).unwrap_or_default(),
            diagnostic,
        }
    }

    /// Finds the places of a fix; none where the fix holds what must not be shown, or where one of its files is not there.
    fn edits(&mut self, fix: &Fix) -> Vec<Place> {
        let mut places = Vec::new();
        for edit in &fix.edits {
            let place = self.place(&Location::at(edit.path.clone(), edit.span.clone()));
            let Some(file) = &place.file else { return Vec::new() };
            let (_, start) = file.line(edit.span.start);
            let replaced = file.plain[start..].lines().next().unwrap_or_default();
            if text::repeats_secret(&edit.text, replaced) {
                return Vec::new();
            }
            places.push(place);
        }
        places
    }

    fn place(&mut self, location: &Location) -> Place {
        let nowhere = Place { file: None, start: None, end: None };
        let Some(span) = &location.span else { return nowhere };
        let Some(file) = self.file(&location.path) else { return nowhere };
        let start = file.position(span.start);
        let end = file.position(span.end.max(span.start));
        Place { file: Some(file), start: Some(start), end: Some(end) }
    }

    /// Takes secret-looking values of the line that a finding points at out of its words, and what looks like a secret
    /// wherever it came from.
    fn redact(&mut self, diagnostic: &mut Diagnostic) {
        let file = diagnostic.primary.span.as_ref().and_then(|_| self.file(&diagnostic.primary.path));
        let line = file.as_ref().zip(diagnostic.primary.span.as_ref()).map(|(file, span)| {
            let (_, start) = file.line(span.start);
            (file.plain[start..].lines().next().unwrap_or_default(), file.values_near(start, span))
        });
        let clean = |text: &str| {
            let text = secrets::redacted(text);
            match &line {
                Some((line, values)) => secrets::without(&text::without_secrets(&text, line), values),
                None => text,
            }
        };
        diagnostic.message = clean(&diagnostic.message);
        diagnostic.label = clean(&diagnostic.label);
        diagnostic.help = diagnostic.help.take().map(|help| clean(&help));
        for related in &mut diagnostic.related {
            related.label = clean(&related.label);
        }
        if let Some(fix) = &mut diagnostic.fix {
            fix.message = clean(&fix.message);
            if fix.edits.iter().any(|edit| clean(&edit.text) != edit.text) {
                diagnostic.fix = None;
            }
        }
    }

    /// Returns the secrets of all files that were looked at, each once.
    fn secrets(&self) -> BTreeSet<String> {
        let files = self.known.values().flatten();
        let values =
            files.flat_map(|file| file.secrets.iter().filter_map(|span| file.plain.get(span.clone())));
        values.map(str::to_owned).collect()
    }

    fn file(&mut self, path: &Arc<str>) -> Option<Arc<File>> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let file = self.read_file(path);
        self.known.insert(path.clone(), file.clone());
        file
    }

    /// Reads a file. One that can be read no more is shown by its name alone; what is wrong with it is a finding of its own.
    fn read_file(&self, path: &str) -> Option<Arc<File>> {
        let bytes = self.snapshot.read(path, MAX_BYTES).ok().flatten()?;
        Some(Arc::new(File::new(path, &bytes)))
    }
}

/// A file with a finding in it.
#[derive(Debug)]
pub struct File {
    /// Its text.
    plain: String,
    /// The same with every byte in its place, but nothing that must not be shown ([`masked`]).
    pub masked: String,
    /// Where its lines start.
    lines: Vec<usize>,
    /// Where values stand that must not be shown, whatever their keys say.
    secrets: Vec<Range<usize>>,
}

impl Located {
    /// Returns its fix with the places of the edits, where it has one that may be shown.
    pub fn fix(&self) -> Option<(&Fix, &[Place])> {
        let fix = self.diagnostic.fix.as_ref().filter(|fix| fix.edits.len() == self.edits.len());
        fix.filter(|_| !self.edits.is_empty()).map(|fix| (fix, self.edits.as_slice()))
    }
}

impl Place {
    /// Returns the last line that has a part of it: a place that ends with a line break ends before the next line.
    fn last_line(&self) -> Option<usize> {
        let (start, end) = self.start.zip(self.end)?;
        Some(if end.column == 1 { end.line.saturating_sub(1).max(start.line) } else { end.line })
    }

    /// Writes `path:line:column`, with what is known of it.
    fn address(&self, path: &str) -> String {
        match self.start {
            Some(start) => format!("{path}:{}:{}", start.line, start.column),
            None => path.to_owned(),
        }
    }
}

impl File {
    fn new(path: &str, bytes: &[u8]) -> Self {
        let plain = String::from_utf8_lossy(bytes).into_owned();
        let secrets: Vec<_> = secrets::scan(path, &plain).into_iter().map(|hit| hit.span).collect();
        let mut parts = secrets.clone();
        parts.extend(text::secret_blocks(&plain));
        let hidden = text::hidden(&plain, &parts);
        let masked = hidden.split('\n').map(masked).collect::<Vec<_>>().join("\n");
        let ends = plain.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        Self { plain, masked, lines, secrets }
    }

    /// Returns the secrets that stand in a line or in a place.
    fn values_near(&self, line: usize, place: &Range<usize>) -> Vec<&str> {
        let end = self.plain[line..].find('\n').map_or(self.plain.len(), |at| line + at).max(place.end);
        let near = self.secrets.iter().filter(|span| span.start < end && line < span.end);
        near.filter_map(|span| self.plain.get(span.clone())).collect()
    }

    /// Returns the index of the line that a byte is in, and where that line starts.
    pub fn line(&self, offset: usize) -> (usize, usize) {
        let index = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        (index, self.lines.get(index).copied().unwrap_or(0))
    }

    fn position(&self, offset: usize) -> Position {
        let offset = self.plain.floor_char_boundary(offset.min(self.plain.len()));
        let (index, start) = self.line(offset);
        Position { line: index + 1, column: column(&self.plain[start..offset], start) }
    }
}

/// Counts characters from 1; a mark of the byte order at the start of a file is none.
fn column(before: &str, line_start: usize) -> usize {
    let before = if line_start == 0 { before.trim_start_matches('\u{feff}') } else { before };
    before.chars().count() + 1
}

impl Position {
    /// Returns the position of a byte offset.
    pub fn of(text: &str, offset: usize) -> Self {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line: before.matches('\n').count() + 1, column: column(&before[line_start..], line_start) }
    }
}

//! The page for management: counts that add up.

use std::collections::BTreeMap;

use super::words;
use crate::diagnostic::count;
use crate::migrate::{
    ApiOutcome, DocumentOutcome, Fate, FileOutcome, ObjectOutcome, Outcome, QuestionKind, State, Verdict,
};

/// The counts of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many pod templates differ in a way that a cluster sees.
    pub pods_changed: usize,
    /// How many selectors do.
    pub selectors_changed: usize,
    /// Tables of counts.
    pub sections: Vec<Section>,
    /// How many documents are Secrets whose values were withheld, in some environment at least.
    pub withheld: usize,
    /// How many questions are open.
    pub questions: usize,
    /// How many of these keep an API from being written.
    pub blocking: usize,
    /// How many comments came along.
    pub comments_kept: usize,
    /// How many have no place.
    pub comments_lost: usize,
    /// How much was noticed in the sources.
    pub notes: usize,
    /// How much is applied with the sources and is not known here.
    pub gaps: usize,
    /// How often a rule of the platform finds something.
    pub findings: usize,
    /// How many APIs have an environment of which the branches say no namespace, so that the platform does.
    pub namespaces_given: usize,
    /// How many passwords and keys came along in plain text.
    pub literals: usize,
    /// Of how many APIs.
    pub apis_with_literals: usize,
}

/// One table of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What is counted, as a key: `apis`, `differences`, `questions`, `branches`, `files`, `documents`.
    pub name: &'static str,
    /// What each column counts.
    pub columns: &'static [&'static str],
    /// The lines; each thing is counted in one of them.
    pub rows: Vec<Row>,
    /// The sums, where the lines add up to something.
    pub totals: Option<Vec<usize>>,
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it counts, as a key.
    pub name: &'static str,
    /// What it counts, in words.
    pub words: &'static str,
    /// The counts, by column.
    pub counts: Vec<usize>,
}

/// How an API ended, from good to bad: each has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It was written, and this is the worst of what was proved of it.
    Proved(Verdict),
    /// It was not written.
    Refused,
}

impl Standing {
    /// Says how an API ended.
    pub fn of(api: &ApiOutcome) -> Self {
        match api.state {
            State::Refused(_) => Self::Refused,
            State::Skipped(_) => Self::Proved(Verdict::Left),
            State::Written | State::Unchanged => Self::Proved(api.verdict()),
        }
    }

    /// Returns the name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proved(verdict) => words::verdict(verdict).0,
            Self::Refused => "not-written",
        }
    }

    /// Says it in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Proved(verdict) => words::verdict(verdict).1,
            Self::Refused => "not written",
        }
    }
}

impl Summary {
    /// Counts.
    pub fn new(outcome: &Outcome) -> Self {
        let objects = || {
            let environments = outcome.apis.iter().flat_map(|api| &api.environments);
            environments.flat_map(|environment| &environment.objects)
        };
        let questions = || outcome.apis.iter().flat_map(|api| &api.questions);
        let documents = || {
            let files = outcome.branches.iter().flat_map(|branch| &branch.files);
            files.flat_map(|file| &file.documents)
        };
        let withheld = |document: &&DocumentOutcome| document.fates.contains(&Fate::Withheld);
        Self {
            pods_changed: objects().filter(|object| object.changes_pods()).count(),
            selectors_changed: objects().filter(|object| object.changes_selector()).count(),
            sections: vec![
                proved(outcome, objects),
                differences(objects),
                self::questions(questions),
                branches(outcome),
                files(outcome),
                self::documents(documents),
            ],
            withheld: documents().filter(withheld).count(),
            questions: questions().count(),
            blocking: questions().filter(|question| !question.is_open).count(),
            comments_kept: outcome.apis.iter().map(|api| api.comments_kept).sum(),
            comments_lost: outcome.apis.iter().map(|api| api.comments_lost.len()).sum(),
            notes: outcome.apis.iter().map(|api| api.notes.len()).sum(),
            gaps: outcome.apis.iter().map(|api| api.gaps.len()).sum(),
            findings: outcome.apis.iter().flat_map(|api| api.findings.values()).sum(),
            namespaces_given: outcome.apis.iter().filter(|api| api.is_given_a_namespace()).count(),
            literals: outcome.apis.iter().map(ApiOutcome::literals).sum(),
            apis_with_literals: outcome.apis.iter().filter(|api| api.literals() > 0).count(),
        }
    }

    /// Returns the two lines that come first.
    pub fn headline(&self) -> [String; 2] {
        [
            format!("pod templates changed: {}", self.pods_changed),
            format!("selectors changed: {}", self.selectors_changed),
        ]
    }

    /// Returns what no table says, as words and value.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let comments = format!("{} kept, {} lost", self.comments_kept, self.comments_lost);
        let questions = match self.blocking {
            0 => self.questions.to_string(),
            some => {
                let verb = if some == 1 { "keeps" } else { "keep" };
                format!("{}, of which {some} {verb} an API from being written", self.questions)
            }
        };
        let literals = match self.literals {
            0 => "none".to_owned(),
            some => format!("{} in {}", count(some, "value"), count(self.apis_with_literals, "API")),
        };
        let namespaces = match self.namespaces_given {
            0 => "no API".to_owned(),
            some => format!(
                "{}, whose branches name none: a cluster sees no new objects only if that is where they run",
                count(some, "API")
            ),
        };
        vec![
            ("open questions", questions),
            ("secrets withheld", count(self.withheld, "document")),
            ("comments", comments),
            ("noticed in the sources", self.notes.to_string()),
            ("missing in the sources", self.gaps.to_string()),
            ("found by rules, for the baseline", self.findings.to_string()),
            ("passwords and keys in plain text", literals),
            ("namespace from the platform", namespaces),
        ]
    }
}

const VERDICTS: [Verdict; 4] = [Verdict::Identical, Verdict::Intended, Verdict::Left, Verdict::Unexplained];

fn proved<'a, I: Iterator<Item = &'a ObjectOutcome>>(outcome: &Outcome, objects: impl Fn() -> I) -> Section {
    let counts = |standing: Standing| {
        let apis = outcome.apis.iter().filter(|api| Standing::of(api) == standing).count();
        let is_one = |object: &&ObjectOutcome| standing == Standing::Proved(object.verdict());
        let workloads = objects().filter(|object| object.is_workload).filter(is_one).count();
        vec![apis, workloads, objects().filter(is_one).count()]
    };
    let standings = VERDICTS.map(Standing::Proved).into_iter().chain([Standing::Refused]);
    let rows = standings.map(|one| Row { name: one.name(), words: one.words(), counts: counts(one) });
    section("apis", &["APIs", "workloads", "objects"], rows.collect(), true)
}

fn differences<'a, I: Iterator<Item = &'a ObjectOutcome>>(objects: impl Fn() -> I) -> Section {
    let mut places: BTreeMap<_, [usize; 2]> = BTreeMap::new();
    for object in objects() {
        let mut seen = Vec::new();
        for difference in &object.differences {
            let counts = places.entry(&difference.class).or_default();
            counts[0] += 1;
            if !seen.contains(&&difference.class) {
                seen.push(&difference.class);
                counts[1] += 1;
            }
        }
    }
    let rows = places.into_iter().map(|(class, counts)| Row {
        name: class.name(),
        words: words::class(class),
        counts: counts.to_vec(),
    });
    // An object may have several kinds, so only the places add up.
    section("differences", &["places", "objects"], rows.collect(), false)
}

fn questions<'a, I: Iterator<Item = &'a super::super::Question>>(questions: impl Fn() -> I) -> Section {
    use QuestionKind::{Api, Definition, Environment, Image, Namespace, Owner, Values};
    let kinds = [Image, Owner, Values, Definition, Environment, Namespace, Api];
    let rows = kinds.into_iter().map(|kind| {
        let of_kind = || questions().filter(|question| question.kind == kind);
        let (name, words) = words::question(kind);
        let blocking = of_kind().filter(|question| !question.is_open).count();
        Row { name, words, counts: vec![of_kind().count(), blocking] }
    });
    let rows = rows.filter(|row| row.counts[0] > 0).collect();
    section("questions", &["open", "keep from writing"], rows, true)
}

fn branches(outcome: &Outcome) -> Section {
    let kinds = [
        ("read", "read, and part of an API"),
        ("unused", "read, and nothing in it is applied"),
        ("unreadable", "not read"),
    ];
    let kind = |branch: &super::super::BranchOutcome| match (&branch.failure, branch.apis.is_empty()) {
        (Some(_), _) => "unreadable",
        (None, true) => "unused",
        (None, false) => "read",
    };
    let rows = kinds.map(|(name, words)| {
        let number = outcome.branches.iter().filter(|branch| kind(branch) == name).count();
        Row { name, words, counts: vec![number] }
    });
    section("branches", &["branches"], rows.into(), true)
}

fn files(outcome: &Outcome) -> Section {
    let files = || outcome.branches.iter().flat_map(|branch| &branch.files);
    let rows = words::FILES.iter().map(|(name, words)| {
        let number = files().filter(|file| file_fate(file) == *name).count();
        Row { name, words, counts: vec![number] }
    });
    section("files", &["files"], rows.filter(|row| row.counts[0] > 0).collect(), true)
}

fn documents<'a, I: Iterator<Item = &'a DocumentOutcome>>(documents: impl Fn() -> I) -> Section {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for document in documents() {
        *numbers.entry(document_fate(document)).or_default() += 1;
    }
    let rows = words::DOCUMENTS.iter().filter_map(|(name, words)| {
        let number = numbers.get(name)?;
        Some(Row { name, words, counts: vec![*number] })
    });
    section("documents", &["documents"], rows.collect(), true)
}

/// Returns the one line of the page in which a file is counted.
pub(super) fn file_fate(file: &FileOutcome) -> &'static str {
    match &file.skipped {
        Some(skipped) => words::skipped(skipped).0,
        None if file.documents.is_empty() => "empty",
        None => "read",
    }
}

/// Returns the one line of the page in which a document is counted.
pub(super) fn document_fate(document: &DocumentOutcome) -> &'static str {
    let mut names = document.fates.iter().map(|fate| words::fate(fate).0);
    let Some(first) = names.next() else { return "unknown" };
    if names.all(|name| name == first) { first } else { "various" }
}

fn section(name: &'static str, columns: &'static [&'static str], rows: Vec<Row>, adds_up: bool) -> Section {
    let totals = adds_up.then(|| {
        let sum = |column: usize| rows.iter().map(|row| row.counts[column]).sum();
        (0..columns.len()).map(sum).collect()
    });
    Section { name, columns, rows, totals }
}

//! What reports call things: a key for programs, and words for people. None of it is a user's.

use crate::legacy::Skipped;
use crate::migrate::{Class, Fate, QuestionKind, Verdict};

/// What can become of a file, in the order of reports.
pub(super) const FILES: &[(&str, &str)] = &[
    ("read", "read document by document"),
    ("empty", "without any document"),
    ("input", "part of a kustomization"),
    ("template", "a template whose variables nobody filled in"),
    ("not-yaml", "neither YAML nor JSON by its name"),
    ("encrypted", "encrypted or binary"),
    ("too-large", "larger than what is read"),
    ("link", "a symbolic link"),
    ("submodule", "another repository"),
    ("bad-name", "a name that no file may have"),
    ("too-many", "beyond the number of files that is read"),
    ("unreadable", "not readable"),
];

/// What can become of a document, in the order of reports.
pub(super) const DOCUMENTS: &[(&str, &str)] = &[
    ("said", "said in metadata.yaml"),
    ("generated", "content of config files"),
    ("kept", "kept in resources/ as it was"),
    ("input", "part of a kustomization"),
    ("kustomization", "a kustomization"),
    ("repeated", "the same object again"),
    ("superseded", "another definition counts"),
    ("withheld", "a Secret, whose values are nowhere"),
    ("left", "left out"),
    ("no-object", "no object of Kubernetes"),
    ("unreadable", "not readable"),
    ("unwritten", "of an API that was not written"),
    ("various", "not the same in each environment"),
    ("unknown", "of unknown fate: this is a bug in onramp"),
];

/// The words of a key in one of the lists.
pub(super) fn of(list: &[(&'static str, &'static str)], name: &str) -> &'static str {
    list.iter().find(|(known, _)| *known == name).map_or("", |(_, words)| words)
}

/// A fate, and what it names: a file, or why.
pub(super) fn fate(fate: &Fate) -> (&'static str, Option<String>) {
    match fate {
        Fate::Said => ("said", None),
        Fate::Generated => ("generated", None),
        Fate::Kept(file) => ("kept", Some(file.clone())),
        Fate::Input(kustomization) => ("input", Some(kustomization.to_string())),
        Fate::Kustomization => ("kustomization", None),
        Fate::Repeated(file) => ("repeated", Some(file.clone()).filter(|file| !file.is_empty())),
        Fate::Superseded(file) => ("superseded", Some(file.clone())),
        Fate::Withheld => ("withheld", None),
        Fate::Left(why) => ("left", Some(why.clone())),
        Fate::NoObject => ("no-object", None),
        Fate::Unreadable(code, why) => ("unreadable", Some(format!("{why} ({code})"))),
        Fate::Unwritten(why) => ("unwritten", Some(why.clone())),
    }
}

/// Why a file is not read, and more of it.
pub(super) fn skipped(skipped: &Skipped) -> (&'static str, Option<String>) {
    match skipped {
        Skipped::NotYaml => ("not-yaml", None),
        Skipped::Encrypted => ("encrypted", None),
        Skipped::TooLarge(bytes) => ("too-large", Some(format!("{bytes} bytes"))),
        Skipped::Link => ("link", None),
        Skipped::Submodule => ("submodule", None),
        Skipped::BadName => ("bad-name", None),
        Skipped::TooMany => ("too-many", None),
        Skipped::Unreadable(why) => ("unreadable", Some(why.clone())),
        Skipped::Template(variables) => {
            let each = variables.iter().map(|one| format!("{} on line {}", one.written, one.line));
            ("template", Some(each.collect::<Vec<_>>().join(", ")))
        }
        Skipped::Input(kustomization) => ("input", Some(kustomization.to_string())),
    }
}

pub(super) fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Identical => ("identical", "identical"),
        Verdict::Intended => ("intended", "intended differences only"),
        Verdict::Left => ("left", "something left out on purpose"),
        Verdict::Unexplained => ("unexplained", "unexplained differences"),
    }
}

pub(super) fn class(class: &Class) -> &'static str {
    match class {
        Class::ApiVersion => "an API version that clusters serve",
        Class::Default => "the server's default, or another spelling",
        Class::Noise => "what exports carry",
        Class::Namespace => "the platform's namespace",
        Class::Replicas => "replicas left to the autoscaler",
        Class::Repaired => "a value that the server would refuse, repaired",
        Class::Decided => "decided in the decisions file",
        Class::Edited => "changed here by people, since",
        Class::Unexplained => "unexplained",
    }
}

pub(super) fn question(kind: QuestionKind) -> (&'static str, &'static str) {
    match kind {
        QuestionKind::Image => ("image", "which image runs"),
        QuestionKind::Owner => ("owner", "who owns it"),
        QuestionKind::Values => ("values", "what fills in a template"),
        QuestionKind::Definition => ("definition", "which of two definitions counts"),
        QuestionKind::Environment => ("environment", "in which environment it runs"),
        QuestionKind::Namespace => ("namespace", "which namespace it runs in"),
        QuestionKind::Api => ("api", "whether it is an API of its own"),
    }
}

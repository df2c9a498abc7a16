//! Branches by patterns of their names, as `git branch --list` takes them.

use std::collections::{BTreeMap, BTreeSet};

use super::Reference;
use crate::git::Branch;

/// The remote whose branches come first where several have one of a name.
const ORIGIN: &str = "origin";

/// Picks the branches that fit one of the patterns, sorted by name.
pub(super) fn select(branches: Vec<Branch>, patterns: &[String]) -> Vec<Reference> {
    let (mut found, mut remote) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
    let mut local = BTreeSet::new();
    for Branch { name, commit } in branches {
        let fits = |short: &str| patterns.iter().any(|pattern| matches(pattern, short, &name));
        if let Some(short) = name.strip_prefix("refs/heads/") {
            if fits(short) {
                found.insert(short.to_owned(), commit);
            }
            local.insert(short.to_owned());
        } else if let Some(short) = name.strip_prefix("refs/remotes/") {
            let below = short.split_once('/');
            if fits(short) {
                found.insert(short.to_owned(), commit);
            } else if let Some((of, below)) = below
                && fits(below)
            {
                remote.entry(below.to_owned()).or_default().push((of != ORIGIN, short.to_owned(), commit));
            }
        }
    }
    for (name, mut of) in remote {
        of.sort();
        if let (false, Some((_, name, commit))) = (local.contains(&name), of.into_iter().next()) {
            found.insert(name, commit);
        }
    }
    found.into_iter().map(|(name, commit)| Reference { name, commit }).collect()
}

pub(super) fn matches(pattern: &str, short: &str, full: &str) -> bool {
    [short, full].iter().any(|name| {
        let is_below =
            || name.strip_prefix(pattern.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
        if pattern.contains(['*', '?', '[']) { fits(pattern, name) } else { *name == pattern || is_below() }
    })
}

/// Tells whether a text fits a pattern, in time that grows with the product of their lengths.
///
/// It is not the pattern of `exceptions`, by which waivers and decisions name APIs: git knows no `{a,b}`, takes a
/// bracket without an end for a letter, where that one refuses the pattern, and `**/` for a directory that is there, where to
/// that one it may be none.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut here) = (0, 0);
    // Where to go on if what follows the last `*` does not fit: it takes one letter more.
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, here));
            at += 1;
        } else if let Some(length) = one(&pattern[at..], text[here]) {
            at += length;
            here += 1;
        } else if let Some((back, taken)) = star {
            star = Some((back, taken + 1));
            (at, here) = (back + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// Returns how many letters of a pattern stand for one of the text; nothing where it does not fit.
fn one(pattern: &[char], letter: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => {
            // A bracket that is the first of its set belongs to it.
            let Some(end) = pattern.iter().skip(2).position(|letter| *letter == ']').map(|end| end + 2)
            else {
                return (letter == '[').then_some(1);
            };
            let set = &pattern[1..end];
            let (negated, set) = match set.split_first() {
                Some(('!' | '^', rest)) if !rest.is_empty() => (true, rest),
                _ => (false, set),
            };
            let is_in = set.contains(&letter)
                || set.windows(3).any(|run| run[1] == '-' && (run[0]..=run[2]).contains(&letter));
            (is_in != negated).then_some(end + 1)
        }
        '\\' if pattern.len() > 1 => (pattern[1] == letter).then_some(2),
        other => (*other == letter).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::ObjectId;

    #[test]
    fn patterns_are_those_of_git() {
        for (pattern, text, fit) in [
            ("legacy/*", "legacy/a", true),
            ("legacy/*", "legacy/a/b", true),
            ("legacy/*", "legacy", false),
            ("legacy/*", "other/legacy/a", false),
            ("*", "a/b", true),
            ("*-api", "legacy/shop-api", true),
            ("*-api", "legacy/shop-api-2", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("v[12]", "v1", true),
            ("v[!12]", "v1", false),
            ("v[a-c]x", "vbx", true),
            ("v[", "v[", true),
            ("[]]", "]", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("**/é*", "x/y/éa", true),
            ("", "", true),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
        let long = "a".repeat(2_000);
        assert!(!fits(&"a*".repeat(200).replace("**", "*"), &format!("b{long}")));
        assert!(!fits(&format!("{}b", "*a".repeat(200)), &long));
    }

    fn names(branches: &[&str], patterns: &[&str]) -> Vec<String> {
        let commit = ObjectId::from_bytes(&[1; 20]).unwrap();
        let branches = branches.iter().map(|name| Branch { name: format!("refs/{name}"), commit }).collect();
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        select(branches, &patterns).into_iter().map(|reference| reference.name).collect()
    }

    #[test]
    fn remotes_stand_in_for_what_is_not_local() {
        let all = [
            "heads/legacy/a",
            "heads/legacy/x/y",
            "heads/main",
            "remotes/fork/legacy/b",
            "remotes/origin/legacy/a",
            "remotes/origin/legacy/b",
            "remotes/upstream/legacy/c",
        ];
        assert_eq!(
            names(&all, &["legacy/*"]),
            ["legacy/a", "legacy/x/y", "origin/legacy/b", "upstream/legacy/c"]
        );
        assert_eq!(names(&all, &["origin/legacy/*"]), ["origin/legacy/a", "origin/legacy/b"]);
        assert_eq!(names(&all, &["legacy"]), names(&all, &["legacy/*"]));
        assert_eq!(names(&all, &["refs/heads/legacy/a", "main"]), ["legacy/a", "main"]);
        assert_eq!(names(&all, &["nothing/*"]), Vec::<String>::new());
        assert_eq!(names(&all, &[]), Vec::<String>::new());
    }
}

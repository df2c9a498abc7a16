//! The answers to all open questions, as one file each that people can complete.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::diagnostic::Sink;
use crate::migrate::{Outcome, QuestionKind};
use crate::secrets;
use crate::yaml::{self, Source, SourceId};

/// What would answer the open questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skeleton {
    /// A decisions file; empty where none is needed.
    pub decisions: String,
    /// A file of values; empty where none is needed.
    pub values: String,
    /// How many questions have an answer in them.
    pub answered: usize,
}

/// The keys of a decisions file, in its order.
const KEYS: &[&str] = &["environments", "defaults", "owners", "branches", "apis"];

/// Merges the answers to all open questions.
pub fn skeleton(outcome: &Outcome) -> Skeleton {
    of_first(outcome, usize::MAX)
}

/// The same for so many questions.
pub(super) fn of_first(outcome: &Outcome, most: usize) -> Skeleton {
    let (mut decisions, mut values) = (Map::new(), Map::new());
    let groups = groups(outcome);
    let mut answered = 0;
    let questions = outcome.apis.iter().flat_map(|api| api.questions.iter().map(move |one| (api, one)));
    for (api, question) in questions.take(most) {
        let Some(Json::Object(mut answer)) = read(&question.answer) else { continue };
        answered += 1;
        if let Some(group) = groups.get(api.name.as_str())
            && let Some(owner) = answer.shift_remove("owner")
        {
            let of_all = Map::from_iter([(group.clone(), owner)]);
            answer.insert("owners".to_owned(), Json::Object(of_all));
        }
        if question.kind == QuestionKind::Values {
            merge(&mut values, answer);
        } else if answer.keys().all(|key| KEYS.contains(&key.as_str()) || key == "apiVersion") {
            merge(&mut decisions, answer);
        } else {
            // An answer that speaks of its own API alone.
            let of_api = Map::from_iter([(api.name.clone(), Json::Object(answer))]);
            merge(&mut decisions, Map::from_iter([("apis".to_owned(), Json::Object(of_api))]));
        }
    }
    let mut document = Map::new();
    if !decisions.is_empty() {
        document.insert("apiVersion".to_owned(), "onramp/v1".into());
        let known = KEYS.iter().filter_map(|key| decisions.swap_remove_entry(*key));
        document.extend(known.collect::<Vec<_>>());
    }
    Skeleton { decisions: written(document), values: written(values), answered }
}

/// Patterns for APIs that one answer may say the owner of, by name: their names begin with one word, and the question about
/// each of them has the same answer, so that one person seems to answer for all.
fn groups(outcome: &Outcome) -> BTreeMap<&str, String> {
    let mut asked: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for api in &outcome.apis {
        let owner = api.questions.iter().find(|question| question.kind == QuestionKind::Owner);
        if let (Some((word, _)), Some(owner)) = (api.name.split_once('-'), owner) {
            asked.entry(word).or_default().push((&api.name, &owner.answer));
        }
    }
    let alike = |apis: &Vec<(&str, &str)>| apis.len() > 1 && apis.iter().all(|api| api.1 == apis[0].1);
    let groups = asked.into_iter().filter(|(_, apis)| alike(apis));
    groups.flat_map(|(word, apis)| apis.into_iter().map(move |(api, _)| (api, format!("{word}-*")))).collect()
}

fn written(map: Map<String, Json>) -> String {
    // It is printed, and what it is made of was a stranger's.
    if map.is_empty() { String::new() } else { secrets::redacted(&yaml::emit(&Json::Object(map))) }
}

fn read(answer: &str) -> Option<Json> {
    let source = Source { id: SourceId(0), path: "answer".into(), text: answer.to_owned() };
    Some(yaml::parse(&source, &mut Sink::default())?.to_json())
}

/// Puts one map into another: maps grow together, lists gain what they lack, and of two texts the first stays.
fn merge(into: &mut Map<String, Json>, from: Map<String, Json>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (None, value) => drop(into.insert(key, value)),
            (Some(Json::Object(one)), Json::Object(other)) => merge(one, other),
            (Some(Json::Array(one)), Json::Array(other)) => {
                for item in other {
                    if !one.contains(&item) {
                        one.push(item);
                    }
                }
            }
            (Some(_), _) => {}
        }
    }
}

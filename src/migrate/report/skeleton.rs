//! The answers to all open questions, as one file each that people can complete.

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
const KEYS: &[&str] = &["environments", "defaults", "branches", "apis"];

/// Merges the answers to all open questions.
pub fn skeleton(outcome: &Outcome) -> Skeleton {
    of_first(outcome, usize::MAX)
}

/// The same for so many questions.
pub(super) fn of_first(outcome: &Outcome, most: usize) -> Skeleton {
    let (mut decisions, mut values) = (Map::new(), Map::new());
    let mut answered = 0;
    let questions = outcome.apis.iter().flat_map(|api| api.questions.iter().map(move |one| (api, one)));
    for (api, question) in questions.take(most) {
        let Some(Json::Object(answer)) = read(&question.answer) else { continue };
        answered += 1;
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

//! JSON 6902 operations that make up for what words do not say.

use serde_json::{Map, Value as Json, json};

use super::difference::{Class, Difference};

/// Returns what takes the unexplained differences out of an object as it is built, as operations of a JSON 6902 patch.
/// Nothing is returned for a difference in what an object is known by, which no patch may touch.
pub(super) fn operations(built: &Json, differences: &[Difference]) -> Option<Vec<Json>> {
    let mut steps = Vec::new();
    for Difference { path, before, after, .. } in
        differences.iter().filter(|found| found.class == Class::Unexplained)
    {
        let is_known_by =
            matches!(path.as_str(), "" | "/apiVersion" | "/kind" | "/metadata/name" | "/metadata/namespace");
        if is_known_by || path.starts_with("/spec/selector") {
            return None;
        }
        match (before, after) {
            (Some(Json::Array(wanted)), Some(Json::Array(there))) => lists(path, there, wanted, &mut steps),
            (Some(value), Some(_)) if built.pointer(path).is_some() => {
                steps.push(json!({ "op": "replace", "path": path, "value": value }));
            }
            // The branch has it, and what is built has not, or says it without a word.
            (Some(value), _) => steps.push(added(built, path, value)),
            (None, Some(_)) if built.pointer(path).is_some() => {
                steps.push(json!({ "op": "remove", "path": path }));
            }
            (None, _) => return None,
        }
    }
    Some(steps)
}

/// Adds a value, and the maps around it that are not there yet.
fn added(built: &Json, path: &str, value: &Json) -> Json {
    let mut value = value.clone();
    let mut path = path;
    while let Some((parent, key)) = path.rsplit_once('/') {
        if parent.is_empty() || built.pointer(parent).is_some() {
            break;
        }
        value = Map::from_iter([(key.replace("~1", "/").replace("~0", "~"), value)]).into();
        path = parent;
    }
    json!({ "op": "add", "path": path, "value": value })
}

/// Changes a list of another length: only items between those that are alike at its start and end.
fn lists(path: &str, there: &[Json], wanted: &[Json], steps: &mut Vec<Json>) {
    let start = there.iter().zip(wanted).take_while(|(old, new)| old == new).count();
    let rest = there.len().min(wanted.len()) - start;
    let end =
        there.iter().rev().zip(wanted.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    for index in (start..there.len() - end).rev() {
        steps.push(json!({ "op": "remove", "path": format!("{path}/{index}") }));
    }
    for (index, value) in wanted.iter().enumerate().take(wanted.len() - end).skip(start) {
        let place = if end == 0 { "-".to_owned() } else { index.to_string() };
        steps.push(json!({ "op": "add", "path": format!("{path}/{place}"), "value": value }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(path: &str, before: Option<Json>, after: Option<Json>) -> Difference {
        Difference { path: path.to_owned(), before, after, class: Class::Unexplained }
    }

    #[test]
    fn what_is_missing_comes_with_the_maps_around_it() {
        let built = json!({"spec": {"a": 1}});
        let steps = operations(&built, &[difference("/spec/b/c~1d", Some(json!(2)), None)]);
        assert_eq!(steps, Some(vec![json!({"op": "add", "path": "/spec/b", "value": {"c/d": 2}})]));
    }

    #[test]
    fn of_a_list_only_what_differs_is_written() {
        let list = |items: &[u8]| Some(json!(items));
        let steps = |there: &[u8], wanted: &[u8]| {
            operations(&json!({"a": there}), &[difference("/a", list(wanted), list(there))]).expect("a patch")
        };
        let add = |path: &str, value: u8| json!({"op": "add", "path": path, "value": value});
        let remove = |path: &str| json!({"op": "remove", "path": path});
        assert_eq!(steps(&[1, 3], &[1, 2, 3]), [add("/a/1", 2)]);
        assert_eq!(steps(&[1], &[1, 2, 3]), [add("/a/-", 2), add("/a/-", 3)]);
        assert_eq!(steps(&[1, 2, 3, 4], &[1, 4]), [remove("/a/2"), remove("/a/1")]);
        assert_eq!(steps(&[1, 2, 3], &[1, 5, 6, 3]), [remove("/a/1"), add("/a/1", 5), add("/a/2", 6)]);
    }

    #[test]
    fn what_an_object_is_known_by_is_never_patched() {
        let found = difference("/spec/selector/matchLabels/app", Some(json!("a")), Some(json!("b")));
        assert_eq!(operations(&json!({}), &[found]), None);
    }
}

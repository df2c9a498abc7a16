//! Lists: which elements of two are the same one.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::ordered;

/// Two lists whose differing parts have more elements than this, multiplied, are compared as wholes.
const MOST_PAIRS: usize = 250_000;

/// Returns what names an element among its neighbours, by the name of the list's field; nothing where
/// Kubernetes tells its elements apart by their place. The keys are those that Kubernetes merges by, and
/// a few by which people know an element: the host of an Ingress rule, the metric of an autoscaler.
fn key<'a>(field: &str, element: &'a Json) -> Option<Cow<'a, str>> {
    let text = |key: &str| ordered::field(element, key).and_then(Json::as_str);
    let of_port = |port: &Json| {
        let number = match port {
            Json::String(name) => name.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(Cow::Owned(format!("{number}/{}", text("protocol").unwrap_or("TCP"))))
    };
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets"
        | "listeners" => text("name").map(Cow::Borrowed),
        "volumeMounts" => text("mountPath").map(Cow::Borrowed),
        "volumeDevices" => text("devicePath").map(Cow::Borrowed),
        "hostAliases" => text("ip").map(Cow::Borrowed),
        "items" => text("key").map(Cow::Borrowed),
        "data" => text("secretKey").map(Cow::Borrowed),
        "ports" => of_port(element.get("containerPort").or_else(|| element.get("port"))?),
        "topologySpreadConstraints" => {
            Some(Cow::Owned(format!("{}/{}", text("topologyKey")?, text("whenUnsatisfiable")?)))
        }
        "volumeClaimTemplates" => element["metadata"]["name"].as_str().map(Cow::Borrowed),
        "rules" if element.get("http").is_some() || element.get("host").is_some() => {
            Some(Cow::Borrowed(text("host").unwrap_or("*")))
        }
        "paths" => text("path").map(Cow::Borrowed),
        "metrics" => {
            let metric = element.get("resource").or_else(|| element.get("containerResource"))?;
            metric["name"].as_str().map(Cow::Borrowed)
        }
        _ => None,
    }
}

/// Names the elements of a list, where each has a name of its own.
pub(super) fn keys<'a>(field: &str, list: &'a [Json]) -> Option<Vec<Cow<'a, str>>> {
    let keys: Vec<_> = list.iter().map(|element| key(field, element)).collect::<Option<_>>()?;
    let unique: BTreeSet<&str> = keys.iter().map(AsRef::as_ref).collect();
    (unique.len() == keys.len()).then_some(keys)
}

/// Finds an element by its name; the first one where several have it.
pub fn position(field: &str, list: &[Json], name: &str) -> Option<usize> {
    list.iter().position(|element| key(field, element).is_some_and(|key| key == name))
}

/// Names one element as its neighbours are named.
pub fn name_of<'a>(field: &str, element: &'a Json) -> Option<Cow<'a, str>> {
    key(field, element)
}

/// How the elements of two lists without keys go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// An element of the old list became one of the new list.
    Both(usize, usize),
    /// An element of the old list goes.
    Old(usize),
    /// An element of the new list comes.
    New(usize),
}

/// Aligns two lists so that as many elements as can be stay; what differs between two that stay is paired in order.
/// Pairs of equal elements are left out. Nothing is returned where the lists are too long for that.
pub(super) fn align(old: &[Json], new: &[Json], same: impl Fn(&Json, &Json) -> bool) -> Option<Vec<Pair>> {
    let start = old.iter().zip(new).take_while(|(old, new)| same(old, new)).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = end.take_while(|(old, new)| same(old, new)).count();
    let (rows, columns) = (old.len() - start - end, new.len() - start - end);
    if rows.saturating_mul(columns) > MOST_PAIRS {
        return None;
    }
    // `longest[row][column]`: how many elements can stay from there on.
    let mut longest = vec![vec![0_usize; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            longest[row][column] = if same(&old[start + row], &new[start + column]) {
                longest[row + 1][column + 1] + 1
            } else {
                longest[row + 1][column].max(longest[row][column + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let (mut row, mut column) = (0, 0);
    while row < rows || column < columns {
        if row < rows && column < columns && same(&old[start + row], &new[start + column]) {
            flush(&mut gone, &mut come, &mut pairs);
            (row, column) = (row + 1, column + 1);
        } else if column == columns || (row < rows && longest[row + 1][column] >= longest[row][column + 1]) {
            gone.push(start + row);
            row += 1;
        } else {
            come.push(start + column);
            column += 1;
        }
    }
    flush(&mut gone, &mut come, &mut pairs);
    Some(pairs)
}

fn flush(gone: &mut Vec<usize>, come: &mut Vec<usize>, pairs: &mut Vec<Pair>) {
    let both = gone.len().min(come.len());
    pairs.extend(gone.iter().zip(come.iter()).map(|(old, new)| Pair::Both(*old, *new)));
    pairs.extend(gone.drain(..).skip(both).map(Pair::Old));
    pairs.extend(come.drain(..).skip(both).map(Pair::New));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn aligned(old: &str, new: &str) -> Vec<Pair> {
        let list = |text: &str| -> Vec<Json> { text.chars().map(|c| json!(c.to_string())).collect() };
        align(&list(old), &list(new), |old, new| old == new).unwrap()
    }

    #[test]
    fn what_stays_keeps_its_neighbours_in_place() {
        assert_eq!(aligned("abc", "abc"), []);
        assert_eq!(aligned("abc", "xabc"), [Pair::New(0)]);
        assert_eq!(aligned("abc", "axc"), [Pair::Both(1, 1)]);
        assert_eq!(aligned("abcd", "acd"), [Pair::Old(1)]);
        assert_eq!(aligned("ab", "xyz"), [Pair::Both(0, 0), Pair::Both(1, 1), Pair::New(2)]);
        assert_eq!(aligned("", "a"), [Pair::New(0)]);
        assert_eq!(aligned("abcx", "xabc"), [Pair::New(0), Pair::Old(3)], "three stay, not one");
    }

    #[test]
    fn elements_are_named_where_each_has_a_name() {
        let ports = [json!({ "containerPort": 80 }), json!({ "containerPort": 80, "protocol": "UDP" })];
        assert_eq!(keys("ports", &ports).unwrap(), ["80/TCP", "80/UDP"]);
        assert_eq!(keys("ports", &[ports[0].clone(), ports[0].clone()]), None, "twice the same");
        assert_eq!(keys("env", &[json!({ "name": "A" }), json!({})]), None, "one has none");
        assert_eq!(keys("tolerations", &[json!({ "name": "A" })]), None);
    }
}

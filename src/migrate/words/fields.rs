//! Which fields Kubernetes knows, and of what kind, for the objects that are converted.
//!
//! An API server drops what its Go types do not have and cannot tell a field that was left out from one that
//! holds the zero value of its type, unless the type is a pointer. Both decide whether two objects are the same,
//! so the table carries both.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Boolean,
    Quantity,
    IntegerOrText,
    List(Box<Kind>),
    Map(Box<Kind>),
    Object(&'static str),
}

/// A field of a type.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// Whether left out and zero are two things.
    pub(super) pointer: bool,
    pub(super) kind: Kind,
}

static TYPES: LazyLock<BTreeMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    let mut types: BTreeMap<&str, Vec<Field>> = BTreeMap::new();
    let mut current = "";
    for line in include_str!("fields.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        if !line.starts_with(' ') {
            current = words.next().unwrap_or_default();
        }
        types.entry(current).or_default().extend(words.filter_map(field));
    }
    types
});

/// Returns the fields of a type; none if there is no such type.
pub(super) fn fields(name: &str) -> &'static [Field] {
    TYPES.get(name).map_or(&[], Vec::as_slice)
}

/// Tells whether objects of a kind are known.
pub(super) fn is_known(kind: &str) -> bool {
    fields(kind).iter().any(|field| field.name == "metadata")
}

fn field(word: &'static str) -> Option<Field> {
    let (name, kind) = word.split_once(':')?;
    let pointee = kind.strip_prefix('*');
    Some(Field { name, pointer: pointee.is_some(), kind: self::kind(pointee.unwrap_or(kind)) })
}

fn kind(word: &'static str) -> Kind {
    let inner = word.get(1..word.len().saturating_sub(1)).unwrap_or_default();
    match word {
        "s" => Kind::Text,
        "i" => Kind::Integer,
        "b" => Kind::Boolean,
        "q" => Kind::Quantity,
        "x" => Kind::IntegerOrText,
        _ if word.starts_with('[') => Kind::List(Box::new(kind(inner))),
        _ if word.starts_with('{') => Kind::Map(Box::new(kind(inner))),
        _ => Kind::Object(word.trim_start_matches('*')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(kind: &Kind) -> Option<&'static str> {
        match kind {
            Kind::List(inner) | Kind::Map(inner) => named(inner),
            Kind::Object(name) => Some(name),
            _ => None,
        }
    }

    #[test]
    fn every_type_that_a_field_names_is_there() {
        assert!(TYPES.len() > 100);
        for (name, fields) in TYPES.iter() {
            assert!(!fields.is_empty(), "{name}");
            for field in fields {
                if let Some(other) = named(&field.kind) {
                    assert!(TYPES.contains_key(other), "{name}.{}: {other}", field.name);
                }
            }
        }
    }

    #[test]
    fn pointers_lists_and_maps_are_told_apart() {
        let of = |name: &str, field: &str| {
            let field = fields(name).iter().find(|known| known.name == field).expect("a known field");
            (field.pointer, field.kind.clone())
        };
        assert_eq!(of("DeploymentSpec", "replicas"), (true, Kind::Integer));
        assert_eq!(of("PodSpec", "hostNetwork"), (false, Kind::Boolean));
        assert_eq!(of("Container", "ports"), (false, Kind::List(Box::new(Kind::Object("ContainerPort")))));
        assert_eq!(of("ResourceRequirements", "limits"), (false, Kind::Map(Box::new(Kind::Quantity))));
        assert_eq!(of("Probe", "httpGet"), (true, Kind::Object("HTTPGetAction")));
        assert!(is_known("Deployment") && !is_known("PodSpec") && !is_known("Rollout"));
    }
}

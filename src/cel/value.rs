//! Values while an expression is evaluated. What comes from an object is borrowed from it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use serde_json::{Map as JsonMap, Value as Json};

use super::format::Format;
use super::net::{Cidr, Ip};
use super::quantity::Quantity;
use super::semver::Semver;
use super::syntax::Literal;
use super::url::Url;
use crate::ordered;

/// A value.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// A truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that is not negative.
    Uint(u64),
    /// Any other number.
    Double(f64),
    /// A text.
    String(Cow<'a, str>),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A list.
    List(List<'a>),
    /// A map.
    Map(Map<'a>),
    /// A value, or none.
    Optional(Option<Rc<Value<'a>>>),
    /// The type of a value, by its name.
    Type(&'static str),
    /// A span of time in nanoseconds.
    Duration(i64),
    /// A moment in nanoseconds since 1970.
    Timestamp(i128),
    /// A quantity of Kubernetes.
    Quantity(Quantity),
    /// A URL.
    Url(Rc<Url>),
    /// An IP address.
    Ip(Ip),
    /// A block of IP addresses.
    Cidr(Cidr),
    /// A named format of texts.
    Format(&'static Format),
    /// A version.
    Semver(Rc<Semver>),
}

/// A list, of an object or made.
#[derive(Clone, Debug)]
pub enum List<'a> {
    /// Part of an object.
    Json(&'a [Json]),
    /// Made by the expression.
    Made(Rc<Vec<Value<'a>>>),
}

/// A map, of an object or made.
#[derive(Clone, Debug)]
pub enum Map<'a> {
    /// Part of an object.
    Json(&'a JsonMap<String, Json>),
    /// Made by the expression.
    Made(Rc<Vec<(Value<'a>, Value<'a>)>>),
}

impl<'a> Value<'a> {
    /// Borrows a value of an object. Whole numbers that fit are whole numbers here, as an API server has them.
    pub fn of(json: &'a Json) -> Self {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Value::Int(whole),
                (None, fraction) => Value::Double(fraction.unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::String(Cow::Borrowed(text)),
            Json::Array(elements) => Value::List(List::Json(elements)),
            Json::Object(entries) => Value::Map(Map::Json(entries)),
        }
    }

    pub(super) fn literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Uint(value) => Value::Uint(*value),
            Literal::Double(value) => Value::Double(*value),
            Literal::String(value) => Value::String(Cow::Borrowed(value)),
            Literal::Bytes(value) => Value::Bytes(Rc::from(&**value)),
        }
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Value::String(Cow::Owned(text.into()))
    }

    pub(super) fn list(elements: Vec<Value<'a>>) -> Self {
        Value::List(List::Made(elements.into()))
    }

    pub(super) fn some(value: Value<'a>) -> Self {
        Value::Optional(Some(value.into()))
    }

    /// Counts what is in a list or map, or the characters of a text.
    pub(super) fn size(&self) -> Option<usize> {
        Some(match self {
            Value::String(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(list) => list.len(),
            Value::Map(map) => map.len(),
            _ => return None,
        })
    }

    /// Names the type as the language does.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null_type",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Uint(_) => "uint",
            Value::Double(_) => "double",
            Value::String(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Optional(_) => "optional_type",
            Value::Type(_) => "type",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::Quantity(_) => "kubernetes.Quantity",
            Value::Url(_) => "kubernetes.URL",
            Value::Ip(_) => "net.IP",
            Value::Cidr(_) => "net.CIDR",
            Value::Format(_) => "kubernetes.NamedFormat",
            Value::Semver(_) => "kubernetes.Semver",
        }
    }

    /// Tells whether two values are the same; those of different types are not, but numbers are compared as numbers.
    pub(super) fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) | (Value::Optional(None), Value::Optional(None)) => true,
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::String(one), Value::String(other)) => one == other,
            (Value::Bytes(one), Value::Bytes(other)) => one == other,
            (Value::Type(one), Value::Type(other)) => one == other,
            (Value::Duration(one), Value::Duration(other)) => one == other,
            (Value::Timestamp(one), Value::Timestamp(other)) => one == other,
            (Value::Quantity(one), Value::Quantity(other)) => one.compare(other) == Ordering::Equal,
            (Value::Url(one), Value::Url(other)) => one == other,
            (Value::Ip(one), Value::Ip(other)) => one == other,
            (Value::Cidr(one), Value::Cidr(other)) => one == other,
            (Value::Format(one), Value::Format(other)) => one.name == other.name,
            (Value::Semver(one), Value::Semver(other)) => one.compare(other) == Ordering::Equal,
            (Value::Optional(Some(one)), Value::Optional(Some(other))) => one.equals(other),
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other.iter()).all(|(one, other)| one.equals(&other))
            }
            (Value::Map(one), Value::Map(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .all(|(key, value)| other.get(&key).is_some_and(|other| value.equals(&other)))
            }
            _ => self.compare_numbers(other) == Some(Ordering::Equal),
        }
    }

    /// Compares two numbers of any kind.
    fn compare_numbers(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(one), Value::Int(other)) => Some(one.cmp(other)),
            (Value::Uint(one), Value::Uint(other)) => Some(one.cmp(other)),
            (Value::Double(one), Value::Double(other)) => one.partial_cmp(other),
            (Value::Int(one), Value::Uint(other)) => Some(i128::from(*one).cmp(&i128::from(*other))),
            (Value::Uint(one), Value::Int(other)) => Some(i128::from(*one).cmp(&i128::from(*other))),
            (Value::Int(one), Value::Double(other)) => compare_whole(i128::from(*one), *other),
            (Value::Uint(one), Value::Double(other)) => compare_whole(i128::from(*one), *other),
            (Value::Double(one), Value::Int(other)) => {
                compare_whole(i128::from(*other), *one).map(Ordering::reverse)
            }
            (Value::Double(one), Value::Uint(other)) => {
                compare_whole(i128::from(*other), *one).map(Ordering::reverse)
            }
            _ => None,
        }
    }

    /// Compares two values of an ordered type; nothing for others, and for what is no number.
    pub(super) fn compare(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
            (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
            (Value::Bytes(one), Value::Bytes(other)) => Some(one.cmp(other)),
            (Value::Duration(one), Value::Duration(other)) => Some(one.cmp(other)),
            (Value::Timestamp(one), Value::Timestamp(other)) => Some(one.cmp(other)),
            _ => self.compare_numbers(other),
        }
    }

    /// Tells whether the value is one that can be left out: empty, zero or false.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Value::Null | Value::Optional(None) => true,
            Value::Bool(value) => !value,
            Value::Int(value) | Value::Duration(value) => *value == 0,
            Value::Uint(value) => *value == 0,
            Value::Double(value) => *value == 0.0,
            other => other.size() == Some(0),
        }
    }
}

/// Compares a whole number with a fraction, without rounding the first.
#[expect(clippy::cast_possible_truncation, reason = "the fraction is within bounds and was rounded down")]
fn compare_whole(whole: i128, fraction: f64) -> Option<Ordering> {
    /// No 64-bit number is as large.
    const BEYOND: f64 = 1e20;
    if fraction.is_nan() {
        return None;
    }
    if fraction.abs() >= BEYOND {
        return Some(if fraction > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let floor = fraction.floor();
    Some(whole.cmp(&(floor as i128)).then(if fraction > floor { Ordering::Less } else { Ordering::Equal }))
}

impl<'a> List<'a> {
    /// Counts the elements.
    pub fn len(&self) -> usize {
        match self {
            List::Json(elements) => elements.len(),
            List::Made(elements) => elements.len(),
        }
    }

    /// Tells whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns an element.
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            List::Json(elements) => elements.get(index).map(Value::of),
            List::Made(elements) => elements.get(index).cloned(),
        }
    }

    /// Walks the elements.
    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

impl<'a> Map<'a> {
    /// Counts the entries.
    pub fn len(&self) -> usize {
        match self {
            Map::Json(entries) => entries.len(),
            Map::Made(entries) => entries.len(),
        }
    }

    /// Tells whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the value of a key that is a text.
    pub fn field(&self, name: &str) -> Option<Value<'a>> {
        match self {
            Map::Json(entries) => ordered::get(entries, name).map(Value::of),
            Map::Made(entries) => {
                let is = |key: &Value<'_>| matches!(key, Value::String(key) if key == name);
                entries.iter().find(|(key, _)| is(key)).map(|(_, value)| value.clone())
            }
        }
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &Value<'_>) -> Option<Value<'a>> {
        match (self, key) {
            (_, Value::String(name)) => self.field(name),
            (Map::Json(_), _) => None,
            (Map::Made(entries), _) => {
                entries.iter().find(|(known, _)| known.equals(key)).map(|(_, value)| value.clone())
            }
        }
    }

    /// Walks keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        let (json, made) = match self {
            Map::Json(entries) => (Some(entries.iter()), None),
            Map::Made(entries) => (None, Some(entries.clone())),
        };
        let json = json.into_iter().flatten();
        let json = json.map(|(key, value)| (Value::String(Cow::Borrowed(key.as_str())), Value::of(value)));
        let made = made
            .into_iter()
            .flat_map(|entries| (0..entries.len()).filter_map(move |index| entries.get(index).cloned()));
        json.chain(made)
    }
}

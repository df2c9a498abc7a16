//! What is known of a value's type before there is a value. Fields of objects can be anything.

use std::fmt::{self, Display, Formatter};

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// Anything: known only when there is a value.
    Dyn,
    /// A type without parts, by its name.
    Plain(&'static str),
    /// A list.
    List(Box<Type>),
    /// A map.
    Map(Box<Type>, Box<Type>),
    /// A value, or none.
    Optional(Box<Type>),
    /// A parameter of a function's signature.
    Param(usize),
}

pub(super) const NULL: Type = Type::Plain("null_type");
pub(super) const BOOL: Type = Type::Plain("bool");
pub(super) const INT: Type = Type::Plain("int");
pub(super) const UINT: Type = Type::Plain("uint");
pub(super) const DOUBLE: Type = Type::Plain("double");
pub(super) const STRING: Type = Type::Plain("string");
pub(super) const BYTES: Type = Type::Plain("bytes");
pub(super) const TYPE: Type = Type::Plain("type");
pub(super) const DURATION: Type = Type::Plain("google.protobuf.Duration");
pub(super) const TIMESTAMP: Type = Type::Plain("google.protobuf.Timestamp");

/// Types that a signature names, by the words that it uses.
const WORDS: &[(&str, Type)] = &[
    ("null", NULL),
    ("bool", BOOL),
    ("int", INT),
    ("uint", UINT),
    ("double", DOUBLE),
    ("string", STRING),
    ("bytes", BYTES),
    ("type", TYPE),
    ("duration", DURATION),
    ("timestamp", TIMESTAMP),
    ("quantity", Type::Plain("kubernetes.Quantity")),
    ("url", Type::Plain("kubernetes.URL")),
    ("ip", Type::Plain("net.IP")),
    ("cidr", Type::Plain("net.CIDR")),
    ("format", Type::Plain("kubernetes.NamedFormat")),
    ("semver", Type::Plain("kubernetes.Semver")),
    ("A", Type::Param(0)),
    ("B", Type::Param(1)),
];

impl Type {
    pub(super) fn list(of: Type) -> Self {
        Type::List(of.into())
    }

    pub(super) fn map(key: Type, value: Type) -> Self {
        Type::Map(key.into(), value.into())
    }

    pub(super) fn optional(of: Type) -> Self {
        Type::Optional(of.into())
    }

    /// Reads a type of a signature: `list<A>`.
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim();
        let inner = |head: &str| text.strip_prefix(head)?.strip_prefix('<')?.strip_suffix('>');
        if let Some(of) = inner("list") {
            Type::list(Type::read(of))
        } else if let Some(of) = inner("optional") {
            Type::optional(Type::read(of))
        } else if let Some((key, value)) = inner("map").and_then(|of| of.split_once(',')) {
            Type::map(Type::read(key), Type::read(value))
        } else {
            WORDS.iter().find(|(word, _)| *word == text).map_or(Type::Dyn, |(_, known)| known.clone())
        }
    }

    /// Tells whether a value of this type may go where one of another type, of a signature, is wanted. What a parameter
    /// stands for is noted.
    pub(super) fn fits(&self, wanted: &Type, params: &mut [Type; 2]) -> bool {
        match (self, wanted) {
            (_, Type::Param(index)) => match params.get(*index).cloned() {
                Some(Type::Dyn) => {
                    if let Some(param) = params.get_mut(*index) {
                        *param = self.clone();
                    }
                    true
                }
                Some(known) => self.meets(&known),
                None => false,
            },
            (Type::Dyn, _) | (_, Type::Dyn) | (&NULL, Type::Optional(_)) => true,
            (Type::List(one), Type::List(other)) | (Type::Optional(one), Type::Optional(other)) => {
                one.fits(other, params)
            }
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                key.fits(other_key, params) && value.fits(other_value, params)
            }
            (one, other) => one == other,
        }
    }

    /// Tells whether two types can be those of one value.
    pub(super) fn meets(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Dyn, _) | (_, Type::Dyn) => true,
            (Type::List(one), Type::List(other)) | (Type::Optional(one), Type::Optional(other)) => {
                one.meets(other)
            }
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                key.meets(other_key) && value.meets(other_value)
            }
            (one, other) => one == other || one.takes_null(other) || other.takes_null(one),
        }
    }

    /// Types of which `null` can be a value.
    fn takes_null(&self, other: &Type) -> bool {
        let nullable =
            matches!(self, Type::Plain(name) if name.contains('.')) || matches!(self, Type::Optional(_));
        *other == NULL && nullable
    }

    /// Returns the type of a value that is of one of two types that meet.
    pub(super) fn join(self, other: Type) -> Type {
        match (self, other) {
            (one, other) if one == other => one,
            (NULL, other) if other.takes_null(&NULL) => other,
            (one, NULL) if one.takes_null(&NULL) => one,
            (Type::List(one), Type::List(other)) => Type::list(one.join(*other)),
            (Type::Optional(one), Type::Optional(other)) => Type::optional(one.join(*other)),
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                Type::map(key.join(*other_key), value.join(*other_value))
            }
            _ => Type::Dyn,
        }
    }

    /// Puts what parameters stand for in their place.
    pub(super) fn with(&self, params: &[Type; 2]) -> Type {
        match self {
            Type::Param(index) => params.get(*index).cloned().unwrap_or(Type::Dyn),
            Type::List(of) => Type::list(of.with(params)),
            Type::Optional(of) => Type::optional(of.with(params)),
            Type::Map(key, value) => Type::map(key.with(params), value.with(params)),
            other => other.clone(),
        }
    }

    /// Tells whether a value may be of a type without parts.
    pub(super) fn may_be(&self, plain: &Type) -> bool {
        *self == Type::Dyn || self == plain
    }
}

impl Display for Type {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dyn => out.write_str("dyn"),
            Type::Plain(name) => match WORDS.iter().find(|(_, known)| known == self) {
                Some((word, _)) => out.write_str(word),
                None => out.write_str(name),
            },
            Type::List(of) => write!(out, "list<{of}>"),
            Type::Map(key, value) => write!(out, "map<{key}, {value}>"),
            Type::Optional(of) => write!(out, "optional<{of}>"),
            Type::Param(index) => out.write_str(if *index == 0 { "A" } else { "B" }),
        }
    }
}

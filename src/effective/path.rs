//! Where in an object something is.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use serde_json::Value as Json;

use super::list;

/// One step on the way into an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step<'a> {
    /// A key of a map.
    Key(&'a str),
    /// The element of a list that has this key among its neighbours: a container's name, `8080/TCP` of a port.
    Element(Cow<'a, str>),
    /// An element of a list without such keys, from 0; where the element goes its place before, else its place after.
    Index(usize),
}

/// The way to a place in an object, such as `spec.template.spec.containers[app].env[LOG_LEVEL].value`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path<'a>(pub Vec<Step<'a>>);

/// One step of a path, held against an object.
#[derive(Clone, Debug)]
pub struct Taken<'a> {
    /// The key, or the name of the element; its index where it has none.
    pub text: Cow<'a, str>,
    /// The place in its list, where it is an element.
    pub index: Option<usize>,
    /// What is there; nothing from where on the object has no such place.
    pub value: Option<&'a Json>,
}

impl<'a> Path<'a> {
    /// Makes a path of keys.
    pub fn keys(keys: &[&'a str]) -> Self {
        Self(keys.iter().map(|key| Step::Key(key)).collect())
    }

    /// Goes one step further.
    #[must_use]
    pub fn then(mut self, step: Step<'a>) -> Self {
        self.0.push(step);
        self
    }

    /// Goes on by some keys.
    #[must_use]
    pub fn below(mut self, keys: &[&'a str]) -> Self {
        self.0.extend(keys.iter().map(|key| Step::Key(key)));
        self
    }

    /// Goes on to an element of the list that the path leads to: by its name where it has one, else by its place.
    #[must_use]
    pub fn element(self, list: &'a [Json], index: usize) -> Self {
        let named = list::keys(self.field().unwrap_or_default(), list);
        let step = named.and_then(|names| names.into_iter().nth(index)).map(Step::Element);
        self.then(step.unwrap_or(Step::Index(index)))
    }

    /// Goes on to an element of the list of this field, and lives on when the list is gone.
    #[must_use]
    pub fn named(self, field: &str, list: &[Json], index: usize) -> Self {
        let name = list.get(index).and_then(|element| list::name_of(field, element));
        let step = name.map(|name| Step::Element(Cow::Owned(name.into_owned())));
        self.then(step.unwrap_or(Step::Index(index)))
    }

    /// Takes the steps into an object, as far as it goes.
    pub fn follow<'s>(&'s self, object: &'s Json) -> Vec<Taken<'s>> {
        let mut here = Some(object);
        let mut field = "";
        let mut way = Vec::with_capacity(self.0.len());
        for step in &self.0 {
            let list = here.and_then(Json::as_array).map(Vec::as_slice);
            let taken = match step {
                Step::Key(key) => {
                    field = key;
                    Taken { text: Cow::Borrowed(*key), index: None, value: here.and_then(|map| map.get(key)) }
                }
                Step::Element(name) => {
                    let index = list.and_then(|list| list::position(field, list, name));
                    let value = list.zip(index).and_then(|(list, index)| list.get(index));
                    Taken { text: Cow::Borrowed(name.as_ref()), index, value }
                }
                Step::Index(at) => Taken {
                    text: Cow::Owned(at.to_string()),
                    index: Some(*at),
                    value: list.and_then(|list| list.get(*at)),
                },
            };
            here = taken.value;
            way.push(taken);
        }
        way
    }
}

impl Path<'_> {
    /// Tells whether the place is at or below a pattern: keys, and `*` for any element of a list.
    pub fn is_within(&self, pattern: &[&str]) -> bool {
        self.0.len() >= pattern.len() && self.fits(pattern)
    }

    /// Tells whether the place is exactly a pattern's.
    pub fn is(&self, pattern: &[&str]) -> bool {
        self.0.len() == pattern.len() && self.fits(pattern)
    }

    /// Tells whether the place is below a pattern, at it, or around it, so that a change there can change what the
    /// pattern means.
    pub fn touches(&self, pattern: &[&str]) -> bool {
        self.fits(pattern)
    }

    /// Returns the last key on the way, which is the name of the field.
    pub fn field(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(*key),
            Step::Element(_) | Step::Index(_) => None,
        })
    }

    /// Returns the key of the first list element of that list on the way: the container below `containers`.
    pub fn element_of(&self, list: &str) -> Option<&str> {
        self.0.windows(2).find_map(|pair| match pair {
            [Step::Key(key), Step::Element(element)] if *key == list => Some(element.as_ref()),
            _ => None,
        })
    }

    /// Holds as many steps against the pattern as both have.
    fn fits(&self, pattern: &[&str]) -> bool {
        self.0.iter().zip(pattern).all(|(step, wanted)| match step {
            Step::Key(key) => key == wanted,
            Step::Element(_) | Step::Index(_) => *wanted == "*",
        })
    }
}

impl Display for Path<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if is_plain(key) => {
                    write!(out, "{}{key}", if index == 0 { "" } else { "." })?;
                }
                Step::Key(key) => write!(out, "[\"{key}\"]")?,
                Step::Element(element) => write!(out, "[{element}]")?,
                Step::Index(at) => write!(out, "[{at}]")?,
            }
        }
        Ok(())
    }
}

/// Tells whether a key can stand between dots.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Path<'static> {
        Path(vec![
            Step::Key("spec"),
            Step::Key("containers"),
            Step::Element("app".into()),
            Step::Key("image"),
        ])
    }

    #[test]
    fn a_path_reads_as_people_write_it() {
        assert_eq!(image().to_string(), "spec.containers[app].image");
        let annotation = Path(vec![Step::Key("metadata"), Step::Key("a.b/c"), Step::Index(2)]);
        assert_eq!(annotation.to_string(), "metadata[\"a.b/c\"][2]");
    }

    #[test]
    fn a_pattern_is_at_above_or_below() {
        let path = image();
        assert!(path.is(&["spec", "containers", "*", "image"]) && !path.is(&["spec", "containers", "*"]));
        assert!(
            path.is_within(&["spec", "containers"])
                && !path.is_within(&["spec", "containers", "*", "image", "x"])
        );
        assert!(path.touches(&["spec", "containers", "*", "image", "x"]) && !path.touches(&["status"]));
        assert!(!path.is(&["spec", "containers", "app", "image"]), "an element is no key");
        assert_eq!((path.field(), path.element_of("containers")), (Some("image"), Some("app")));
    }
}

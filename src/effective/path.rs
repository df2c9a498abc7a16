//! Where in an object something is.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

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

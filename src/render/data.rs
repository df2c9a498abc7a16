//! Prepared data as a template sees it: a view of one JSON value, looked into without copying.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Jinja};
use serde_json::Value as Json;

use crate::ordered::field;

/// A map or list of the data. Scalars are the template engine's own values.
#[derive(Debug)]
pub(super) enum Data {
    /// All of it.
    Root(Json),
    /// What stands in another map or list. That one is known by then, so that the way from the root is not copied.
    Below(Arc<Data>, Step),
}

/// Where something stands in its map or list.
#[derive(Debug)]
pub(super) enum Step {
    Key(Box<str>),
    Index(usize),
}

impl Data {
    /// Hands data to a template.
    pub(super) fn view(root: Json) -> Jinja {
        Jinja::from_object(Self::Root(root))
    }

    /// Returns the data that a value is a view of, where it is one.
    pub(super) fn of(value: &Jinja) -> Option<&Json> {
        value.downcast_object_ref::<Self>().map(Self::node)
    }

    fn node(&self) -> &Json {
        match self {
            Self::Root(json) => json,
            Self::Below(above, Step::Key(key)) => field(above.node(), key).unwrap_or(&Json::Null),
            Self::Below(above, Step::Index(index)) => &above.node()[*index],
        }
    }

    fn child(self: &Arc<Self>, node: &Json, step: impl FnOnce() -> Step) -> Jinja {
        match node {
            Json::Null => Jinja::from(()),
            Json::Bool(value) => Jinja::from(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => Jinja::from(number),
                (None, Some(number)) => Jinja::from(number),
                (None, None) => Jinja::from(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Jinja::from(text.as_str()),
            Json::Array(_) | Json::Object(_) => Jinja::from_object(Self::Below(self.clone(), step())),
        }
    }
}

impl Object for Data {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.node().is_array() { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        if let Some(key) = key.as_str() {
            return self.get_value_by_str(key);
        }
        let index = key.as_usize()?;
        Some(self.child(self.node().get(index)?, || Step::Index(index)))
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Jinja> {
        Some(self.child(field(self.node(), key)?, || Step::Key(key.into())))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.node() {
            Json::Array(items) => Enumerator::Seq(items.len()),
            Json::Object(map) => {
                Enumerator::Values(map.keys().map(|key| Jinja::from(key.as_str())).collect())
            }
            _ => Enumerator::Empty,
        }
    }
}

//! From the tree to types, without a detour over JSON.

use serde::de::value::{MapDeserializer, SeqDeserializer};

use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::{Entry, Node, Value};

pub use serde::de::value::Error;

impl Node {
    /// Reads a type from the tree.
    ///
    /// # Errors
    /// Says what does not fit, without a place: the schema is what blames a file.
    pub fn typed<'de, T: Deserialize<'de>>(&'de self) -> Result<T, Error> {
        T::deserialize(self)
    }

    /// Reads a type from some keys of a map.
    ///
    /// # Errors
    /// As [`typed`](Self::typed) does.
    pub fn typed_where<'de, T: Deserialize<'de>>(
        &'de self,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<T, Error> {
        let entries = self.entries().iter().filter(|entry| wanted(&entry.key));
        T::deserialize(MapDeserializer::new(entries.map(|entry| (&*entry.key, &entry.node))))
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Seq(items) => visitor.visit_seq(SeqDeserializer::new(items.iter())),
            Value::Map(entries) => {
                let pair = |entry: &'de Entry| (&*entry.key, &entry.node);
                visitor.visit_map(MapDeserializer::new(entries.iter().map(pair)))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value == Value::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        // The enumerations of our files are plain words.
        self.as_str().unwrap_or_default().into_deserializer().deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for &'de Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

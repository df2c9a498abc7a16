//! A map that keeps the order of the file: env variables may refer to earlier ones, ports and hosts
//! are listed as their author wrote them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

/// Keys and values in file order. Small by nature, so looking up walks it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered<V>(Vec<(String, V)>);

impl<V> Ordered<V> {
    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&V> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Tells whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Walks keys and values in file order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Walks the keys in file order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }
}

/// Up to so many keys of a JSON map are gone through.
const FEW: usize = 8;

/// Returns the value of a key of a JSON map, as its own `get` does, which hashes the key first. Nearly all maps of objects are
/// small, and going through those takes less.
pub fn get<'a>(map: &'a Map<String, Json>, key: &str) -> Option<&'a Json> {
    if map.len() > FEW {
        return map.get(key);
    }
    map.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
}

/// The same where the value is to be changed.
pub fn get_mut<'a>(map: &'a mut Map<String, Json>, key: &str) -> Option<&'a mut Json> {
    if map.len() > FEW {
        return map.get_mut(key);
    }
    map.iter_mut().find(|(known, _)| *known == key).map(|(_, value)| value)
}

/// The same of a value that need not be a map.
pub fn field<'a>(json: &'a Json, key: &str) -> Option<&'a Json> {
    get(json.as_object()?, key)
}

/// Makes a JSON map of values as they are; `json!` would copy each.
pub fn map<const N: usize>(pairs: [(&str, Json); N]) -> Json {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

impl<V> Default for Ordered<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> FromIterator<(String, V)> for Ordered<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<V: Serialize> Serialize for Ordered<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Pairs<V> {
            type Value = Ordered<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Ordered(pairs))
            }
        }

        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_found_in_maps_of_any_size() {
        for size in [0, 1, FEW, FEW + 1, 40] {
            let mut map: Map<String, Json> = (0..size).map(|key| (key.to_string(), key.into())).collect();
            for key in 0..size + 2 {
                let key = key.to_string();
                assert_eq!(get(&map, &key), map.get(&key));
                assert_eq!(get_mut(&mut map, &key).cloned(), map.get(&key).cloned());
            }
        }
        assert_eq!(field(&json!(["a"]), "a"), None);
        assert_eq!(map([("b", json!([1])), ("a", Json::Null)]).to_string(), r#"{"b":[1],"a":null}"#);
    }
}

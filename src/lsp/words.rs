//! What a schema says of a place.

use serde_json::Value as Json;

/// As many parts of a schema are looked at for one place.
const MOST: usize = 500;

/// The parts of a schema that speak of a place, the nearest first.
#[derive(Debug)]
pub(super) struct Words<'a> {
    parts: Vec<&'a Json>,
    root: &'a Json,
}

impl<'a> Words<'a> {
    /// Follows a path of keys and list indices.
    pub(super) fn at(root: &'a Json, path: &[String]) -> Self {
        let mut words = Self { parts: Vec::new(), root };
        words.add(root, 0);
        for step in path {
            words = words.below(step);
        }
        words
    }

    fn below(&self, step: &str) -> Self {
        let mut next = Self { parts: Vec::new(), root: self.root };
        for part in &self.parts {
            let key = part.get("properties").and_then(|keys| keys.get(step));
            let other = || part.get("additionalProperties").filter(|other| other.is_object());
            let item = || part.get("items").filter(|_| step.bytes().all(|byte| byte.is_ascii_digit()));
            if let Some(found) = key.or_else(other).or_else(item) {
                next.add(found, 0);
            }
        }
        next
    }

    /// Adds a part with all that it refers to.
    fn add(&mut self, part: &'a Json, depth: usize) {
        if depth > 16 || self.parts.len() == MOST || self.parts.iter().any(|known| std::ptr::eq(*known, part))
        {
            return;
        }
        self.parts.push(part);
        let root = self.root;
        if let Some(found) =
            part.get("$ref").and_then(Json::as_str).and_then(|name| root.pointer(name.strip_prefix('#')?))
        {
            self.add(found, depth + 1);
        }
        for word in ["allOf", "anyOf", "oneOf"] {
            for member in part.get(word).and_then(Json::as_array).into_iter().flatten() {
                self.add(member, depth + 1);
            }
        }
        for word in ["then", "else"] {
            if let Some(member) = part.get(word) {
                self.add(member, depth + 1);
            }
        }
    }

    /// Tells whether the schema knows the place.
    pub(super) fn is_known(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Returns what the place is for.
    pub(super) fn description(&self) -> Option<&'a str> {
        self.parts.iter().find_map(|part| part.get("description")?.as_str())
    }

    /// Returns what may stand there, in the schema's words.
    pub(super) fn types(&self) -> Vec<&'a str> {
        let of = |part: &&'a Json| match part.get("type") {
            Some(Json::String(one)) => Some(vec![one.as_str()]),
            Some(Json::Array(all)) => Some(all.iter().filter_map(Json::as_str).collect()),
            _ => None,
        };
        self.parts.iter().find_map(of).unwrap_or_default()
    }

    /// Returns the first values that it gives as examples.
    pub(super) fn examples(&self) -> &'a [Json] {
        self.parts
            .iter()
            .find_map(|part| part.get("examples")?.as_array())
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Returns the keys of a map at the place, each with its part, in the order of the schema.
    pub(super) fn keys(&self) -> Vec<(&'a str, Words<'a>)> {
        let mut found: Vec<(&'a str, Words<'a>)> = Vec::new();
        for part in &self.parts {
            let named = part
                .get("properties")
                .and_then(Json::as_object)
                .into_iter()
                .flatten()
                .map(|(key, _)| key.as_str());
            let restricted =
                part.get("propertyNames").and_then(|names| names.get("enum")).and_then(Json::as_array);
            let listed = restricted.into_iter().flatten().filter_map(Json::as_str);
            for key in named.chain(listed) {
                if found.len() < MOST && !found.iter().any(|(known, _)| *known == key) {
                    found.push((key, self.below(key)));
                }
            }
        }
        found
    }

    /// Tells whether a key may not be left out.
    pub(super) fn is_required(&self, key: &str) -> bool {
        let lists = self.parts.iter().filter_map(|part| part.get("required")?.as_array());
        lists.flatten().any(|name| name == key)
    }

    /// Returns the values that may stand there, where they are few.
    pub(super) fn values(&self) -> Vec<&'a Json> {
        let mut found: Vec<&'a Json> = Vec::new();
        for part in &self.parts {
            let listed = part.get("enum").and_then(Json::as_array).into_iter().flatten();
            for value in listed.chain(part.get("const")) {
                if found.len() < MOST && !found.contains(&value) {
                    found.push(value);
                }
            }
        }
        found
    }
}

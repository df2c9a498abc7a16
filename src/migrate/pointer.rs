//! JSON pointers (RFC 6901), which name a place in an object as JSON 6902 patches do.

use serde_json::Value as Json;

/// Appends a key.
pub(super) fn key(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Appends an index.
pub(super) fn index(path: &str, index: usize) -> String {
    format!("{path}/{index}")
}

/// Removes what a pointer names; nothing happens where there is nothing. An item that leaves a list moves the
/// later ones, so pointers into one list are removed from the last to the first.
pub fn remove(object: &mut Json, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    match object.pointer_mut(parent) {
        Some(Json::Object(map)) => {
            map.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        Some(Json::Array(items)) => {
            if let Ok(index) = last.parse::<usize>()
                && index < items.len()
            {
                items.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pointers_name_and_remove() {
        let path = index(&key(&key("", "a/b"), "~c"), 1);
        assert_eq!(path, "/a~1b/~0c/1");
        let mut object = json!({"a/b": {"~c": [1, 2, 3]}, "d": 1});
        remove(&mut object, &path);
        remove(&mut object, "/d");
        remove(&mut object, "/x/y");
        remove(&mut object, "/a~1b/~0c/9");
        assert_eq!(object, json!({"a/b": {"~c": [1, 3]}}));
    }
}

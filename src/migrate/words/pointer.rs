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

/// Takes what a pointer names out of an object, and where that is an item of a list, the whole field that holds the
/// list, so that no other item moves. Returns the pointer of what was taken, and null where it was gone already.
pub(super) fn take_field(object: &mut Json, pointer: &str) -> (String, Json) {
    let mut path = pointer;
    while let Some((parent, _)) = path.rsplit_once('/')
        && object.pointer(parent).is_some_and(Json::is_array)
    {
        path = parent;
    }
    let value = object.pointer(path).cloned().unwrap_or_default();
    remove(object, path);
    (path.to_owned(), value)
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

    #[test]
    fn a_field_is_taken_whole() {
        let mut object = json!({"a": {"b": [[1], 2], "c": 3}});
        assert_eq!(take_field(&mut object, "/a/b/0/0"), ("/a/b".to_owned(), json!([[1], 2])));
        assert_eq!(take_field(&mut object, "/a/c"), ("/a/c".to_owned(), json!(3)));
        assert_eq!(take_field(&mut object, "/a/c"), ("/a/c".to_owned(), json!(null)));
        assert_eq!(object, json!({"a": {}}));
    }
}

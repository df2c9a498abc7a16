//! Names of objects, from their content: as git names them, in both lengths.

use sha2::{Digest as _, Sha256};

use super::{ObjectId, Wanted, library};

/// Returns the name of an object. `None` only if SHA-1 cannot be had.
pub(super) fn of(kind: Wanted, content: &[u8], sha256: bool) -> Option<ObjectId> {
    if !sha256 {
        return library::name_of(kind, content);
    }
    let mut hash = Sha256::new();
    hash.update(format!("{} {}\0", kind.name(), content.len()));
    hash.update(content);
    ObjectId::from_bytes(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::sample::Sample;

    #[test]
    fn objects_are_named_as_git_names_them() {
        for (init, sha256) in [(&[][..], false), (&["--object-format=sha256"], true)] {
            let sample = Sample::new(init);
            for content in ["", "content\n"] {
                let named = of(Wanted::Blob, content.as_bytes(), sha256).unwrap();
                assert_eq!(named.to_string(), sample.object("blob", content.as_bytes()));
            }
            let named = of(Wanted::Tree, b"", sha256).unwrap();
            assert_eq!(named.to_string(), sample.object("tree", b""));
        }
    }
}

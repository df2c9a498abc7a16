//! Object names and tree objects, read from their raw bytes.
//!
//! Both ways of reading a repository hand over the raw bytes of an object, so that there is one reader of trees, and what
//! it makes of a hostile one does not depend on the kind of repository.

use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter, Write};

/// The mode of a directory.
pub(super) const DIRECTORY: u32 = 0o040_000;

/// The name of an object: SHA-1 or SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    length: u8,
}

/// One entry of a tree object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The name, which need not be UTF-8.
    pub name: Box<[u8]>,
    /// The object and its mode.
    pub object: Object,
}

/// An object as its tree names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// The mode, such as `0o100644`.
    pub mode: u32,
    /// The name of the object.
    pub id: ObjectId,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A regular file, executable or not.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; its target is the blob.
    Symlink,
    /// A submodule, or a mode that git does not write.
    Other,
}

impl ObjectId {
    /// The name that no object has.
    pub(super) const NOTHING: Self = Self { bytes: [0; 32], length: 20 };

    /// Takes the 20 or 32 bytes of an object name; `None` for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let length = u8::try_from(bytes.len()).ok().filter(|length| matches!(length, 20 | 32))?;
        let mut padded = [0; 32];
        padded[..bytes.len()].copy_from_slice(bytes);
        Some(Self { bytes: padded, length })
    }

    /// Takes the 40 or 64 hexadecimal digits of an object name; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Option<Vec<u8>> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?))
            .collect();
        Self::from_bytes(&bytes?)
    }

    /// Returns the name that a file with these bytes has in a repository that names by SHA-1.
    pub fn of_file(bytes: &[u8]) -> Self {
        super::library::name_of(super::Wanted::Blob, bytes).unwrap_or(Self::NOTHING)
    }

    /// Returns the bytes of the name.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Tells whether the name is one by SHA-256.
    pub(super) fn is_sha256(&self) -> bool {
        self.length == 32
    }

    /// Returns the name of the same length that stands for no object.
    pub(super) fn nothing(&self) -> Self {
        Self { bytes: [0; 32], length: self.length }
    }

    /// Returns the first 12 hexadecimal digits, which name a commit for a reader.
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(12);
        text
    }
}

impl Display for ObjectId {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for byte in self.as_bytes() {
            out.write_char(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('?'))?;
            out.write_char(char::from_digit(u32::from(byte & 15), 16).unwrap_or('?'))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "ObjectId({self})")
    }
}

impl Object {
    /// Tells what the entry is.
    pub fn kind(self) -> ObjectKind {
        match self.mode & 0o170_000 {
            0o040_000 => ObjectKind::Directory,
            0o100_000 => ObjectKind::File,
            0o120_000 => ObjectKind::Symlink,
            _ => ObjectKind::Other,
        }
    }
}

impl Node {
    /// Tells whether the name can be a name in a directory. Git refuses to check out the others, but an object
    /// database can hold them.
    pub fn is_plain_name(&self) -> bool {
        !matches!(&*self.name, b"" | b"." | b"..")
            && !self.name.contains(&b'/')
            && !self.name.eq_ignore_ascii_case(b".git")
    }
}

/// Reads a tree object whose names are as long as `id`; sorted by name. `None` if it is damaged.
pub(super) fn parse_tree(mut raw: &[u8], id: &ObjectId) -> Option<Vec<Node>> {
    let length = usize::from(id.length);
    let mut nodes = Vec::with_capacity(raw.len() / (length + 16));
    while !raw.is_empty() {
        let space = raw.iter().position(|&byte| byte == b' ')?;
        let mode = u32::from_str_radix(std::str::from_utf8(&raw[..space]).ok()?, 8).ok()?;
        raw = &raw[space + 1..];
        let end = raw.iter().position(|&byte| byte == 0)?;
        let name = raw[..end].into();
        raw = &raw[end + 1..];
        let id = ObjectId::from_bytes(raw.get(..length)?)?;
        raw = &raw[length..];
        nodes.push(Node { name, object: Object { mode, id } });
    }
    // Git sorts a directory as if its name ended in a slash.
    nodes.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Some(nodes)
}

/// Finds one entry in the raw bytes of a tree object whose names are as long as `id`, without reading the others into
/// memory. It fails on a damaged one.
pub(super) fn find_in_tree(mut raw: &[u8], name: &[u8], id: &ObjectId) -> Result<Option<Object>, ()> {
    let length = usize::from(id.length);
    while !raw.is_empty() {
        let space = raw.iter().position(|&byte| byte == b' ').ok_or(())?;
        let rest = &raw[space + 1..];
        let end = rest.iter().position(|&byte| byte == 0).ok_or(())?;
        let object = rest.get(end + 1..end + 1 + length).ok_or(())?;
        if rest[..end] == *name {
            let mode = std::str::from_utf8(&raw[..space]).map_err(|_| ())?;
            let mode = u32::from_str_radix(mode, 8).map_err(|_| ())?;
            return Ok(Some(Object { mode, id: ObjectId::from_bytes(object).ok_or(())? }));
        }
        raw = &rest[end + 1 + length..];
    }
    Ok(None)
}

/// Writes a tree object of entries in the order of [`git_order`].
pub(super) fn write_tree(nodes: &[Node]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(nodes.len() * 48);
    for node in nodes {
        raw.extend(format!("{:o} ", node.object.mode).bytes());
        raw.extend_from_slice(&node.name);
        raw.push(0);
        raw.extend_from_slice(node.object.id.as_bytes());
    }
    raw
}

/// Orders entries as git does in a tree: a directory as if its name ended in a slash.
pub(super) fn git_order(one: &Node, other: &Node) -> Ordering {
    let common = one.name.len().min(other.name.len());
    let after = |node: &Node| match node.name.get(common) {
        Some(byte) => Some(*byte),
        None if node.object.mode == DIRECTORY => Some(b'/'),
        None => None,
    };
    one.name[..common].cmp(&other.name[..common]).then_with(|| after(one).cmp(&after(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_in_both_lengths() {
        for hex in ["00ff".repeat(10), "9a".repeat(32)] {
            assert_eq!(ObjectId::from_hex(&hex).unwrap().to_string(), hex);
        }
        assert_eq!(ObjectId::from_hex(&"00ff".repeat(10)).unwrap().short(), "00ff00ff00ff");
        for wrong in ["", "abc", &"0".repeat(39), &"0".repeat(41), &"g".repeat(40), &"é".repeat(20)] {
            assert_eq!(ObjectId::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_damaged_tree_is_no_tree() {
        let id = ObjectId::from_bytes(&[7; 20]).unwrap();
        let mut raw = b"100644 a\0".to_vec();
        raw.extend([1; 20]);
        assert_eq!(parse_tree(&raw, &id).unwrap().len(), 1);
        for cut in 1..raw.len() {
            assert_eq!(parse_tree(&raw[..cut], &id), None, "cut at {cut}");
        }
        assert_eq!(parse_tree(b"", &id), Some(Vec::new()));
    }

    #[test]
    fn hostile_names_are_told_apart() {
        for (name, plain) in
            [("a", true), ("..a", true), (".gitignore", true), ("..", false), ("a/b", false), (".GIT", false)]
        {
            let object = Object { mode: 0o100_644, id: ObjectId::from_bytes(&[7; 20]).unwrap() };
            assert_eq!(Node { name: name.as_bytes().into(), object }.is_plain_name(), plain, "{name}");
        }
    }
}

//! Commits, read from their raw bytes.

use crate::git::ObjectId;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: ObjectId,
    /// The name of its top directory.
    pub tree: ObjectId,
    /// What it stands on; the first is what its branch was before.
    pub parents: Vec<ObjectId>,
    /// Who made the change.
    pub author: Person,
    /// Who made the commit of it.
    pub committer: Person,
    /// What it says of itself; lossy where it is not UTF-8.
    pub message: String,
    /// Whether the message is UTF-8, says so, and has no NUL, at which git itself would stop to read: whether everybody
    /// reads the same.
    pub is_plain: bool,
}

/// Who did something, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The name; lossy where it is not UTF-8.
    pub name: String,
    /// The address.
    pub email: String,
    /// When, in seconds since 1970-01-01T00:00:00Z, as the clock of that machine said.
    pub time: i64,
}

impl Commit {
    /// Returns the first line of the message.
    pub fn subject(&self) -> &str {
        self.message.trim_start().lines().next().unwrap_or_default()
    }

    /// Reads a commit; `None` if it is damaged.
    pub(super) fn parse(id: ObjectId, raw: &[u8]) -> Option<Self> {
        let end = raw.windows(2).position(|pair| pair == b"\n\n")?;
        let (head, message) = (&raw[..end], &raw[end + 2..]);
        let mut lines = head.split(|byte| *byte == b'\n').peekable();
        let object = |line: &[u8], key: &[u8]| {
            let hex = line.strip_prefix(key)?;
            ObjectId::from_hex(std::str::from_utf8(hex).ok()?)
        };
        let tree = object(lines.next()?, b"tree ")?;
        let mut parents = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with(b"parent ")) {
            parents.push(object(line, b"parent ")?);
        }
        let author = Person::parse(lines.next()?.strip_prefix(b"author ")?);
        let committer = Person::parse(lines.next()?.strip_prefix(b"committer ")?);
        let says_otherwise = lines.any(|line| {
            let encoding = line.strip_prefix(b"encoding ");
            encoding.is_some_and(|name| !name.eq_ignore_ascii_case(b"utf-8"))
        });
        let is_plain = !says_otherwise && !raw.contains(&0) && std::str::from_utf8(message).is_ok();
        let message = String::from_utf8_lossy(message).into_owned();
        Some(Self { id, tree, parents, author, committer, message, is_plain })
    }
}

impl Person {
    /// Reads `Name <address> seconds zone`. A damaged one is as much of it as can be read.
    fn parse(raw: &[u8]) -> Self {
        let text = String::from_utf8_lossy(raw);
        let (who, time) = text.rsplit_once('>').unwrap_or((&text, ""));
        let (name, email) = who.split_once('<').unwrap_or((who, ""));
        let time = time.split_whitespace().next().and_then(|time| time.parse().ok()).unwrap_or_default();
        Self { name: name.trim().to_owned(), email: email.trim().to_owned(), time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_read_and_a_damaged_one_is_none() {
        let id = ObjectId::from_bytes(&[7; 20]).unwrap();
        let (tree, parent) = ("11".repeat(20), "22".repeat(20));
        let raw = format!(
            "tree {tree}\nparent {parent}\nauthor Ann <of> X <a@x> 5 +0100\ncommitter b <b@x> -7 +0000\ngpgsig -----\n parent x\n\na\n\nb: \
             c\n"
        );
        let commit = Commit::parse(id, raw.as_bytes()).unwrap();
        assert_eq!((commit.tree.to_string(), commit.parents.len()), (tree, 1));
        assert_eq!((commit.committer.time, commit.author.time, commit.subject()), (-7, 5, "a"));
        assert!(commit.is_plain && commit.message == "a\n\nb: c\n");
        for (from, to) in [("gpgsig", "encoding latin1\ngpgsig"), ("a\n\nb", "a\0\n\nb")] {
            assert!(!Commit::parse(id, raw.replace(from, to).as_bytes()).unwrap().is_plain, "{to:?}");
        }
        for cut in 0..raw.find("\n\n").unwrap() {
            assert_eq!(Commit::parse(id, &raw.as_bytes()[..cut]), None, "cut at {cut}");
        }
    }
}

//! Which files differ between two revisions.

use super::{GitError, Node, Object, ObjectKind, Tree};

/// The most entries that a comparison looks at. A hostile tree object can name itself over and over and has no end.
const MAX_ENTRIES: usize = 500_000;

/// The deepest directory, counted from the top, that a comparison enters.
const MAX_DEPTH: usize = 32;

/// An entry of a tree, not a directory, that differs between two revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its path from the top of the tree, with `/`; lossy where a name is not UTF-8.
    pub path: String,
    /// What it was; nothing where it was not there, or was a directory.
    pub before: Option<Object>,
    /// What it is; nothing where it is gone, or is a directory.
    pub after: Option<Object>,
}

impl Tree {
    /// Lists what differs between an earlier revision and this one, sorted by path in each directory. Directories with
    /// one object name are the same and are not entered, so that ten files among 90,000 cost nothing.
    ///
    /// # Errors
    /// If an object cannot be read, or there is no end to what differs.
    pub fn changes(&self, since: &Self) -> Result<Vec<Changed>, GitError> {
        let mut comparison = Comparison { before: since, after: self, looked_at: 0, changed: Vec::new() };
        comparison.directory("", since.top(), self.top(), 0)?;
        Ok(comparison.changed)
    }
}

struct Comparison<'a> {
    before: &'a Tree,
    after: &'a Tree,
    looked_at: usize,
    changed: Vec<Changed>,
}

impl Comparison<'_> {
    fn directory(
        &mut self,
        path: &str,
        before: Option<Object>,
        after: Option<Object>,
        depth: usize,
    ) -> Result<(), GitError> {
        let nodes = |tree: &Tree, object: Option<Object>| {
            object.map_or_else(|| Ok([].into()), |object| tree.nodes(object.id))
        };
        let old = nodes(self.before, before)?;
        let new = nodes(self.after, after)?;
        self.looked_at += old.len() + new.len();
        if self.looked_at > MAX_ENTRIES || depth > MAX_DEPTH {
            return Err(GitError::Endless { path: path.to_owned() });
        }
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        while let Some(name) = [old.peek(), new.peek()].into_iter().flatten().map(|node| &node.name).min() {
            let name = name.clone();
            let before = old.next_if(|node| node.name == name).map(|node: &Node| node.object);
            let after = new.next_if(|node| node.name == name).map(|node: &Node| node.object);
            if before != after {
                let name = String::from_utf8_lossy(&name);
                let path = if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") };
                self.entry(path, before, after, depth)?;
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        path: String,
        before: Option<Object>,
        after: Option<Object>,
        depth: usize,
    ) -> Result<(), GitError> {
        let directory = |object: &Object| object.kind() == ObjectKind::Directory;
        let (old, new) = (before.filter(directory), after.filter(directory));
        let (before, after) =
            (before.filter(|object| !directory(object)), after.filter(|object| !directory(object)));
        if old.is_some() || new.is_some() {
            self.directory(&path, old, new, depth + 1)?;
        }
        if before.is_some() || after.is_some() {
            self.changed.push(Changed { path, before, after });
        }
        Ok(())
    }
}

//! What a commit changes, from whoever it comes: nothing that another reader of the repository could see otherwise.

use super::object::{git_order, write_tree};
use super::{Bytes, Changed, GitError, Node, Object, ObjectId, ObjectKind, Tree, Wanted};

/// The modes that git writes.
const MODES: [u32; 5] = [0o040_000, 0o100_644, 0o100_755, 0o120_000, 0o160_000];
/// A directory that differs is read once more.
const TREE_LIMIT: u64 = 64 << 20;
/// The deepest directory, counted from the top, that is looked at.
const MAX_DEPTH: usize = 32;

impl Tree {
    /// Lists what differs as [`Tree::changes`] does, and insists that each directory which differs is written as git writes
    /// directories: sorted, each name once, no name that leads elsewhere, none without entries. An object database
    /// takes others, and each program reads those in its own way.
    ///
    /// # Errors
    /// As [`Tree::changes`]; also if a directory is not written so.
    pub fn exact_changes(&self, since: &Self) -> Result<Vec<Changed>, GitError> {
        self.insist(since.top(), self.top(), since, 0)?;
        self.changes(since)
    }

    fn insist(
        &self,
        before: Option<Object>,
        after: Option<Object>,
        since: &Self,
        depth: usize,
    ) -> Result<(), GitError> {
        let directory = |object: &Object| object.kind() == ObjectKind::Directory;
        let Some(after) = after.filter(directory).filter(|after| before != Some(*after)) else {
            return Ok(());
        };
        let damaged = |message: &str| GitError::Object {
            path: self.place(),
            object: after.id.to_string(),
            message: message.to_owned(),
        };
        if depth > MAX_DEPTH {
            return Err(damaged("a directory too deep"));
        }
        let nodes = self.nodes(after.id)?;
        if !self.is_written_as(&after.id, &nodes)? {
            return Err(damaged("it is no directory as git writes one"));
        }
        let old = match before.filter(directory) {
            Some(before) => since.nodes(before.id)?,
            None => [].into(),
        };
        for node in nodes.iter() {
            let before = old.binary_search_by(|old| old.name.cmp(&node.name));
            let before = before.ok().map(|at| old[at].object);
            self.insist(before, Some(node.object), since, depth + 1)?;
        }
        Ok(())
    }

    /// Tells whether git would write a directory with these entries in these bytes.
    fn is_written_as(&self, id: &ObjectId, nodes: &[Node]) -> Result<bool, GitError> {
        let plain = nodes.iter().all(|node| node.is_plain_name() && MODES.contains(&node.object.mode));
        let once = nodes.windows(2).all(|pair| pair[0].name < pair[1].name);
        if nodes.is_empty() || !plain || !once {
            return Ok(false);
        }
        let mut sorted = nodes.to_vec();
        sorted.sort_by(git_order);
        Ok(match self.raw(id, Wanted::Tree, TREE_LIMIT)? {
            Bytes::All(raw) => raw == write_tree(&sorted),
            Bytes::TooLarge(_) => false,
        })
    }
}

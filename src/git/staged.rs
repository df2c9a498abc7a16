//! What the next commit would hold: the index as a revision.
//!
//! The installed git lists the index, whatever form it has (split, sparse, names by SHA-256), and writes nothing. The
//! directories, which an index does not have, are put together here and named as git would name them, so that comparing them
//! with those of a commit costs nothing for what is the same.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::command::{git_in, said};
use super::object::{DIRECTORY, write_tree};
use super::{GitError, Node, Object, ObjectId, Repo, Tree, Wanted, name};

/// The names of an empty file, by SHA-1 and SHA-256.
const EMPTY: [&str; 2] = [
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
];
/// Deeper paths are not put together; the rest of the program does not look at them either.
pub(super) const MAX_DEPTH: usize = 256;

impl Repo {
    /// Returns the files of the index below [`Repo::prefix`]. While a hook runs, git may keep the index that counts elsewhere and
    /// says where in `GIT_INDEX_FILE`; that path is `index`.
    ///
    /// # Errors
    /// If git cannot list the index, or if a merge in it is not finished.
    pub fn staged(&self, index: Option<&Path>) -> Result<Tree, GitError> {
        let failed = |message: String| GitError::Command {
            path: self.location.top.clone(),
            command: "ls-files",
            message,
        };
        let mut command = git_in(&self.location.git_dir);
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index.canonicalize().map_err(GitError::io(index))?);
        }
        let output = command
            .args(["-c", "core.fsmonitor=false", "ls-files", "--stage", "-z", "--full-name"])
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(said(&output.stderr)));
        }
        let intended = self.intended(&output.stdout, index)?;
        let mut builder = Builder::default();
        for entry in output.stdout.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let (path, object) = match read(entry) {
                Some((path, _, b"0")) if intended.contains(path) => continue,
                Some((path, object, b"0")) => (path, object),
                Some((path, _, _)) => {
                    let path = String::from_utf8_lossy(path);
                    return Err(failed(format!("the merge of `{path}` is not finished")));
                }
                None => return Err(failed("it printed what is no entry of an index".to_owned())),
            };
            builder.add(path, object).ok_or_else(|| failed("a path in it is too deep".to_owned()))?;
        }
        let (root, trees) = builder.finish();
        Tree::of_index(Arc::clone(&self.objects), root, trees, &self.location.prefix)
    }

    /// Finds what `git add --intent-to-add` names: it stands in the index as an empty file, and no commit takes it. Where nothing is
    /// empty, nobody is asked.
    fn intended(&self, listed: &[u8], index: Option<&Path>) -> Result<BTreeSet<Vec<u8>>, GitError> {
        let entries = listed.split(|byte| *byte == 0).filter_map(read);
        if !entries.into_iter().any(|(_, object, _)| EMPTY.contains(&object.id.to_string().as_str())) {
            return Ok(BTreeSet::new());
        }
        let failed = |message: String| GitError::Command {
            path: self.location.top.clone(),
            command: "diff-files",
            message,
        };
        let mut command = git_in(&self.location.git_dir);
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index.canonicalize().map_err(GitError::io(index))?);
        }
        let output = command
            .current_dir(&self.location.top)
            .env("GIT_WORK_TREE", &self.location.top)
            .args(["-c", "core.fsmonitor=false", "diff-files", "--diff-filter=A", "--name-only", "-z"])
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(said(&output.stderr)));
        }
        Ok(output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect())
    }

    /// Tells whether two directories belong to one work tree.
    pub fn is_work_tree_of(&self, other: &Self) -> bool {
        self.location.git_dir == other.location.git_dir
    }
}

/// Takes `<mode> <name> <stage>\t<path>` apart.
fn read(entry: &[u8]) -> Option<(&[u8], Object, &[u8])> {
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    let mut words = entry[..tab].split(|byte| *byte == b' ');
    let mode = u32::from_str_radix(std::str::from_utf8(words.next()?).ok()?, 8).ok()?;
    let id = ObjectId::from_hex(std::str::from_utf8(words.next()?).ok()?)?;
    Some((&entry[tab + 1..], Object { mode, id }, words.next()?))
}

/// Puts directories together. Entries come sorted by their whole path, so that those of a directory follow each other, in
/// the order in which git names them in a tree.
#[derive(Default)]
struct Builder {
    /// The directories that are open, from the top, with their names.
    open: Vec<(Box<[u8]>, Vec<Node>)>,
    done: HashMap<ObjectId, Arc<[Node]>>,
    sha256: bool,
}

impl Builder {
    fn add(&mut self, path: &[u8], object: Object) -> Option<()> {
        self.sha256 |= object.id.as_bytes().len() == 32;
        let mut names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        let name = names.pop()?;
        if self.open.is_empty() {
            self.open.push((Box::default(), Vec::new()));
        }
        let same =
            self.open[1..].iter().zip(&names).take_while(|((open, _), name)| **open == ***name).count();
        while self.open.len() > same + 1 {
            self.close();
        }
        for name in &names[same..] {
            if self.open.len() == MAX_DEPTH {
                return None;
            }
            self.open.push(((*name).into(), Vec::new()));
        }
        self.open.last_mut()?.1.push(Node { name: name.into(), object });
        Some(())
    }

    /// Names the innermost directory, and puts it into the one around it.
    fn close(&mut self) -> Option<ObjectId> {
        let (name, mut nodes) = self.open.pop()?;
        let raw = write_tree(&nodes);
        let id = name::of(Wanted::Tree, &raw, self.sha256)?;
        // As a tree that was read is: by the names alone.
        nodes.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        self.done.insert(id, nodes.into());
        if let Some((_, around)) = self.open.last_mut() {
            around.push(Node { name, object: Object { mode: DIRECTORY, id } });
        }
        Some(id)
    }

    fn finish(mut self) -> (Option<ObjectId>, HashMap<ObjectId, Arc<[Node]>>) {
        let mut root = None;
        while !self.open.is_empty() {
            root = self.close();
        }
        (root, self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::sample::Sample;

    fn both(sample: &Sample) -> (Tree, Tree) {
        let repo = Repo::discover(&sample.path).unwrap();
        (repo.staged(None).unwrap(), repo.tree("HEAD").unwrap())
    }

    /// Names that git orders differently from a plain list, in both kinds of repository.
    #[test]
    fn an_index_is_named_as_its_commit() {
        for init in [&[][..], &["--object-format=sha256"]] {
            let sample = Sample::new(init);
            for path in ["a", "a-b/c", "a.b", "a0/x", "b/a", "b/a.b/c", "b/a0", "c/d/e/f"] {
                sample.write(path, path);
            }
            sample.link("b/link", "a").commit();
            let (staged, committed) = both(&sample);
            assert!(staged.changes(&committed).unwrap().is_empty());
            assert_eq!(staged.top(), committed.top(), "{init:?}");
            sample.write("c/d/e/f", "staged").write("b/new", "new").git(["add", "--all"]);
            sample.write("c/d/e/f", "not staged");
            let (staged, committed) = both(&sample);
            let changed: Vec<String> =
                staged.changes(&committed).unwrap().into_iter().map(|changed| changed.path).collect();
            assert_eq!(changed, ["b/new", "c/d/e/f"]);
            assert_eq!(staged.read("c/d/e/f", 99).unwrap().unwrap(), b"staged");
            assert_eq!(Some(staged.id().to_string()), Some(sample.git(["write-tree"])));
        }
    }

    #[test]
    fn an_empty_index_has_no_files() {
        let sample = Sample::new(&[]);
        let staged = Repo::discover(&sample.path).unwrap().staged(None).unwrap();
        assert!(staged.list("").unwrap().is_none_or(|nodes| nodes.is_empty()));
    }

    #[test]
    fn what_is_only_intended_is_not_staged() {
        let sample = Sample::new(&[]);
        sample.write("a", "a").commit();
        sample.write("d/empty", "").git(["add", "--all"]);
        sample.write("d/later", "x").git(["add", "--intent-to-add", "d/later"]);
        let staged = Repo::discover(&sample.path).unwrap().staged(None).unwrap();
        assert_eq!(staged.list("d").unwrap().unwrap().len(), 1);
        assert_eq!(staged.id().to_string(), sample.git(["write-tree"]));
    }

    #[test]
    fn an_unfinished_merge_is_named() {
        let sample = Sample::new(&[]);
        let blob = sample.object("blob", b"x");
        let lines = format!("100644 {blob} 1\ta\n100644 {blob} 2\ta\n");
        crate::git::sample::git(&sample.path, ["update-index", "--index-info"], lines.as_bytes());
        let error = Repo::discover(&sample.path).unwrap().staged(None).unwrap_err().to_string();
        assert!(error.ends_with("the merge of `a` is not finished"), "{error}");
    }
}

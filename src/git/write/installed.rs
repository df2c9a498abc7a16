//! Objects written by the installed git, where libgit2 does not know how.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};

use crate::git::command::{feed, git_in, said};
use crate::git::discover::Location;
use crate::git::{GitError, ObjectId, Wanted};

/// Writes objects that are named already, in one process.
///
/// They go through files, since a process takes only one from a pipe. Trees are taken as they are: git looks at their form, not
/// for what they name, which a partial clone need not have.
pub(super) fn write(place: &Location, kind: Wanted, objects: &[(ObjectId, Vec<u8>)]) -> Result<(), GitError> {
    if objects.is_empty() {
        return Ok(());
    }
    let fail = |message: String| GitError::Write { path: place.top.clone(), message };
    let run = || {
        let directory = tempfile::tempdir()?;
        let mut list = String::new();
        for (index, (_, content)) in objects.iter().enumerate() {
            let mut file = File::create_new(directory.path().join(index.to_string()))?;
            file.write_all(content)?;
            writeln!(list, "{index}").map_err(io::Error::other)?;
        }
        let mut command = git_in(&place.git_dir);
        command
            .current_dir(directory.path())
            .args(["hash-object", "-w", "--no-filters", "--literally", "--stdin-paths", "-t"])
            .arg(kind.name());
        feed(&mut command, list.as_bytes())
    };
    let output = run().map_err(|error| fail(error.to_string()))?;
    if !output.status.success() {
        return Err(fail(said(&output.stderr)));
    }
    let text = std::str::from_utf8(&output.stdout).unwrap_or_default();
    if text.lines().map(ObjectId::from_hex).eq(objects.iter().map(|(id, _)| Some(*id))) {
        Ok(())
    } else {
        Err(fail("git gives the objects other names".to_owned()))
    }
}

//! Paths inside the repo, before anything is looked at.

use std::borrow::Cow;

use super::SnapshotError;

/// Refuses a path that leads out of the repo by its words alone, and drops empty parts and `.`.
pub(super) fn lexical(path: &str) -> Result<Cow<'_, str>, SnapshotError> {
    // On Windows these make a path absolute, or split it elsewhere than at `/`.
    let foreign = cfg!(windows) && path.contains(['\\', ':']);
    if path.starts_with('/') || foreign {
        return Err(SnapshotError::OutsideRepo { path: path.into() });
    }
    let mut clean = true;
    for part in path.split('/') {
        match part {
            ".." => return Err(SnapshotError::OutsideRepo { path: path.into() }),
            "" | "." => clean = false,
            _ => {}
        }
    }
    if clean {
        return Ok(Cow::Borrowed(path));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    Ok(Cow::Owned(parts.join("/")))
}

/// Tells whether a clean path names something that no config repo has: git's own directory, or a name with NUL.
pub(super) fn is_reserved(path: &str) -> bool {
    path.contains('\0') || path.split('/').any(is_git_directory)
}

/// Tells whether a name is git's own directory. Git itself ignores case here, for file systems that do.
pub(super) fn is_git_directory(name: &str) -> bool {
    name.eq_ignore_ascii_case(".git")
}

/// Puts a name behind a directory, which is empty for the root.
pub(super) fn join(dir: &str, name: &str) -> Box<str> {
    if dir.is_empty() {
        return name.into();
    }
    let mut path = String::with_capacity(dir.len() + 1 + name.len());
    path.push_str(dir);
    path.push('/');
    path.push_str(name);
    path.into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_inside_passes() {
        for (path, clean) in [("", ""), (".", ""), ("a", "a"), ("./a//b/", "a/b"), ("a/..b/...", "a/..b/...")]
        {
            assert_eq!(lexical(path).unwrap(), clean, "{path}");
        }
        for path in ["/", "/etc/passwd", "..", "../a", "a/../b", "a/..", "./../a", "//a"] {
            assert!(matches!(lexical(path), Err(SnapshotError::OutsideRepo { .. })), "{path}");
        }
    }

    #[test]
    fn reserved_names() {
        for (path, reserved) in
            [("a/.git", true), (".GIT/config", true), (".gitignore", false), ("a.git", false), ("a\0b", true)]
        {
            assert_eq!(is_reserved(path), reserved, "{path}");
        }
    }
}

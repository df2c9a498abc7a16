//! The findings of reading. None can be waived: what cannot be read cannot be allowed.

use crate::diagnostic::Code;

/// A symlink where the repo has a file or a directory.
pub static SYMLINK: Code = Code::unreadable("symlink", include_str!("../../docs/rules/symlink.md"));

/// A path that leads out of the repo.
pub static PATH_OUTSIDE_REPO: Code =
    Code::unreadable("path-outside-repo", include_str!("../../docs/rules/path-outside-repo.md"));

/// A file or directory that the operating system or git does not hand over.
pub static UNREADABLE_FILE: Code =
    Code::unreadable("unreadable-file", include_str!("../../docs/rules/unreadable-file.md"));

/// A file name that is not UTF-8.
pub static NON_UTF8_PATH: Code =
    Code::unreadable("non-utf8-path", include_str!("../../docs/rules/non-utf8-path.md"));

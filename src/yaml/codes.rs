//! The findings of the YAML layer. None can be waived: each means that two readers of the file
//! could see two different things, or that one sees nothing at all.

use crate::diagnostic::Code;

/// The text is not YAML.
pub static YAML_SYNTAX: Code =
    Code::unreadable("yaml-syntax", include_str!("../../docs/rules/yaml-syntax.md"));

/// A tab where YAML wants spaces.
pub static TAB_INDENTATION: Code =
    Code::unreadable("tab-indentation", include_str!("../../docs/rules/tab-indentation.md"));

/// One map says the same key twice.
pub static DUPLICATE_KEY: Code =
    Code::unreadable("duplicate-key", include_str!("../../docs/rules/duplicate-key.md"));

/// More than one document in a file that holds one.
pub static SEVERAL_DOCUMENTS: Code =
    Code::unreadable("several-documents", include_str!("../../docs/rules/several-documents.md"));

/// Nothing in the file but blanks and comments.
pub static EMPTY_DOCUMENT: Code =
    Code::unreadable("empty-document", include_str!("../../docs/rules/empty-document.md"));

/// A template tag that was never rendered.
pub static TEMPLATE_LEFTOVER: Code =
    Code::unreadable("template-leftover", include_str!("../../docs/rules/template-leftover.md"));

/// NUL bytes, as encrypted and binary files have.
pub static ENCRYPTED_FILE: Code =
    Code::unreadable("encrypted-file", include_str!("../../docs/rules/encrypted-file.md"));

/// Bytes that are not UTF-8.
pub static INVALID_ENCODING: Code =
    Code::unreadable("invalid-encoding", include_str!("../../docs/rules/invalid-encoding.md"));

/// More than [`MAX_BYTES`](super::MAX_BYTES).
pub static FILE_TOO_LARGE: Code =
    Code::unreadable("file-too-large", include_str!("../../docs/rules/file-too-large.md"));

/// Maps and lists nested deeper than anybody writes.
pub static DEEP_NESTING: Code =
    Code::unreadable("deep-nesting", include_str!("../../docs/rules/deep-nesting.md"));

/// Aliases that multiply, or that contain themselves.
pub static ALIAS_EXPANSION: Code =
    Code::unreadable("alias-expansion", include_str!("../../docs/rules/alias-expansion.md"));

/// A plain scalar that YAML 1.1 and YAML 1.2 read differently.
pub static AMBIGUOUS_SCALAR: Code =
    Code::unreadable("ambiguous-scalar", include_str!("../../docs/rules/ambiguous-scalar.md"));

/// A tag such as `!!int` or `!vault`.
pub static EXPLICIT_TAG: Code =
    Code::unreadable("explicit-tag", include_str!("../../docs/rules/explicit-tag.md"));

/// `<<: *base`.
pub static MERGE_KEY: Code = Code::unreadable("merge-key", include_str!("../../docs/rules/merge-key.md"));

/// A key that is a number, a boolean, null, a list or a map.
pub static NON_STRING_KEY: Code =
    Code::unreadable("non-string-key", include_str!("../../docs/rules/non-string-key.md"));

/// `.inf`, `.nan`, or a number too large for any reader.
pub static NON_FINITE_NUMBER: Code =
    Code::unreadable("non-finite-number", include_str!("../../docs/rules/non-finite-number.md"));

/// `*name` without a `&name` before it.
pub static UNKNOWN_ALIAS: Code =
    Code::unreadable("unknown-alias", include_str!("../../docs/rules/unknown-alias.md"));

/// All of them, in the order of the stages: bytes, text, structure, values.
pub static ALL: &[&Code] = &[
    &FILE_TOO_LARGE,
    &ENCRYPTED_FILE,
    &INVALID_ENCODING,
    &YAML_SYNTAX,
    &TAB_INDENTATION,
    &TEMPLATE_LEFTOVER,
    &EMPTY_DOCUMENT,
    &SEVERAL_DOCUMENTS,
    &DEEP_NESTING,
    &ALIAS_EXPANSION,
    &UNKNOWN_ALIAS,
    &DUPLICATE_KEY,
    &NON_STRING_KEY,
    &MERGE_KEY,
    &EXPLICIT_TAG,
    &AMBIGUOUS_SCALAR,
    &NON_FINITE_NUMBER,
];

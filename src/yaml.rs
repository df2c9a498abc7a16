//! The YAML layer: a tree with positions in, text that every reader agrees on out.
//!
//! The usual crate, `serde_yaml`, is archived, keeps no positions, and reads and writes booleans and
//! numbers differently from Kubernetes: it takes `on` for text and `0755` for text where the API server
//! sees `true` and 493, and it writes the text "no" without quotes, which is then a boolean in a live
//! manifest. So this is our own layer over the events of `granit-parser`, which has byte offsets and
//! nesting limits: [`parse()`] builds the tree and refuses what readers would read differently,
//! [`emit()`] writes only what they read the same. Both ask [`resolve`] what a plain scalar means. What others wrote
//! for Kubernetes is read by [`documents()`], which takes it as Kubernetes does.

pub mod codes;
mod documents;
mod emit;
mod node;
mod parse;
mod removal;
mod scalar;
mod source;
mod sources;
mod typed;

pub use documents::{Document, documents};
pub use emit::{emit, emit_documents, encode_scalar, is_plain_safe};
pub use node::{Entry, Node, SourceId, Span, Value};
pub use parse::{MAX_DEPTH, comments, parse};
pub use removal::{entry_removal, item_removal};
pub use scalar::{Ambiguity, Scalar, ambiguity, as_kustomize, is_text_to_kustomize, resolve};
pub use source::{MAX_BYTES, Source, decode, is_empty_value, is_plain};
pub use sources::Sources;
pub use typed::Error as TypedError;

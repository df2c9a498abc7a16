//! From the branches of legacy services to a config repo, with proof.
//!
//! [`words`] says one workload as it runs in the words of `metadata.yaml`, and brings objects into the form that they are
//! compared in.

pub mod words;

pub use words::{
    Cause, Converted, Naming, Note, NoteKind, Permission, Read, Residue, canonical, from_objects, normal,
    remove, stripped,
};

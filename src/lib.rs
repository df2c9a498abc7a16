//! The on-ramp of an API platform: a GitOps config-repo generator and linter.
//!
//! The pipeline, which [`fleet::run`] drives, reads like this:
//!
//! ```text
//! Snapshot (work tree | git revision)     snapshot    one read-only view; every stage takes it
//!   -> Platform, Metadata                 platform, metadata: parsed (yaml), held against the schema,
//!                                         merged on the tree, typed
//!   -> findings                           policy      state and fleet rules
//!   -> FileTree                           render      templates -> base/ and overlays/
//!   -> ChangeSet                          change      FileTree against what is there
//!   -> work tree | report                 apply, report: the only ends that write
//! ```
//!
//! Disk, git, environment and terminal are at the ends (`snapshot`, `git`, `apply`, `cli`);
//! everything between goes from value to value.

pub mod admission;
pub mod apply;
pub mod cel;
pub mod change;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod edit;
pub mod effective;
pub mod exceptions;
pub mod fix;
pub mod fleet;
pub mod git;
pub mod history;
pub mod image;
pub mod index;
pub mod kubernetes;
pub mod kustomize;
pub mod land;
pub mod legacy;
pub mod lines;
pub mod lsp;
pub mod metadata;
pub mod migrate;
pub mod moment;
pub mod ordered;
pub mod outcome;
pub mod platform;
pub mod policy;
pub mod quantity;
pub mod record;
#[cfg(feature = "registry")]
pub mod registry;
pub mod release;
pub mod render;
pub mod report;
pub mod route;
pub mod schema;
pub mod secrets;
pub mod snapshot;
pub mod yaml;

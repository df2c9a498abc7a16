//! What needs outside tools: the real kustomize, in every version that `ONRAMP_KUSTOMIZE` names
//! (paths joined by `:`), and a strict validator of Kubernetes schemas behind `ONRAMP_VALIDATE`.
//!
//! `.ci/run` installs both. A missing tool is a failure, never a skip.

#![expect(
    clippy::disallowed_methods,
    reason = "tests make and read files, and are told by the environment what to do"
)]

#[path = "../it/env.rs"]
#[expect(dead_code, reason = "the hermetic environment is shared with the other test binary")]
mod env;
mod environments;
mod fixtures;
mod kubernetes;
mod strings;
mod tools;
mod words;

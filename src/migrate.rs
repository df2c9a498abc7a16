//! From the branches of legacy services to a config repo, with proof.
//!
//! [`words`] says one workload as it runs in the words of `metadata.yaml`, and brings objects into the form that they are
//! compared in.

mod again;
mod api;
mod ask;
mod assemble;
mod before;
mod comments;
pub mod decisions;
mod difference;
mod environments;
mod extra;
mod factor;
mod family;
mod group;
mod known;
mod merge;
mod outcome;
mod patch;
mod plan;
mod record;
pub mod report;
mod routes;
mod run;
mod settle;
mod share;
mod slot;
mod sync;
mod told;
mod trial;
pub mod values;
pub mod words;

pub use again::verify;
pub use decisions::{ApiDecision, BranchDecision, Decisions};
pub use difference::{Class, Difference};
pub use outcome::{
    ApiOutcome, BranchOutcome, DocumentOutcome, EnvironmentOutcome, Fate, FileOutcome, LostComment,
    ObjectOutcome, Outcome, Question, QuestionKind, SourceGap, SourceNote, State, Verdict,
};
pub use plan::plan;
pub use record::{DIRECTORY, Record};
pub use run::{Migration, Progress, Request, run};
pub use settle::{BASELINE, settle, with_environments};
pub use values::Values;
pub use words::{
    Backend, Cause, Converted, Edge, Naming, Note, NoteKind, Permission, Read, Residue, canonical,
    from_objects, from_route, is_route, normal, remove, stripped,
};

//! `onramp bump-image --interactive`

use super::BumpArgs;
use crate::cli::Global;
use crate::cli::terminal::Terminal;
use crate::outcome::{Failure, Outcome};

pub(super) fn run(_: &BumpArgs, _: &Global, _: &Terminal) -> Result<Outcome, Failure> {
    Err(Failure::usage("not yet"))
}

//! What evaluating costs, and what is kept while it goes on.

use std::collections::BTreeMap;

use regex::Regex;

use super::functions::Refusal;

/// The most steps of one evaluation, as the API server counts them. Source: `PerCallLimit` in
/// `k8s.io/apiserver/pkg/apis/cel`.
pub(super) const MOST_STEPS: u64 = 1_000_000;

/// Said where an evaluation is given up.
pub(super) const TOO_EXPENSIVE: &str = "it takes more than 1000000 steps";

/// Steps for looking at this many bytes.
const BYTES_OF_STEP: usize = 10;
/// Steps for a pattern that is known only now.
const STEPS_OF_PATTERN: u64 = 2_000;

/// Counts steps, and knows the patterns that are written in the expression.
#[derive(Debug)]
pub(super) struct Machine<'p> {
    steps: u64,
    patterns: &'p BTreeMap<Box<str>, Regex>,
}

impl<'p> Machine<'p> {
    pub(super) fn new(patterns: &'p BTreeMap<Box<str>, Regex>) -> Self {
        Self { steps: 0, patterns }
    }

    /// Takes steps; an error where there are too many.
    pub(super) fn step(&mut self, steps: u64) -> Result<(), Refusal> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS { Err(Refusal::Wrong(TOO_EXPENSIVE.to_owned())) } else { Ok(()) }
    }

    /// Takes the steps for looking at bytes, or for making them.
    pub(super) fn bytes(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.step(u64::try_from(bytes / BYTES_OF_STEP).unwrap_or(u64::MAX))
    }

    /// Takes a step for each element.
    pub(super) fn elements(&mut self, elements: usize) -> Result<(), Refusal> {
        self.step(u64::try_from(elements).unwrap_or(u64::MAX))
    }

    /// Does something with a pattern.
    pub(super) fn with_pattern<T>(
        &mut self,
        pattern: &str,
        text: &str,
        go: impl FnOnce(&Regex) -> T,
    ) -> Result<T, Refusal> {
        // A match looks at each byte for each part of the pattern, at the worst.
        self.bytes(text.len().saturating_mul(1 + pattern.len() / 4))?;
        if let Some(known) = self.patterns.get(pattern) {
            return Ok(go(known));
        }
        self.step(STEPS_OF_PATTERN)?;
        let made = super::regexes::compile(pattern).map_err(Refusal::Wrong)?;
        Ok(go(&made))
    }
}

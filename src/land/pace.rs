//! How long to wait before the next try.

use std::hash::{BuildHasher as _, RandomState};
use std::thread;
use std::time::{Duration, Instant};

use super::{Budget, LandError};

/// The share of the time that is left which one wait may take.
const SHARE: u32 = 4;
/// How often the range of a wait doubles.
const DOUBLINGS: u32 = 8;
/// What a try counts as at least, and a failed connection too.
const SHORTEST: Duration = Duration::from_millis(20);
/// The first range of waiting for a server that cannot be reached.
const UNREACHABLE: Duration = Duration::from_millis(250);

/// Counts and times the tries of one change.
pub(super) struct Pace {
    until: Instant,
    tries: u32,
    /// Failures since something last went differently.
    losses: u32,
    began: Instant,
}

impl Pace {
    pub(super) fn new(budget: Budget) -> Self {
        Self { until: budget.until, tries: 0, losses: 0, began: Instant::now() }
    }

    /// Begins a try.
    pub(super) fn begin(&mut self) {
        self.tries += 1;
        self.began = Instant::now();
    }

    pub(super) fn tries(&self) -> u32 {
        self.tries
    }

    pub(super) fn until(&self) -> Instant {
        self.until
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Waits after a lost race, in proportion to how long the try took: that is how long the others take too. `false` if the time is
    /// over.
    pub(super) fn lost(&mut self) -> bool {
        let length = self.began.elapsed().max(SHORTEST);
        self.wait(length)
    }

    /// Waits for a server that cannot be reached.
    pub(super) fn unreachable(&mut self) -> bool {
        self.wait(UNREACHABLE)
    }

    fn wait(&mut self, unit: Duration) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        self.losses += 1;
        thread::sleep(pause(unit, self.losses, left, random()));
        !self.is_over()
    }

    pub(super) fn spent<E>(&self, last: Option<String>, unknown: bool) -> LandError<E> {
        LandError::Spent { tries: self.tries, last, unknown }
    }
}

/// Returns the wait after so many losses: anything from nothing to the length of a try, doubled each time, and no more than a share
/// of the time that is left.
fn pause(unit: Duration, losses: u32, left: Duration, random: u64) -> Duration {
    let range = unit.saturating_mul(1 << losses.min(DOUBLINGS)).min(left / SHARE);
    // The highest 32 bits are as random as all.
    let part = u32::try_from(random >> 32).unwrap_or(u32::MAX);
    range.mul_f64(f64::from(part) / f64::from(u32::MAX))
}

/// A random number, from what the standard library seeds its tables with.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_follow_the_length_of_a_try() {
        let try_of = Duration::from_millis(300);
        let hour = Duration::from_hours(1);
        assert_eq!(pause(try_of, 1, hour, 0), Duration::ZERO);
        assert_eq!(pause(try_of, 1, hour, u64::MAX), 2 * try_of);
        assert_eq!(pause(try_of, 3, hour, u64::MAX), 8 * try_of);
        assert_eq!(pause(2 * try_of, 3, hour, u64::MAX), 16 * try_of);
        assert_eq!(pause(try_of, 60, hour, u64::MAX), 256 * try_of, "it does not grow for ever");
        assert_eq!(pause(try_of, 9, Duration::from_secs(4), u64::MAX), Duration::from_secs(1));
        assert_eq!(pause(try_of, 9, Duration::ZERO, u64::MAX), Duration::ZERO);
        let half = pause(try_of, 1, hour, u64::MAX / 2);
        assert!(half > try_of.mul_f64(0.99) && half < try_of.mul_f64(1.01), "{half:?}");
    }

    #[test]
    fn random_numbers_differ() {
        let numbers: std::collections::BTreeSet<u64> = (0..64).map(|_| random()).collect();
        assert_eq!(numbers.len(), 64);
    }
}

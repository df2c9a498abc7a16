//! How far a long command is, on standard error: a bar that draws itself anew where a person watches, and a plain line now and
//! then where a log is kept.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::Terminal;
use crate::report::harmless;

/// The least time between two plain lines.
const PAUSE: Duration = Duration::from_secs(2);

/// How far a command is. Several threads may tell.
pub(super) struct Progress {
    shown: Shown,
    total: usize,
    /// What is done to what: `("migrated", "branches")`.
    what: (&'static str, &'static str),
    done: AtomicUsize,
}

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines(Mutex<Pace>),
}

/// When the next plain line is due.
struct Pace {
    next: Instant,
}

impl Progress {
    /// Begins, with so much to do.
    pub(super) fn new(total: usize, what: (&'static str, &'static str), quiet: bool) -> Self {
        let shown = if quiet || total == 0 {
            Shown::Nothing
        } else if Terminal::redraws() {
            let bar = ProgressBar::new(total as u64);
            // A template that cannot be read is ours; the bar of the library does as well then.
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} {prefix}  {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(what.1);
            Shown::Bar(bar)
        } else {
            Shown::Lines(Mutex::new(Pace { next: Instant::now() + PAUSE }))
        };
        Self { shown, total, what, done: AtomicUsize::new(0) }
    }

    /// Says that one more is done, by its name.
    pub(super) fn tick(&self, name: &str) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                bar.set_message(harmless(name));
                bar.inc(1);
            }
            Shown::Lines(pace) => {
                // Who finds another one telling has nothing to add.
                let is_due = pace.try_lock().is_ok_and(|mut pace| pace.is_due(Instant::now()));
                if is_due && done < self.total {
                    Terminal::error(&self.line(done));
                }
            }
        }
    }

    /// Ends: the bar goes, and what was printed stays.
    pub(super) fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }

    fn line(&self, done: usize) -> String {
        let (verb, noun) = self.what;
        format!("{verb} {done} of {} {noun}\n", self.total)
    }
}

impl Pace {
    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.next;
        if is_due {
            self.next = now + PAUSE;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_now_and_then() {
        let start = Instant::now();
        let mut pace = Pace { next: start + PAUSE };
        let due =
            [0, 4, 5, 6, 9, 10, 30, 31, 35].map(|second| pace.is_due(start + Duration::from_secs(second)));
        assert_eq!(due, [false, true, false, true, true, false, true, false, true]);
    }

    #[test]
    fn several_threads_tell_and_each_is_counted() {
        for quiet in [true, false] {
            let progress = Progress::new(40, ("migrated", "branches"), quiet);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| (0..10).for_each(|number| progress.tick(&format!("legacy/{number}"))));
                }
            });
            progress.finish();
            assert_eq!(progress.done.load(Ordering::Relaxed), 40);
            assert_eq!(progress.line(30), "migrated 30 of 40 branches\n");
        }
    }
}

//! Random decisions that can be made smaller.

/// Numbers that decide what is written, one after the other. 0 is the simplest choice, and what is chosen when they
/// are used up: so fewer and smaller numbers are a simpler case.
pub(crate) struct Choices<'a>(std::slice::Iter<'a, u16>);

impl<'a> Choices<'a> {
    pub(crate) fn new(numbers: &'a [u16]) -> Self {
        Self(numbers.iter())
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (usize::from(*self.0.next().unwrap_or(&0)) * limit) >> 16
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// As many as chosen, up to a limit, of what is made one by one.
    pub(crate) fn some<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }
}

/// Random numbers of a seed: `splitmix64`.
pub(crate) fn numbers(seed: u64, count: usize) -> Vec<u16> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_le_bytes()
    };
    (0..count).map(|_| u16::from_le_bytes([next()[0], next()[1]])).collect()
}

/// The simplest numbers found within so many attempts for which something still holds: without a part of them, or
/// with zeros in its place.
pub(crate) fn shrink(numbers: &[u16], attempts: usize, mut holds: impl FnMut(&[u16]) -> bool) -> Vec<u16> {
    let mut best = numbers.to_vec();
    let mut left = attempts;
    let mut size = best.len().next_power_of_two();
    while size > 0 {
        let mut at = 0;
        while at < best.len() {
            let end = (at + size).min(best.len());
            let without = [&best[..at], &best[end..]].concat();
            let zeroed = [&best[..at], &vec![0; end - at], &best[end..]].concat();
            let simpler = [without, zeroed].into_iter().find(|simpler| {
                left = left.saturating_sub(1);
                left > 0 && *simpler != best && holds(simpler)
            });
            let shorter = simpler.as_ref().is_some_and(|simpler| simpler.len() < best.len());
            best = simpler.unwrap_or(best);
            at += if shorter { 0 } else { size };
        }
        size /= 2;
    }
    best
}

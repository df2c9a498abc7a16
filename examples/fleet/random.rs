//! `SplitMix64`: small, seeded, and the same on every machine and day.

/// A stream of numbers that follows from its seed alone.
pub(crate) struct Random(u64);

/// The increment of `SplitMix64`, 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    /// Starts the stream number `stream` of a seed. Streams are independent, so that one API does not
    /// depend on how many others there are.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut random = Self(seed);
        let start = random.next() ^ stream.wrapping_mul(STEP);
        Self(start)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from `least` to `most`.
    pub(crate) fn between(&mut self, least: u32, most: u32) -> u32 {
        let range = u128::from(most - least) + 1;
        let offset = (u128::from(self.next()) * range) >> 64;
        least + u32::try_from(offset).expect("an offset into a range of u32 is one")
    }

    /// Returns true in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.between(1, 100) <= percent
    }

    /// Returns one of some things.
    pub(crate) fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.index(things.len())]
    }

    /// Returns so many different things, in the order in which they stand.
    pub(crate) fn some<'a, T>(&mut self, things: &'a [T], count: usize) -> Vec<&'a T> {
        let mut left = count.min(things.len());
        let mut chosen = Vec::with_capacity(left);
        for (index, thing) in things.iter().enumerate() {
            if left > 0 && self.index(things.len() - index) < left {
                chosen.push(thing);
                left -= 1;
            }
        }
        chosen
    }

    /// Returns so many hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(*self.pick(b"0123456789abcdef"))).collect()
    }

    fn index(&mut self, length: usize) -> usize {
        let offset = (u128::from(self.next()) * length as u128) >> 64;
        usize::try_from(offset).expect("an offset into a list is an index")
    }
}

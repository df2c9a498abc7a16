//! The order of the keys of a map: `keyList.Less` of go-yaml.

use std::cmp::Ordering;

/// Entries that are sorted by insertion.
const FEW: usize = 24;

/// Sorts entries by key.
///
/// The order goes in circles for keys such as `10a`, `1a` and `2a`. There kustomize prints another order in every
/// run; this one stays the same, but says nothing about theirs. So no sort of the standard library will do, which may
/// panic on such an order.
pub(super) fn sort<T: Copy>(entries: &mut [(&str, T)]) {
    if entries.len() <= FEW {
        return insert(entries);
    }
    let (left, right) = entries.split_at_mut(entries.len() / 2);
    sort(left);
    sort(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut lefts, mut rights) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(l), Some(r)) = (lefts.peek(), rights.peek()) {
        let next = if less(r.0, l.0) { rights.next() } else { lefts.next() };
        merged.extend(next);
    }
    merged.extend(lefts);
    merged.extend(rights);
    entries.copy_from_slice(&merged);
}

fn insert<T: Copy>(entries: &mut [(&str, T)]) {
    for end in 1..entries.len() {
        let mut at = end;
        while at > 0 && less(entries[at].0, entries[at - 1].0) {
            entries.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Whether a key is printed before another: letters after all others, and runs of digits as numbers.
fn less(a: &str, b: &str) -> bool {
    let Some(mut at) = a.bytes().zip(b.bytes()).position(|(a, b)| a != b) else { return a.len() < b.len() };
    while !a.is_char_boundary(at) {
        at -= 1;
    }
    let (a_rest, b_rest) = (&a[at..], &b[at..]);
    // Both have a character there: what they share is valid UTF-8 up to it.
    let (Some(a_first), Some(b_first)) = (a_rest.chars().next(), b_rest.chars().next()) else {
        return a.len() < b.len();
    };
    match (a_first.is_alphabetic(), b_first.is_alphabetic()) {
        (true, true) => return a_first < b_first,
        (false, true) => return true,
        (true, false) => return false,
        (false, false) => {}
    }
    let zero = a_first == '0' || b_first == '0';
    // Behind a digit that counts, a zero counts too.
    let carried = zero && a[..at].bytes().rev().take_while(u8::is_ascii_digit).any(|digit| digit != b'0');
    let (a_number, a_digits) = number(a_rest, carried);
    let (b_number, b_digits) = number(b_rest, carried);
    let order = a_number.cmp(&b_number).then(a_digits.cmp(&b_digits)).then(a_first.cmp(&b_first));
    order == Ordering::Less
}

/// The number at the start of a text, as Go counts (it wraps), and its length.
fn number(text: &str, carried: bool) -> (i64, usize) {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits.fold((i64::from(carried), 0), |(number, length), digit| {
        (number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')), length + 1)
    })
}

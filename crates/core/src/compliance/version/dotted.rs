//! Numbers with dots between them.

use std::fmt;

/// Up to six numbers in order of weight; one that is not there is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dotted([u32; MOST_KERNEL_PARTS]);

const MOST_PARTS: usize = 5;

/// Red Hat's kernels have as many: `5.14.0-427.13.1.el9_4`.
const MOST_KERNEL_PARTS: usize = 6;

impl Dotted {
    /// Reads one to five numbers with dots between them and nothing else, but for a `v` before them.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let mut parts = [0; MOST_KERNEL_PARTS];
        for (index, part) in text.split('.').enumerate() {
            let slot = parts.get_mut(..MOST_PARTS)?.get_mut(index)?;
            let (number, rest) = split_number(part)?;
            *slot = rest.is_empty().then_some(number)?;
        }
        Some(Self(parts))
    }

    /// Reads a Linux kernel's release: numbers with dots or hyphens between them, as far as they go.
    ///
    /// `6.8.0-45-generic` is 6.8.0.45, and `6.5.11-linuxkit` is 6.5.11.
    pub fn parse_kernel(text: &str) -> Option<Self> {
        let mut parts = [0; MOST_KERNEL_PARTS];
        let (first, mut rest) = split_number(text)?;
        parts[0] = first;
        let mut index = 1;
        while let Some(after) = rest.strip_prefix(['.', '-']) {
            if after.is_empty() {
                return None;
            }
            if !after.starts_with(|next: char| next.is_ascii_digit()) {
                break;
            }
            let (number, further) = split_number(after)?;
            *parts.get_mut(index)? = number;
            (index, rest) = (index + 1, further);
        }
        Some(Self(parts))
    }

    /// These numbers; what goes beyond six is left out.
    pub(super) fn of(numbers: &[u32]) -> Self {
        let mut parts = [0; MOST_KERNEL_PARTS];
        for (part, number) in parts.iter_mut().zip(numbers) {
            *part = *number;
        }
        Self(parts)
    }

    /// The number at a position, from 0.
    pub fn part(&self, index: usize) -> u32 {
        self.0.get(index).copied().unwrap_or(0)
    }
}

impl fmt::Display for Dotted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.0.iter().rposition(|part| *part != 0).unwrap_or(0);
        write!(f, "{}", self.0[0])?;
        let rest = self.0.iter().take(length + 1).skip(1);
        rest.into_iter().try_for_each(|part| write!(f, ".{part}"))
    }
}

/// The number that a text begins with, and what follows it; only ASCII digits count.
fn split_number(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

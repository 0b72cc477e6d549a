//! Writes CBOR (RFC 8949) in its shortest form.

/// A whole number.
pub fn number(value: i64) -> Vec<u8> {
    match u64::try_from(value) {
        Ok(value) => head(0, value),
        Err(_) => head(1, value.unsigned_abs() - 1),
    }
}

/// A byte string.
pub fn bytes(value: &[u8]) -> Vec<u8> {
    [&head(2, value.len() as u64), value].concat()
}

/// A text string.
pub fn text(value: &str) -> Vec<u8> {
    [&head(3, value.len() as u64), value.as_bytes()].concat()
}

/// An array of items that are already written.
pub fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len() as u64), items.concat()].concat()
}

/// A map of keys and values that are already written, in the order given.
pub fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut written = head(5, entries.len() as u64);
    for (key, value) in entries {
        written.extend([key.as_slice(), value].concat());
    }
    written
}

/// A map whose keys are text.
pub fn text_map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<_> = entries
        .iter()
        .map(|(key, value)| (text(key), value.clone()))
        .collect();
    map(&entries)
}

fn head(kind: u8, value: u64) -> Vec<u8> {
    let [.., low] = value.to_be_bytes();
    let bytes = value.to_be_bytes();
    let (argument, rest) = match value {
        0..=23 => (low, &bytes[8..]),
        24..=0xff => (24, &bytes[7..]),
        0x100..=0xffff => (25, &bytes[6..]),
        0x1_0000..=0xffff_ffff => (26, &bytes[4..]),
        _ => (27, &bytes[..]),
    };
    [&[kind << 5 | argument], rest].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_rfc_8949_has_them() {
        assert_eq!(number(23), [0x17]);
        assert_eq!(number(-7), [0x26]);
        assert_eq!(number(-257), [0x39, 1, 0]);
        assert_eq!(number(1_000_000), [0x1a, 0, 15, 66, 64]);
        assert_eq!(bytes(&[7; 24])[..3], [0x58, 24, 7]);
        assert_eq!(text_map(&[("a", array(&[]))]), [0xa1, 0x61, b'a', 0x80]);
    }
}

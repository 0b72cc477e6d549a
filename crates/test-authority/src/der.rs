//! Writes ASN.1 in DER (X.690), and in whatever wrong way a test wants by [`tlv`].

use countersign_core::Timestamp;

/// One value: a tag octet as it is, the length in its shortest form, the content.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    with_header(&[tag], content)
}

/// `SEQUENCE` of values that are already written.
pub fn sequence(values: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &values.concat())
}

/// `SET` of values that are already written, in the order given.
pub fn set(values: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x31, &values.concat())
}

/// `BOOLEAN`.
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(0x01, &[if value { 0xff } else { 0 }])
}

/// `INTEGER` that is not negative.
pub fn integer(value: u64) -> Vec<u8> {
    unsigned(&value.to_be_bytes())
}

/// `INTEGER` that is not negative, of any size, from its big-endian bytes.
pub fn unsigned(bytes: &[u8]) -> Vec<u8> {
    tlv(0x02, &shortest(bytes))
}

/// `ENUMERATED` that is not negative.
pub fn enumerated(value: u64) -> Vec<u8> {
    tlv(0x0a, &shortest(&value.to_be_bytes()))
}

/// `NULL`.
pub fn null() -> Vec<u8> {
    tlv(0x05, &[])
}

/// `OCTET STRING`.
pub fn octet_string(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

/// `BIT STRING` of whole octets.
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

/// `UTF8String`.
pub fn utf8_string(text: &str) -> Vec<u8> {
    tlv(0x0c, text.as_bytes())
}

/// `OBJECT IDENTIFIER` in dotted form.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted
        .split('.')
        .map(|arc| arc.parse().unwrap_or_else(|_| panic!("{dotted}")))
        .collect();
    let [first, second, rest @ ..] = arcs.as_slice() else {
        panic!("{dotted} has less than two arcs");
    };
    let mut content = base_128(first * 40 + second);
    for arc in rest {
        content.extend(base_128(*arc));
    }
    tlv(0x06, &content)
}

/// `UTCTime`, to the second.
pub fn utc_time(time: Timestamp) -> Vec<u8> {
    tlv(0x17, &[&digits(time)[2..], b"Z"].concat())
}

/// `GeneralizedTime`, to the second.
pub fn generalized_time(time: Timestamp) -> Vec<u8> {
    tlv(0x18, &[&digits(time), b"Z".as_slice()].concat())
}

/// A value inside a context-specific tag of any number (`[number] EXPLICIT`).
pub fn explicit(number: u64, value: &[u8]) -> Vec<u8> {
    context(0xa0, number, value)
}

/// A context-specific tag in place of a primitive value's own (`[number] IMPLICIT`).
pub fn implicit(number: u64, content: &[u8]) -> Vec<u8> {
    context(0x80, number, content)
}

/// A name with one attribute per pair of type and text.
pub fn name(attributes: &[(&str, &str)]) -> Vec<u8> {
    let sets: Vec<_> = attributes
        .iter()
        .map(|(kind, text)| set(&[sequence(&[oid(kind), utf8_string(text)])]))
        .collect();
    sequence(&sets)
}

/// A name that is only a common name.
pub fn common_name(text: &str) -> Vec<u8> {
    name(&[("2.5.4.3", text)])
}

fn context(class: u8, number: u64, content: &[u8]) -> Vec<u8> {
    match u8::try_from(number) {
        Ok(number @ 0..=30) => tlv(class | number, content),
        _ => with_header(&[vec![class | 0x1f], base_128(number)].concat(), content),
    }
}

fn with_header(tag: &[u8], content: &[u8]) -> Vec<u8> {
    let bytes = content.len().to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let length = match &bytes[zeros..] {
        [] => vec![0],
        [short @ 0..=127] => vec![*short],
        long => [&[0x88 - low_byte(zeros as u64)], long].concat(),
    };
    [tag, &length, content].concat()
}

/// Without leading zeros, but with the one that keeps the number from being negative.
fn shortest(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    match bytes.first() {
        Some(0..=127) => bytes.to_vec(),
        _ => [&[0], bytes].concat(),
    }
}

fn base_128(number: u64) -> Vec<u8> {
    let mut bytes = vec![low_byte(number) & 0x7f];
    let mut rest = number >> 7;
    while rest > 0 {
        bytes.push(low_byte(rest) | 0x80);
        rest >>= 7;
    }
    bytes.reverse();
    bytes
}

fn low_byte(number: u64) -> u8 {
    number.to_le_bytes()[0]
}

/// `YYYYMMDDHHMMSS`.
fn digits(time: Timestamp) -> [u8; 14] {
    let digits: Vec<u8> = time
        .to_string()
        .bytes()
        .filter(u8::is_ascii_digit)
        .take(14)
        .collect();
    *digits.as_array().unwrap_or_else(|| panic!("{time}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_x_690_has_them() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(oid("1.2.840.113635"), [6, 6, 42, 134, 72, 134, 247, 99]);
        assert_eq!(explicit(704, &[5, 0]), [0xbf, 0x85, 0x40, 2, 5, 0]);
        assert_eq!(octet_string(&[7; 200])[..4], [4, 0x81, 200, 7]);
        assert_eq!(octet_string(&[7; 300])[..5], [4, 0x82, 1, 44, 7]);
        let time = Timestamp::from_secs(1_800_000_000);
        assert_eq!(&utc_time(time)[2..], b"270115080000Z");
        assert_eq!(&generalized_time(time)[2..], b"20270115080000Z");
    }
}

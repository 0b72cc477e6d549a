//! CBOR as platforms write it (RFC 8949), read so that every reader sees the same members.
//!
//! Lengths are definite, keys are numbers or text and differ, and nesting is bounded. Kinds of
//! values that no evidence holds are passed over, so that an unknown extension does no harm.

use minicbor::{
    data::Type,
    decode::{Decoder, Error},
};

/// Evidence nests three deep; an unknown extension may nest a little deeper.
const MAX_DEPTH: u8 = 8;

/// Of one array or map; comparing keys is quadratic.
const MAX_ENTRIES: usize = 64;

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Number(i128),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Value<'a>>),
    Map(Map<'a>),
    /// Something well-formed that no evidence holds.
    Other,
}

/// A map whose keys differ.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Map<'a>(Vec<(Value<'a>, Value<'a>)>);

/// Not an item within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidCbor;

/// Reads one item and nothing after it.
pub(crate) fn read_only(bytes: &[u8]) -> Result<Value<'_>, InvalidCbor> {
    match read_first(bytes)? {
        (value, []) => Ok(value),
        _ => Err(InvalidCbor),
    }
}

/// Reads one map and nothing after it.
pub(crate) fn read_map(bytes: &[u8]) -> Result<Map<'_>, InvalidCbor> {
    match read_only(bytes)? {
        Value::Map(map) => Ok(map),
        _ => Err(InvalidCbor),
    }
}

/// Reads one item, and hands out what comes after it.
pub(crate) fn read_first(bytes: &[u8]) -> Result<(Value<'_>, &[u8]), InvalidCbor> {
    let mut decoder = Decoder::new(bytes);
    let value = read(&mut decoder, MAX_DEPTH)?;
    let rest = bytes.get(decoder.position()..).ok_or(InvalidCbor)?;
    Ok((value, rest))
}

impl<'a> Map<'a> {
    /// The value of a key that is text.
    pub(crate) fn text_key(&self, key: &str) -> Option<&Value<'a>> {
        self.find(|found| matches!(found, Value::Text(text) if *text == key))
    }

    /// The value of a key that is a number.
    pub(crate) fn number_key(&self, key: i128) -> Option<&Value<'a>> {
        self.find(|found| *found == Value::Number(key))
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn find(&self, is_key: impl Fn(&Value<'a>) -> bool) -> Option<&Value<'a>> {
        let (_, value) = self.0.iter().find(|(key, _)| is_key(key))?;
        Some(value)
    }
}

impl<'a> Value<'a> {
    pub(crate) fn as_bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<i128> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn as_map(&self) -> Option<&Map<'a>> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The byte strings of an array that holds nothing else.
    pub(crate) fn as_array_of_bytes(&self) -> Option<Vec<&'a [u8]>> {
        match self {
            Self::Array(values) => values.iter().map(Value::as_bytes).collect(),
            _ => None,
        }
    }
}

impl From<Error> for InvalidCbor {
    fn from(_: Error) -> Self {
        Self
    }
}

fn read<'a>(decoder: &mut Decoder<'a>, depth: u8) -> Result<Value<'a>, InvalidCbor> {
    let depth = depth.checked_sub(1).ok_or(InvalidCbor)?;
    Ok(match decoder.datatype()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => Value::Number(decoder.int()?.into()),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            Value::Number(decoder.int()?.into())
        }
        Type::Bytes => Value::Bytes(decoder.bytes()?),
        Type::String => Value::Text(decoder.str()?),
        Type::Array => Value::Array(read_array(decoder, depth)?),
        Type::Map => Value::Map(read_entries(decoder, depth)?),
        Type::Tag => {
            decoder.tag()?;
            read(decoder, depth)?;
            Value::Other
        }
        Type::Bool
        | Type::Null
        | Type::Undefined
        | Type::Simple
        | Type::F16
        | Type::F32
        | Type::F64 => skip(decoder)?,
        _ => return Err(InvalidCbor),
    })
}

fn skip<'a>(decoder: &mut Decoder<'a>) -> Result<Value<'a>, InvalidCbor> {
    decoder.skip()?;
    Ok(Value::Other)
}

fn read_array<'a>(decoder: &mut Decoder<'a>, depth: u8) -> Result<Vec<Value<'a>>, InvalidCbor> {
    let length = within_limit(decoder.array()?)?;
    (0..length).map(|_| read(decoder, depth)).collect()
}

fn read_entries<'a>(decoder: &mut Decoder<'a>, depth: u8) -> Result<Map<'a>, InvalidCbor> {
    let length = within_limit(decoder.map()?)?;
    let mut map = Map::default();
    for _ in 0..length {
        let key = read(decoder, depth)?;
        let is_key = matches!(key, Value::Number(_) | Value::Text(_));
        if !is_key || map.find(|found| *found == key).is_some() {
            return Err(InvalidCbor);
        }
        map.0.push((key, read(decoder, depth)?));
    }
    Ok(map)
}

fn within_limit(length: Option<u64>) -> Result<usize, InvalidCbor> {
    length
        .and_then(|length| usize::try_from(length).ok())
        .filter(|length| *length <= MAX_ENTRIES)
        .ok_or(InvalidCbor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_whole() {
        // {1: -2, "a": [h'00', null, 1.0]}
        let bytes = [
            0xa2, 0x01, 0x21, 0x61, b'a', 0x83, 0x41, 0, 0xf6, 0xf9, 0x3c, 0,
        ];
        let map = read_map(&bytes).unwrap();
        assert_eq!(map.number_key(1), Some(&Value::Number(-2)));
        let array = vec![Value::Bytes(&[0]), Value::Other, Value::Other];
        assert_eq!(map.text_key("a"), Some(&Value::Array(array)));
        for end in 0..bytes.len() {
            let cut = bytes.get(..end).unwrap();
            assert!(read_only(cut).is_err(), "{end} bytes");
        }
        assert!(read_only(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for (bytes, why) in [
            (&[0xa2, 1, 1, 1, 2][..], "a key twice"),
            (
                &[0xa2, 1, 1, 0x18, 1, 2],
                "a key twice, once written longer",
            ),
            (&[0xa1, 0x41, 0, 1], "a key of bytes"),
            (&[0xbf, 0xff], "a map without length"),
            (&[0x9f, 0xff], "an array without length"),
            (&[0x5f, 0x41, 0, 0xff], "bytes in chunks"),
            (&[0x7f, 0x61, b'a', 0xff], "text in chunks"),
            (&[0x61, 0xff], "text that is not UTF-8"),
            (
                &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                "no end",
            ),
            (&[0x81; 9], "too deep"),
            (&[0xc1; 9], "too many tags"),
            (&[0xff], "an end"),
            (&[], "nothing"),
        ] {
            assert_eq!(read_only(bytes), Err(InvalidCbor), "{why}");
        }
    }
}

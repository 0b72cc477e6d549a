//! Reading DER as real devices write it.
//!
//! Lenient where the standard is broken in the field (order, booleans, long forms of lengths) and
//! strict where a reader could be led astray: an element never ends outside the one that holds it,
//! and nothing is copied. What is signed is checked as bytes, so no two readings of one signed text
//! exist here.

/// Nests deeper than anything that is read here.
const MAX_INDEFINITE_DEPTH: u8 = 16;

/// The bytes are not what stands at this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the expected DER")]
pub(crate) struct Malformed;

/// Which family of tags a tag is of (X.690 section 8.1.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Universal,
    Application,
    Context,
    Private,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) class: Class,
    pub(crate) is_constructed: bool,
    pub(crate) number: u32,
}

impl Tag {
    pub(crate) const BOOLEAN: Self = Self::primitive(1);
    pub(crate) const INTEGER: Self = Self::primitive(2);
    pub(crate) const BIT_STRING: Self = Self::primitive(3);
    pub(crate) const OCTET_STRING: Self = Self::primitive(4);
    pub(crate) const OID: Self = Self::primitive(6);
    pub(crate) const ENUMERATED: Self = Self::primitive(10);
    pub(crate) const UTC_TIME: Self = Self::primitive(23);
    pub(crate) const GENERALIZED_TIME: Self = Self::primitive(24);
    pub(crate) const SEQUENCE: Self = Self::constructed(16);
    pub(crate) const SET: Self = Self::constructed(17);

    /// The tag of an explicitly tagged field.
    pub(crate) const fn explicit(number: u32) -> Self {
        Self {
            class: Class::Context,
            ..Self::constructed(number)
        }
    }

    const fn primitive(number: u32) -> Self {
        Self {
            class: Class::Universal,
            is_constructed: false,
            number,
        }
    }

    const fn constructed(number: u32) -> Self {
        Self {
            class: Class::Universal,
            is_constructed: true,
            number,
        }
    }
}

/// One element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: Tag,
    /// Without the header, and without the end marker of the indefinite form.
    pub(crate) content: &'a [u8],
    /// The whole element as it stands there.
    pub(crate) raw: &'a [u8],
}

/// Reads one element after the other.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Definite,
    /// BER: also lengths that are told by an end marker.
    Indefinite,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            form: Form::Definite,
        }
    }

    /// Reads BER: elements may end by a marker instead of having a length.
    pub(crate) const fn ber(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            form: Form::Indefinite,
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is not read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads the next element, whatever it is.
    pub(crate) fn element(&mut self) -> Result<Element<'a>, Malformed> {
        let (element, rest) = split(self.rest, self.form, MAX_INDEFINITE_DEPTH).ok_or(Malformed)?;
        self.rest = rest;
        Ok(element)
    }

    /// Reads the content of the next element, which is a `tag`.
    pub(crate) fn content(&mut self, tag: Tag) -> Result<&'a [u8], Malformed> {
        let element = self.element()?;
        if element.tag == tag {
            Ok(element.content)
        } else {
            Err(Malformed)
        }
    }

    /// Opens the next element, which is a `tag`.
    pub(crate) fn open(&mut self, tag: Tag) -> Result<Self, Malformed> {
        let form = self.form;
        let rest = self.content(tag)?;
        Ok(Self { rest, form })
    }

    /// Reads the content of the next element if it is a `tag`, and leaves it there if it is not.
    pub(crate) fn optional(&mut self, tag: Tag) -> Result<Option<&'a [u8]>, Malformed> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut ahead = self.clone();
        let element = ahead.element()?;
        if element.tag != tag {
            return Ok(None);
        }
        *self = ahead;
        Ok(Some(element.content))
    }

    /// Makes sure that nothing is left.
    pub(crate) const fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }
}

/// Goes over what is left; ends after the first error.
impl<'a> Iterator for Reader<'a> {
    type Item = Result<Element<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_empty() {
            return None;
        }
        let element = self.element();
        if element.is_err() {
            self.rest = &[];
        }
        Some(element)
    }
}

/// Opens what is one `tag` and nothing after it.
pub(crate) fn open_only(bytes: &[u8], tag: Tag) -> Result<Reader<'_>, Malformed> {
    let mut outer = Reader::new(bytes);
    let inner = outer.open(tag)?;
    outer.end()?;
    Ok(inner)
}

/// An INTEGER's or ENUMERATED's content as a number; `None` below zero and above 64 bits.
pub(crate) fn number(content: &[u8]) -> Option<u64> {
    let (first, _) = content.split_first()?;
    if *first >= 0x80 {
        return None;
    }
    let digits = without_leading_zeros(content);
    let mut bytes = [0; 8];
    let from = bytes.len().checked_sub(digits.len())?;
    bytes.get_mut(from..)?.copy_from_slice(digits);
    Some(u64::from_be_bytes(bytes))
}

/// A BOOLEAN's content; any byte but zero is true, as some devices write `01`.
pub(crate) fn boolean(content: &[u8]) -> Option<bool> {
    match content {
        [byte] => Some(*byte != 0),
        _ => None,
    }
}

/// What is left of bytes when those in front that are zero are dropped.
pub(crate) fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

fn split(bytes: &[u8], form: Form, depth: u8) -> Option<(Element<'_>, &[u8])> {
    let (tag, after_tag) = read_tag(bytes)?;
    let (length, body) = read_length(after_tag)?;
    let (content, rest) = match length {
        Length::Definite(length) => body.split_at_checked(length)?,
        Length::Indefinite if form == Form::Indefinite && tag.is_constructed => {
            split_at_marker(body, depth.checked_sub(1)?)?
        }
        Length::Indefinite => return None,
    };
    let raw = bytes.get(..bytes.len().checked_sub(rest.len())?)?;
    Some((Element { tag, content, raw }, rest))
}

/// Splits at the end marker that belongs to this level, and drops it (X.690 section 8.1.5).
fn split_at_marker(bytes: &[u8], depth: u8) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes;
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            let content = bytes.get(..bytes.len().checked_sub(rest.len())?)?;
            return Some((content, after));
        }
        (_, rest) = split(rest, Form::Indefinite, depth)?;
    }
}

fn read_tag(bytes: &[u8]) -> Option<(Tag, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let class = match first >> 6 {
        0 => Class::Universal,
        1 => Class::Application,
        2 => Class::Context,
        _ => Class::Private,
    };
    let (number, rest) = match first & 0x1f {
        0x1f => read_high_number(rest)?,
        number => (u32::from(number), rest),
    };
    let tag = Tag {
        class,
        is_constructed: first & 0x20 != 0,
        number,
    };
    Some((tag, rest))
}

/// Seven bits a byte, the highest first (X.690 section 8.1.2.4.2); at most 28 bits here.
fn read_high_number(mut bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut number: u32 = 0;
    for _ in 0..4 {
        let (byte, rest) = bytes.split_first()?;
        bytes = rest;
        number = number << 7 | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, bytes));
        }
    }
    None
}

enum Length {
    Definite(usize),
    Indefinite,
}

fn read_length(bytes: &[u8]) -> Option<(Length, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    match first {
        0..=0x7f => Some((Length::Definite(usize::from(*first)), rest)),
        0x80 => Some((Length::Indefinite, rest)),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits
                .iter()
                .fold(0u32, |length, digit| length << 8 | u32::from(*digit));
            Some((Length::Definite(usize::try_from(length).ok()?), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! The URL that a proof is for, in the one form in which URLs are compared.

use std::net::Ipv6Addr;

/// An `http` or `https` URL without query and fragment, normalised by syntax and scheme
/// (RFC 9449 section 4.3; RFC 3986 sections 6.2.2 and 6.2.3).
///
/// Scheme and host are lower case, the default port is left out, percent-encodings are upper case
/// and only where needed, dot segments are gone, and the path is at least `/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HtuUrl {
    text: String,
    origin_bytes: usize,
}

/// The text is not a URL that a proof could be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an absolute http or https URL without user and password, at most 2048 bytes long")]
pub struct InvalidHtuUrl;

impl HtuUrl {
    /// The longest URL, query and fragment not counted: as it comes, and in its one form.
    pub const MAX_BYTES: usize = 2048;

    /// Normalises a URL; query and fragment are dropped unread.
    ///
    /// The host is a name in ASCII (`A-Z a-z 0-9 - . _`), an IPv4 or a bracketed IPv6 address.
    ///
    /// # Errors
    /// [`InvalidHtuUrl`] for everything else, user information included.
    pub fn parse(url: &str) -> Result<Self, InvalidHtuUrl> {
        let url = without_query(url);
        if url.len() > Self::MAX_BYTES {
            return Err(InvalidHtuUrl);
        }
        // Encoding may have made it longer, and what was read once can be read again.
        normalise(url)
            .filter(|url| url.text.len() <= Self::MAX_BYTES)
            .ok_or(InvalidHtuUrl)
    }

    /// Whether a proof's `htu` names this URL.
    pub fn matches(&self, htu: &str) -> bool {
        let htu = without_query(htu);
        // Most clients send the normal form, which needs no parsing.
        htu == self.text || Self::parse(htu).is_ok_and(|other| other == *self)
    }

    /// The normalised URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and, unless it is the default, port: `https://host[:port]`.
    pub fn origin(&self) -> &str {
        self.text.get(..self.origin_bytes).unwrap_or_default()
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn normalise(url: &str) -> Option<HtuUrl> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (host, port) = split_port(authority)?;
    let (scheme, default_port) = if scheme.eq_ignore_ascii_case("https") {
        ("https://", 443)
    } else if scheme.eq_ignore_ascii_case("http") {
        ("http://", 80)
    } else {
        return None;
    };
    let mut text = String::with_capacity(url.len().saturating_add(1));
    text.push_str(scheme);
    push_host(&mut text, host)?;
    if let Some(port) = parse_port(port)?.filter(|port| *port != default_port) {
        text.push(':');
        text.push_str(&port.to_string());
    }
    let origin_bytes = text.len();
    push_path(&mut text, path)?;
    Some(HtuUrl { text, origin_bytes })
}

/// Splits `host[:port]`; the brackets of an IPv6 address stay with the host.
fn split_port(authority: &str) -> Option<(&str, &str)> {
    if authority.starts_with('[') {
        let (host, port) = authority.split_at_checked(authority.find(']')?.saturating_add(1))?;
        return Some((
            host,
            if port.is_empty() {
                ""
            } else {
                port.strip_prefix(':')?
            },
        ));
    }
    Some(authority.split_once(':').unwrap_or((authority, "")))
}

/// An empty port is the default one (RFC 3986 section 6.2.3).
#[expect(
    clippy::option_option,
    reason = "no port is a valid answer, a bad port is not"
)]
fn parse_port(port: &str) -> Option<Option<u16>> {
    if port.is_empty() {
        return Some(None);
    }
    let is_number = port.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| port.parse().ok())?.map(Some)
}

fn push_host(text: &mut String, host: &str) -> Option<()> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        text.push('[');
        text.push_str(&address.to_string());
        text.push(']');
        return Some(());
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if host.is_empty() || !host.bytes().all(is_name) {
        return None;
    }
    text.extend(host.chars().map(|letter| letter.to_ascii_lowercase()));
    Some(())
}

fn push_path(text: &mut String, path: &str) -> Option<()> {
    if path.bytes().all(|byte| byte == b'/' || is_unreserved(byte)) && !path.contains("/.") {
        text.push_str(path);
        return Some(());
    }
    push_without_dots(text, &recode(path)?);
    Some(())
}

/// Decodes what need not be encoded, and encodes what must be (RFC 3986 section 6.2.2.2).
fn recode(path: &str) -> Option<String> {
    let mut recoded = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let byte = hex(bytes.next()?)? << 4 | hex(bytes.next()?)?;
                if is_unreserved(byte) {
                    recoded.push(char::from(byte));
                } else {
                    push_encoded(&mut recoded, byte);
                }
            }
            // Some software reads a backslash as a slash: such a path has two meanings.
            0..=b' ' | b'\\' | 0x7f => return None,
            _ if is_path(byte) => recoded.push(char::from(byte)),
            _ => push_encoded(&mut recoded, byte),
        }
    }
    Some(recoded)
}

/// Removes dot segments from an absolute path (RFC 3986 section 5.2.4).
fn push_without_dots(text: &mut String, path: &str) {
    let root = text.len();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." => {}
            ".." => {
                let last_slash = text.get(root..).and_then(|path| path.rfind('/'));
                text.truncate(root.saturating_add(last_slash.unwrap_or(0)));
            }
            _ => {
                text.push('/');
                text.push_str(segment);
                continue;
            }
        }
        if segments.peek().is_none() {
            text.push('/');
        }
    }
}

fn push_encoded(text: &mut String, byte: u8) {
    text.push('%');
    for nibble in [byte >> 4, byte & 15] {
        let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        text.push(digit.to_ascii_uppercase());
    }
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

/// RFC 3986 section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// `pchar` without percent-encodings, or a slash (RFC 3986 section 3.3).
fn is_path(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@/".contains(&byte)
}

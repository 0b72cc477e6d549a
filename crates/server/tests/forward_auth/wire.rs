//! Bytes to a server, and what comes back until it has nothing more to say.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long a server that keeps the connection open is listened to.
const PATIENCE: Duration = Duration::from_secs(2);

/// What came back on one connection.
#[derive(Debug)]
pub(crate) struct Heard(String);

impl Heard {
    /// The statuses of all answers.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let after = self.0.split("HTTP/1.").skip(1);
        let status = after.filter_map(|answer| answer.get(2..5)?.parse().ok());
        status.collect()
    }

    /// A header of the first answer; empty without one.
    pub(crate) fn header(&self, name: &str) -> &str {
        let head = self.0.split("\r\n\r\n").next().unwrap_or_default();
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        let mut named = fields.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| value.trim())
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The body of the only answer.
    pub(crate) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

/// Sends and listens until the other side closes or says nothing more.
///
/// # Errors
/// When there is no connection.
pub(crate) fn exchange(address: SocketAddr, bytes: &str) -> std::io::Result<Heard> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // Whoever refuses early may close before all is sent, and what it said may be lost then.
    let _ = stream.write_all(bytes.as_bytes());
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read) = stream.read(&mut buffer) {
        if read == 0 {
            break;
        }
        heard.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if is_last(&heard) {
            break;
        }
    }
    Ok(Heard(String::from_utf8_lossy(&heard).into_owned()))
}

/// Whether a whole answer came after which there is none: some proxies close a second later.
fn is_last(heard: &[u8]) -> bool {
    let heard = String::from_utf8_lossy(heard).to_ascii_lowercase();
    let answer = heard.rsplit("http/1.").next().unwrap_or_default();
    let Some((fields, body)) = answer.split_once("\r\n\r\n") else {
        return false;
    };
    let length = fields
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: Option<usize> = length.and_then(|length| length.parse().ok());
    fields.contains("connection: close") && length.is_some_and(|length| body.len() >= length)
}

//! The app behind the proxy: notes every request, and answers it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

/// A request that reached the app.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    /// As the many apps see them that cannot tell `X_Device_User` from `X-Device-User`.
    pub(crate) headers: BTreeMap<String, Vec<String>>,
}

/// A listening app. Its threads end with the process.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl App {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let noted = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                // What the proxy does to a connection is its own affair.
                thread::spawn(move || serve(stream, &noted).ok());
            }
        });
        Self { address, seen }
    }

    /// What came since the last time.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *locked(&self.seen))
    }
}

fn locked(seen: &Mutex<Vec<Seen>>) -> MutexGuard<'_, Vec<Seen>> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: TcpStream, noted: &Mutex<Vec<Seen>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(seen) = read_head(&mut reader)? {
        let value = |name: &str| seen.headers.get(name).map(|values| values.concat());
        read_body(
            &mut reader,
            value("content-length").as_deref(),
            value("transfer-encoding").as_deref(),
        )?;
        let is_upgrade = value("upgrade").is_some_and(|to| to == "websocket");
        locked(noted).push(seen);
        if is_upgrade {
            let switch =
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
            stream.write_all(switch.as_bytes())?;
            // The accept value of the key that `attack` sends (RFC 6455 section 1.3).
            stream.write_all(b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello")?;
            return Ok(());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?;
    }
    Ok(())
}

fn read_head(reader: &mut impl BufRead) -> std::io::Result<Option<Seen>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut seen = Seen {
        method: words.next().unwrap_or_default(),
        target: words.next().unwrap_or_default(),
        headers: BTreeMap::new(),
    };
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            return Ok(Some(seen));
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        let values = seen.headers.entry(name).or_default();
        values.push(value.trim().to_owned());
    }
}

fn read_body(
    reader: &mut impl BufRead,
    length: Option<&str>,
    encoding: Option<&str>,
) -> std::io::Result<()> {
    if encoding.is_none() {
        let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        return skip(reader, length);
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
        if size == 0 {
            break;
        }
        skip(reader, size + 2)?;
    }
    let mut trailer = String::new();
    while reader.read_line(&mut trailer)? > 0 && !trailer.trim_end().is_empty() {
        trailer.clear();
    }
    Ok(())
}

/// Fails when there is less: a request that breaks off is none.
fn skip(reader: &mut impl BufRead, bytes: u64) -> std::io::Result<()> {
    let skipped = std::io::copy(&mut reader.take(bytes), &mut std::io::sink())?;
    if skipped < bytes {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

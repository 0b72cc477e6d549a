//! A network that loses an answer: a TCP proxy that, on demand, lets a request through and keeps
//! the server's answer to itself.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

/// The longest answer that is kept.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// A running proxy; stops when dropped.
pub(super) struct LossyNetwork {
    address: SocketAddr,
    losses: Arc<Mutex<Losses>>,
    _task: JoinSet<()>,
}

#[derive(Default)]
struct Losses {
    /// How many answers are to be lost.
    wanted: u32,
    /// Those that were.
    answers: Vec<String>,
}

impl LossyNetwork {
    /// Listens on a port of its own and passes everything on to `server`.
    pub(super) async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((server.ip(), 0)).await?;
        let address = listener.local_addr()?;
        let losses = Arc::new(Mutex::default());
        let mut task = JoinSet::new();
        task.spawn(accept(listener, server, Arc::clone(&losses)));
        Ok(Self {
            address,
            losses,
            _task: task,
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Loses the answer to the next request.
    pub(super) fn lose_next_answer(&self) {
        lock(&self.losses).wanted += 1;
    }

    /// The answers that were lost, head and body.
    pub(super) fn lost_answers(&self) -> Vec<String> {
        lock(&self.losses).answers.clone()
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, losses: Arc<Mutex<Losses>>) {
    let mut connections = JoinSet::new();
    while let Ok((device, _)) = listener.accept().await {
        let losses = Arc::clone(&losses);
        connections.spawn(async move {
            // A connection that fails is one that is lost: that is what this network does.
            let _ = pass_on(device, server, &losses).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn pass_on(device: TcpStream, server: SocketAddr, losses: &Mutex<Losses>) -> io::Result<()> {
    let (mut from_server, mut to_server) = TcpStream::connect(server).await?.into_split();
    let (mut from_device, mut to_device) = device.into_split();
    let up = async {
        tokio::io::copy(&mut from_device, &mut to_server).await?;
        to_server.shutdown().await
    };
    let down = hand_back(&mut from_server, &mut to_device, losses);
    // Both halves end when either direction does, so that a lost answer closes the connection.
    tokio::select! {
        done = up => done,
        done = down => done,
    }
}

async fn hand_back(
    server: &mut OwnedReadHalf,
    device: &mut OwnedWriteHalf,
    losses: &Mutex<Losses>,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = server.read(&mut buffer).await?;
        let bytes = buffer.get(..length).unwrap_or_default();
        if bytes.is_empty() {
            return device.shutdown().await;
        }
        if takes_loss(losses) {
            let answer = read_answer(server, bytes.to_vec()).await?;
            lock(losses)
                .answers
                .push(String::from_utf8_lossy(&answer).into_owned());
            return Ok(());
        }
        device.write_all(bytes).await?;
    }
}

fn takes_loss(losses: &Mutex<Losses>) -> bool {
    let mut losses = lock(losses);
    let takes = losses.wanted > 0;
    losses.wanted = losses.wanted.saturating_sub(1);
    takes
}

/// Reads an HTTP/1.1 answer to the end that its `Content-Length` says, so that the server has
/// done all its work.
async fn read_answer(server: &mut OwnedReadHalf, mut answer: Vec<u8>) -> io::Result<Vec<u8>> {
    while !is_complete(&answer) && answer.len() < MAX_ANSWER_BYTES {
        if server.read_buf(&mut answer).await? == 0 {
            break;
        }
    }
    Ok(answer)
}

fn is_complete(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

fn lock(losses: &Mutex<Losses>) -> std::sync::MutexGuard<'_, Losses> {
    losses.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_at_its_content_length() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
        assert!(!is_complete(b"HTTP/1.1 200 OK\r\n"));
        assert!(!is_complete(format!("{head}ab").as_bytes()));
        assert!(is_complete(format!("{head}abc").as_bytes()));
    }

    #[tokio::test]
    async fn an_answer_is_lost_after_the_server_gave_it_and_the_next_one_comes() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            for body in ["one", "two"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.read_u8().await.unwrap();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let network = LossyNetwork::start(server).await.unwrap();
        network.lose_next_answer();
        let mut read = Vec::new();
        for expected in ["", "two"] {
            let mut stream = TcpStream::connect(network.address()).await.unwrap();
            stream.write_all(b"?").await.unwrap();
            read.clear();
            let _ = stream.read_to_end(&mut read).await;
            let text = String::from_utf8_lossy(&read);
            assert!(
                text.ends_with(expected) && text.is_empty() == expected.is_empty(),
                "{text}"
            );
        }
        let lost = network.lost_answers();
        assert!(lost.len() == 1 && lost[0].ends_with("one"), "{lost:?}");
    }
}

//! The network between two processes, which can be made bad.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// What becomes of bytes on their way, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    Clear,
    /// Each byte arrives so much later.
    Slow(Duration),
    /// Bytes wait until it clears up, then arrive.
    Held,
    /// Bytes are lost and nobody is told; a connection that lost some loses all that follow.
    Swallowed,
    /// Connections are closed, and new ones too.
    Cut,
}

/// A port of this process behind which another one is.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) port: u16,
    target: Arc<Mutex<SocketAddr>>,
    weather: watch::Sender<Weather>,
    _connections: JoinSet<()>,
}

/// One connection through a wire.
#[derive(Clone)]
struct Way {
    weather: watch::Receiver<Weather>,
    has_lost: Arc<AtomicBool>,
}

/// Chunks on their way; more wait at the sender.
const UNDER_WAY: usize = 1024;

impl Wire {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let target = Arc::new(Mutex::new(target));
        let weather = watch::Sender::new(Weather::Clear);
        let mut connections = JoinSet::new();
        connections.spawn(accept(listener, Arc::clone(&target), weather.subscribe()));
        Self {
            port,
            target,
            weather,
            _connections: connections,
        }
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Leads new connections to another place.
    pub(crate) fn lead_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }
}

async fn accept(
    listener: TcpListener,
    target: Arc<Mutex<SocketAddr>>,
    weather: watch::Receiver<Weather>,
) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let target = *target.lock().unwrap_or_else(PoisonError::into_inner);
        let way = Way {
            weather: weather.clone(),
            has_lost: Arc::default(),
        };
        connections.spawn(join(stream, target, way));
        while connections.try_join_next().is_some() {}
    }
}

/// Carries bytes both ways until one side closes or the wire is cut.
async fn join(near: TcpStream, target: SocketAddr, way: Way) {
    let mut weather = way.weather.clone();
    let carried = async {
        let far = TcpStream::connect(target).await?;
        far.set_nodelay(true)?;
        near.set_nodelay(true)?;
        let (near_read, near_write) = near.into_split();
        let (far_read, far_write) = far.into_split();
        tokio::try_join!(
            carry(near_read, far_write, way.clone()),
            carry(far_read, near_write, way.clone()),
        )
    };
    tokio::select! {
        // A side that failed takes the other one with it.
        _ = carried => {}
        _ = weather.wait_for(|weather| *weather == Weather::Cut) => {}
    }
}

async fn carry(mut from: OwnedReadHalf, to: OwnedWriteHalf, way: Way) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel(UNDER_WAY);
    let read = async {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let count = from.read(&mut buffer).await?;
            // Nothing is the end, which takes its time as bytes do.
            let chunk = (Instant::now(), buffer[..count].to_vec());
            if sender.send(chunk).await.is_err() || count == 0 {
                return Ok(());
            }
        }
    };
    tokio::try_join!(read, deliver(receiver, to, way)).map(drop)
}

async fn deliver(
    mut chunks: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut to: OwnedWriteHalf,
    mut way: Way,
) -> io::Result<()> {
    while let Some((sent, bytes)) = chunks.recv().await {
        if !way.lets_through(sent).await {
            continue;
        }
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(&bytes).await?;
    }
    Ok(())
}

impl Way {
    /// Waits as long as the weather wants; whether the chunk arrives.
    async fn lets_through(&mut self, sent: Instant) -> bool {
        loop {
            if self.has_lost.load(Ordering::SeqCst) {
                return false;
            }
            let weather = *self.weather.borrow_and_update();
            match weather {
                Weather::Clear => return true,
                Weather::Slow(by) => {
                    sleep_until(sent + by).await;
                    return true;
                }
                Weather::Swallowed | Weather::Cut => self.has_lost.store(true, Ordering::SeqCst),
                Weather::Held => {
                    if self.weather.changed().await.is_err() {
                        return false;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    /// What comes back is what was sent.
    async fn echo() -> (Wire, JoinSet<()>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let wire = Wire::to(listener.local_addr().unwrap()).await;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut echoes = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                echoes.spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        (wire, tasks)
    }

    async fn connect(wire: &Wire) -> TcpStream {
        TcpStream::connect(("127.0.0.1", wire.port)).await.unwrap()
    }

    async fn says(stream: &mut TcpStream, byte: u8) -> io::Result<u8> {
        stream.write_all(&[byte]).await?;
        stream.read_u8().await
    }

    const SOON: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn clear_weather_lets_bytes_and_the_end_through() {
        let (wire, _tasks) = echo().await;
        let mut stream = connect(&wire).await;
        assert_eq!(says(&mut stream, 7).await.unwrap(), 7);
        stream.shutdown().await.unwrap();
        assert!(stream.read_u8().await.is_err());
    }

    #[tokio::test]
    async fn slow_weather_takes_its_time_in_each_direction() {
        let (wire, _tasks) = echo().await;
        let mut stream = connect(&wire).await;
        wire.set(Weather::Slow(SOON));
        let start = Instant::now();
        assert_eq!(says(&mut stream, 7).await.unwrap(), 7);
        assert!(start.elapsed() >= SOON * 2);
    }

    #[tokio::test]
    async fn held_bytes_arrive_later_and_swallowed_ones_never() {
        let (wire, _tasks) = echo().await;
        for (weather, arrives) in [(Weather::Held, true), (Weather::Swallowed, false)] {
            let mut stream = connect(&wire).await;
            assert_eq!(says(&mut stream, 7).await.unwrap(), 7);
            wire.set(weather);
            assert!(timeout(SOON, says(&mut stream, 8)).await.is_err());
            wire.set(Weather::Clear);
            let late = timeout(SOON, stream.read_u8()).await;
            assert_eq!(late.ok().and_then(Result::ok), arrives.then_some(8));
            // Another connection does not suffer.
            let mut other = connect(&wire).await;
            assert_eq!(says(&mut other, 9).await.unwrap(), 9);
        }
    }

    #[tokio::test]
    async fn a_cut_wire_closes_what_there_is_and_what_comes() {
        let (wire, _tasks) = echo().await;
        let mut stream = connect(&wire).await;
        assert_eq!(says(&mut stream, 7).await.unwrap(), 7);
        wire.set(Weather::Cut);
        assert!(stream.read_u8().await.is_err());
        let mut other = connect(&wire).await;
        assert!(says(&mut other, 8).await.is_err());
        wire.set(Weather::Clear);
        let mut third = connect(&wire).await;
        assert_eq!(says(&mut third, 9).await.unwrap(), 9);
    }
}

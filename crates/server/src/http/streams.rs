//! One connection: how its HTTP/2 streams run, how answers are written, and when it is idle.

use hyper::rt::{Executor, Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use std::{
    future::{Future, poll_fn},
    io, mem,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

/// The streams that a connection opened since they were last run.
///
/// As a task of its own, each stream would wake its connection, which would write one answer at a
/// time. Run in turn by the connection's task, the answers that need no waiting leave in one write.
#[derive(Clone)]
pub(super) struct Streams {
    opened: Arc<Mutex<Vec<Stream>>>,
    waiting: TaskTracker,
}

type Stream = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Streams {
    /// No streams; those that have to wait become tasks of `waiting`.
    pub(super) fn new(waiting: TaskTracker) -> Self {
        Self {
            opened: Arc::default(),
            waiting,
        }
    }

    /// Drives a connection that opens its streams here.
    pub(super) async fn drive<C: Future>(&self, mut connection: Pin<&mut C>) -> C::Output {
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                    self.run_opened();
                    return Poll::Ready(ended);
                }
                if !self.run_opened() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Whether there were any.
    fn run_opened(&self) -> bool {
        let opened = mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner));
        let any = !opened.is_empty();
        for mut stream in opened {
            // The new task's first poll registers its own waker, so nothing is lost with this one.
            let mut nobody = Context::from_waker(Waker::noop());
            if stream.as_mut().poll(&mut nobody).is_pending() {
                self.waiting.spawn(stream);
            }
        }
        any
    }
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.push(Box::pin(stream));
    }
}

/// Whether a connection is in use: each request and each write is a beat.
#[derive(Debug, Clone, Default)]
pub(super) struct Pulse(Arc<AtomicBool>);

impl Pulse {
    /// The connection is in use.
    pub(super) fn beat(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Completes when a whole period went by without a beat.
    pub(super) async fn stopped(&self, period: Duration) {
        loop {
            tokio::time::sleep(period).await;
            if !self.0.swap(false, Ordering::Relaxed) {
                return;
            }
        }
    }
}

/// A stream of bytes without vectored writes. With them, h2 gives each body above 256 bytes a
/// system call of its own; without them, each above 1024. Answers are mostly between the two.
pub(super) struct Joined {
    stream: TokioIo<TcpStream>,
    pulse: Pulse,
}

impl Joined {
    /// The stream; its writes beat the pulse.
    pub(super) fn new(stream: TcpStream, pulse: Pulse) -> Self {
        let stream = TokioIo::new(stream);
        Self { stream, pulse }
    }
}

impl Read for Joined {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl Write for Joined {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.pulse.beat();
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! Where a sidecar listens: on this machine, and nowhere else.

use anyhow::Context as _;
use axum::Router;
use std::{
    fs, io, net::SocketAddr, os::unix::fs::FileTypeExt as _, path::PathBuf, pin::Pin, str::FromStr,
};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

/// A loopback address or a socket's path.
#[derive(Debug, Clone)]
pub(super) enum Address {
    Loopback(SocketAddr),
    Socket(PathBuf),
}

/// Ends when it was told to and every request is answered.
type Serving = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => Ok(Self::Socket(path.into())),
            Some(_) => Err("unix: needs an absolute path"),
            None => match text.parse::<SocketAddr>() {
                Ok(address) if address.ip().is_loopback() => Ok(Self::Loopback(address)),
                Ok(_) => Err("must be a loopback address: whoever reaches it may ask"),
                Err(_) => Err("must be 127.0.0.1:PORT, [::1]:PORT or unix:/PATH"),
            },
        }
    }
}

/// Listens; answers where, and what serves.
pub(super) async fn serve(
    address: &Address,
    router: Router,
    stop: CancellationToken,
) -> anyhow::Result<(String, Serving)> {
    let stopped = async move { stop.cancelled().await };
    match address {
        Address::Loopback(address) => {
            let listener = TcpListener::bind(address).await;
            let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
            let url = format!("http://{}", listener.local_addr()?);
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopped);
            Ok((url, Box::pin(serving.into_future())))
        }
        Address::Socket(path) => {
            remove_left_over(path).await;
            let listener = UnixListener::bind(path);
            let listener =
                listener.with_context(|| format!("cannot listen on {}", path.display()))?;
            let url = format!("unix:{}", path.display());
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopped);
            Ok((url, Box::pin(serving.into_future())))
        }
    }
}

/// A socket on which nobody listens was left by a process that is gone.
async fn remove_left_over(path: &PathBuf) {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if is_socket && UnixStream::connect(path).await.is_err() {
        // Binding tells if it is still there.
        let _ = fs::remove_file(path);
    }
}

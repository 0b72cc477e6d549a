//! `bench serve-target`: a server and a bare handler side by side, for an outside load generator.

use super::{questions, sessions};
use crate::{output, play, signals::Signals};
use anyhow::Context as _;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::post,
    serve::ListenerExt as _,
};
use countersign_api_types::{
    Secret,
    verify::{VerifyRequest, VerifyResponse},
};
use countersign_core::{SystemClock, SystemRng};
use countersign_server::{Server, telemetry::Metrics};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Prints what a load generator needs and waits for SIGINT or SIGTERM. The bare server parses the same
request with the same types and answers the same bytes; it judges nothing. With --devices it also
answers GET /questions/N: N requests for /v1/verify, each with a proof that nobody has used.

Example:
  countersign bench serve-target --folder /tmp/target &
  wrk -t2 -c64 -d10s -s /tmp/target/verify.lua http://127.0.0.1:18081/v1/verify
  wrk -t2 -c64 -d10s -s /tmp/target/verify.lua http://127.0.0.1:18082/v1/verify
  h2load -c8 -m16 -D10 -d /tmp/target/request.json -H 'content-type: application/json' \\
    -H \"authorization: Bearer $(cat /tmp/target/api-key)\" http://127.0.0.1:18081/v1/verify")]
pub(crate) struct TargetArgs {
    /// Address of the server's internal listener.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:18081")]
    server: SocketAddr,
    /// Address of the bare server.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:18082")]
    bare: SocketAddr,
    /// Where the request, the API key and the wrk script are written [default: a temporary folder].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// How many devices with a key make proofs.
    #[arg(long, value_name = "N", default_value_t = 0)]
    devices: u32,
}

/// What the bare handler knows.
type Answer = Arc<VerifyResponse<'static>>;

pub(super) async fn run(args: TargetArgs) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let temporary = tempfile::tempdir()?;
    let folder = args
        .folder
        .unwrap_or_else(|| temporary.path().join("target"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut config = play::temporary(temporary.path());
    config.listeners.internal = args.server;
    let server = Server::start(
        config,
        Arc::new(SystemClock),
        Arc::new(SystemRng),
        Metrics::new(),
    )
    .await?;
    let api_key = play::full_api_key(&server, "bench").await?;
    let service = sessions::service(&server, &api_key)?;
    let client = sessions::client(&service).await?;
    let token = sessions::keyless(&service, client.client_id, "user").await?;
    let mut devices = Vec::new();
    for number in 0..args.devices {
        let (user, clock) = (format!("device-{number}"), Arc::new(SystemClock) as _);
        devices.push(sessions::keyed(&service, client.client_id, &user, &clock).await?);
    }
    let request = request(&token);
    let answer = Arc::new(service.verify(&serde_json::from_slice(&request)?).await?);
    write_files(&folder, &request, &api_key)?;
    let bare = TcpListener::bind(args.bare)
        .await
        .context("cannot listen for the bare server")?;
    describe(&server, bare.local_addr()?, &folder)?;
    let stop = CancellationToken::new();
    let router = router(answer).merge(questions::router(devices));
    let serving = serve_bare(bare, router, stop.clone());
    let waiting = async {
        signals.next().await;
        stop.cancel();
    };
    let (outcome, ()) = tokio::join!(serving, waiting);
    server.shut_down().await;
    outcome
}

fn request(token: &Secret) -> Vec<u8> {
    // As a backend writes it: the token, and nothing that is the default.
    serde_json::json!({ "token": token.reveal() })
        .to_string()
        .into_bytes()
}

fn router(answer: Answer) -> Router {
    Router::new()
        .route("/v1/verify", post(bare))
        .with_state(answer)
}

async fn serve_bare(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    // Like the server's own connections.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
    Ok(serving.await?)
}

async fn bare(State(answer): State<Answer>, body: Bytes) -> Result<impl IntoResponse, StatusCode> {
    let request: VerifyRequest<'_> =
        serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    if request.token.reveal().is_empty() {
        return Err(StatusCode::BAD_REQUEST);
    }
    let body = serde_json::to_vec(&*answer).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body))
}

fn write_files(folder: &Path, request: &[u8], api_key: &Secret) -> anyhow::Result<()> {
    let api_key = api_key.reveal();
    let lua = format!(
        "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\n\
         wrk.headers['Authorization'] = 'Bearer {api_key}'\nwrk.body = '{}'\n",
        String::from_utf8_lossy(request)
    );
    fs::write(folder.join("request.json"), request)?;
    fs::write(folder.join("api-key"), api_key)?;
    fs::write(folder.join("verify.lua"), lua)?;
    Ok(())
}

fn describe(server: &Server, bare: SocketAddr, folder: &Path) -> anyhow::Result<()> {
    output::text(&format!(
        "server=http://{}/v1/verify\nbare=http://{bare}/v1/verify\nfolder={}\n",
        server.addresses().internal,
        folder.display()
    ))?;
    Ok(())
}

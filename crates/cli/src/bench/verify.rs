//! `bench verify`: how many requests one core judges.

use super::{
    sessions::{self, Keyed},
    stopwatch::{Rate, Stopwatch, median, thousands},
};
use crate::{
    output::{self, Format, Output},
    play,
};
use anyhow::{Context as _, bail};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_api_types::{Secret, verify::Scheme};
use countersign_core::{Clock, ManualClock, SystemClock, SystemRng, decision::Demands};
use countersign_server::{Gate, Judged, Request, Server, telemetry::Metrics};
use serde::Serialize;
use std::{sync::Arc, time::Duration};

#[derive(Debug, Clone, Copy, clap::Args)]
#[command(after_help = "\
Examples:
  countersign bench verify
  countersign bench verify --rounds 15 --output json")]
pub(crate) struct VerifyArgs {
    /// Sessions of each kind.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    sessions: u32,
    /// Rounds, of which the median counts.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Judgements without a proof in a round; a twentieth of it with one.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(20..=2_000_000))]
    calls: u32,
    #[command(flatten)]
    output: Output,
}

/// What was measured, as medians of the rounds, per second of one core.
#[derive(Debug, Serialize)]
struct Report {
    bench: &'static str,
    version: &'static str,
    sessions: u32,
    /// Of a round; a twentieth of it with a proof.
    calls: u32,
    rounds: Vec<Round>,
    without_proof: f64,
    with_proof: f64,
    p256_verify: f64,
    /// Median of the rounds' ratios.
    with_proof_to_p256: f64,
}

#[derive(Debug, Serialize)]
struct Round {
    without_proof: Rate,
    with_proof: Rate,
    p256_verify: Rate,
}

pub(super) const METHOD: &str = "GET";
pub(super) const URL: &str = "https://api.example/things";
/// Proofs of before the server's start must carry a nonce; this is past that.
pub(super) const SETTLED: Duration = Duration::from_mins(3);

pub(super) async fn run(args: VerifyArgs) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(ManualClock::starting_at(SystemClock.now()));
    let config = play::temporary(folder.path());
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let server = Server::start(
        config,
        Arc::clone(&shared),
        Arc::new(SystemRng),
        Metrics::new(),
    )
    .await?;
    let measured = measure(&server, &clock, args).await;
    server.shut_down().await;
    print(args.output, &measured?)
}

async fn measure(
    server: &Server,
    clock: &Arc<ManualClock>,
    args: VerifyArgs,
) -> anyhow::Result<Report> {
    let shared: Arc<dyn Clock> = Arc::clone(clock) as _;
    let service = sessions::service(server, &play::full_api_key(server, "bench").await?)?;
    let client = sessions::client(&service).await?.client_id;
    let (mut keyless, mut keyed) = (Vec::new(), Vec::new());
    for number in 0..args.sessions {
        let user = format!("user-{number}");
        keyless.push(sessions::keyless(&service, client, &user).await?);
        keyed.push(sessions::keyed(&service, client, &user, &shared).await?);
    }
    clock.advance(SETTLED);
    let gate = &*server.app().gate;
    let (calls, proofs) = (args.calls as usize, args.calls as usize / 20);
    // Once without counting, so that every session and token is in memory.
    without_proof(gate, &keyless, keyless.len()).await?;
    with_proof(gate, &proofs_of(&keyed, keyed.len())?).await?;
    let mut rounds = Vec::new();
    for _ in 0..args.rounds {
        let ready = proofs_of(&keyed, proofs)?;
        let signed = ready
            .iter()
            .map(Signed::of)
            .collect::<anyhow::Result<Vec<_>>>()?;
        rounds.push(Round {
            without_proof: without_proof(gate, &keyless, calls).await?,
            with_proof: with_proof(gate, &ready).await?,
            p256_verify: bare(&signed)?,
        });
    }
    Ok(Report::of(rounds, args))
}

impl Report {
    fn of(rounds: Vec<Round>, args: VerifyArgs) -> Self {
        let of = |number: fn(&Round) -> f64| median(rounds.iter().map(number));
        Self {
            bench: "verify",
            version: env!("CARGO_PKG_VERSION"),
            sessions: args.sessions,
            calls: args.calls,
            without_proof: of(|round| round.without_proof.core),
            with_proof: of(|round| round.with_proof.core),
            p256_verify: of(|round| round.p256_verify.core),
            with_proof_to_p256: of(|round| round.with_proof.core / round.p256_verify.core),
            rounds,
        }
    }
}

/// A proof that was not used yet, and the token that it goes with.
pub(super) struct Ready<'a> {
    pub(super) token: &'a str,
    pub(super) proof: String,
}

pub(super) fn proofs_of(sessions: &[Keyed], count: usize) -> anyhow::Result<Vec<Ready<'_>>> {
    let one = |session: &'_ Keyed| -> anyhow::Result<String> {
        let proof = session
            .device
            .proof(METHOD, URL, Some(session.token.reveal()))?;
        proof.context("a device with a key makes proofs")
    };
    let of_each = sessions.iter().cycle().take(count);
    of_each
        .map(|session| {
            Ok(Ready {
                token: session.token.reveal(),
                proof: one(session)?,
            })
        })
        .collect()
}

async fn without_proof(gate: &Gate, tokens: &[Secret], calls: usize) -> anyhow::Result<Rate> {
    let watch = Stopwatch::start();
    for token in tokens.iter().cycle().take(calls) {
        judge(gate, token.reveal(), Scheme::Bearer, None).await?;
    }
    Ok(watch.rates(calls))
}

async fn with_proof(gate: &Gate, ready: &[Ready<'_>]) -> anyhow::Result<Rate> {
    let watch = Stopwatch::start();
    for Ready { token, proof } in ready {
        judge(gate, token, Scheme::DPoP, Some(proof)).await?;
    }
    Ok(watch.rates(ready.len()))
}

async fn judge(
    gate: &Gate,
    token: &str,
    scheme: Scheme,
    proof: Option<&str>,
) -> anyhow::Result<()> {
    let request = Request {
        token,
        scheme: Some(scheme),
        proof,
        method: METHOD,
        url: URL,
        demands: Demands::default(),
    };
    match gate.judge(&request).await? {
        Judged::Admitted(_) => Ok(()),
        Judged::Refused(refused) => bail!("a good request was refused: {}", refused.refusal),
    }
}

/// What of a proof the bare check needs.
struct Signed {
    key: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    /// Takes a compact JWS with an embedded key apart (RFC 7515 section 7.1).
    fn of(ready: &Ready<'_>) -> anyhow::Result<Self> {
        let (message, signature) = ready.proof.rsplit_once('.').context("not a JWS")?;
        let (header, _) = message.split_once('.').context("not a JWS")?;
        let header: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
        // An uncompressed point (SEC 1 section 2.3.3).
        let mut point = vec![4];
        for name in ["x", "y"] {
            let coordinate = header["jwk"][name]
                .as_str()
                .context("a JWK without a point")?;
            point.extend(URL_SAFE_NO_PAD.decode(coordinate)?);
        }
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)?;
        let message = message.as_bytes().to_vec();
        Ok(Self {
            key,
            message,
            signature: URL_SAFE_NO_PAD.decode(signature)?,
        })
    }
}

fn bare(signed: &[Signed]) -> anyhow::Result<Rate> {
    let watch = Stopwatch::start();
    for Signed {
        key,
        message,
        signature,
    } in signed
    {
        key.verify_sig(message, signature)?;
    }
    Ok(watch.rates(signed.len()))
}

fn print(output: Output, report: &Report) -> anyhow::Result<()> {
    if output.output == Format::Json {
        return output::json(report);
    }
    let row = |name: &str, rate: f64| [name.to_owned(), thousands(rate)];
    output::table(
        ["ONE CORE", "PER SECOND"],
        &[
            row("verify without proof", report.without_proof),
            row("verify with proof", report.with_proof),
            row("bare P-256 verify", report.p256_verify),
            [
                "with proof / bare".to_owned(),
                format!("{:.3}", report.with_proof_to_p256),
            ],
        ],
    )?;
    Ok(())
}

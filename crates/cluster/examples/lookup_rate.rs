//! How fast a node answers from memory, and what its memory takes.
//!
//! `cargo run --release -p countersign-cluster --example lookup_rate`
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use countersign_cluster::{Adopted, Denylist, Lookup, Node, Settings, SnapshotSource, SourceError};
use countersign_core::{
    AppId, ClientId, DeviceId, OwnershipId, SessionId, Timestamp,
    client::NoncePolicy,
    device::{DeviceState, Platform},
    feed::{FeedEntry, FeedEvent, Subject},
    ids::FeedEntryId,
    session::EndingCause,
    snapshot::{Loaded, SessionKind, Snapshot},
    token::HashedToken,
};
use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread,
    time::Duration,
};
use uuid::Uuid;

const DENIED: u64 = 100_000;
const ROUNDS: usize = 7;
const LOOKUPS: u64 = 2_000_000;
const NOW: Timestamp = Timestamp::from_secs(1_000_000);

struct Generated;

impl SnapshotSource for Generated {
    async fn load(&self, session: SessionId) -> Result<Option<Loaded>, SourceError> {
        loaded(session).map(Some)
    }

    async fn load_adopted(&self, _: HashedToken) -> Result<Option<Adopted>, SourceError> {
        Ok(None)
    }
}

fn main() -> Result<(), SourceError> {
    let before = resident_bytes()?;
    let denylist = Denylist::new();
    for (session, cause, until) in ended(0) {
        denylist.deny(session, cause, until);
    }
    println!("{} B a denial", (resident_bytes()? - before) / DENIED);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for sessions in [20_000, 1_000_000] {
        let settings = Settings {
            sessions: usize::try_from(sessions * 2)?,
            ..Settings::default()
        };
        let node = Node::start(Generated, settings, ended(sessions));
        let before = resident_bytes()?;
        runtime.block_on(warm(&node, sessions))?;
        let each = (resident_bytes()? - before) / sessions;
        println!("{sessions} sessions of {each} B, {DENIED} denied");
        report(&node, sessions);
    }
    Ok(())
}

fn ended(first: u64) -> impl Iterator<Item = (SessionId, EndingCause, Timestamp)> {
    let until = NOW.plus(Duration::from_mins(10));
    (first..first + DENIED).map(move |number| (session(number), EndingCause::Logout, until))
}

async fn warm(node: &Node<Generated>, sessions: u64) -> Result<(), SourceError> {
    for number in 0..sessions {
        node.lookup(session(number), NOW).await?;
    }
    Ok(())
}

fn report(node: &Node<Generated>, sessions: u64) {
    let cached = |number| {
        black_box(node.cached(session(number % sessions)));
    };
    let clock = AtomicI64::new(NOW.as_micros());
    let touched = |number: u64| {
        if let Some(Lookup::Found(live)) = node.cached(session(number % sessions)) {
            let now = clock.fetch_add(1, Ordering::Relaxed);
            node.touch(&live, Timestamp::from_micros(now));
        }
    };
    let denied = |number| {
        black_box(node.cached(session(sessions + number % DENIED)));
    };
    line("found, 1 thread", 1, cached);
    line("found and touched, 1 thread", 1, touched);
    line("denied, 1 thread", 1, denied);
    line("found, 2 threads", 2, cached);
    let mut drains = Vec::new();
    for _ in 0..ROUNDS {
        (0..sessions).for_each(touched);
        drains.push(timed(|| drop(black_box(node.drain_activity()))));
    }
    println!("  drain of all: {:?}", median(drains));
    let changes =
        timed(|| (0..1_000_000).for_each(|number| drop(node.apply(&[client_change(number)]))));
    println!("  client-wide change: {:?}", changes / 1_000_000);
    println!("  prune of all: {:?}", timed(|| node.prune(NOW)));
}

fn line(name: &str, threads: u64, lookup: impl Fn(u64) + Sync) {
    let lookup = &lookup;
    let run = |thread: u64| {
        let steps = thread * LOOKUPS..(thread + 1) * LOOKUPS;
        timed(|| steps.for_each(|step| lookup(scattered(step))))
    };
    let round = || {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..threads)
                .map(|it| scope.spawn(move || run(it)))
                .collect();
            let times = threads.into_iter().filter_map(|thread| thread.join().ok());
            median(times.collect())
        })
    };
    let took = median((0..ROUNDS).map(|_| round()).collect());
    let took = took / u32::try_from(LOOKUPS).unwrap_or(u32::MAX);
    let per_core = Duration::from_secs(1).as_nanos() / took.as_nanos().max(1);
    println!("  {name}: {took:?} a lookup, {per_core} a second and core");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Time on the processor, so that a busy machine counts less.
fn timed(work: impl FnOnce()) -> Duration {
    let before = on_processor();
    work();
    on_processor().saturating_sub(before)
}

/// The first field of Linux's `schedstat`, in nanoseconds.
fn on_processor() -> Duration {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = schedstat
        .split(' ')
        .next()
        .and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

/// Resident memory, from the second field of Linux's `statm`, in pages of 4 KiB.
fn resident_bytes() -> Result<u64, SourceError> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages = statm.split(' ').nth(1).unwrap_or("0").parse::<u64>()?;
    Ok(pages * 4_096)
}

/// `SplitMix64` of the number: an order that no prefetcher guesses.
fn scattered(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(number, scattered(number))
}

fn session(number: u64) -> SessionId {
    SessionId::from_uuid(id(number))
}

fn client_change(number: u64) -> FeedEntry {
    FeedEntry {
        id: FeedEntryId::from_uuid(id(number)),
        event: FeedEvent::Changed(Subject::Client(ClientId::from_uuid(id(0)))),
    }
}

fn loaded(session: SessionId) -> Result<Loaded, SourceError> {
    Ok(Loaded {
        snapshot: snapshot(session)?,
        last_active_at: NOW.minus(Duration::from_mins(1)),
    })
}

fn kind() -> SessionKind {
    SessionKind {
        client_id: ClientId::from_uuid(id(0)),
        nonce_policy: NoncePolicy::WhenNeeded,
        platform: Platform::Android,
        app_version: Some("1.2.3".into()),
        amr: [String::from("pwd")].into(),
        idle_micros: 1_000_000_000,
    }
}

fn snapshot(session: SessionId) -> Result<Snapshot, SourceError> {
    let id = session.as_uuid();
    Ok(Snapshot {
        // As a load brings it: each with its own.
        kind: Arc::new(kind()),
        session_id: session,
        ownership_id: OwnershipId::from_uuid(id),
        device_id: DeviceId::from_uuid(id),
        app_id: AppId::from_uuid(id),
        user: countersign_core::UserId::from_uuid(uuid::Uuid::nil()),
        user_id: session.to_string().parse()?,
        jkt: None,
        grounds: None,
        absolute_expiry: NOW.plus(Duration::from_secs(10_000)),
        ended: None,
        is_ownership_ended: false,
        device_state: DeviceState::Active,
        is_key_current: true,
        is_user_disabled: false,
        is_client_ended: false,
    })
}

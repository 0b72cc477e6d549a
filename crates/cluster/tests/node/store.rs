//! A store whose loads read at once and answer when they are let go: the worst case.

use countersign_cluster::{Adopted, Node, Settings, SnapshotSource, SourceError};
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
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// The fake store; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store(Arc<Mutex<Rows>>);

#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) sessions: HashMap<SessionId, Snapshot>,
    /// Versions of the clients; a snapshot shows its client's.
    pub(crate) clients: HashMap<ClientId, i64>,
    pub(crate) tokens: HashMap<HashedToken, Adopted>,
    /// How many loads were begun.
    pub(crate) loads: usize,
    /// Loads wait for [`Store::release`].
    pub(crate) is_holding: bool,
    held: Vec<oneshot::Sender<Result<(), SourceError>>>,
}

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_000_000);

impl Store {
    /// With sessions 0 to `sessions`, all of client 0.
    pub(crate) fn with_sessions(sessions: u128) -> Self {
        let store = Self::default();
        store.write(|rows| {
            for number in 0..sessions {
                rows.sessions.insert(session(number), snapshot(number));
            }
        });
        store
    }

    /// The same, and every load waits to be released.
    pub(crate) fn holding(sessions: u128) -> Self {
        let store = Self::with_sessions(sessions);
        store.write(|rows| rows.is_holding = true);
        store
    }

    /// A node over this store.
    pub(crate) fn node(&self) -> Arc<Node<Self>> {
        self.node_of(1_000)
    }

    /// A node with room for that many snapshots.
    pub(crate) fn node_of(&self, sessions: usize) -> Arc<Node<Self>> {
        let settings = Settings {
            sessions,
            adopted_tokens: sessions,
            applied_entries: 16,
        };
        Arc::new(Node::start(self.clone(), settings, std::iter::empty()))
    }

    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Rows) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    pub(crate) fn loads(&self) -> usize {
        self.write(|rows| rows.loads)
    }

    /// Commits a new version of a session and gives its feed entry.
    pub(crate) fn change_session(&self, number: u128) -> FeedEntry {
        self.write(|rows| {
            let row = rows.sessions.get_mut(&session(number)).unwrap();
            row.absolute_expiry = expiry(session_version(row) + 1);
        });
        entry(FeedEvent::Changed(Subject::Session(session(number))))
    }

    /// Commits a new version of a client and gives its feed entry.
    pub(crate) fn change_client(&self, number: u128) -> FeedEntry {
        self.write(|rows| *rows.clients.entry(client(number)).or_default() += 1);
        entry(FeedEvent::Changed(Subject::Client(client(number))))
    }

    /// Commits the end of a session and gives its feed entry.
    pub(crate) fn end_session(&self, number: u128) -> FeedEntry {
        let cause = EndingCause::RemoteLogout;
        self.write(|rows| {
            let row = rows.sessions.get_mut(&session(number)).unwrap();
            row.ended = Some(cause);
        });
        entry(FeedEvent::Ended {
            session: session(number),
            cause,
            until: NOW.plus(std::time::Duration::from_mins(10)),
        })
    }

    /// Lets the oldest load but `nth` answer with what it read.
    pub(crate) fn release(&self, nth: usize) -> bool {
        self.answer(nth, Ok(()))
    }

    /// Makes the oldest load but `nth` fail.
    pub(crate) fn fail(&self, nth: usize) -> bool {
        self.answer(nth, Err("the disk is on fire".into()))
    }

    /// Lets every load answer, also those to come.
    pub(crate) fn open(&self) {
        self.write(|rows| rows.is_holding = false);
        while self.release(0) {}
    }

    /// Answers; false when no such load is held. A load that was dropped counts as answered.
    fn answer(&self, nth: usize, answer: Result<(), SourceError>) -> bool {
        let held = self.write(|rows| (nth < rows.held.len()).then(|| rows.held.remove(nth)));
        held.map(|held| held.send(answer)).is_some()
    }

    fn begin(&self) -> Option<oneshot::Receiver<Result<(), SourceError>>> {
        self.write(|rows| {
            rows.loads += 1;
            rows.is_holding.then(|| {
                let (sender, receiver) = oneshot::channel();
                rows.held.push(sender);
                receiver
            })
        })
    }
}

impl SnapshotSource for Store {
    async fn load(&self, session: SessionId) -> Result<Option<Loaded>, SourceError> {
        let row = self.write(|rows| {
            let row = rows.sessions.get(&session)?.clone();
            let version = rows.clients.get(&row.kind.client_id).copied().unwrap_or(0);
            Some(loaded(of_client_version(row, version)))
        });
        if let Some(held) = self.begin() {
            held.await??;
        }
        Ok(row)
    }

    async fn load_adopted(&self, token: HashedToken) -> Result<Option<Adopted>, SourceError> {
        let row = self.write(|rows| rows.tokens.get(&token).copied());
        if let Some(held) = self.begin() {
            held.await??;
        }
        Ok(row)
    }
}

pub(crate) fn session(number: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn client(number: u128) -> ClientId {
    ClientId::from_uuid(Uuid::from_u128(number))
}

/// The version of the session that a snapshot shows.
pub(crate) fn session_version(snapshot: &Snapshot) -> i64 {
    snapshot.absolute_expiry.as_micros() - expiry(0).as_micros()
}

/// The idle limit of a client of version 0.
const IDLE_MICROS: i64 = 1_000_000_000;

/// The version of the client that a snapshot shows.
pub(crate) fn client_version(snapshot: &Snapshot) -> i64 {
    snapshot.kind.idle_micros - IDLE_MICROS
}

/// When a session of this version ends.
pub(crate) fn expiry(version: i64) -> Timestamp {
    let first = NOW.plus(std::time::Duration::from_secs(10_000));
    Timestamp::from_micros(first.as_micros() + version)
}

/// The snapshot as it is when its client has this version.
pub(crate) fn of_client_version(snapshot: Snapshot, version: i64) -> Snapshot {
    let kind = SessionKind {
        idle_micros: IDLE_MICROS + version,
        ..(*snapshot.kind).clone()
    };
    Snapshot {
        kind: Arc::new(kind),
        ..snapshot
    }
}

/// The snapshot as a load brings it home, active at [`NOW`].
pub(crate) fn loaded(snapshot: Snapshot) -> Loaded {
    Loaded {
        snapshot,
        last_active_at: NOW,
    }
}

pub(crate) fn entry(event: FeedEvent) -> FeedEntry {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)));
    FeedEntry {
        id: FeedEntryId::from_uuid(id),
        event,
    }
}

/// Session `number` of client 0, version 0, active until long after [`NOW`].
pub(crate) fn snapshot(number: u128) -> Snapshot {
    let id = Uuid::from_u128(number);
    Snapshot {
        session_id: session(number),
        ownership_id: OwnershipId::from_uuid(id),
        device_id: DeviceId::from_uuid(id),
        app_id: AppId::from_uuid(id),
        kind: Arc::new(kind()),
        user: countersign_core::UserId::from_uuid(uuid::Uuid::nil()),
        user_id: "42".parse().unwrap(),
        jkt: None,
        grounds: None,
        absolute_expiry: expiry(0),
        ended: None,
        is_ownership_ended: false,
        device_state: DeviceState::Active,
        is_key_current: true,
        is_user_disabled: false,
        is_client_ended: false,
    }
}

fn kind() -> SessionKind {
    SessionKind {
        client_id: client(0),
        nonce_policy: NoncePolicy::WhenNeeded,
        platform: Platform::Android,
        app_version: None,
        amr: Box::default(),
        idle_micros: IDLE_MICROS,
    }
}

//! Who calls while writes are measured.

use super::{inside::Inside, sessions, stopwatch::Stopwatch};
use countersign_api_types::session::{RegisterSession, RegisteredSession, SessionEvent};
use countersign_core::ClientId;
use countersign_storage::{Store, StoreError};
use std::time::Duration;
use tokio::task::JoinSet;

/// One of many that call at the same time.
pub(super) trait Caller: Send + 'static {
    /// Calls once.
    fn call(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Lets every caller call again and again for as long; answers the calls per second of all.
pub(super) async fn all_at_once<C: Caller>(
    callers: impl Iterator<Item = C>,
    length: Duration,
) -> anyhow::Result<f64> {
    let watch = Stopwatch::start();
    let mut running = JoinSet::new();
    for mut caller in callers {
        running.spawn(async move {
            let mut calls = 0;
            while watch.elapsed() < length {
                caller.call().await?;
                calls += 1;
            }
            anyhow::Ok(calls)
        });
    }
    let mut calls = 0;
    while let Some(finished) = running.join_next().await {
        calls += finished??;
    }
    Ok(watch.rate(calls))
}

/// Inserts one row a call: what an update does not change may not be written.
#[derive(Debug)]
pub(super) struct RowWriter {
    store: Store,
    name: String,
    rows: u64,
}

impl RowWriter {
    pub(super) fn new(store: &Store, name: String) -> Self {
        Self {
            store: store.clone(),
            name,
            rows: 0,
        }
    }
}

impl Caller for RowWriter {
    async fn call(&mut self) -> anyhow::Result<()> {
        self.rows += 1;
        let name = format!("{} {}", self.name, self.rows);
        let written: Result<Vec<u8>, StoreError> = self
            .store
            .write(name, |tx, name| {
                Box::pin(tx.insert_or_read_setting(name, b"bench"))
            })
            .await;
        written?;
        Ok(())
    }
}

/// Logs a new user in on a new device with each call.
#[derive(Debug)]
pub(super) struct NewDevices {
    pub(super) inside: Inside,
    pub(super) client_id: ClientId,
    pub(super) number: u32,
    pub(super) logins: u64,
}

impl Caller for NewDevices {
    async fn call(&mut self) -> anyhow::Result<()> {
        self.logins += 1;
        let user = format!("login-{}-{}", self.number, self.logins);
        let login = sessions::login_request(self.client_id, &user)?;
        let _: RegisteredSession = self.inside.post("/v1/sessions", &login).await?;
        Ok(())
    }
}

/// Goes on with one session, whose tokens rotate with each call.
#[derive(Debug)]
pub(super) struct OneSession {
    inside: Inside,
    next: RegisterSession,
}

impl OneSession {
    /// Logs in.
    pub(super) async fn begin(
        inside: &Inside,
        client_id: ClientId,
        number: u32,
    ) -> anyhow::Result<Self> {
        let login = sessions::login_request(client_id, &format!("refresh-{number}"))?;
        let answer: RegisteredSession = inside.post("/v1/sessions", &login).await?;
        let next = RegisterSession {
            event: SessionEvent::Refresh,
            refresh_token: answer.refresh_token,
            ..login
        };
        Ok(Self {
            inside: inside.clone(),
            next,
        })
    }
}

impl Caller for OneSession {
    async fn call(&mut self) -> anyhow::Result<()> {
        let answer: RegisteredSession = self.inside.post("/v1/sessions", &self.next).await?;
        self.next.refresh_token = answer.refresh_token;
        Ok(())
    }
}

//! Google's list of Android certificates that it took back: kept in the store, for all nodes.
//!
//! A node that fetched it, or an operator who imported it, writes it; every node reads it from there.
//! Evidence that needs a list newer than the one there is cannot be judged, and the client's policy
//! says what becomes of that.

use super::Enrollments;
use crate::outside::OutsideError;
use countersign_attestation::{
    android_key::{InvalidStatusList, MAX_STATUS_LIST_BYTES, StatusList},
    evidence::Anchors,
};
use countersign_core::Timestamp;
use countersign_storage::{Store, StoreError};
use std::{sync::Arc, time::Duration};

/// The list as it came, and when it was fresh: microseconds, big-endian.
const LIST: &str = "attestation.android_status";
const AS_OF: &str = "attestation.android_status.as_of";

/// A list is fetched again when it is this old.
const FETCH_AFTER: Duration = Duration::from_hours(24);

/// The list could not be renewed.
#[derive(Debug, thiserror::Error)]
pub enum StatusListError {
    /// It could not be fetched.
    #[error("the status list could not be fetched")]
    Fetch(#[from] OutsideError),
    /// What came, or what is kept, is no list.
    #[error("the status list cannot be read")]
    Invalid(#[from] InvalidStatusList),
    /// One that is newer is there already.
    #[error("there is a list of {0} already")]
    Older(Timestamp),
    /// It is said to be from the future: every later list would seem older.
    #[error("the list cannot be of {0}, which is still to come")]
    FromTheFuture(Timestamp),
    /// What is kept of its time cannot be read.
    #[error("the time of the status list cannot be read")]
    InvalidTime,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Two imports at once do not mix.
const LOCK: &str = "attestation.android_status.lock";

impl Enrollments {
    /// Keeps a list for all nodes, as it was at `as_of`; answers how many certificates it names.
    ///
    /// # Errors
    /// [`StatusListError`]; nothing changed.
    pub async fn import_status_list(
        &self,
        json: Vec<u8>,
        as_of: Timestamp,
    ) -> Result<usize, StatusListError> {
        if as_of > self.sessions.ledger.clock.now() {
            return Err(StatusListError::FromTheFuture(as_of));
        }
        import(&self.sessions.ledger.store, json, as_of).await
    }

    /// Fetches the list if it is needed and old, and takes over what is kept.
    pub(crate) async fn renew_status_list(&self) -> Result<(), StatusListError> {
        let ledger = &self.sessions.ledger;
        let mut conn = ledger.store.read().await?;
        let as_of = time_of(conn.find_setting(AS_OF).await?)?;
        let is_needed = conn.has_android_clients().await?;
        drop(conn);
        let now = ledger.clock.now();
        let is_old = as_of.is_none_or(|as_of| now.since(as_of) >= FETCH_AFTER);
        let fetched = match &self.status_url {
            Some(url) if is_needed && is_old => self.fetch_status_list(url, now).await,
            _ => Ok(()),
        };
        self.reload_status_list().await?;
        fetched
    }

    async fn fetch_status_list(&self, url: &str, now: Timestamp) -> Result<(), StatusListError> {
        let json = self.outside.get(url, MAX_STATUS_LIST_BYTES).await?;
        let count = self.import_status_list(json, now).await?;
        tracing::info!(
            certificates = count,
            "fetched the list of Android certificates taken back"
        );
        Ok(())
    }

    /// Takes over what is kept, if that is another list than the one in memory.
    async fn reload_status_list(&self) -> Result<(), StatusListError> {
        let mut conn = self.sessions.ledger.store.read().await?;
        let as_of = time_of(conn.find_setting(AS_OF).await?)?;
        let known = self
            .anchors
            .load()
            .android_status
            .as_ref()
            .map(|list| list.as_of());
        let Some(as_of) = as_of.filter(|as_of| Some(*as_of) != known) else {
            return Ok(());
        };
        let Some(json) = conn.find_setting(LIST).await? else {
            return Ok(());
        };
        let list = StatusList::parse(&json, as_of)?;
        self.anchors.store(Arc::new(Anchors {
            android_status: Some(Arc::new(list)),
            ..Anchors::clone(&self.anchors.load())
        }));
        Ok(())
    }
}

async fn import(store: &Store, json: Vec<u8>, as_of: Timestamp) -> Result<usize, StatusListError> {
    let count = StatusList::parse(&json, as_of)?.len();
    let time = as_of.as_micros().to_be_bytes();
    store
        .write((json, time), move |tx, (json, time)| {
            Box::pin(async move {
                tx.lock_setting(LOCK).await?;
                if let Some(kept) = time_of(tx.find_setting(AS_OF).await?)?
                    && kept > as_of
                {
                    return Err(StatusListError::Older(kept));
                }
                tx.put_setting(LIST, json).await?;
                tx.put_setting(AS_OF, time).await?;
                Ok(())
            })
        })
        .await?;
    Ok(count)
}

fn time_of(kept: Option<Vec<u8>>) -> Result<Option<Timestamp>, StatusListError> {
    let Some(kept) = kept else { return Ok(None) };
    let bytes: [u8; 8] = kept.try_into().map_err(|_| StatusListError::InvalidTime)?;
    Ok(Some(Timestamp::from_micros(i64::from_be_bytes(bytes))))
}

//! Making signing keys: the first one, and its successors in time.

use super::keys::{KeyError, place};
use crate::{journal::Journal, seal::Vault};
use countersign_attestation::jws::SigningKey;
use countersign_core::{
    SigningKeyId, Timestamp,
    activity::{Action, Target},
    feed::Subject,
    lifetime::Lifetimes,
};
use countersign_storage::{PublicJwk, Store, StoredSigningKey, Tx};
use std::{sync::Arc, time::Duration};

/// How long a key signs before another takes over.
const ROTATE_AFTER: Duration = Duration::from_hours(90 * 24);
/// How long a key is published before it signs, so that every verifier has seen it.
const PUBLISH_BEFORE: Duration = Duration::from_hours(1);
/// How much longer than its last token a key verifies.
const MARGIN: Duration = Duration::from_mins(5);

/// Makes the first key, or the next one when the newest is old enough; `true` when it made one.
///
/// Nodes that start together agree on one: the row lock of a setting decides.
///
/// # Errors
/// [`KeyError`] when the store fails or no key can be made.
pub(crate) async fn rotate(
    store: &Store,
    vault: Arc<Vault>,
    journal: Journal,
) -> Result<bool, KeyError> {
    store
        .write((vault, journal), |tx, (vault, journal)| {
            Box::pin(make_due(tx, vault, journal))
        })
        .await
}

async fn make_due(tx: &mut Tx, vault: &Vault, journal: &Journal) -> Result<bool, KeyError> {
    tx.lock_setting("signing_keys").await?;
    let keys = tx.list_signing_keys().await?;
    let signs_from = match keys.iter().rfind(|key| key.verifies_until.is_none()) {
        None => journal.now,
        Some(newest) if journal.now >= newest.signs_from.plus(ROTATE_AFTER) => {
            let takes_over = journal.now.plus(PUBLISH_BEFORE);
            let until = takes_over.plus(Lifetimes::LONGEST_ACCESS).plus(MARGIN);
            tx.retire_signing_key(newest.id, until).await?;
            takes_over
        }
        Some(_) => return Ok(false),
    };
    insert(tx, vault, journal, signs_from).await?;
    Ok(true)
}

async fn insert(
    tx: &mut Tx,
    vault: &Vault,
    journal: &Journal,
    signs_from: Timestamp,
) -> Result<(), KeyError> {
    let id = SigningKeyId::generate(journal.now, &*journal.rng);
    let key = SigningKey::generate().map_err(KeyError::Generate)?;
    let der = key.to_pkcs8().map_err(KeyError::Generate)?;
    let jwk = key.jwk();
    tx.insert_signing_key(&StoredSigningKey {
        id,
        public: PublicJwk { x: jwk.x, y: jwk.y },
        sealed_private: vault.seal(place(id), &der),
        created_at: journal.now,
        signs_from,
        verifies_until: None,
    })
    .await?;
    journal.record(tx, Action::SigningKeyCreated, Target::default(), None);
    journal.changed(tx, Subject::SigningKeys);
    Ok(())
}

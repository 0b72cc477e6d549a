//! Whether a key-encryption key is the one that a database was sealed under.

use crate::{
    app::OpenAppError,
    config::KeyEncryptionKey,
    seal::{Place, Vault},
};
use countersign_core::SystemRng;
use countersign_storage::{Store, StoreError};
use std::sync::Arc;
use uuid::Uuid;

const SETTING: &str = "key_check";
const CHECK: &[u8] = b"countersign";
const PLACE: Place = Place {
    table: "settings",
    row: Uuid::nil(),
    column: SETTING,
};

/// Opens what the first start sealed, so that a wrong key is noticed before it seals anything.
pub(crate) async fn check_or_seal(store: &Store, vault: &Vault) -> Result<(), OpenAppError> {
    let sealed = vault.seal(PLACE, CHECK);
    let stored: Result<Vec<u8>, StoreError> = store
        .write(sealed, |tx, sealed| {
            Box::pin(tx.insert_or_read_setting(SETTING, sealed))
        })
        .await;
    let opened = vault.open(PLACE, &stored?);
    opened.map(drop).map_err(OpenAppError::WrongKey)
}

/// Whether the key opens what the first start sealed; `false` before any start. Writes nothing.
///
/// # Errors
/// [`OpenAppError::WrongKey`], [`OpenAppError::Store`].
pub async fn check_key_encryption_key(
    store: &Store,
    key: KeyEncryptionKey,
) -> Result<bool, OpenAppError> {
    let Some(stored) = store.read().await?.find_setting(SETTING).await? else {
        return Ok(false);
    };
    // Opening takes no randomness.
    let vault = Vault::new(key.0, Arc::new(SystemRng));
    let opened = vault.open(PLACE, &stored);
    opened.map(|_| true).map_err(OpenAppError::WrongKey)
}

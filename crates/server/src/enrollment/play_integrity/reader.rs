//! Finds what there is to judge a token by.

use super::google::{Google, Question};
use crate::{
    client::{CredentialsError, PlayCredentials, find_play_credentials},
    config::GoogleApi,
    seal::Vault,
};
use countersign_attestation::evidence::{Reading, Unread};
use countersign_core::{Clock, client::Client};
use countersign_storage::{Store, StoreError};
use std::sync::Arc;

/// Reads tokens with what their client was given.
#[derive(Debug)]
pub(in crate::enrollment) struct Reader {
    store: Store,
    vault: Arc<Vault>,
    google: Google,
}

impl Reader {
    pub(in crate::enrollment) fn new(
        store: Store,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        api: GoogleApi,
    ) -> Self {
        Self {
            store,
            vault,
            google: Google::new(api, clock),
        }
    }

    /// What there is to judge a token by that one of the client's apps asked for. Only for an app that
    /// the client names is anybody asked.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::enrollment) async fn read(
        &self,
        client: &Client,
        package: &str,
        token: &str,
    ) -> Result<Reading, StoreError> {
        if !is_expected(client, package) {
            return Ok(Reading::Nothing(Unread::NoCredentials));
        }
        let found = find_play_credentials(&self.store, &self.vault, client.id).await;
        let (credentials, sealed) = match found {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Reading::Nothing(Unread::NoCredentials)),
            Err(CredentialsError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::error!(
                    client.id = %client.id,
                    error = &error as &dyn std::error::Error,
                    "play integrity credentials not usable"
                );
                return Ok(Reading::Nothing(Unread::CredentialsRefused));
            }
        };
        let account = match credentials {
            PlayCredentials::ResponseKeys(keys) => return Ok(Reading::Keys(keys)),
            PlayCredentials::ServiceAccount(account) => account,
        };
        let question = Question {
            client: client.id,
            account: &account,
            sealed: &sealed,
            package,
            token,
        };
        let decoded = self.google.decode(&question).await;
        Ok(decoded.map_or_else(Reading::Nothing, Reading::Answer))
    }
}

impl Reader {
    /// What there is to judge a token by that was judged before and that nobody is asked about again:
    /// the client's response keys, if it has these.
    pub(in crate::enrollment) async fn read_again(
        &self,
        client: &Client,
    ) -> Result<Option<Reading>, StoreError> {
        match find_play_credentials(&self.store, &self.vault, client.id).await {
            Ok(Some((PlayCredentials::ResponseKeys(keys), _))) => Ok(Some(Reading::Keys(keys))),
            Err(CredentialsError::Store(error)) => Err(error),
            Ok(_) | Err(_) => Ok(None),
        }
    }
}

fn is_expected(client: &Client, package: &str) -> bool {
    let android = client.attestation.android.as_ref();
    android.is_some_and(|android| {
        let is_named = android.apps.iter().any(|app| app.package == package);
        is_named && android.play_integrity.is_some()
    })
}

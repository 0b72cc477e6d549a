//! Clients, API keys and users.

use super::{
    fixture::{client, hash, user_name, uuid},
    read, write,
};
use crate::{harness::NOW, on_both_engines};
use countersign_core::{
    ApiKeyId, UserId,
    api_key::{ApiKey, Scope},
    client::{Client, NoncePolicy},
    lifetime::Preset,
};
use std::time::Duration;

on_both_engines! {
    async fn a_client_changes_all_but_its_nature(harness) {
        write!(harness, client(), |tx, client| tx.insert_client(client).await);
        assert_eq!(read!(harness, |conn| conn.find_client(client().id)), Some(client()));
        let changed = Client {
            name: "Other".to_owned(),
            nonce_policy: NoncePolicy::Always,
            origins: vec![],
            lifetimes: Preset::Aal3.lifetimes(),
            epoch: 4,
            version: 2,
            disabled_at: Some(NOW),
            ..client()
        };
        write!(harness, changed.clone(), |tx, changed| {
            assert_eq!(tx.lock_client(changed.id).await?, Some(client()));
            assert_eq!(tx.lock_client_to_change(changed.id).await?, Some(client()));
            tx.update_client(changed).await
        });
        assert_eq!(read!(harness, |conn| conn.list_clients(10, 0)), [changed]);
        assert!(read!(harness, |conn| conn.list_clients(10, 1)).is_empty());
        assert_eq!(read!(harness, |conn| conn.count_clients()), 1);
    }

    async fn an_api_key_is_revoked_once(harness) {
        let key = ApiKey {
            id: ApiKeyId::from_uuid(uuid(1)),
            name: "backend".to_owned(),
            hash: hash(1),
            scopes: vec![Scope::Verify, Scope::SessionsWrite],
            created_at: NOW,
            expires_at: Some(NOW.plus(Duration::from_mins(1))),
            revoked_at: None,
        };
        write!(harness, key.clone(), |tx, key| tx.insert_api_key(key).await);
        assert_eq!(read!(harness, |conn| conn.find_api_key(&key.hash)), Some(key.clone()));
        write!(harness, key.clone(), |tx, key| {
            assert_eq!(tx.lock_api_key(key.id).await?, Some(key.clone()));
            tx.revoke_api_key(key.id, NOW).await?;
            tx.revoke_api_key(key.id, NOW.plus(Duration::from_secs(1))).await
        });
        let revoked = ApiKey { revoked_at: Some(NOW), ..key };
        assert_eq!(read!(harness, |conn| conn.list_api_keys(10, 0)), [revoked]);
        assert_eq!(read!(harness, |conn| conn.count_api_keys()), 1);
    }

    async fn a_user_is_made_once_and_disabled(harness) {
        let (first, second) = (UserId::from_uuid(uuid(1)), UserId::from_uuid(uuid(2)));
        write!(harness, (first, second), |tx, (first, second)| {
            assert!(tx.lock_user(&user_name(1)).await?.is_none());
            let made = tx.upsert_user(*first, &user_name(1), NOW).await?;
            let later = NOW.plus(Duration::from_secs(1));
            assert_eq!(tx.upsert_user(*second, &user_name(1), later).await?, made);
            assert_eq!(made.id, *first);
            tx.set_user_disabled(*first, Some(NOW)).await
        });
        let disabled = read!(harness, |conn| conn.find_user(&user_name(1))).unwrap();
        assert_eq!((disabled.created_at, disabled.disabled_at), (NOW, Some(NOW)));
        write!(harness, first, |tx, first| tx.set_user_disabled(*first, None).await);
        let enabled = write!(harness, (), |tx, ()| tx.lock_user(&user_name(1)).await).unwrap();
        assert_eq!(enabled.disabled_at, None);
    }
}

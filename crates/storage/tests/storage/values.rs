//! Values come back as they were stored, the same from both engines.

use crate::{
    harness::{Harness, NOW},
    on_both_engines,
};
use countersign_core::{
    ApiKeyId, Timestamp, UserId,
    api_key::{ApiKey, Scope},
    token::HashedToken,
    user::ExternalUserId,
};
use countersign_storage::{Engine, StoreError};
use uuid::Uuid;

on_both_engines! {
    async fn times_keep_their_microseconds(harness) {
        let times = [
            -210_866_803_200_000_000, -1_500_000, -1, 0, 1, 999_999, 1_700_000_000_000_001,
            253_402_300_799_999_999, i64::MAX,
        ];
        for (number, micros) in (1..).zip(times) {
            let time = Timestamp::from_micros(micros);
            assert_eq!(store_and_find(harness, number, time).await.unwrap(), time);
        }
    }

    async fn a_time_that_one_engine_cannot_hold_is_refused_by_both(harness) {
        for micros in [i64::MIN, -210_866_803_200_000_001] {
            let refused = store_and_find(harness, 1, Timestamp::from_micros(micros)).await;
            assert!(matches!(refused, Err(StoreError::Value(_))), "{refused:?}");
        }
    }

    async fn a_row_that_cannot_be_read_is_an_error_of_its_own(harness) {
        let key = ApiKey {
            id: ApiKeyId::from_uuid(Uuid::from_u128(1)),
            name: "key".to_owned(),
            hash: HashedToken::from_bytes([1; 32]),
            scopes: vec![Scope::Verify],
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
        };
        harness.store.write(key, |tx, key| Box::pin(async move {
            tx.insert_api_key(key).await
        })).await.unwrap();
        harness.outside("UPDATE api_keys SET scopes = '[\"nonsense\"]'").await;
        let unreadable = harness.store.read().await.unwrap().list_api_keys(10, 0).await;
        assert!(matches!(unreadable, Err(StoreError::Value(_))), "{unreadable:?}");
        let in_a_write = harness.store.write((), |tx, ()| Box::pin(async move {
            tx.list_api_keys(10, 0).await
        })).await;
        assert!(matches!(in_a_write, Err(StoreError::Value(_))), "{in_a_write:?}");
        harness.put("after").await.unwrap();
    }
}

#[tokio::test]
async fn postgres_reads_the_time_that_was_meant() {
    let harness = Harness::on(Engine::Postgres).await;
    let time = Timestamp::from_micros(1_700_000_000_000_001);
    store_and_find(&harness, 1, time).await.unwrap();
    let found: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM users WHERE created_at = '2023-11-14T22:13:20.000001Z'",
    )
    .fetch_one(&mut harness.side().await)
    .await
    .unwrap();
    assert_eq!(found, 1);
}

async fn store_and_find(
    harness: &Harness,
    number: u128,
    time: Timestamp,
) -> Result<Timestamp, StoreError> {
    let name: ExternalUserId = number.to_string().parse().unwrap();
    let input = (
        UserId::from_uuid(Uuid::from_u128(number)),
        name.clone(),
        time,
    );
    harness
        .store
        .write(input, |tx, (id, name, time)| {
            Box::pin(async move { tx.upsert_user(*id, name, *time).await.map(drop) })
        })
        .await?;
    let user = harness.store.read().await?.find_user(&name).await?;
    Ok(user.unwrap().created_at)
}

//! Signing keys, settings, the feed and the activity log.

use super::{fixture::uuid, read, write};
use crate::{harness::NOW, on_both_engines};
use countersign_core::{
    ActivityId, ApiKeyId, ClientId, SessionId, SigningKeyId, Timestamp, UserId,
    activity::{Action, Activity, Actor, Target},
    feed::{FeedEntry, FeedEvent, Subject},
    ids::FeedEntryId,
    session::EndingCause,
};
use countersign_storage::{Engine, FeedPosition, PublicJwk, StoredSigningKey};
use std::time::Duration;

fn later(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

fn entry(number: u128, event: FeedEvent) -> FeedEntry {
    FeedEntry {
        id: FeedEntryId::from_uuid(uuid(number)),
        event,
    }
}

fn ended(number: u128, until: Timestamp) -> FeedEntry {
    let session = SessionId::from_uuid(uuid(number));
    entry(
        number,
        FeedEvent::Ended {
            session,
            cause: EndingCause::Logout,
            until,
        },
    )
}

on_both_engines! {
    async fn a_signing_key_is_retired_once(harness) {
        let key = StoredSigningKey {
            id: SigningKeyId::from_uuid(uuid(1)),
            public: PublicJwk { x: "x".to_owned(), y: "y".to_owned() },
            sealed_private: vec![1, 2],
            created_at: NOW,
            signs_from: later(3600),
            verifies_until: None,
        };
        write!(harness, key.clone(), |tx, key| tx.insert_signing_key(key).await);
        assert_eq!(read!(harness, |conn| conn.list_signing_keys()), std::slice::from_ref(&key));
        write!(harness, key.id, |tx, id| {
            tx.retire_signing_key(*id, later(1)).await?;
            tx.retire_signing_key(*id, later(2)).await
        });
        let retired = StoredSigningKey { verifies_until: Some(later(1)), ..key };
        assert_eq!(read!(harness, |conn| conn.list_signing_keys()), [retired]);
    }

    async fn the_first_value_of_a_setting_stands(harness) {
        let values = write!(harness, (), |tx, ()| {
            tx.lock_setting("lock").await?;
            let first = tx.insert_or_read_setting("name", b"first").await?;
            Ok([first, tx.insert_or_read_setting("name", b"second").await?])
        });
        assert_eq!(values, [b"first", b"first"]);
        assert_eq!(read!(harness, |conn| conn.find_setting("name")).unwrap(), b"first");
        assert_eq!(read!(harness, |conn| conn.find_setting("none")), None);
    }

    async fn every_kind_of_entry_comes_back(harness) {
        let subjects = [
            Subject::Session(SessionId::from_uuid(uuid(1))),
            Subject::Client(ClientId::from_uuid(uuid(2))),
            Subject::ApiKey(ApiKeyId::from_uuid(uuid(3))),
            Subject::SigningKeys,
        ];
        let mut entries: Vec<FeedEntry> = (1..)
            .zip(subjects)
            .map(|(number, subject)| entry(number, FeedEvent::Changed(subject)))
            .collect();
        entries.push(ended(9, later(60)));
        write!(harness, entries.clone(), |tx, entries| {
            for entry in entries {
                tx.append_feed(entry.clone(), NOW).await?;
            }
            Ok(())
        });
        let mut found = read!(harness, |conn| conn.read_feed(FeedPosition::default()));
        found.sort_by_key(|entry| entry.id);
        assert_eq!(found, entries);
    }

    async fn a_reader_that_noted_its_horizon_misses_nothing(harness) {
        write!(harness, (), |tx, ()| tx.append_feed(ended(1, NOW), NOW).await);
        // On PostgreSQL any older transaction of the server holds the horizon back, so the first
        // entry may be read again.
        let horizon = read!(harness, |conn| conn.feed_horizon());
        write!(harness, (), |tx, ()| tx.append_feed(ended(2, NOW), NOW).await);
        let found = read!(harness, |conn| conn.read_feed(horizon));
        assert!(found.contains(&ended(2, NOW)), "{found:?}");
        if harness.store.engine() == Engine::Sqlite {
            assert_eq!(found.len(), 1);
        }
    }

    async fn the_denylist_holds_what_could_still_be_presented(harness) {
        write!(harness, (), |tx, ()| {
            tx.append_feed(ended(1, later(10)), NOW).await?;
            tx.append_feed(ended(2, later(11)), NOW).await?;
            let changed = FeedEvent::Changed(Subject::SigningKeys);
            tx.append_feed(entry(3, changed), NOW).await
        });
        assert_eq!(read!(harness, |conn| conn.load_denylist(later(10))), [ended(2, later(11))]);
    }

    async fn every_actor_and_action_is_recorded(harness) {
        let actors = [
            Actor::ApiKey(ApiKeyId::from_uuid(uuid(1))),
            Actor::User(UserId::from_uuid(uuid(2))),
            Actor::System,
            Actor::Operator,
        ];
        write!(harness, actors, |tx, actors| {
            for (number, actor) in (1..).zip(actors) {
                tx.append_activity(&Activity {
                    id: ActivityId::from_uuid(uuid(number)),
                    at: NOW,
                    action: Action::SessionEnded,
                    actor: *actor,
                    target: Target { user: Some(UserId::from_uuid(uuid(5))), ..Target::default() },
                    reason: Some("logout"),
                }).await?;
            }
            Ok(())
        });
    }
}

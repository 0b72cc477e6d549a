//! Signing keys, settings, the feed and the activity log.

use super::{
    fixture::{client, uuid},
    read, write,
};
use crate::{harness::NOW, on_both_engines};
use countersign_barrier::Extent;
use countersign_core::{
    ActivityId, ApiKeyId, ClientId, SessionId, SigningKeyId, Timestamp, UserId,
    activity::{Action, Activity, Actor, Target},
    attestation::play_integrity::PlayCredentialKind,
    feed::{FeedEntry, FeedEvent, Subject},
    ids::FeedEntryId,
    session::EndingCause,
};
use countersign_storage::{PublicJwk, StoreError, StoredPlayCredentials, StoredSigningKey};
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

    async fn a_client_has_one_set_of_credentials(harness) {
        let id = client().id;
        write!(harness, client(), |tx, client| tx.insert_client(client).await);
        assert_eq!(read!(harness, |conn| conn.find_play_credentials(id)), None);
        let first = StoredPlayCredentials {
            client_id: id,
            kind: PlayCredentialKind::ResponseKeys,
            sealed: vec![1, 2],
            set_at: NOW,
        };
        let second = StoredPlayCredentials {
            kind: PlayCredentialKind::ServiceAccount,
            sealed: vec![3],
            set_at: later(1),
            ..first
        };
        for credentials in [first, second] {
            write!(harness, credentials.clone(), |tx, new| tx.put_play_credentials(new).await);
            assert_eq!(read!(harness, |conn| conn.find_play_credentials(id)), Some(credentials));
        }
        let other = ClientId::from_uuid(uuid(9));
        assert!(!write!(harness, other, |tx, id| tx.remove_play_credentials(*id).await));
        assert!(write!(harness, id, |tx, id| tx.remove_play_credentials(*id).await));
        assert!(!write!(harness, id, |tx, id| tx.remove_play_credentials(*id).await));
        assert_eq!(read!(harness, |conn| conn.find_play_credentials(id)), None);
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
                tx.append_feed(entry.clone(), NOW);
            }
            Ok(())
        });
        let mut found = read!(harness, |conn| conn.read_feed(&Extent::default(), &[])).entries;
        found.sort_by_key(|entry| entry.id);
        assert_eq!(found, entries);
    }

    async fn i3_a_reader_gets_exactly_what_its_last_read_did_not_include(harness) {
        write!(harness, (), |tx, ()| {
            tx.append_feed(ended(1, NOW), NOW);
            Ok(())
        });
        let known = read!(harness, |conn| conn.feed_extent());
        let read = read!(harness, |conn| conn.read_feed(&known, &[]));
        assert!(read.entries.is_empty() && read.extent.covers(&known));
        write!(harness, (), |tx, ()| {
            tx.append_feed(ended(2, NOW), NOW);
            Ok(())
        });
        let read = read!(harness, |conn| conn.read_feed(&known, &[]));
        assert_eq!(read.entries, [ended(2, NOW)]);
        let next = read!(harness, |conn| conn.read_feed(&read.extent, &[ended(2, NOW).id]));
        assert!(next.entries.is_empty() && next.is_continuous);
    }

    async fn a_history_that_lost_what_was_read_is_noticed(harness) {
        write!(harness, (), |tx, ()| {
            tx.append_feed(ended(1, NOW), NOW);
            Ok(())
        });
        let last = [ended(1, NOW).id, ended(2, NOW).id];
        let known = read!(harness, |conn| conn.feed_extent());
        let read = read!(harness, |conn| conn.read_feed(&known, &last[..1]));
        assert!(read.is_continuous);
        let read = read!(harness, |conn| conn.read_feed(&known, &last));
        assert!(!read.is_continuous && read.entries.is_empty());
    }

    async fn i1_a_write_says_where_its_entries_stand(harness) {
        let append = harness.store.write_placed((), |tx, ()| {
            Box::pin(async move {
                tx.append_feed(ended(1, NOW), NOW);
                Ok(())
            })
        });
        let written: Result<((), _), StoreError> = append.await;
        let position = written.unwrap().1.expect("a position");
        assert!(read!(harness, |conn| conn.feed_extent()).includes(position));
        let nothing = harness.store.write_placed((), |_, ()| Box::pin(async { Ok::<_, StoreError>(()) }));
        assert_eq!(nothing.await.unwrap(), ((), None));
    }

    async fn the_denylist_holds_what_could_still_be_presented(harness) {
        write!(harness, (), |tx, ()| {
            tx.append_feed(ended(1, later(10)), NOW);
            tx.append_feed(ended(2, later(11)), NOW);
            let changed = FeedEvent::Changed(Subject::SigningKeys);
            tx.append_feed(entry(3, changed), NOW);
            Ok(())
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
                tx.append_activity(Activity {
                    id: ActivityId::from_uuid(uuid(number)),
                    at: NOW,
                    action: Action::SessionEnded,
                    actor: *actor,
                    target: Target { user: Some(UserId::from_uuid(uuid(5))), ..Target::default() },
                    reason: Some("logout"),
                });
            }
            Ok(())
        });
    }
}

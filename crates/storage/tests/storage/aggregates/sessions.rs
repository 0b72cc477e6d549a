//! Sessions, their tokens, and the snapshot that a request is judged on.

use super::{
    fixture::{client, device, hash, ownership, session, store, user_name},
    read, write,
};
use crate::{harness::NOW, on_both_engines};
use countersign_core::{
    Timestamp,
    device::DeviceState,
    session::{Ending, EndingCause, PreviousRefresh, RefreshState, Session},
};
use countersign_storage::{AdoptedKind, AdoptedToken};
use std::time::Duration;

fn later(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

on_both_engines! {
    async fn a_session_is_locked_by_what_it_hangs_on(harness) {
        store(harness, &[1, 2]).await;
        assert_eq!(read!(harness, |conn| conn.find_session(session(1).id)), Some(session(1)));
        write!(harness, (), |tx, ()| {
            assert_eq!(tx.lock_session(session(1).id).await?, Some(session(1)));
            let by_ownership = tx.lock_ownerships_session(ownership(1).id).await?;
            assert_eq!(by_ownership, Some(session(1)));
            assert_eq!(tx.lock_devices_sessions(device(2).id).await?, [session(2)]);
            let by_user = tx.lock_users_sessions(session(1).user_id).await?;
            assert_eq!(by_user, [session(1), session(2)]);
            Ok(())
        });
        let user = session(1).user_id;
        assert_eq!(read!(harness, |conn| conn.count_active_sessions(user, NOW)), 2);
    }

    async fn a_session_rotates_and_remembers_the_token_before(harness) {
        store(harness, &[1]).await;
        let previous = PreviousRefresh {
            hash: hash(1),
            sealed_successor: vec![0, 255],
            rotated_at: later(5),
        };
        write!(harness, previous.clone(), |tx, previous| {
            tx.rotate_session(session(1).id, &hash(2), previous).await?;
            tx.touch_session(session(1).id, later(4)).await
        });
        let rotated = Session {
            refresh: Some(RefreshState { current: hash(2), previous: Some(previous) }),
            last_active_at: later(5),
            ..session(1)
        };
        assert_eq!(read!(harness, |conn| conn.find_session(session(1).id)), Some(rotated));
        for token in [hash(1), hash(2)] {
            assert_eq!(read!(harness, |conn| conn.find_refresh_token(&token)), Some(session(1).id));
        }
        assert_eq!(read!(harness, |conn| conn.find_refresh_token(&hash(3))), None);
    }

    async fn many_sessions_end_at_once_each_in_its_own_way(harness) {
        store(harness, &[1, 2, 3]).await;
        let endings = [(1_u8, EndingCause::Logout), (2, EndingCause::Removed)]
            .map(|(number, cause)| (session(number.into()).id, Ending { at: later(number.into()), cause }));
        write!(harness, endings, |tx, endings| {
            let wanted = [1, 2, 3].map(|number| (device(number).id, user_name(1)));
            let wanted = wanted.each_ref().map(|(device, user)| (*device, user));
            let mut owned = tx.try_lock_users_ownerships(&wanted).await?;
            owned.sort_by_key(|ownership| ownership.id);
            assert_eq!(owned, [ownership(1), ownership(2), ownership(3)]);
            let owned: Vec<_> = owned.iter().map(|ownership| ownership.id).collect();
            let mut free = tx.try_lock_ownerships_sessions(&owned).await?;
            free.sort_by_key(|session| session.id);
            assert_eq!(free, [session(1), session(2), session(3)]);
            tx.end_sessions(endings).await?;
            assert_eq!(tx.try_lock_ownerships_sessions(&owned).await?, [session(3)]);
            Ok(())
        });
        for (id, ending) in endings {
            let ended = read!(harness, |conn| conn.find_session(id)).unwrap();
            assert_eq!(ended.ended, Some(ending));
            assert_eq!(ended.refresh.map(|refresh| refresh.previous), Some(None));
        }
        assert_eq!(read!(harness, |conn| conn.find_session(session(3).id)), Some(session(3)));
    }

    async fn the_first_cause_of_an_ending_stands(harness) {
        store(harness, &[1]).await;
        let first = Ending { at: later(1), cause: EndingCause::Logout };
        let second = Ending { at: later(2), cause: EndingCause::Replaced };
        write!(harness, (first, second), |tx, (first, second)| {
            let id = session(1).id;
            tx.end_sessions(&[(id, *first)]).await?;
            tx.end_sessions(&[(id, *second)]).await?;
            tx.touch_session(id, later(9)).await?;
            assert_eq!(tx.lock_ownerships_session(ownership(1).id).await?, None);
            // The place is free for the next login.
            tx.insert_session(&Session { id: session(2).id, refresh: None, ..session(1) }).await
        });
        let ended = read!(harness, |conn| conn.find_session(session(1).id)).unwrap();
        assert_eq!((ended.ended, ended.last_active_at), (Some(first), NOW));
    }

    async fn expired_sessions_are_found_until_they_are_ended(harness) {
        store(harness, &[1]).await;
        let expiry = session(1).absolute_expiry();
        let before = expiry.minus(Duration::from_micros(1));
        assert!(read!(harness, |conn| conn.find_expired_sessions(before, 10)).is_empty());
        assert_eq!(read!(harness, |conn| conn.find_expired_sessions(expiry, 10)), [session(1).id]);
        assert!(read!(harness, |conn| conn.find_expired_sessions(expiry, 0)).is_empty());
        let user = session(1).user_id;
        assert_eq!(read!(harness, |conn| conn.count_active_sessions(user, expiry)), 0);
    }

    async fn an_adopted_token_belongs_to_one_session_for_ever(harness) {
        store(harness, &[1, 2]).await;
        let token = AdoptedToken {
            hash: hash(50),
            session_id: session(1).id,
            kind: AdoptedKind::Refresh,
            expires_at: later(60),
        };
        write!(harness, token, |tx, token| {
            assert!(tx.insert_adopted_token(token).await?);
            let other = AdoptedToken { session_id: session(2).id, ..*token };
            assert!(!tx.insert_adopted_token(&other).await?);
            Ok(())
        });
        assert_eq!(read!(harness, |conn| conn.find_adopted_token(&hash(50))), Some(token));
    }

    async fn a_proof_is_used_once(harness) {
        let used = write!(harness, [7; 32], |tx, key| {
            Ok([tx.use_proof(key, NOW).await?, tx.use_proof(key, NOW).await?])
        });
        assert_eq!(used, [true, false]);
    }

    async fn a_snapshot_shows_what_the_session_hangs_on(harness) {
        store(harness, &[1]).await;
        let id = session(1).id;
        let snapshot = read!(harness, |conn| conn.load_snapshot(id)).unwrap().snapshot;
        assert_eq!((snapshot.session_id, snapshot.device_id), (id, device(1).id));
        assert_eq!((snapshot.user, &snapshot.user_id), (session(1).user_id, &user_name(1)));
        assert_eq!(snapshot.jkt, session(1).jkt);
        assert_eq!(snapshot.kind.amr.as_ref(), session(1).amr.as_slice());
        assert_eq!(snapshot.absolute_expiry, session(1).absolute_expiry());
        assert_eq!(snapshot.kind.app_version.as_deref(), Some("2.3.4"));
        assert!(snapshot.is_key_current && snapshot.ended.is_none());
        assert!(!(snapshot.is_ownership_ended || snapshot.is_user_disabled || snapshot.is_client_ended));

        write!(harness, (), |tx, ()| {
            tx.end_sessions(&[(id_of_first(), Ending { at: NOW, cause: EndingCause::UserDisabled })]).await?;
            tx.set_user_disabled(session(1).user_id, Some(NOW)).await?;
            let mut device = device(1);
            (device.jkt, device.state) = (None, DeviceState::Suspended);
            tx.update_device(&device).await?;
            let mut client = client();
            client.epoch += 1;
            tx.update_client(&client).await
        });
        let snapshot = read!(harness, |conn| conn.load_snapshot(id)).unwrap().snapshot;
        assert_eq!(snapshot.ended, Some(EndingCause::UserDisabled));
        assert_eq!(snapshot.device_state, DeviceState::Suspended);
        assert!(snapshot.is_user_disabled && snapshot.is_client_ended && !snapshot.is_key_current);
    }
}

fn id_of_first() -> countersign_core::SessionId {
    session(1).id
}

//! Devices, their keys, their owners, and the lists of them.

use super::{
    fixture::{client, device, ownership, store, user_name, uuid},
    read, write,
};
use crate::{harness::NOW, on_both_engines};
use countersign_core::{
    AppId, DeviceId, OwnershipId, SessionId, Thumbprint, UserId,
    device::{
        Device, DeviceState, Origin, Ownership, OwnershipEnd, OwnershipEndCause, Platform,
        PushProvider,
    },
    fingerprint::Fingerprint,
    session::{Ending, EndingCause},
};
use countersign_storage::{DeviceFilter, SealedPushAddress, Standing};
use std::time::Duration;
use uuid::Uuid;

on_both_engines! {
    async fn a_device_is_found_by_each_of_its_names(harness) {
        store(harness, &[1]).await;
        assert_eq!(read!(harness, |conn| conn.find_device(device(1).id)), Some(device(1)));
        write!(harness, device(1), |tx, device| {
            let client = device.client_id;
            assert_eq!(tx.lock_device(device.id).await?.as_ref(), Some(device));
            let by_key = tx.lock_device_by_key(client, &device.jkt.unwrap()).await?;
            assert_eq!(by_key.as_ref(), Some(device));
            let by_id = tx.lock_device_by_installation(client, device.installation_id).await?;
            assert_eq!(by_id.as_ref(), Some(device));
            Ok(())
        });
    }

    async fn a_taken_installation_or_key_is_not_inserted_again(harness) {
        store(harness, &[1]).await;
        let same_installation = Device { installation_id: device(1).installation_id, ..device(2) };
        let same_key = Device { jkt: device(1).jkt, ..device(3) };
        write!(harness, [same_installation, same_key], |tx, taken| {
            for device in taken {
                assert!(!tx.insert_device(device, None).await?);
            }
            Ok(())
        });
    }

    async fn a_split_device_is_found_by_what_it_claimed(harness) {
        store(harness, &[1]).await;
        let claimed = device(1).installation_id;
        write!(harness, claimed, |tx, claimed| {
            assert!(tx.insert_device(&device(2), Some(*claimed)).await?);
            tx.insert_ownership(&ownership(2)).await?;
            let (client, user) = (client().id, ownership(2).user_id);
            let split = tx.lock_split_device(client, *claimed, user).await?;
            assert_eq!(split, Some(device(2)));
            let stranger = UserId::from_uuid(uuid(9));
            assert_eq!(tx.lock_split_device(client, *claimed, stranger).await?, None);
            Ok(())
        });
    }

    async fn a_device_gets_a_new_generation(harness) {
        store(harness, &[1]).await;
        let rekeyed = Device {
            app_id: AppId::from_uuid(uuid(999)),
            generation: 2,
            jkt: Some(Thumbprint::from_bytes([77; 32])),
            state: DeviceState::Suspended,
            facts: countersign_core::device::Facts::default(),
            last_seen_at: NOW.plus(Duration::from_secs(5)),
            ..device(1)
        };
        write!(harness, rekeyed.clone(), |tx, rekeyed| {
            let old = device(1);
            tx.retire_key(rekeyed, &old.jkt.unwrap(), NOW).await?;
            tx.retire_key(rekeyed, &old.jkt.unwrap(), NOW).await?;
            tx.update_device(rekeyed).await?;
            tx.touch_device(rekeyed.id, NOW).await
        });
        assert_eq!(read!(harness, |conn| conn.find_device(rekeyed.id)), Some(rekeyed));
        let client = client().id;
        assert!(read!(harness, |conn| conn.is_key_retired(client, &device(1).jkt.unwrap())));
        let unknown = Thumbprint::from_bytes([77; 32]);
        assert!(!read!(harness, |conn| conn.is_key_retired(client, &unknown)));
    }

    async fn an_ownership_is_visited_renamed_and_ended(harness) {
        store(harness, &[1]).await;
        let (device_id, user) = (device(1).id, ownership(1).user_id);
        let later = NOW.plus(Duration::from_secs(5));
        write!(harness, later, |tx, later| {
            let (device_id, ownership) = (device(1).id, ownership(1));
            let found = tx.lock_active_ownership(device_id, ownership.user_id).await?;
            assert_eq!(found.as_ref(), Some(&ownership));
            let elsewhere = Origin { ip: Some("192.0.2.1".parse().unwrap()), ..Origin::default() };
            tx.visit_ownership(ownership.id, *later, &elsewhere).await?;
            tx.visit_ownership(ownership.id, *later, &Origin::default()).await?;
            tx.touch_ownership(ownership.id, NOW).await?;
            tx.rename_ownership(ownership.id, "Mine").await?;
            let changed = Ownership {
                name: Some("Mine".to_owned()),
                last_active_at: *later,
                last_origin: Origin { user_agent: ownership.last_origin.user_agent.clone(), ..elsewhere },
                ..ownership
            };
            let found = tx.lock_active_ownership(device_id, changed.user_id).await?;
            assert_eq!(found, Some(changed));
            Ok(())
        });
        let stranger = UserId::from_uuid(uuid(9));
        assert!(read!(harness, |conn| conn.has_owned(device_id, user)));
        assert!(!read!(harness, |conn| conn.has_owned(device_id, stranger)));
        assert!(!read!(harness, |conn| conn.has_other_owner(device_id, user)));
        assert!(read!(harness, |conn| conn.has_other_owner(device_id, stranger)));
        assert_eq!(read!(harness, |conn| conn.count_active_ownerships(user, client().id)), 1);
        write!(harness, later, |tx, later| {
            let ending = Ending { at: *later, cause: EndingCause::Removed };
            tx.end_sessions(&[(SessionId::from_uuid(uuid(1)), ending)]).await?;
            tx.end_ownership(ownership(1).id, OwnershipEndCause::Removed, *later).await
        });
        assert_eq!(read!(harness, |conn| conn.count_active_ownerships(user, client().id)), 0);
        assert!(read!(harness, |conn| conn.has_owned(device_id, user)));
    }

    async fn a_push_address_goes_with_its_ownership(harness) {
        store(harness, &[1]).await;
        let id = ownership(1).id;
        let address = SealedPushAddress { provider: PushProvider::Apns, sealed: vec![1, 2, 3] };
        assert_eq!(read!(harness, |conn| conn.find_push_address(id)), None);
        write!(harness, (id, address.clone()), |tx, (id, address)| {
            tx.set_push_address(*id, address).await
        });
        assert_eq!(read!(harness, |conn| conn.find_push_address(id)), Some(address));
        write!(harness, id, |tx, id| {
            tx.end_ownership(*id, OwnershipEndCause::Evicted, NOW).await
        });
        assert_eq!(read!(harness, |conn| conn.find_push_address(id)), None);
    }

    async fn a_fingerprint_twin_is_another_device_of_the_same_user(harness) {
        store(harness, &[1, 2]).await;
        let user = ownership(1).user_id;
        let same = Fingerprint::from_bytes([9; 32]);
        let other = Fingerprint::from_bytes([8; 32]);
        let (first, stranger) = (device(1).id, UserId::from_uuid(uuid(9)));
        assert!(read!(harness, |conn| conn.has_fingerprint_twin(user, &same, first)));
        assert!(!read!(harness, |conn| conn.has_fingerprint_twin(user, &other, first)));
        assert!(!read!(harness, |conn| conn.has_fingerprint_twin(stranger, &same, first)));
    }

    async fn lists_show_a_users_devices_newest_first(harness) {
        store(harness, &[1, 2, 3]).await;
        write!(harness, (), |tx, ()| {
            tx.end_ownership(ownership(2).id, OwnershipEndCause::Removed, NOW).await
        });
        let user = ownership(1).user_id;
        let newest = OwnershipId::from_uuid(Uuid::max());
        let ids = |devices: &[countersign_storage::ListedDevice]| -> Vec<DeviceId> {
            devices.iter().map(|device| device.device_id).collect()
        };
        let active = read!(harness, |conn| conn.list_devices(user, Standing::Active, newest, 10, NOW));
        assert_eq!(ids(&active), [device(3).id, device(1).id]);
        let first = &active[1];
        assert_eq!((first.platform, first.is_keyed), (Platform::Ios, true));
        assert_eq!(first.name.as_deref(), Some("Phone"));
        assert!(first.session_id.is_some() && first.ended.is_none());
        let page = read!(harness, |conn| conn.list_devices(user, Standing::Active, ownership(3).id, 1, NOW));
        assert_eq!(ids(&page), [device(1).id]);
        let past = read!(harness, |conn| conn.list_devices(user, Standing::Past, newest, 10, NOW));
        let ended = OwnershipEnd { at: NOW, cause: OwnershipEndCause::Removed };
        assert_eq!((ids(&past), past[0].ended), (vec![device(2).id], Some(ended)));
        for (standing, platform, count) in [
            (Standing::All, None, 3),
            (Standing::Active, Some(Platform::Ios), 2),
            (Standing::Past, Some(Platform::Ios), 1),
            (Standing::All, Some(Platform::Web), 0),
        ] {
            let filter = DeviceFilter { standing, platform };
            assert_eq!(read!(harness, |conn| conn.count_devices(user, filter)), count);
            let found = read!(harness, |conn| conn.search_devices(user, filter, 2, 1, NOW));
            assert_eq!(i64::try_from(found.len()).unwrap(), (count - 1).max(0));
        }
        let one = read!(harness, |conn| conn.find_users_device(user, device(1).id, NOW));
        assert_eq!(one.as_ref(), Some(first));
        assert_eq!(read!(harness, |conn| conn.find_users_device(user, device(2).id, NOW)), None);
        assert_eq!(read!(harness, |conn| conn.find_user(&user_name(1))).unwrap().id, user);
    }
}

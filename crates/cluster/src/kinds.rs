//! What sessions have in common, kept once.

use countersign_core::snapshot::SessionKind;
use hashbrown::HashTable;
use std::{
    hash::BuildHasher as _,
    sync::{Arc, Mutex, PoisonError},
};

/// How many kinds there may be before those are looked for that nobody has any more.
const FEW: usize = 1_024;

/// Every kind that a snapshot in memory has.
///
/// An app's version is what a device says it is, so there may be as many kinds as sessions. Those
/// that went out of use are forgotten whenever their number has doubled.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    table: HashTable<Arc<SessionKind>>,
    hasher: foldhash::fast::RandomState,
    /// How many were in use when that was last looked at.
    in_use: usize,
}

impl Kinds {
    /// The kind that is known already and equal to this one, or this one from now on.
    pub(crate) fn known(&self, kind: Arc<SessionKind>) -> Arc<SessionKind> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = known.hasher.hash_one(&kind);
        if let Some(same) = known.table.find(hash, |other| **other == *kind) {
            return Arc::clone(same);
        }
        known.make_room();
        let Known { table, hasher, .. } = &mut *known;
        table.insert_unique(hash, Arc::clone(&kind), |kind| hasher.hash_one(kind));
        kind
    }
}

impl Known {
    fn make_room(&mut self) {
        if self.table.len() >= FEW.max(self.in_use * 2) {
            // Only this table can give out a kind that it alone has, and it is locked.
            self.table.retain(|kind| Arc::strong_count(kind) > 1);
            self.in_use = self.table.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::{ClientId, client::NoncePolicy, device::Platform};

    fn kind(version: usize) -> Arc<SessionKind> {
        Arc::new(SessionKind {
            client_id: ClientId::from_uuid(uuid::Uuid::nil()),
            nonce_policy: NoncePolicy::WhenNeeded,
            platform: Platform::Web,
            app_version: Some(version.to_string().into()),
            amr: ["pwd".to_owned()].into(),
            idle_micros: 1,
        })
    }

    fn len(kinds: &Kinds) -> usize {
        kinds.0.lock().unwrap().table.len()
    }

    #[test]
    fn equal_kinds_are_one() {
        let kinds = Kinds::default();
        let first = kinds.known(kind(1));
        assert!(Arc::ptr_eq(&first, &kinds.known(kind(1))));
        assert!(!Arc::ptr_eq(&first, &kinds.known(kind(2))));
        assert_eq!(len(&kinds), 2);
    }

    #[test]
    fn kinds_that_nobody_has_do_not_pile_up() {
        let kinds = Kinds::default();
        let kept: Vec<_> = (0..10).map(|version| kinds.known(kind(version))).collect();
        for version in 10..10 * FEW {
            kinds.known(kind(version));
        }
        assert!(len(&kinds) <= FEW);
        for (version, known) in kept.iter().enumerate() {
            assert!(Arc::ptr_eq(known, &kinds.known(kind(version))));
        }
    }

    #[test]
    fn kinds_in_use_are_never_taken_for_others() {
        let kinds = Kinds::default();
        let kept: Vec<_> = (0..3 * FEW)
            .map(|version| kinds.known(kind(version)))
            .collect();
        assert_eq!(len(&kinds), kept.len());
        assert!(Arc::ptr_eq(&kept[0], &kinds.known(kind(0))));
    }
}

//! Cursors of lists: where the next page begins, tied to the list they were given for.
//!
//! A cursor is base64url of the last row's id (16 bytes) and an HMAC-SHA256 (16 bytes) over that
//! id, the user and the filter: it can be neither made up nor used on another list.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{OwnershipId, UserId};
use countersign_storage::Standing;
use uuid::Uuid;

/// Makes and checks cursors.
#[derive(Debug)]
pub(crate) struct CursorKey(hmac::Key);

const TAG_LEN: usize = 16;

impl CursorKey {
    /// Takes the secret that all nodes share.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// A cursor that continues after `last` in this list.
    pub(super) fn issue(&self, user: UserId, standing: Standing, last: OwnershipId) -> String {
        let mut bytes = last.as_uuid().as_bytes().to_vec();
        bytes.extend_from_slice(&self.tag(user, standing, last));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Where the cursor continues; `None` unless it was given for this list.
    pub(super) fn read(
        &self,
        user: UserId,
        standing: Standing,
        cursor: &str,
    ) -> Option<OwnershipId> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (id, tag) = bytes.split_at_checked(16)?;
        let last = OwnershipId::from_uuid(Uuid::from_slice(id).ok()?);
        verify_slices_are_equal(tag, &self.tag(user, standing, last)).ok()?;
        Some(last)
    }

    fn tag(&self, user: UserId, standing: Standing, last: OwnershipId) -> [u8; TAG_LEN] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(last.as_uuid().as_bytes());
        context.update(user.as_uuid().as_bytes());
        context.update(format!("{standing:?}").as_bytes());
        let tag = context.sign();
        std::array::from_fn(|i| tag.as_ref()[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(bits: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(bits))
    }

    #[test]
    fn a_cursor_continues_only_its_own_list() {
        let key = CursorKey::new(&[7; 32]);
        let last = OwnershipId::from_uuid(Uuid::from_u128(5));
        let cursor = key.issue(user(1), Standing::Active, last);
        assert_eq!(key.read(user(1), Standing::Active, &cursor), Some(last));
        assert_eq!(key.read(user(2), Standing::Active, &cursor), None);
        assert_eq!(key.read(user(1), Standing::Past, &cursor), None);
        assert_eq!(
            CursorKey::new(&[8; 32]).read(user(1), Standing::Active, &cursor),
            None
        );
        for text in ["", "AAAA", "é", &cursor[1..]] {
            assert_eq!(key.read(user(1), Standing::Active, text), None, "{text}");
        }
    }
}

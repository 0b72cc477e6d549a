//! What a node leaves of a session, and how it is known that a node left it.

use aws_lc_rs::hmac;
use countersign_api_types::feed::SessionFacts;
use countersign_barrier::Extent;
use countersign_cluster::Recalled;
use countersign_core::{SessionId, snapshot::Loaded};
use serde::{Deserialize, Serialize};

/// Larger ones are not left: a snapshot with thousands of open transactions is as of little.
const MOST_BYTES: usize = 16 * 1_024;

/// Bytes of the tag before the text: HMAC-SHA-256 over the session's id and the text.
const TAG: usize = 32;

/// A session's snapshot as it is left.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) session: SessionId,
    pub(super) bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Text {
    as_of: String,
    facts: SessionFacts,
}

/// Writes what was loaded; `None` when it is too long to be left.
pub(super) fn seal(key: &hmac::Key, loaded: &Loaded, as_of: &Extent) -> Option<Left> {
    let session = loaded.snapshot.session_id;
    let text = Text {
        as_of: as_of.to_string(),
        facts: SessionFacts::of(&loaded.snapshot, loaded.last_active_at),
    };
    let mut bytes = vec![0; TAG];
    serde_json::to_writer(&mut bytes, &text).ok()?;
    let (tag, text) = bytes.split_at_mut(TAG);
    tag.copy_from_slice(sign(key, session, text).as_ref());
    (bytes.len() <= MOST_BYTES).then_some(Left { session, bytes })
}

/// Reads what was left of this session, if a node of this service left it.
pub(super) fn open(key: &hmac::Key, session: SessionId, bytes: &[u8]) -> Option<Recalled> {
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let (tag, text) = bytes.split_at_checked(TAG)?;
    let mut signed = session.as_uuid().as_bytes().to_vec();
    signed.extend_from_slice(text);
    hmac::verify(key, &signed, tag).ok()?;
    let text: Text = serde_json::from_slice(text).ok()?;
    Some(Recalled {
        loaded: text.facts.into(),
        as_of: text.as_of.parse().ok()?,
    })
}

fn sign(key: &hmac::Key, session: SessionId, text: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(session.as_uuid().as_bytes());
    context.update(text);
    context.sign()
}

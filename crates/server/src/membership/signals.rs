//! What nodes say to each other beside the store: hints that save time and carry no truth.
//!
//! A hint that is lost costs a quarter of a second, an acknowledgement too. A forged one would
//! cost the barrier, so each carries a tag under a key of the cluster.

use super::Membership;
use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use countersign_barrier::Extent;
use countersign_core::NodeId;
use countersign_storage::{MOST_NOTIFIED, Notifications, StoreError};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// How long to wait before listening again after the connection broke.
const LISTEN_AGAIN_AFTER: Duration = Duration::from_millis(500);

const HINT: &str = "hint ";

/// What is to be said, the newest of each kind.
#[derive(Debug)]
pub(super) struct Signals {
    key: hmac::Key,
    waiting: Mutex<Waiting>,
    something: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    hint: Option<NodeId>,
    acknowledged: Option<(NodeId, Extent)>,
}

/// One thing said.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Signal {
    /// There is something new in the feed, by this node.
    Hint(NodeId),
    /// A node and its verifiers have what is in the extent.
    Acknowledged(NodeId, Extent),
}

impl Signals {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            waiting: Mutex::default(),
            something: Notify::new(),
        }
    }

    pub(super) fn say_hint(&self, id: NodeId) {
        self.waiting().hint = Some(id);
        self.something.notify_one();
    }

    pub(super) fn say_acknowledged(&self, id: NodeId, extent: Extent) {
        let mut waiting = self.waiting();
        let is_said = waiting.acknowledged.as_ref() == Some(&(id, extent.clone()));
        if !is_said {
            waiting.acknowledged = Some((id, extent));
            self.something.notify_one();
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<Signal> {
        let waiting = std::mem::take(&mut *self.waiting());
        let acknowledged = waiting.acknowledged;
        let acknowledged = acknowledged.map(|(id, extent)| Signal::Acknowledged(id, extent));
        let hint = waiting.hint.map(Signal::Hint);
        hint.into_iter().chain(acknowledged).collect()
    }

    fn encode(&self, signal: &Signal) -> String {
        let text = match signal {
            Signal::Hint(id) => format!("{HINT}{id}"),
            Signal::Acknowledged(id, extent) => format!("{id} {extent}"),
        };
        let tag = hmac::sign(&self.key, text.as_bytes());
        format!("{} {text}", BASE64_URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    fn decode(&self, text: &str) -> Option<Signal> {
        let (tag, text) = text.split_once(' ')?;
        let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.key, text.as_bytes(), &tag).ok()?;
        if let Some(id) = text.strip_prefix(HINT) {
            return Some(Signal::Hint(id.parse().ok()?));
        }
        let (id, extent) = text.split_once(' ')?;
        Some(Signal::Acknowledged(id.parse().ok()?, extent.parse().ok()?))
    }
}

impl Membership {
    /// Says what there is to say until told to stop.
    pub(crate) async fn speak(self: Arc<Self>, stop: CancellationToken) {
        while stop
            .run_until_cancelled(self.signals.something.notified())
            .await
            .is_some()
        {
            for signal in self.signals.take() {
                self.say(&self.signals.encode(&signal)).await;
            }
        }
    }

    /// Lets the others read soon. A node that has not joined writes nothing that they need.
    pub(super) fn say_hint(&self) {
        if let Some(id) = self.standing().id() {
            self.signals.say_hint(id);
        }
    }

    /// Over Redis, or else through the store.
    async fn say(&self, text: &str) {
        if let Some(redis) = &self.redis
            && redis.publish(text).await
        {
            return;
        }
        // A snapshot with hundreds of open transactions is left to the row.
        if text.len() <= MOST_NOTIFIED
            && let Err(error) = self.store.notify(text).await
        {
            tracing::debug!(error = &error as &dyn std::error::Error, "not said");
        }
    }

    /// Hears what others say over Redis until told to stop.
    pub(crate) async fn listen_on_redis(self: Arc<Self>, stop: CancellationToken) {
        let Some(redis) = &self.redis else {
            return;
        };
        let listening = async {
            loop {
                if let Ok(mut others) = redis.listen().await {
                    // Something may have been missed while nobody listened.
                    self.hint.notify_one();
                    while let Some(text) = others.next().await {
                        self.hear_signal(&text);
                    }
                }
                sleep(LISTEN_AGAIN_AFTER).await;
            }
        };
        stop.run_until_cancelled(listening).await;
    }

    /// Hears what others say until told to stop.
    pub(crate) async fn listen_to_others(self: Arc<Self>, stop: CancellationToken) {
        let listening = async {
            loop {
                match self.store.listen().await {
                    Ok(None) => return,
                    Ok(Some(others)) => self.hear_all(others).await,
                    Err(error) => {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "no notifications; the feed is polled"
                        );
                    }
                }
                sleep(LISTEN_AGAIN_AFTER).await;
            }
        };
        stop.run_until_cancelled(listening).await;
    }

    async fn hear_all(&self, mut others: Notifications) {
        loop {
            let heard: Result<_, StoreError> = others.next().await;
            match heard {
                Ok(Some(text)) => self.hear_signal(&text),
                // Something may have been missed while the connection was made anew.
                Ok(None) => self.hint.notify_one(),
                Err(_) => return,
            }
        }
    }

    fn hear_signal(&self, text: &str) {
        match self.signals.decode(text) {
            // What this node wrote is in its memory since the commit.
            Some(Signal::Hint(id)) if self.standing().id() == Some(id) => {}
            Some(Signal::Hint(_)) => self.hint.notify_one(),
            Some(Signal::Acknowledged(id, extent)) => self.hear(id, &extent),
            None => tracing::warn!("a signal with a wrong tag"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_signal_is_believed_only_under_the_clusters_key() {
        let (ours, theirs) = (Signals::new([1; 32]), Signals::new([2; 32]));
        let id = NodeId::from_uuid(Uuid::from_u128(7));
        for signal in [
            Signal::Hint(id),
            Signal::Acknowledged(id, Extent::new(9, [4])),
        ] {
            let text = ours.encode(&signal);
            assert_eq!(ours.decode(&text), Some(signal));
            assert_eq!(theirs.decode(&text), None);
            assert_eq!(ours.decode(&text[1..]), None);
        }
        let text = ours.encode(&Signal::Acknowledged(id, Extent::new(9, [4])));
        assert_eq!(ours.decode(&text.replace("9:4", "9:5")), None);
        assert_eq!(ours.decode(""), None);
    }

    #[test]
    fn the_newest_of_each_kind_is_said_once() {
        let signals = Signals::new([1; 32]);
        let id = NodeId::from_uuid(Uuid::from_u128(7));
        signals.say_hint(id);
        signals.say_hint(id);
        signals.say_acknowledged(id, Extent::new(8, []));
        signals.say_acknowledged(id, Extent::new(9, []));
        let newest = Signal::Acknowledged(id, Extent::new(9, []));
        assert_eq!(signals.take(), [Signal::Hint(id), newest]);
        assert!(signals.take().is_empty());
    }
}

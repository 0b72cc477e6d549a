//! The activity log, appended in the change's transaction.

use crate::{StoreError, Time, Tx, execute, statements};
use countersign_core::{
    ApiKeyId, ClientId, DeviceId, OwnershipId, SessionId, UserId,
    activity::{Activity, Actor},
};
use uuid::Uuid;

statements! {
    INSERT_ACTIVITY = "INSERT INTO activity (id, at, action, actor_kind, actor_id, client_id, user_id, device_id, \
        ownership_id, session_id, api_key_id, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
}

impl Tx {
    /// Appends a record, when the closure has ended.
    pub fn append_activity(&mut self, activity: Activity) {
        self.appended().activity.push(activity);
    }

    pub(crate) async fn insert_activity(&mut self, activity: &Activity) -> Result<(), StoreError> {
        let (actor_kind, actor_id) = actor(activity.actor);
        let target = activity.target;
        execute!(
            self,
            INSERT_ACTIVITY,
            activity.id.as_uuid(),
            Time(activity.at),
            activity.action.as_str(),
            actor_kind,
            actor_id,
            target.client.map(ClientId::as_uuid),
            target.user.map(UserId::as_uuid),
            target.device.map(DeviceId::as_uuid),
            target.ownership.map(OwnershipId::as_uuid),
            target.session.map(SessionId::as_uuid),
            target.api_key.map(ApiKeyId::as_uuid),
            activity.reason
        )?;
        Ok(())
    }
}

/// An actor's two columns.
pub(crate) fn actor(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::ApiKey(id) => ("api_key", Some(id.as_uuid())),
        Actor::User(id) => ("user", Some(id.as_uuid())),
        Actor::System => ("system", None),
        Actor::Operator => ("operator", None),
    }
}

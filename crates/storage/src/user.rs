//! Users.

use crate::{Conn, StoreError, Time, Tx, execute, fetch_one, fetch_optional, statements};
use countersign_core::{
    Timestamp, UserId,
    user::{ExternalUserId, User},
};
use sqlx::types::Json;
use uuid::Uuid;

/// Named, so that a column added by a newer version changes no prepared statement's result.
macro_rules! columns {
    () => {
        "id, external_id, created_at, disabled_at, frozen_at, roles"
    };
}

statements! {
    FIND_USER = concat!("SELECT ", columns!(), " FROM users WHERE external_id = $1");
    FIND_USER_BY_ID = concat!("SELECT ", columns!(), " FROM users WHERE id = $1");
    // The no-op update takes the row lock also when the row was there. Of no key: that would lock out who
    // only refers to the row.
    UPSERT_USER = concat!("INSERT INTO users (id, external_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (external_id) DO UPDATE SET created_at = users.created_at RETURNING ", columns!());
    LOCK_USER = concat!("SELECT ", columns!(), " FROM users WHERE external_id = $1") for update;
    SET_USER_FROZEN = "UPDATE users SET frozen_at = $2 WHERE id = $1";
    SET_USER_ROLES = "UPDATE users SET roles = $2 WHERE id = $1";
    SET_USER_DISABLED = "UPDATE users SET disabled_at = $2 WHERE id = $1";
}

impl Conn {
    /// The user, if one ever logged in or was disabled under this id.
    pub async fn find_user(
        &mut self,
        external_id: &ExternalUserId,
    ) -> Result<Option<User>, StoreError> {
        let row: Option<UserRow> = fetch_optional!(self, FIND_USER, external_id.as_str())?;
        row.map(TryInto::try_into).transpose()
    }

    /// The user with this id of our own.
    pub async fn find_user_by_id(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row: Option<UserRow> = fetch_optional!(self, FIND_USER_BY_ID, id.as_uuid())?;
        row.map(TryInto::try_into).transpose()
    }
}

impl Tx {
    /// Finds or makes the user, and locks the row, so that an absent user cannot race a disable.
    pub async fn upsert_user(
        &mut self,
        id: UserId,
        external_id: &ExternalUserId,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        let row: UserRow = fetch_one!(
            self,
            UPSERT_USER,
            id.as_uuid(),
            external_id.as_str(),
            Time(now)
        )?;
        row.try_into()
    }

    /// Locks an existing user.
    pub async fn lock_user(
        &mut self,
        external_id: &ExternalUserId,
    ) -> Result<Option<User>, StoreError> {
        let row: Option<UserRow> = fetch_optional!(self, LOCK_USER, external_id.as_str())?;
        row.map(TryInto::try_into).transpose()
    }

    /// Freezes the user's devices, or lets them change again with `None`.
    pub async fn set_user_frozen(
        &mut self,
        id: UserId,
        frozen_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        execute!(self, SET_USER_FROZEN, id.as_uuid(), frozen_at.map(Time))?;
        Ok(())
    }

    /// Writes down what the backend says the user is.
    pub async fn set_user_roles(&mut self, id: UserId, roles: &[String]) -> Result<(), StoreError> {
        execute!(self, SET_USER_ROLES, id.as_uuid(), Json(roles))?;
        Ok(())
    }

    /// Disables the user, or enables with `None`.
    pub async fn set_user_disabled(
        &mut self,
        id: UserId,
        disabled_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        execute!(self, SET_USER_DISABLED, id.as_uuid(), disabled_at.map(Time))?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct UserRow {
    id: Uuid,
    external_id: String,
    created_at: Time,
    disabled_at: Option<Time>,
    frozen_at: Option<Time>,
    roles: Json<Vec<String>>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId::from_uuid(row.id),
            external_id: row
                .external_id
                .parse()
                .map_err(|_| StoreError::inconsistent("users", "external_id", row.id))?,
            created_at: row.created_at.into(),
            disabled_at: row.disabled_at.map(Into::into),
            frozen_at: row.frozen_at.map(Into::into),
            roles: row.roles.0,
        })
    }
}

//! How many devices a user may have at a client, and what becomes of one too many (invariant I8).

use crate::{
    ClientId, Thumbprint, Timestamp, UserId, text::text_enum, token::HashedToken,
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

text_enum! {
    /// What a login means on one device more than the user may have.
    #[derive(Default)]
    Overflow {
        /// It is refused, and the user may remove another device first.
        #[default]
        Reject = "reject",
        /// Whichever device was not used for longest makes room.
        ReplaceOldestInactive = "replace_oldest_inactive",
        /// An admin has to approve it; then whichever was not used for longest makes room.
        RequireApproval = "require_approval",
    }
}

/// How many devices a client's users may have; without a number, as many as they like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceLimits {
    /// For whoever is not named below.
    pub max: Option<u32>,
    /// What one too many means.
    pub overflow: Overflow,
    /// For users in a role, instead.
    pub roles: Vec<RoleLimit>,
    /// For single users, whatever their roles.
    pub users: Vec<UserLimit>,
}

/// The limit of users in a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleLimit {
    /// The role, in the app's own words.
    pub role: String,
    /// The most devices.
    pub max: Option<u32>,
}

/// The limit of one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLimit {
    /// The app's own id of the user.
    pub user_id: ExternalUserId,
    /// The most devices.
    pub max: Option<u32>,
}

/// What a limit makes of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// There is room.
    Enough,
    /// Others make room.
    Made,
    /// There is none.
    Refused,
    /// An admin has to say that others make room.
    Asked,
}

/// Lets a user whose login the limit refused remove one device: once, by the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitTicket {
    /// What is kept of its text.
    pub hash: HashedToken,
    /// Whose limit it was.
    pub client_id: ClientId,
    /// The user.
    pub user_id: UserId,
    /// The key of the device that was refused, if it has one.
    pub jkt: Option<Thumbprint>,
    /// Until when.
    pub expires_at: Timestamp,
}

impl LimitTicket {
    /// How long a ticket serves.
    pub const LIFETIME: Duration = Duration::from_mins(5);
}

impl DeviceLimits {
    /// The largest number that a limit may be.
    pub const LARGEST: u32 = 10_000;
    /// The most roles and the most users with limits of their own.
    pub const MOST_EXCEPTIONS: usize = 100;

    /// The most devices of a user: the user's own limit, else the most generous of the user's roles.
    pub fn of(&self, user: &ExternalUserId, roles: &[String]) -> Option<u32> {
        if let Some(own) = self.users.iter().find(|own| own.user_id == *user) {
            return own.max;
        }
        let theirs = self.roles.iter().filter(|each| roles.contains(&each.role));
        // No number is more than any.
        let most = theirs.map(|each| each.max.unwrap_or(u32::MAX)).max();
        match most {
            None => self.max,
            Some(u32::MAX) => None,
            most => most,
        }
    }

    /// What a login means: on a device that is the user's already, or on a new one.
    ///
    /// A limit that was lowered is kept by the next login on any device.
    pub const fn room(&self, is_full: bool, is_new: bool) -> Room {
        match (is_full, is_new, self.overflow) {
            (false, ..) => Room::Enough,
            (true, false, _) | (true, true, Overflow::ReplaceOldestInactive) => Room::Made,
            (true, true, Overflow::Reject) => Room::Refused,
            (true, true, Overflow::RequireApproval) => Room::Asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> DeviceLimits {
        let role = |role: &str, max| RoleLimit {
            role: role.to_owned(),
            max,
        };
        DeviceLimits {
            max: Some(3),
            roles: vec![
                role("staff", Some(5)),
                role("tester", None),
                role("guest", Some(1)),
            ],
            users: vec![UserLimit {
                user_id: "42".parse().unwrap(),
                max: Some(2),
            }],
            ..DeviceLimits::default()
        }
    }

    #[test]
    fn the_users_own_limit_comes_before_the_most_generous_of_the_roles() {
        for (user, roles, expected) in [
            ("1", &[][..], Some(3)),
            ("1", &["unknown"], Some(3)),
            ("1", &["guest"], Some(1)),
            ("1", &["guest", "staff"], Some(5)),
            ("1", &["tester", "staff"], None),
            ("42", &["tester", "staff"], Some(2)),
        ] {
            let roles: Vec<String> = roles.iter().map(|&role| role.to_owned()).collect();
            let user = user.parse().unwrap();
            assert_eq!(limits().of(&user, &roles), expected, "{user} {roles:?}");
        }
        let none = DeviceLimits::default();
        assert_eq!(none.of(&"1".parse().unwrap(), &[]), None);
    }

    #[test]
    fn only_a_new_device_is_refused_or_asked_for() {
        for overflow in Overflow::ALL {
            let limits = DeviceLimits {
                overflow: *overflow,
                ..limits()
            };
            assert_eq!(limits.room(false, true), Room::Enough);
            assert_eq!(limits.room(true, false), Room::Made);
            let new = match overflow {
                Overflow::Reject => Room::Refused,
                Overflow::ReplaceOldestInactive => Room::Made,
                Overflow::RequireApproval => Room::Asked,
            };
            assert_eq!(limits.room(true, true), new);
        }
    }

    #[test]
    fn what_is_stored_is_read_again_and_nothing_means_no_limit() {
        let text = serde_json::to_string(&limits()).unwrap();
        assert_eq!(
            serde_json::from_str::<DeviceLimits>(&text).unwrap(),
            limits()
        );
        let empty: DeviceLimits = serde_json::from_str("{}").unwrap();
        assert_eq!(empty, DeviceLimits::default());
    }
}

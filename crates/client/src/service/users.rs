//! A user's devices, and the user.

use super::ServiceClient;
use crate::ClientError;
use countersign_api_types::{
    device::{DeviceItem, Ended, RenameDevice, UserDevicesQuery},
    page::{MAX_LIMIT, OffsetPage},
    user::UserStanding,
};
use countersign_core::{DeviceId, user::ExternalUserId};
use reqwest::Method;

impl ServiceClient {
    /// One page of a user's devices.
    ///
    /// # Errors
    /// As for every call.
    pub async fn user_devices(
        &self,
        user: &ExternalUserId,
        query: &UserDevicesQuery,
    ) -> Result<OffsetPage<DeviceItem>, ClientError> {
        let path = ["v1", "users", user.as_str(), "devices"];
        let call = self.call(Method::GET, &path)?.with_query(query)?;
        self.send(call).await?.json()
    }

    /// All of a user's devices that the filters of `query` let through, page by page.
    ///
    /// # Errors
    /// As for every call.
    pub async fn all_user_devices(
        &self,
        user: &ExternalUserId,
        query: UserDevicesQuery,
    ) -> Result<Vec<DeviceItem>, ClientError> {
        let mut devices = Vec::new();
        let mut query = UserDevicesQuery {
            offset: 0,
            limit: Some(MAX_LIMIT),
            ..query
        };
        loop {
            let page = self.user_devices(user, &query).await?;
            let got = u32::try_from(page.data.len()).unwrap_or(u32::MAX);
            query.offset = query.offset.saturating_add(got);
            devices.extend(page.data);
            if got == 0 || u64::from(query.offset) >= page.total {
                return Ok(devices);
            }
        }
    }

    /// Gives a user's device a name.
    ///
    /// # Errors
    /// As for every call.
    pub async fn rename_user_device(
        &self,
        user: &ExternalUserId,
        device: DeviceId,
        name: String,
    ) -> Result<DeviceItem, ClientError> {
        let path = ["v1", "users", user.as_str(), "devices", &device.to_string()];
        let call = self
            .call(Method::PATCH, &path)?
            .with_json(&RenameDevice { name })?;
        self.send(call).await?.json()
    }

    /// Ends the user's session on a device; the device stays in the list.
    ///
    /// # Errors
    /// As for every call.
    pub async fn log_out_user_device(
        &self,
        user: &ExternalUserId,
        device: DeviceId,
    ) -> Result<Ended, ClientError> {
        let path = [
            "v1",
            "users",
            user.as_str(),
            "devices",
            &device.to_string(),
            "logout",
        ];
        self.send(self.call(Method::POST, &path)?).await?.json()
    }

    /// Removes a device from the user's account.
    ///
    /// # Errors
    /// As for every call.
    pub async fn remove_user_device(
        &self,
        user: &ExternalUserId,
        device: DeviceId,
    ) -> Result<Ended, ClientError> {
        let path = ["v1", "users", user.as_str(), "devices", &device.to_string()];
        self.send(self.call(Method::DELETE, &path)?).await?.json()
    }

    /// Refuses everything of the user and ends all sessions.
    ///
    /// # Errors
    /// As for every call.
    pub async fn disable_user(&self, user: &ExternalUserId) -> Result<UserStanding, ClientError> {
        self.set_user(user, "disable").await
    }

    /// Lets the user log in again.
    ///
    /// # Errors
    /// As for every call.
    pub async fn enable_user(&self, user: &ExternalUserId) -> Result<UserStanding, ClientError> {
        self.set_user(user, "enable").await
    }

    async fn set_user(
        &self,
        user: &ExternalUserId,
        verb: &str,
    ) -> Result<UserStanding, ClientError> {
        let path = ["v1", "users", user.as_str(), verb];
        self.send(self.call(Method::POST, &path)?).await?.json()
    }
}

//! The user's own calls to the public listener.

use super::{Session, State};
use crate::retry::Retries;
use crate::{Backend, SessionError, answer::Answer, endpoint::Call};
use countersign_api_types::{
    ErrorCode,
    device::{DeviceItem, Ended, OwnDeviceFilter, OwnDevices, OwnDevicesQuery, RenameDevice},
    page::MAX_LIMIT,
};
use countersign_core::DeviceId;
use reqwest::Method;

impl<B: Backend> Session<B> {
    /// One page of the user's devices.
    ///
    /// # Errors
    /// As for every call here: [`SessionError`].
    pub async fn own_devices_page(
        &self,
        query: &OwnDevicesQuery,
    ) -> Result<OwnDevices, SessionError> {
        let path = ["v1", "me", "devices"];
        let answer = self
            .call(&Method::GET, &path, |call| call.with_query(query))
            .await?;
        Ok(answer.json()?)
    }

    /// All of the user's devices that `state` lets through, page by page.
    ///
    /// # Errors
    /// As for every call.
    pub async fn own_devices(
        &self,
        state: OwnDeviceFilter,
    ) -> Result<Vec<DeviceItem>, SessionError> {
        let mut devices = Vec::new();
        let mut query = OwnDevicesQuery {
            state,
            limit: Some(MAX_LIMIT),
            cursor: None,
        };
        loop {
            let page = self.own_devices_page(&query).await?;
            devices.extend(page.data);
            // A page may be empty before the end; a cursor that repeats is no progress.
            if page.next_cursor.is_none() || page.next_cursor == query.cursor {
                return Ok(devices);
            }
            query.cursor = page.next_cursor;
        }
    }

    /// Gives one of the user's devices a name.
    ///
    /// # Errors
    /// As for every call.
    pub async fn rename_device(
        &self,
        device: DeviceId,
        name: String,
    ) -> Result<DeviceItem, SessionError> {
        let (id, body) = (device.to_string(), RenameDevice { name });
        let fill = |call: Call| call.with_json(&body);
        Ok(self
            .call(&Method::PATCH, &device_path(&id), fill)
            .await?
            .json()?)
    }

    /// Removes one of the user's devices from the account.
    ///
    /// # Errors
    /// As for every call.
    pub async fn remove_device(&self, device: DeviceId) -> Result<Ended, SessionError> {
        let id = device.to_string();
        Ok(self
            .call(&Method::DELETE, &device_path(&id), Ok)
            .await?
            .json()?)
    }

    /// Logs one of the user's devices out; it stays in the list.
    ///
    /// # Errors
    /// As for every call.
    pub async fn log_out_device(&self, device: DeviceId) -> Result<Ended, SessionError> {
        let path = ["v1", "me", "devices", &device.to_string(), "logout"];
        Ok(self.call(&Method::POST, &path, Ok).await?.json()?)
    }

    /// Ends all other sessions of the user.
    ///
    /// # Errors
    /// As for every call.
    pub async fn end_other_sessions(&self) -> Result<Ended, SessionError> {
        let path = ["v1", "me", "sessions", "end-others"];
        Ok(self.call(&Method::POST, &path, Ok).await?.json()?)
    }

    /// Ends this session and forgets its tokens; fine if it was over already.
    ///
    /// # Errors
    /// As for every call; the tokens are kept then, so that it can be tried again.
    pub async fn logout(&self) -> Result<(), SessionError> {
        match self.call(&Method::POST, &["v1", "logout"], Ok).await {
            Ok(_) | Err(SessionError::LoggedOut | SessionError::Over(_)) => {}
            Err(error) if self.tokens().is_ok() => return Err(error),
            // The refusal said that the session is over: that is what was asked for.
            Err(_) => {}
        }
        self.set(State::LoggedOut);
        Ok(())
    }

    /// Sends one call as the user, again where the refusal says how to mend it.
    async fn call(
        &self,
        method: &Method,
        path: &[&str],
        fill: impl Fn(Call) -> Result<Call, crate::ClientError>,
    ) -> Result<Answer, SessionError> {
        let url = self.public.url(path)?;
        let mut retries = Retries::default();
        let mut has_refreshed = false;
        loop {
            let headers = self.authorize(method.as_str(), url.as_str()).await?;
            let call = fill(Call::new(method.clone(), url.clone(), headers))?;
            let sent_at = self.device.now();
            let answer = self.public.send(call).await?;
            let learned = self.device.learn(answer.nonce(), answer.date(), sent_at);
            let Err(error) = answer.check() else {
                return Ok(answer);
            };
            if retries.may_retry(error.code(), learned) {
                continue;
            }
            if error.code() == Some(ErrorCode::TokenExpired) && !has_refreshed {
                has_refreshed = true;
                self.refresh().await?;
                continue;
            }
            let error = SessionError::from(error);
            self.note_end(&error);
            return Err(error);
        }
    }
}

fn device_path(id: &str) -> [&str; 4] {
    ["v1", "me", "devices", id]
}

//! Judging from memory, under what remains of a node's lease.
//!
//! A task follows one node: it notes the clock, asks what is new, applies all of it, and only then
//! lets requests be answered until the noted time and what remained of the node's lease.

mod answer;
mod config;
mod follow;
mod gate;
mod memory;
mod source;

pub(crate) use answer::answered;
pub use config::LeasedConfig;

use crate::{
    config::ConfigError,
    service::{Connection, Service, ServiceError},
};
use countersign_api_types::verify::{VerifyRequest, VerifyResponse};
use memory::Memory;
use std::sync::Arc;
use tokio::{runtime::Handle, task::JoinSet};

/// A memory, and the tasks that keep it.
#[derive(Debug)]
pub(crate) struct Leased {
    memory: Arc<Memory>,
    /// They end when this is dropped.
    _tasks: JoinSet<()>,
}

impl Leased {
    /// Begins to follow.
    ///
    /// # Errors
    /// [`ConfigError`] for an option that cannot be right, and outside a runtime.
    pub(crate) fn start(config: &LeasedConfig) -> Result<Self, ConfigError> {
        let runtime = Handle::try_current().map_err(|_| ConfigError::Runtime)?;
        let service = Service::new(&Connection {
            service_url: &config.service_url,
            api_key: &config.api_key,
            timeout: config.timeout,
        })?;
        let memory = Arc::new(Memory::new(config, Arc::new(service)));
        let mut tasks = JoinSet::new();
        tasks.spawn_on(follow::follow(Arc::clone(&memory)), &runtime);
        tasks.spawn_on(follow::report(Arc::clone(&memory)), &runtime);
        Ok(Self {
            memory,
            _tasks: tasks,
        })
    }

    /// Says yes or no as the service would.
    ///
    /// # Errors
    /// When it may not answer, or a session cannot be read.
    pub(crate) async fn judge(
        &self,
        presented: &VerifyRequest<'_>,
    ) -> Result<VerifyResponse<'static>, ServiceError> {
        self.memory.hold().await?;
        let judged = gate::judge(&self.memory, presented).await?;
        Ok(answer::response(&self.memory, &judged, presented.scheme()))
    }

    /// The node that it follows, to be asked what memory may not answer.
    pub(crate) fn service(&self) -> &Service {
        &self.memory.service
    }

    /// Whether it may answer now.
    pub(crate) fn is_ready(&self) -> bool {
        self.memory.lease.is_held()
    }
}

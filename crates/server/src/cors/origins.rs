//! The clients' origins in memory.

use arc_swap::ArcSwap;
use countersign_core::ClientId;
use countersign_storage::{Store, StoreError};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Which clients list an origin. Read from the store once after each change of a client, not for
/// each request: a service has few clients.
#[derive(Debug)]
pub(crate) struct AllowedOrigins {
    store: Store,
    table: ArcSwap<Table>,
    generation: AtomicU64,
    loading: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Table {
    /// What was noted before the table was read; another number means that it is out of date.
    generation: u64,
    clients: HashMap<String, Arc<[ClientId]>, foldhash::fast::RandomState>,
}

impl AllowedOrigins {
    /// Nothing is read yet.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            table: ArcSwap::from_pointee(Table {
                generation: 0,
                clients: HashMap::default(),
            }),
            generation: AtomicU64::new(1),
            loading: tokio::sync::Mutex::default(),
        }
    }

    /// Notes that a client changed; cheap, for the feed.
    pub(crate) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// The clients that list the origin, if any does.
    ///
    /// # Errors
    /// When a client changed and the store cannot be read.
    pub(super) async fn clients_at(
        &self,
        origin: &str,
    ) -> Result<Option<Arc<[ClientId]>>, StoreError> {
        let table = self.table.load_full();
        let table = if table.generation == self.generation() {
            table
        } else {
            self.reload().await?
        };
        Ok(table.clients.get(origin).cloned())
    }

    async fn reload(&self) -> Result<Arc<Table>, StoreError> {
        let _loading = self.loading.lock().await;
        let generation = self.generation();
        let table = self.table.load_full();
        if table.generation == generation {
            return Ok(table);
        }
        let mut listed: HashMap<String, Vec<ClientId>> = HashMap::new();
        for (client, origins) in self.store.read().await?.list_origins().await? {
            for origin in origins {
                listed.entry(origin.into()).or_default().push(client);
            }
        }
        let clients = listed.into_iter();
        let table = Arc::new(Table {
            generation,
            clients: clients.map(|(origin, ids)| (origin, ids.into())).collect(),
        });
        self.table.store(Arc::clone(&table));
        Ok(table)
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }
}

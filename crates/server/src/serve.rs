//! Running the service: listeners, jobs, and an orderly end.

use crate::{
    app::{App, OpenAppError},
    config::{Listeners, ServerConfig},
    http::{Check, Checks, Limits, Shell, ShellSettings, metrics_router, probes_router, serve},
    jobs,
    router::{self, AppState},
    telemetry::Metrics,
    verify::Front,
};
use axum::Router;
use countersign_core::{Clock, Rng};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A running server.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    addresses: Addresses,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

/// Where the listeners came to listen, also when port 0 was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// Devices and users.
    pub public: SocketAddr,
    /// Backends and admins.
    pub internal: SocketAddr,
    /// Metrics and health.
    pub metrics: Option<SocketAddr>,
}

/// The server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The service could not be put together.
    #[error(transparent)]
    Open(#[from] OpenAppError),
    /// An address could not be listened on.
    #[error("cannot listen on {address} for the {name} listener")]
    Listen {
        /// Which listener.
        name: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Server {
    /// Opens the service and starts to listen.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running.
    pub async fn start(
        mut config: ServerConfig,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        metrics: Metrics,
    ) -> Result<Self, StartError> {
        let listeners = config.listeners;
        let settings = ShellSettings {
            trusted_proxies: config.trusted_proxies.clone(),
            ..ShellSettings::default()
        };
        // Ports are taken first: a second server must not touch the first one's database.
        let sockets = Sockets::bind(listeners).await?;
        if let Some(host) = config.public_url.strip_suffix(":0") {
            config.public_url = format!("{host}:{}", sockets.addresses.public.port());
        }
        let app =
            Arc::new(App::open(config, Arc::clone(&clock), Arc::clone(&rng), &metrics).await?);
        let (shutdown, tasks) = (CancellationToken::new(), TaskTracker::new());
        let addresses = sockets.addresses;
        let shell = Shell::new(settings, clock, &*rng, metrics.clone());
        for (name, listener, routes) in sockets.with_routes(&app, &metrics) {
            let (metrics, stop, limits) = (metrics.clone(), shutdown.clone(), Limits::default());
            // Else the router would build each handler's service, layers and all, per request.
            let router = routes.router.layer(shell.clone()).with_state(());
            if routes.has_internal {
                let front = Front::new(AppState(Arc::clone(&app)), &shell, router);
                tasks.spawn(async move {
                    serve(name, listener, front, limits, &metrics, stop).await;
                });
            } else {
                tasks.spawn(async move {
                    serve(name, listener, router, limits, &metrics, stop).await;
                });
            }
        }
        tasks.spawn(metrics.run_upkeep(shutdown.clone()));
        jobs::spawn(&app, &tasks, &shutdown);
        app.take_part(&tasks, &shutdown);
        Ok(Self {
            app,
            addresses,
            shutdown,
            tasks,
        })
    }

    /// Where it listens.
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The use cases behind it.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Stops accepting, lets requests finish, writes what is still in memory, closes the store.
    pub async fn shut_down(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.app.door.keys.shut_down().await;
        // Twice: the first drain may have been interrupted with its batch unwritten.
        if let Err(error) = self.app.run_job(jobs::Job::FlushActivity).await {
            tracing::warn!(
                error = &*error as &dyn std::error::Error,
                "last-seen times not written"
            );
        }
        self.app.leave().await;
        self.app.store().close().await;
    }
}

struct Sockets {
    addresses: Addresses,
    public: TcpListener,
    internal: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

impl Sockets {
    async fn bind(listeners: Listeners) -> Result<Self, StartError> {
        let public = bind("public", listeners.public).await?;
        let shared = listeners.internal == listeners.public && listeners.public.port() != 0;
        let internal = if shared {
            None
        } else {
            Some(bind("internal", listeners.internal).await?)
        };
        let metrics = match listeners.metrics {
            Some(address) => Some(bind("metrics", address).await?),
            None => None,
        };
        let at = |listener: &TcpListener, asked| listener.local_addr().unwrap_or(asked);
        let public_at = at(&public, listeners.public);
        let addresses = Addresses {
            public: public_at,
            internal: internal
                .as_ref()
                .map_or(public_at, |socket| at(socket, listeners.internal)),
            metrics: metrics
                .as_ref()
                .zip(listeners.metrics)
                .map(|(socket, asked)| at(socket, asked)),
        };
        Ok(Self {
            addresses,
            public,
            internal,
            metrics,
        })
    }

    fn with_routes(
        self,
        app: &Arc<App>,
        metrics: &Metrics,
    ) -> Vec<(&'static str, TcpListener, Routes)> {
        let probes = || probes_router(checks(app));
        let state = || AppState(Arc::clone(app));
        let mut all = match self.internal {
            None => vec![(
                "public",
                self.public,
                Routes::internal(router::everything(state()).merge(probes())),
            )],
            Some(socket) => {
                let public = router::public(state()).merge(probes());
                let internal = router::internal(state()).merge(probes());
                let internal = Routes::internal(internal);
                vec![
                    ("public", self.public, Routes::other(public)),
                    ("internal", socket, internal),
                ]
            }
        };
        if let Some(socket) = self.metrics {
            let router = metrics_router(metrics.clone()).merge(probes());
            all.push(("metrics", socket, Routes::other(router)));
        }
        all
    }
}

/// What one listener answers.
struct Routes {
    router: Router,
    /// Whether backends call here, and so `/v1/verify`.
    has_internal: bool,
}

impl Routes {
    fn internal(router: Router) -> Self {
        let has_internal = true;
        Self {
            router,
            has_internal,
        }
    }

    fn other(router: Router) -> Self {
        let has_internal = false;
        Self {
            router,
            has_internal,
        }
    }
}

async fn bind(name: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|source| StartError::Listen {
        name,
        address,
        source,
    })
}

/// What `/readyz` asks: can sessions be read, and can tokens be signed?
fn checks(app: &Arc<App>) -> Checks {
    let (store, lease, issuer) = (Arc::clone(app), Arc::clone(app), Arc::clone(app));
    [
        Check::new("store", move || {
            let app = Arc::clone(&store);
            async move {
                let mut conn = app
                    .store()
                    .read()
                    .await
                    .map_err(|_| "the store cannot be read")?;
                conn.feed_extent()
                    .await
                    .map(drop)
                    .map_err(|_| "the store cannot be read")
            }
        }),
        Check::new("lease", move || {
            let app = Arc::clone(&lease);
            async move {
                let held = app.membership.hold().await;
                held.map_err(|_| "this node holds no lease")
            }
        }),
        Check::new("signing_keys", move || {
            let app = Arc::clone(&issuer);
            async move {
                let is_empty = app.issuer.keys.jwks(app.now()).is_empty();
                if is_empty {
                    Err("there is no signing key")
                } else {
                    Ok(())
                }
            }
        }),
    ]
    .into_iter()
    .collect()
}

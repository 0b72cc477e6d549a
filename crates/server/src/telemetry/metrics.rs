//! The metrics: every name in one enum, every label bounded.
//!
//! The recorder is a value and not the process's global one, so that two servers in one process
//! (tests, `demo`) don't count into each other. To add a metric: a variant of [`Metric`].

use ::metrics::{
    Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, SharedString, Unit,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::{fmt, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Every metric there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Requests answered; labels `method`, `route` (the template), `status` (`2xx`…).
    HttpRequests,
    /// Time from a request's head to its answer's head; labels `method`, `route`.
    HttpRequestSeconds,
    /// Handlers that panicked.
    HttpPanics,
    /// Connections open now; label `listener`.
    HttpConnections,
    /// Requests refused by the rate limit.
    RateLimited,
    /// Rounds of `countersign drill`; label `outcome`.
    DrillRounds,
    /// Calls that a probe of the drill accepted after their session had ended; label `probe`.
    DrillViolations,
    /// Time from an ending's return to the last call that a probe accepted; label `probe`.
    DrillTimeToCutOff,
    /// Time that the drill's endings took; label `by`.
    DrillEndingSeconds,
}

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Metric {
    /// Every metric, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::HttpRequests,
        Self::HttpRequestSeconds,
        Self::HttpPanics,
        Self::HttpConnections,
        Self::RateLimited,
        Self::DrillRounds,
        Self::DrillViolations,
        Self::DrillTimeToCutOff,
        Self::DrillEndingSeconds,
    ];

    /// Its name in the exposition.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HttpRequests => "countersign_http_requests_total",
            Self::HttpRequestSeconds => "countersign_http_request_seconds",
            Self::HttpPanics => "countersign_http_panics_total",
            Self::HttpConnections => "countersign_http_connections",
            Self::RateLimited => "countersign_rate_limited_total",
            Self::DrillRounds => "countersign_drill_rounds_total",
            Self::DrillViolations => "countersign_drill_violations_total",
            Self::DrillTimeToCutOff => "countersign_drill_time_to_cut_off_seconds",
            Self::DrillEndingSeconds => "countersign_drill_ending_seconds",
        }
    }

    /// What it says, in one sentence.
    pub const fn help(self) -> &'static str {
        match self {
            Self::HttpRequests => "Requests answered.",
            Self::HttpRequestSeconds => "Seconds from a request's head to its answer's head.",
            Self::HttpPanics => "Handlers that panicked.",
            Self::HttpConnections => "Connections open now.",
            Self::RateLimited => "Requests refused by the rate limit.",
            Self::DrillRounds => "Rounds of the drill.",
            Self::DrillViolations => "Calls accepted after their session had ended.",
            Self::DrillTimeToCutOff => "Seconds from an ending's return to the last call accepted.",
            Self::DrillEndingSeconds => "Seconds that the drill's endings took.",
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::HttpRequests
            | Self::HttpPanics
            | Self::RateLimited
            | Self::DrillRounds
            | Self::DrillViolations => Kind::Counter,
            Self::HttpConnections => Kind::Gauge,
            Self::HttpRequestSeconds | Self::DrillTimeToCutOff | Self::DrillEndingSeconds => {
                Kind::Histogram
            }
        }
    }
}

/// One server's metrics. Cheap to clone.
///
/// Looking up a handle costs a hash and a lock: keep it where it is used often.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

/// Upper bounds of the histograms, in seconds.
const BUCKETS: [f64; 14] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

const METADATA: Metadata<'static> = Metadata::new("countersign", Level::INFO, None);

impl Metrics {
    /// How often [`Metrics::run_upkeep`] folds recorded times into their buckets.
    pub const UPKEEP: Duration = Duration::from_secs(1);

    /// A set of metrics that all stand at zero.
    pub fn new() -> Self {
        // Only an empty list of buckets is refused.
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
        let recorder = builder.unwrap_or_default().build_recorder();
        let handle = recorder.handle();
        for metric in Metric::ALL {
            let (name, help) = (metric.name().into(), SharedString::from(metric.help()));
            match metric.kind() {
                Kind::Counter => recorder.describe_counter(name, None, help),
                Kind::Gauge => recorder.describe_gauge(name, None, help),
                Kind::Histogram => recorder.describe_histogram(name, Some(Unit::Seconds), help),
            }
        }
        Self {
            recorder: Arc::new(recorder),
            handle,
        }
    }

    /// The counter with these labels.
    pub fn counter(&self, metric: Metric, labels: &[(&'static str, &str)]) -> Counter {
        self.recorder
            .register_counter(&key(metric, labels), &METADATA)
    }

    /// The gauge with these labels.
    pub fn gauge(&self, metric: Metric, labels: &[(&'static str, &str)]) -> Gauge {
        self.recorder
            .register_gauge(&key(metric, labels), &METADATA)
    }

    /// The histogram with these labels.
    pub fn histogram(&self, metric: Metric, labels: &[(&'static str, &str)]) -> Histogram {
        self.recorder
            .register_histogram(&key(metric, labels), &METADATA)
    }

    /// The Prometheus text exposition, version 0.0.4.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds recorded times into their buckets until shutdown; without it they pile up in memory
    /// between two scrapes.
    ///
    /// # Cancel safety
    /// May be dropped at any time.
    pub async fn run_upkeep(self, shutdown: CancellationToken) {
        let mut ticks = tokio::time::interval(Self::UPKEEP);
        let fold = async {
            loop {
                ticks.tick().await;
                self.handle.run_upkeep();
            }
        };
        shutdown.run_until_cancelled(fold).await;
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn key(metric: Metric, labels: &[(&'static str, &str)]) -> Key {
    let label = |(name, value): &(&'static str, &str)| Label::new(*name, (*value).to_owned());
    Key::from_parts(metric.name(), labels.iter().map(label).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_metric_has_its_own_well_formed_name() {
        let names: BTreeSet<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        assert_eq!(names.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            let name = metric.name();
            let counts = matches!(metric.kind(), Kind::Counter);
            assert!(name.starts_with("countersign_"), "{name}");
            assert_eq!(name.ends_with("_total"), counts, "{name}");
            assert!(metric.help().ends_with('.'), "{name}");
        }
    }

    #[test]
    fn what_is_counted_is_rendered_with_its_help() {
        let metrics = Metrics::new();
        metrics.counter(Metric::HttpPanics, &[]).increment(2);
        let labels = [("listener", "public")];
        metrics.gauge(Metric::HttpConnections, &labels).set(3.0);
        metrics
            .histogram(Metric::HttpRequestSeconds, &[("route", "/x")])
            .record(0.002);
        let text = metrics.render();
        for line in [
            "# HELP countersign_http_panics_total Handlers that panicked.",
            "# TYPE countersign_http_panics_total counter",
            "countersign_http_panics_total 2",
            "countersign_http_connections{listener=\"public\"} 3",
            "countersign_http_request_seconds_bucket{route=\"/x\",le=\"0.001\"} 0",
            "countersign_http_request_seconds_bucket{route=\"/x\",le=\"0.0025\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!Metrics::new().render().contains("panics_total 2"));
    }

    #[tokio::test]
    async fn upkeep_ends_at_shutdown() {
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        Metrics::new().run_upkeep(shutdown).await;
    }
}

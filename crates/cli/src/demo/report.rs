//! The closing table.

use super::{
    narrator::Narrator,
    tally::{Numbers, Tally, median},
};
use std::{io, time::Duration};

/// What the demo came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoReport {
    /// Devices that registered.
    pub devices: usize,
    /// Logins.
    pub logins: u64,
    /// Requests that were allowed, every one of them rightly.
    pub allowed: u64,
    /// Requests that were refused, likewise.
    pub refused: u64,
    /// Refreshes that worked.
    pub refreshes: usize,
    /// Answers to refreshes that were lost, without anybody being signed out.
    pub lost_answers: u64,
    /// Sessions that were ended.
    pub endings: u64,
    /// Median of a verification, HTTP included.
    pub verify: Option<Duration>,
    /// Median of a refresh, HTTP included.
    pub refresh: Option<Duration>,
    /// Median from the return of an ending call to the first refused request.
    pub cut_off: Option<Duration>,
}

impl DemoReport {
    pub(super) fn new(devices: usize, tally: &Tally) -> Self {
        let numbers: Numbers = tally.lock().clone();
        Self {
            devices,
            logins: numbers.logins,
            allowed: numbers.allowed,
            refused: numbers.refused,
            refreshes: numbers.refreshes.len(),
            lost_answers: numbers.lost_answers,
            endings: numbers.endings,
            verify: median(&numbers.verifications),
            refresh: median(&numbers.refreshes),
            cut_off: median(&numbers.cut_offs),
        }
    }

    pub(super) fn print(&self, out: &mut Narrator<'_>) -> io::Result<()> {
        out.gap()?;
        out.title("Everything was as it should be")?;
        for (name, count) in [
            ("devices", self.devices as u64),
            ("logins", self.logins),
            ("requests allowed", self.allowed),
            ("requests refused", self.refused),
            ("refreshes", self.refreshes as u64),
            ("answers lost without a sign-out", self.lost_answers),
            ("sessions ended", self.endings),
        ] {
            out.row(name, &count.to_string())?;
        }
        for (name, latency) in [
            ("verify, median", self.verify),
            ("refresh, median", self.refresh),
            ("end of a logout call to the first refusal", self.cut_off),
        ] {
            out.row(name, &latency.map_or_else(|| "-".to_owned(), in_ms))?;
        }
        Ok(())
    }
}

fn in_ms(latency: Duration) -> String {
    format!("{:.2} ms", latency.as_secs_f64() * 1000.0)
}

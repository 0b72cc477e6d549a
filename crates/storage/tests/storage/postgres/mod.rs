//! Conflicts between transactions, and a server that goes away.

mod conflicts;
mod outages;
mod proxy;
mod settings;

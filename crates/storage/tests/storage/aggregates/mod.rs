//! Every aggregate comes back as it was written, and its writes do what their names say.

mod accounts;
mod devices;
mod fixture;
mod keys;
mod nodes;
mod retention;
mod sessions;

/// Runs the body as a write and answers its value.
macro_rules! write {
    ($harness:expr, $input:expr, |$tx:ident, $given:pat_param| $body:expr) => {{
        let written: Result<_, countersign_storage::StoreError> = $harness
            .store
            .write($input, |$tx, $given| Box::pin(async move { $body }))
            .await;
        written.unwrap()
    }};
}

/// Runs the body on a reading connection and answers its value.
macro_rules! read {
    ($harness:expr, |$conn:ident| $body:expr) => {{
        let mut $conn = $harness.store.read().await.unwrap();
        $body.await.unwrap()
    }};
}

pub(crate) use {read, write};

//! Computing: what a batch parses, hashes and maps, away from the threads that serve.

use crate::app::App;

/// Runs work that computes for milliseconds. As many batches do so at the same time as leave a core to whoever writes:
/// the batches of all businesses are claimed together and would take every core at once, while those that wait for the
/// writer, the stores among them, wait longer. Work that panics gives nothing: it is a bug, and the leases of its
/// deliveries end.
pub(super) async fn compute<T: Default + Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    // The semaphore is never closed.
    let _turn = app.computing.acquire().await;
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}

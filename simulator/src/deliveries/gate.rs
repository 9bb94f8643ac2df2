//! What holds deliveries back.

use std::time::Duration;

use tokio::sync::watch;

/// A gate that every request passes. Open unless it was paused or deliveries gather for a burst.
#[derive(Debug, Default)]
pub(super) struct Gate {
    held: watch::Sender<Held>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    paused: bool,
    gathering: bool,
}

impl Gate {
    pub(super) fn set_paused(&self, paused: bool) {
        self.held.send_modify(|held| held.paused = paused);
    }

    /// Closes for a time; where it is closed so already, that time is not prolonged.
    pub(super) fn gather(&self, time: Duration) {
        let begins =
            self.held.send_if_modified(|held| !std::mem::replace(&mut held.gathering, true));
        if begins {
            let held = self.held.clone();
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                held.send_modify(|held| held.gathering = false);
            });
        }
    }

    /// Ends when the gate is open.
    pub(super) async fn pass(&self) {
        let mut held = self.held.subscribe();
        // An error would mean that the gate is gone, which nothing holds back.
        let _open = held.wait_for(|held| !held.paused && !held.gathering).await;
    }
}

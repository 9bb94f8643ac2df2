//! What this process does, and how much of it at once.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use super::reader::{Reader, Setting};

const TABLE: &str = "workers";

const LOOPS: RangeInclusive<u32> = 1..=64;
const BATCH: RangeInclusive<u32> = 1..=1_000;
const POLL_SECONDS: RangeInclusive<u32> = 10..=86_400;

/// What a process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    /// Answers requests.
    Web,
    /// Processes deliveries and schedules.
    Worker,
    /// Both.
    #[default]
    All,
}

impl Role {
    /// Whether it answers requests.
    pub const fn serves(self) -> bool {
        matches!(self, Self::Web | Self::All)
    }

    /// Whether it processes deliveries and schedules.
    pub const fn works(self) -> bool {
        matches!(self, Self::Worker | Self::All)
    }
}

/// The text is no role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be web, worker or all")]
pub struct InvalidRole;

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        match text {
            "web" => Ok(Self::Web),
            "worker" => Ok(Self::Worker),
            "all" => Ok(Self::All),
            _ => Err(InvalidRole),
        }
    }
}

/// `[workers]`.
#[derive(Clone, Debug)]
pub struct WorkersConfig {
    /// `ROLE` (`role`): `web`, `worker` or `all`; `all` unless set.
    pub role: Role,
    /// `WORKERS` (`count`): loops that process deliveries at once, 1 to 64; 2 unless set.
    pub count: u32,
    /// `WORKER_BATCH` (`batch`): deliveries that a loop takes at once, 1 to 1,000; 64 unless set.
    pub batch: u32,
    /// `POLL_SECONDS` (`poll_seconds`): between two polls of a store, 10 to 86,400; 900 unless set.
    pub poll_seconds: u32,
}

impl Default for WorkersConfig {
    fn default() -> Self {
        Self { role: Role::All, count: 2, batch: 64, poll_seconds: 900 }
    }
}

impl WorkersConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let setting = |variable, key| Setting::new(variable, TABLE, key);
        Self {
            role: reader.value(setting("ROLE", "role")).unwrap_or(default.role),
            count: reader.number(setting("WORKERS", "count"), &LOOPS).unwrap_or(default.count),
            batch: reader.number(setting("WORKER_BATCH", "batch"), &BATCH).unwrap_or(default.batch),
            poll_seconds: reader
                .number(setting("POLL_SECONDS", "poll_seconds"), &POLL_SECONDS)
                .unwrap_or(default.poll_seconds),
        }
    }

    /// Loops that process deliveries at once.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Deliveries that a loop takes at once.
    pub const fn batch(&self) -> u32 {
        self.batch
    }

    /// Between two polls of a store.
    pub fn poll_every(&self) -> Duration {
        Duration::from_secs(u64::from(self.poll_seconds))
    }
}

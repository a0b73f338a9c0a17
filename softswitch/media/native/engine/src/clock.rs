//! The engine's clock; only workers read it.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::time::Microseconds;

/// The engine's clock, the same for all workers.
#[derive(Clone, Copy)]
pub struct Clock {
    start: Instant,
    /// What makes the engine's time microseconds since 1970.
    pub wall_offset: Microseconds,
}

impl Clock {
    pub fn start() -> Clock {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Clock {
            start: Instant::now(),
            wall_offset: wall.as_micros() as Microseconds,
        }
    }

    pub fn now(&self) -> Microseconds {
        self.start.elapsed().as_micros() as Microseconds
    }
}

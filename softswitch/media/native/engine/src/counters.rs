//! Counters that workers write and anybody may read.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::rtp::quality::Figures;

/// A number with many readers.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Count in a counter that several threads write.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub fn subtract(&self, count: u64) {
        self.0.fetch_sub(count, Ordering::Relaxed);
    }

    /// Count in a counter that only this thread writes: no locked instruction on the packet path.
    pub fn add_alone(&self, count: u64) {
        self.0.store(self.value() + count, Ordering::Relaxed);
    }

    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($(#[$about:meta])* $name:ident { $($field:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Default)]
        pub struct $name { $(pub $field: Counter),* }

        impl $name {
            /// Names and values in a fixed order.
            pub fn values(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($field), self.$field.value())),*]
            }
        }
    };
}

counters! {
    /// Of the whole engine.
    EngineCounters {
        streams,
        mixers,
        sources,
        recordings,
        packets_in,
        packets_out,
        packets_dropped,
        late_ticks,
        events_lost,
        send_errors,
    }
}

counters! {
    /// Of one stream; written by its worker alone.
    StreamCounters {
        packets_in,
        bytes_in,
        packets_out,
        bytes_out,
        lost,
        duplicate,
        out_of_order,
        dtmf_packets,
        dtmf_packets_out,
        cng_packets,
        foreign,
        malformed,
        unknown_payload,
        untranslatable,
        on_hold,
        remote_lost,
        rtcp_in,
        rtcp_out,
        rtcp_bytes_out,
        unprotected,
        replayed,
        jitter_packets,
        too_late,
        flushed,
        concealed,
        largest_buffer_ms,
    }
}

/// What is known of a stream outside its worker.
#[derive(Debug, Default)]
pub struct StreamStatistics {
    pub counters: StreamCounters,
    pub jitter_microseconds: Counter,
    pub remote_jitter_microseconds: Counter,
    pub round_trip_microseconds: Counter,
    remote: Mutex<Option<SocketAddr>>,
    /// Whose packets were not taken.
    stranger: Mutex<Option<SocketAddr>>,
    figures: Mutex<Option<Figures>>,
}

impl StreamStatistics {
    /// How packets of audio arrived; None before the first.
    pub fn figures(&self) -> Option<Figures> {
        *self
            .figures
            .lock()
            .expect("no holder of the figures panics")
    }

    pub fn set_figures(&self, figures: Figures) {
        *self
            .figures
            .lock()
            .expect("no holder of the figures panics") = Some(figures);
    }

    /// The last whose packets were not taken.
    pub fn stranger(&self) -> Option<SocketAddr> {
        *self
            .stranger
            .lock()
            .expect("no holder of the address panics")
    }

    pub fn set_stranger(&self, address: SocketAddr) {
        *self
            .stranger
            .lock()
            .expect("no holder of the address panics") = Some(address);
    }

    /// Where packets are sent.
    pub fn remote(&self) -> Option<SocketAddr> {
        *self.remote.lock().expect("no holder of the address panics")
    }

    pub fn set_remote(&self, address: Option<SocketAddr>) {
        *self.remote.lock().expect("no holder of the address panics") = address;
    }
}

//! The counters of a stream, for Python.

use std::net::SocketAddr;

use engine::counters::StreamStatistics;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// All of them by the names that `_engine.pyi` tells.
pub fn extract<'py>(
    python: Python<'py>,
    statistics: &StreamStatistics,
) -> PyResult<Bound<'py, PyDict>> {
    let stats = PyDict::new(python);
    for (name, value) in statistics.counters.values() {
        stats.set_item(name, value)?;
    }
    for (name, counter) in [
        ("jitter_ms", &statistics.jitter_microseconds),
        ("remote_jitter_ms", &statistics.remote_jitter_microseconds),
        ("rtt_ms", &statistics.round_trip_microseconds),
    ] {
        stats.set_item(name, counter.value() as f64 / 1000.0)?;
    }
    let figures = statistics.figures().unwrap_or_default();
    for (name, value) in [
        ("mean_interval_ms", figures.mean_interval),
        ("jitter_min_variance", figures.least_variance),
        ("jitter_max_variance", figures.greatest_variance),
        ("loss_rate", figures.loss_rate),
        ("burst_rate", figures.burst_rate),
        ("quality", figures.quality),
        ("mos", figures.mos),
    ] {
        stats.set_item(name, value)?;
    }
    stats.set_item("flaws", figures.flaws)?;
    stats.set_item("stranger", statistics.stranger().map(pair))?;
    stats.set_item("remote", statistics.remote().map(pair))?;
    Ok(stats)
}

fn pair(address: SocketAddr) -> (String, u16) {
    (address.ip().to_string(), address.port())
}

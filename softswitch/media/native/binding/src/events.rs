//! Events of the engine as Python tuples.

use std::net::SocketAddr;

use engine::event::{DigitSource, Event, PlaybackEnd, RecordingEnd};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

/// The tuple of an event: its name, its stream, and what it is about.
pub fn to_python(python: Python<'_>, event: Event) -> PyResult<Py<PyAny>> {
    match event {
        Event::Digit {
            stream,
            digit,
            milliseconds,
            source,
        } => {
            let source = match source {
                DigitSource::Rtp => "rtp",
                DigitSource::Inband => "inband",
            };
            ("digit", stream, digit, milliseconds, source).into_py_any(python)
        }
        Event::PlaybackFinished {
            stream,
            playback,
            samples,
            end,
        } => {
            let reason = match end {
                PlaybackEnd::Done => "done",
                PlaybackEnd::Stopped => "stopped",
                PlaybackEnd::Failed => "failed",
            };
            ("playback_finished", stream, playback, samples, reason).into_py_any(python)
        }
        Event::RecordingFinished {
            stream,
            recording,
            samples,
            end,
        } => {
            let reason = match end {
                RecordingEnd::Stopped => "stopped".to_owned(),
                RecordingEnd::Limit => "limit".to_owned(),
                RecordingEnd::Silence => "silence".to_owned(),
                RecordingEnd::Closed => "closed".to_owned(),
                RecordingEnd::Failed(text) => format!("failed: {text}"),
            };
            ("recording_finished", stream, recording, samples, reason).into_py_any(python)
        }
        Event::MediaStarted { stream, address } => {
            let (ip, port) = (address.ip().to_string(), address.port());
            ("media_started", stream, ip, port).into_py_any(python)
        }
        Event::MediaTimeout {
            stream,
            milliseconds,
        } => ("media_timeout", stream, milliseconds).into_py_any(python),
        Event::RemoteLearned { stream, address } => {
            let (ip, port) = (address.ip().to_string(), address.port());
            ("remote_learned", stream, ip, port).into_py_any(python)
        }
        Event::Detected {
            stream,
            detector,
            frequency,
        } => ("detected", stream, detector, frequency).into_py_any(python),
        Event::Packet { stream, packet } => {
            let address =
                |address: Option<SocketAddr>| address.map(|it| (it.ip().to_string(), it.port()));
            (
                "packet",
                stream,
                packet.sent,
                packet.length,
                address(packet.remote),
                address(packet.source),
                packet.payload_type,
                packet.timestamp,
                packet.sequence,
                packet.marker,
            )
                .into_py_any(python)
        }
        Event::Report { stream, report } => {
            let sender = report
                .sender
                .map(|it| (it.ntp, it.timestamp, it.packets, it.octets));
            let blocks: Vec<_> = report
                .blocks
                .iter()
                .map(|block| {
                    let reception = block.reception;
                    (
                        block.ssrc,
                        reception.fraction_lost,
                        reception.cumulative_lost,
                        reception.highest_sequence,
                        reception.jitter,
                        block.last_report,
                        block.delay,
                    )
                })
                .collect();
            (
                "report",
                stream,
                report.sent,
                report.ssrc,
                sender,
                blocks,
                report.last_timestamp,
                report.round_trip,
            )
                .into_py_any(python)
        }
        Event::KeysWorn { stream } => ("keys_worn", stream).into_py_any(python),
        Event::DigitsSent { stream } => ("digits_sent", stream).into_py_any(python),
        Event::Talking {
            mixer,
            member,
            talking,
            score,
        } => ("talking", mixer, member, talking, score).into_py_any(python),
        Event::MutedTalking { mixer, member } => {
            ("muted_talking", mixer, member).into_py_any(python)
        }
        Event::FloorChanged { mixer, member } => {
            ("floor_changed", mixer, member).into_py_any(python)
        }
        Event::StreamFailed { stream, text } => ("stream_failed", stream, text).into_py_any(python),
    }
}

//! What an offer/answer exchange settled for a stream (RFC 3264).

use std::net::SocketAddr;

use crate::rtp::sender::Format;
use crate::time::Rate;

/// Milliseconds of the packets that Opus can make (RFC 7587 §4.2).
const OPUS_PACKETS: [u32; 8] = [5, 10, 20, 40, 60, 80, 100, 120];

/// One payload type of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecParameters {
    pub payload_type: u8,
    /// Upper-case encoding name.
    pub name: String,
    /// RTP clock in Hz.
    pub clock_rate: Rate,
    pub channels: u16,
    /// Milliseconds of audio in a packet we send.
    pub ptime: u32,
    pub fmtp: String,
}

impl CodecParameters {
    /// Whether payloads of one are payloads of the other.
    pub fn is_same_format(&self, other: &CodecParameters) -> bool {
        self.name == other.name
            && self.clock_rate == other.clock_rate
            && self.channels == other.channels
    }

    /// How packets of it are numbered.
    pub fn format(&self) -> Format {
        Format {
            payload_type: self.payload_type,
            clock: self.clock_rate,
            frame: self.ptime * self.clock_rate / 1000,
        }
    }

    /// Rate of its samples, None if it can only be passed on.
    pub fn sample_rate(&self) -> Option<Rate> {
        Some(self.create()?.sample_rate())
    }

    pub fn create(&self) -> Option<Box<dyn dsp::codec::Codec>> {
        dsp::codec::create(&self.name, self.clock_rate, self.channels, &self.fmtp)
    }
}

/// Everything about a stream that was negotiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Where to send RTP; None while unknown.
    pub remote_address: Option<SocketAddr>,
    /// Where to send RTCP; None for the RTP port + 1, or the RTP port with `rtcp_mux`.
    pub remote_rtcp_address: Option<SocketAddr>,
    /// The first is the one we send; packets of any are accepted.
    pub codecs: Vec<CodecParameters>,
    /// Payload type of the telephone events we send.
    pub telephone_event: Option<u8>,
    /// Payload type of the telephone events we receive.
    pub telephone_event_receive: Option<u8>,
    pub send: bool,
    pub receive: bool,
    /// Take packets from where they really come (within limits) and send there.
    pub symmetric: bool,
    /// A silence this long is told; 0 = never.
    pub timeout_ms: u32,
    /// Between reports; 0 = none.
    pub rtcp_interval_ms: u32,
    pub rtcp_mux: bool,
    /// Datagrams go on to the connected stream as they are, whatever they hold. With `codecs` they
    /// are RTP, and payload types become those of the other side; variants of a codec are told
    /// apart by their `fmtp`.
    pub transparent: bool,
    /// Datagrams hold sound in the first codec and no header; samples of L16 are in native order.
    pub bare: bool,
}

impl Parameters {
    /// What is wrong with them, if anything.
    pub fn check(&self) -> Result<(), String> {
        for codec in &self.codecs {
            check_payload_type(codec.payload_type)?;
            if !(1..=400_000).contains(&codec.clock_rate) {
                return Err(format!("a clock rate of {} Hz cannot be", codec.clock_rate));
            }
            if !(1..=200).contains(&codec.ptime) {
                return Err(format!("packets of {} ms cannot be sent", codec.ptime));
            }
            if codec.name == "OPUS" && !OPUS_PACKETS.contains(&codec.ptime) {
                return Err(format!("Opus has no packets of {} ms", codec.ptime));
            }
        }
        for payload_type in [self.telephone_event, self.telephone_event_receive] {
            payload_type.map_or(Ok(()), check_payload_type)?;
        }
        Ok(())
    }
}

fn check_payload_type(payload_type: u8) -> Result<(), String> {
    if payload_type > 127 {
        return Err(format!("a payload type is at most 127, not {payload_type}"));
    }
    Ok(())
}

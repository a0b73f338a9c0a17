//! What the payload types of a stream stand for.

use crate::parameters::Parameters;

/// The static payload type of comfort noise (RFC 3389 §4).
const COMFORT_NOISE: u8 = 13;

/// What a payload type of the stream stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PayloadKind {
    Unknown,
    /// The codec of that index.
    Audio(u8),
    Event,
    Noise,
}

impl PayloadKind {
    /// By payload type; of two codecs with the same one the first counts.
    pub(super) fn table(parameters: &Parameters) -> [PayloadKind; 128] {
        let mut kinds = [PayloadKind::Unknown; 128];
        kinds[usize::from(COMFORT_NOISE)] = PayloadKind::Noise;
        let event = parameters
            .telephone_event_receive
            .or(parameters.telephone_event);
        if let Some(payload_type) = event {
            kinds[usize::from(payload_type)] = PayloadKind::Event;
        }
        for (index, codec) in parameters.codecs.iter().enumerate().take(127).rev() {
            kinds[usize::from(codec.payload_type)] = if codec.name == "CN" {
                PayloadKind::Noise
            } else {
                PayloadKind::Audio(index as u8)
            };
        }
        kinds
    }
}

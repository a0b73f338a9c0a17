//! What can be asked of a stream.

use dsp::effect::EffectWishes;

use crate::bug::{Finder, Inlet, PipeWriter, Side};
use crate::parameters::Parameters;
use crate::recorder::{Control, RecordingOptions, Sink};
use crate::source::Reader;
use crate::srtp::Keys;
use crate::stream::{Buffer, DigitMethod, Fill, Steering, Tracing};

/// What can be asked of a stream.
pub enum Command {
    Configure(Box<Parameters>),
    /// With the stream of that number.
    Connect(u64),
    Disconnect,
    Play {
        number: u64,
        reader: Box<Reader>,
    },
    Record {
        sink: Sink,
        options: RecordingOptions,
    },
    Steer {
        number: u64,
        steering: Steering,
    },
    ControlRecording {
        number: u64,
        control: Control,
    },
    /// Let one direction flow into a pipe.
    AddOutlet {
        number: u64,
        side: Side,
        pipe: PipeWriter,
    },
    AddInlet(Box<Inlet>),
    Listen {
        number: u64,
        side: Side,
        finder: Box<Finder>,
    },
    /// End the playback, recording or bug of that number.
    Stop {
        number: u64,
    },
    SendDigits {
        digits: String,
        milliseconds: u32,
        gap: u32,
        method: DigitMethod,
    },
    PassEvents {
        passed: bool,
    },
    Detect {
        dtmf: bool,
    },
    Buffer(Buffer),
    /// Of what is sent and of what is received; None for packets that are not protected.
    SetKeys(Option<Box<(Keys, Keys)>>),
    Fill(Fill),
    /// Have the far end send a whole picture.
    RequestPicture,
    SetEffects {
        side: Side,
        wishes: EffectWishes,
    },
    /// Tell of packets, or no more.
    Trace(Tracing),
    /// Tell of reports, or no more.
    TellReports(Tracing),
    SetGain {
        hear: f32,
        speak: f32,
    },
}

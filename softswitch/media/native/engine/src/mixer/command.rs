//! What can be asked of a room.

use std::sync::Arc;

use super::member::Levels;
use super::play::Play;
use super::recording::RoomRecording;
use super::settings::{MemberSettings, MixerSettings};

/// What can be asked of a room.
pub enum MixerCommand {
    Open(MixerSettings),
    Configure(MixerSettings),
    Close,
    Add {
        stream: u64,
        settings: MemberSettings,
        levels: Arc<Levels>,
    },
    Remove {
        stream: u64,
    },
    ConfigureMember {
        stream: u64,
        settings: MemberSettings,
    },
    /// Whether one member hears another.
    Relate {
        listener: u64,
        speaker: u64,
        hears: bool,
    },
    /// The member that has the floor from now on.
    GiveFloor(Option<u64>),
    Play(Box<Play>),
    SetGain {
        number: u64,
        gain: f32,
    },
    Record(Box<RoomRecording>),
    Pause {
        number: u64,
        paused: bool,
    },
    Stop {
        number: u64,
    },
}

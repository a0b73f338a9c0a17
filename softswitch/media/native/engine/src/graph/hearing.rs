//! Who hears whom, and how: packets as they are, or what is in them.

use super::Graph;
use crate::parameters::CodecParameters;
use crate::stream::{Hearing, Stream, Treatment};
use crate::time::Rate;

impl Graph {
    pub(super) fn connect(&mut self, one: usize, other: usize) {
        self.disconnect(one);
        self.disconnect(other);
        for (listener, from) in [(one, other), (other, one)] {
            if let Some(stream) = self.streams[listener].as_deref_mut() {
                stream.set_hearing(Some(Hearing::new(from, Vec::new())));
            }
        }
        self.refresh(one);
        for place in [one, other] {
            // What is seen from now on begins with a whole picture.
            if let Some(stream) = self.streams[place].as_deref_mut() {
                stream.request_picture(&mut self.output);
            }
        }
    }

    pub(super) fn disconnect(&mut self, place: usize) {
        self.leave_room(place);
        let Some(stream) = self.streams[place].as_deref_mut() else {
            return;
        };
        let Some(other) = stream.hearing.as_ref().map(|hearing| hearing.from) else {
            return;
        };
        for place in [place, other] {
            if let Some(stream) = self.streams[place].as_deref_mut() {
                stream.set_hearing(None);
                stream.decode_for_listener = 0;
            }
        }
    }

    /// Decide anew how a stream and the one it is connected with hear each other.
    pub(super) fn refresh(&mut self, place: usize) {
        let hearing = |place: usize| self.streams[place].as_deref()?.hearing.as_ref();
        let Some(other) = hearing(place).map(|hearing| hearing.from) else {
            return;
        };
        self.decide(place, other);
        if place != other {
            self.decide(other, place);
        }
    }

    fn decide(&mut self, listener: usize, speaker: usize) {
        let (Some(hears), Some(speaks)) = (
            self.streams[listener].as_deref(),
            self.streams[speaker].as_deref(),
        ) else {
            return;
        };
        let table = treatments(hears, speaks);
        let overheard = hears.is_overheard();
        let sent = hears.parameters().and_then(|known| known.codecs.first());
        let rate = sent.and_then(|sent| sent.sample_rate());
        let mut decode = 0u128;
        for (index, treatment) in table.iter().enumerate().take(128) {
            if *treatment == Treatment::Translate || overheard {
                decode |= 1 << index;
            }
        }
        if let Some(speaker) = self.streams[speaker].as_deref_mut() {
            speaker.decode_for_listener = decode;
            speaker.listener_rate = rate.unwrap_or(Rate::MAX);
        }
        if let Some(listener) = self.streams[listener].as_deref_mut()
            && let Some(hearing) = &listener.hearing
            && hearing.table != table
        {
            listener.set_hearing(Some(Hearing::new(speaker, table)));
        }
    }
}

/// How a listener treats each codec of a speaker.
fn treatments(listener: &Stream, speaker: &Stream) -> Vec<Treatment> {
    let (Some(hears), Some(speaks)) = (listener.parameters(), speaker.parameters()) else {
        return Vec::new();
    };
    let Some(sent) = hears.codecs.first() else {
        return Vec::new();
    };
    let unchanged = !listener.changes().0 && !speaker.changes().1;
    let treat = |codec: &CodecParameters| {
        let translatable = codec.create().is_some() && sent.create().is_some();
        if !translatable {
            let same = || hears.codecs.iter().filter(|it| it.is_same_format(codec));
            // Variants of one codec go on as the same variant, where there is one.
            let variant = same().find(|it| it.fmtp == codec.fmtp);
            let found = variant.or_else(|| same().next());
            return found.map_or(Treatment::Drop, |it| Treatment::Relay(it.payload_type));
        }
        if codec.is_same_format(sent) && unchanged && codec.ptime == sent.ptime {
            Treatment::Relay(sent.payload_type)
        } else {
            Treatment::Translate
        }
    };
    speaks.codecs.iter().map(treat).collect()
}

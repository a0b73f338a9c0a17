//! The keys of a stream: what it sends and takes once they are set (RFC 3711).

use super::Stream;
use crate::event::Event;
use crate::output::Output;
use crate::srtp::{Keys, Receiving, Refusal, Sending};

/// What protects a stream in both directions.
pub struct Protection {
    sending: Sending,
    receiving: Receiving,
    /// With the key before, until the far end uses the new one.
    earlier: Option<Receiving>,
}

impl Protection {
    /// Protect the RTP packet that begins at `start` of `out`; what may not be sent is taken off.
    pub(super) fn protect(&mut self, out: &mut Vec<u8>, start: usize) {
        self.sending.protect(out, start);
    }

    /// The same for one that is passed on under its sender's number.
    pub(super) fn protect_passed(&mut self, out: &mut Vec<u8>, start: usize) {
        self.sending.protect_passed(out, start);
    }

    pub(super) fn protect_report(&mut self, out: &mut Vec<u8>, start: usize) {
        self.sending.protect_report(out, start);
    }
}

impl Stream {
    /// Protect from now on with these keys, of what is sent and of what is received. A key that
    /// is in use already goes on where it was.
    pub fn set_keys(&mut self, keys: Option<(Keys, Keys)>) {
        let Some((send, receive)) = keys else {
            self.protection = None;
            return;
        };
        let ssrc = self.sender.ssrc;
        match &mut self.protection {
            Some(protection) => {
                if *protection.sending.keys() != send {
                    let starts_anew = protection.sending.has_rolled_over(ssrc);
                    protection.sending.renew(send);
                    if starts_anew {
                        // Not every far end remembers how often the numbers wrapped.
                        self.sender.start_anew();
                    }
                }
                if *protection.receiving.keys() != receive {
                    let renewed = protection.receiving.renewed(receive);
                    let earlier = std::mem::replace(&mut protection.receiving, renewed);
                    protection.earlier = Some(earlier);
                }
            }
            None => {
                self.protection = Some(Box::new(Protection {
                    sending: Sending::new(send),
                    receiving: Receiving::new(receive),
                    earlier: None,
                }));
            }
        }
    }

    /// Tell once that the key of what is sent should be followed by another.
    pub fn watch_keys(&mut self, output: &mut Output) {
        if let Some(protection) = &mut self.protection
            && protection.sending.is_worn()
        {
            let stream = self.id;
            output.events.push(Event::KeysWorn { stream });
        }
    }

    /// Whether nothing is taken that is not protected. The keys of audio are not for what passes
    /// unread, such as a fax in its place.
    pub fn is_protected(&self) -> bool {
        self.protection.is_some() && !self.is_opaque()
    }

    /// Put a received packet into `plain`; false where it is not to be taken.
    pub fn unprotect(&mut self, is_report: bool, packet: &[u8], plain: &mut Vec<u8>) -> bool {
        let Some(protection) = &mut self.protection else {
            return false;
        };
        let take = |receiving: &mut Receiving, plain: &mut Vec<u8>| match is_report {
            true => receiving.unprotect_report(packet, plain),
            false => receiving.unprotect(packet, plain),
        };
        let mut outcome = take(&mut protection.receiving, plain);
        match (outcome, &mut protection.earlier) {
            (Ok(()), Some(_)) => protection.earlier = None,
            (Err(Refusal::Forged), Some(earlier)) => outcome = take(earlier, plain),
            _ => {}
        }
        let counters = &self.statistics.counters;
        match outcome {
            Ok(()) => return true,
            Err(Refusal::Malformed) => counters.malformed.add_alone(1),
            Err(Refusal::Forged) => counters.unprotected.add_alone(1),
            Err(Refusal::Replayed) => counters.replayed.add_alone(1),
        }
        false
    }
}

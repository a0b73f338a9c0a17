//! Streams whose datagrams go on as they are: proxied media, video, fax by T.38, whatever it is.

use std::net::SocketAddr;

use super::Stream;
use crate::output::{Channel, Output};
use crate::rtp::latch::Verdict;
use crate::time::{MILLISECOND, Microseconds};

impl Stream {
    /// Whether nothing is read of what passes.
    pub fn is_transparent(&self) -> bool {
        self.parameters
            .as_ref()
            .is_some_and(|known| known.transparent)
    }

    /// Take a datagram of the far end; false where it is somebody else's or not wanted now.
    pub fn take_unread(
        &mut self,
        now: Microseconds,
        channel: Channel,
        source: SocketAddr,
        length: usize,
        output: &mut Output,
    ) -> bool {
        let Some(parameters) = &self.parameters else {
            return false;
        };
        let (receive, timeout) = (parameters.receive, parameters.timeout_ms);
        let counters = &self.statistics.counters;
        if channel == Channel::Rtcp {
            let remote = self.latch.destination();
            let known = remote.is_some_and(|remote| remote.ip() == source.ip());
            if known {
                self.reports.learn(source);
                counters.rtcp_in.add_alone(1);
            } else {
                counters.foreign.add_alone(1);
            }
            return known && receive;
        }
        let verdict = self.latch.judge(now, source);
        if verdict == Verdict::Foreign {
            counters.foreign.add_alone(1);
            self.statistics.set_stranger(source);
            return false;
        }
        counters.packets_in.add_alone(1);
        counters.bytes_in.add_alone(length as u64);
        self.last_heard = now;
        let resumed = !std::mem::replace(&mut self.heard, true);
        if resumed && receive && timeout > 0 {
            self.timeout_check = Some(now + Microseconds::from(timeout) * MILLISECOND);
        }
        if verdict == Verdict::Adopted || resumed {
            self.announce_source(source, output);
        }
        receive
    }

    /// Send a datagram of the party we hear on as it is.
    pub fn pass_unread(&mut self, channel: Channel, packet: &[u8], output: &mut Output) {
        let Some(remote) = self.destination() else {
            return;
        };
        let destination = match channel {
            Channel::Rtp => Some(remote),
            Channel::Rtcp => self.report_destination(),
        };
        let Some(destination) = destination else {
            return;
        };
        let length = output.send(self.place, channel, destination, |out| {
            out.extend_from_slice(packet);
        });
        let counters = &self.statistics.counters;
        match channel {
            Channel::Rtp => {
                counters.packets_out.add_alone(1);
                counters.bytes_out.add_alone(length as u64);
            }
            Channel::Rtcp => counters.rtcp_out.add_alone(1),
        }
    }
}

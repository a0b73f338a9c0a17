//! Waiting with epoll, a system call for each packet: where io_uring may not be used.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::{LARGEST_PACKET, Wait};
use crate::output::Channel;
use crate::ports::PortPair;
use crate::sys::{Alarm, Poller, Wake};

const WAKE: u64 = u64::MAX;
const ALARM: u64 = u64::MAX - 1;

/// Tells which sockets are readable and reads them.
pub struct Epoll {
    poller: Poller,
    alarm: Alarm,
    ready: Vec<u64>,
    /// The last wait told as many as it could.
    full: bool,
    buffer: Box<[u8; LARGEST_PACKET]>,
}

impl Epoll {
    pub fn new(wake: &Wake) -> io::Result<Epoll> {
        let (poller, alarm) = (Poller::new()?, Alarm::new()?);
        poller.add(wake, WAKE)?;
        poller.add(&alarm, ALARM)?;
        Ok(Epoll {
            poller,
            alarm,
            ready: Vec::new(),
            full: false,
            buffer: Box::new([0; LARGEST_PACKET]),
        })
    }

    pub fn watch(&self, place: usize, ports: &PortPair) -> io::Result<()> {
        for channel in [Channel::Rtp, Channel::Rtcp] {
            self.poller
                .add(ports.socket(channel), encode_token(place, channel))?;
        }
        Ok(())
    }

    pub fn forget(&self, ports: &PortPair) {
        self.poller.remove(&ports.rtp);
        self.poller.remove(&ports.rtcp);
    }

    pub fn wait(&mut self, wait: Wait) -> io::Result<()> {
        match wait {
            // More sockets are readable than could be told.
            Wait::Gather(_) if self.full => {}
            Wait::Gather(span) => std::thread::sleep(span),
            Wait::Arrival(Some(span)) => self.alarm.set(span.as_micros() as u64)?,
            Wait::Arrival(None) => {}
        }
        let longest = matches!(wait, Wait::Gather(_)).then_some(Duration::ZERO);
        self.full = self.poller.wait(longest, &mut self.ready)?;
        if self.ready.contains(&ALARM) {
            self.alarm.clear();
        }
        Ok(())
    }

    pub fn next(
        &mut self,
        ports: &[Option<PortPair>],
    ) -> Option<(usize, Channel, SocketAddr, &[u8])> {
        while let Some(token) = self.ready.pop() {
            let (place, channel) = decode_token(token);
            let Some(Some(ports)) = ports.get(place) else {
                continue;
            };
            // An error is an ICMP message about an earlier packet, or nothing to read after all.
            if let Ok((length, source)) = ports.socket(channel).recv_from(&mut *self.buffer) {
                return Some((place, channel, source, &self.buffer[..length]));
            }
        }
        None
    }
}

fn encode_token(place: usize, channel: Channel) -> u64 {
    (place as u64) << 1 | u64::from(channel == Channel::Rtcp)
}

fn decode_token(token: u64) -> (usize, Channel) {
    let channel = if token & 1 == 0 {
        Channel::Rtp
    } else {
        Channel::Rtcp
    };
    ((token >> 1) as usize, channel)
}

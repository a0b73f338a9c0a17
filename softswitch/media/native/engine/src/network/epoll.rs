//! Waiting with epoll and a system call for each packet: where io_uring may not be used.

use std::io;
use std::time::Duration;

use super::token::Token;
use super::{Arrival, Network, Sent, Wait};
use crate::output::{Channel, Output};
use crate::ports::PortPair;
use crate::sys::{Alarm, Poller, Wake};

/// Larger than any packet of an Ethernet; what is longer is cut and fails to parse or decode.
const LARGEST_PACKET: usize = 4096;
const WAKE: u64 = u64::MAX;
const ALARM: u64 = u64::MAX - 1;

/// Sockets that tell when they are readable.
pub struct Epoll {
    poller: Poller,
    alarm: Alarm,
    /// By place.
    ports: Vec<Option<PortPair>>,
    released: Vec<(usize, PortPair)>,
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
            ports: Vec::new(),
            released: Vec::new(),
            ready: Vec::new(),
            full: false,
            buffer: Box::new([0; LARGEST_PACKET]),
        })
    }

    fn forget(&mut self, place: usize) -> Option<PortPair> {
        let ports = self.ports.get_mut(place)?.take()?;
        self.poller.remove(&ports.rtp);
        self.poller.remove(&ports.rtcp);
        Some(ports)
    }
}

impl Network for Epoll {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn open(&mut self, place: usize, ports: PortPair) -> io::Result<()> {
        if self.ports.len() <= place {
            self.ports.resize_with(place + 1, || None);
        }
        let ports = self.ports[place].insert(ports);
        for channel in [Channel::Rtp, Channel::Rtcp] {
            let token = Token {
                place,
                watch: 0,
                channel,
            };
            self.poller.add(ports.socket(channel), token.encode())?;
        }
        Ok(())
    }

    fn close(&mut self, place: usize) {
        self.forget(place);
    }

    fn release(&mut self, place: usize) {
        if let Some(ports) = self.forget(place) {
            self.released.push((place, ports));
        }
    }

    fn wait(&mut self, wait: Wait) -> io::Result<()> {
        let longest = match wait {
            Wait::Arrival(span) => {
                if let Some(span) = span {
                    self.alarm.set(span)?;
                }
                None
            }
            Wait::Gather(span) => {
                // If more sockets are readable than could be told, they are behind already.
                if !self.full {
                    std::thread::sleep(span);
                }
                Some(Duration::ZERO)
            }
        };
        self.full = self.poller.wait(longest, &mut self.ready)?;
        if self.ready.contains(&ALARM) {
            self.alarm.clear();
        }
        Ok(())
    }

    fn take(&mut self) -> Option<Arrival<'_>> {
        if let Some((place, ports)) = self.released.pop() {
            return Some(Arrival::Released(place, ports));
        }
        while let Some(number) = self.ready.pop() {
            if number == WAKE || number == ALARM {
                continue;
            }
            let Token { place, channel, .. } = Token::decode(number);
            let Some(Some(ports)) = self.ports.get(place) else {
                continue;
            };
            // An error is an ICMP message about an earlier packet, or nothing to read after all.
            if let Ok((length, source)) = ports.socket(channel).recv_from(&mut *self.buffer) {
                return Some(Arrival::Packet {
                    place,
                    channel,
                    source,
                    bytes: &self.buffer[..length],
                });
            }
        }
        None
    }

    fn send(&mut self, output: &mut Output) -> Sent {
        let mut count = Sent::default();
        for transmit in &output.transmits {
            let Some(Some(ports)) = self.ports.get(transmit.place) else {
                continue;
            };
            let socket = ports.socket(transmit.channel);
            match socket.send_to(output.bytes(transmit), transmit.destination) {
                Ok(_) => count.sent += 1,
                Err(_) => count.unsent += 1,
            }
        }
        output.clear_transmits();
        count
    }

    fn finish(&mut self) {}
}

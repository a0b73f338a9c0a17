//! The sockets of a worker's streams, and the wait for what arrives on them.
//!
//! Packets of many streams are taken and sent together: waking a thread for each, its own or the
//! far end's, costs more than the packet does.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::output::{Channel, Output};
use crate::ports::PortPair;
use crate::sys::Wake;

mod epoll;

use epoll::Epoll;

/// Larger than any packet of an Ethernet; what is longer is cut and fails to parse or decode.
const LARGEST_PACKET: usize = 4096;

/// What a wait brought.
pub enum Arrival<'a> {
    /// A datagram for the stream at a place.
    Packet {
        place: usize,
        channel: Channel,
        source: SocketAddr,
        bytes: &'a [u8],
    },
    /// Nothing arrives for that place any more; its ports are the receiver's.
    Released(usize, PortPair),
}

/// How many datagrams went out and how many could not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub sent: u64,
    pub unsent: u64,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until something arrives, but no longer than this.
    Arrival(Option<Duration>),
    /// So long, whatever arrives: it is taken together afterwards.
    Gather(Duration),
}

/// The sockets of a worker.
pub struct Network {
    /// By place.
    ports: Vec<Option<PortPair>>,
    released: Vec<(usize, PortPair)>,
    epoll: Epoll,
}

impl Network {
    /// `wake` ends a wait for arrivals.
    pub fn new(wake: &Wake) -> io::Result<Network> {
        Ok(Network {
            ports: Vec::new(),
            released: Vec::new(),
            epoll: Epoll::new(wake)?,
        })
    }

    /// Take what arrives on these ports from now on.
    pub fn open(&mut self, place: usize, ports: PortPair) -> io::Result<()> {
        let watched = self.epoll.watch(place, &ports);
        if self.ports.len() <= place {
            self.ports.resize_with(place + 1, || None);
        }
        self.ports[place] = Some(ports);
        watched
    }

    /// Free the ports of a place.
    pub fn close(&mut self, place: usize) {
        if let Some(ports) = self.ports.get_mut(place).and_then(Option::take) {
            self.epoll.forget(&ports);
        }
    }

    /// Give up the ports of a place; [`Arrival::Released`] brings them.
    pub fn release(&mut self, place: usize) {
        if let Some(ports) = self.ports.get_mut(place).and_then(Option::take) {
            self.epoll.forget(&ports);
            self.released.push((place, ports));
        }
    }

    /// Wait for arrivals; then [`Network::next`] has them.
    pub fn wait(&mut self, wait: Wait) -> io::Result<()> {
        self.epoll.wait(wait)
    }

    /// The next of what arrived. Each is told once, packets of one socket in their order.
    pub fn next(&mut self) -> Option<Arrival<'_>> {
        if let Some((place, ports)) = self.released.pop() {
            return Some(Arrival::Released(place, ports));
        }
        let (place, channel, source, bytes) = self.epoll.next(&self.ports)?;
        Some(Arrival::Packet {
            place,
            channel,
            source,
            bytes,
        })
    }

    /// Send what is queued, and forget it.
    pub fn send(&mut self, output: &mut Output) -> Sent {
        let mut count = Sent::default();
        for transmit in &output.transmits {
            let Some(Some(ports)) = self.ports.get(transmit.place) else {
                continue;
            };
            let bytes = output.bytes(transmit);
            match ports
                .socket(transmit.channel)
                .send_to(bytes, transmit.destination)
            {
                Ok(_) => count.sent += 1,
                Err(_) => count.unsent += 1,
            }
        }
        output.clear_transmits();
        count
    }
}

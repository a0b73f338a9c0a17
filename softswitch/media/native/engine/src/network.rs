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
mod token;
mod uring;

use epoll::Epoll;
use uring::Uring;

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
pub trait Network: Send {
    /// The calling thread is the one that uses it from now on.
    fn begin(&mut self) -> io::Result<()>;

    /// Take what arrives on these ports from now on.
    fn open(&mut self, place: usize, ports: PortPair) -> io::Result<()>;

    /// Free the ports of a place.
    fn close(&mut self, place: usize);

    /// Give up the ports of a place; [`Arrival::Released`] brings them, behind the last packet.
    fn release(&mut self, place: usize);

    /// Wait for arrivals; then [`Network::take`] has them.
    fn wait(&mut self, wait: Wait) -> io::Result<()>;

    /// The next of what arrived, packets of one socket in their order.
    fn take(&mut self) -> Option<Arrival<'_>>;

    /// Send what is queued, and forget it.
    fn send(&mut self, output: &mut Output) -> Sent;

    /// Wait until all ports that were closed are free.
    fn finish(&mut self);
}

/// How sockets are waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    #[default]
    IoUring,
    /// Where io_uring is refused, as containers often do.
    Epoll,
}

impl Method {
    /// The method that works here, found out by trying.
    pub fn settle(self) -> Method {
        match self {
            Method::IoUring if ring::Ring::trial().is_ok() => Method::IoUring,
            _ => Method::Epoll,
        }
    }

    /// Sockets for a worker; `wake` ends its waits.
    pub fn create(self, wake: &Wake) -> io::Result<Box<dyn Network>> {
        match self {
            Method::IoUring => Ok(Box::new(Uring::new(wake)?)),
            Method::Epoll => Ok(Box::new(Epoll::new(wake)?)),
        }
    }
}

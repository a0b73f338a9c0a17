//! Waiting and sending with io_uring: one system call for the packets of a whole round.

use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

use ring::{Completion, Ring};

use super::token::Token;
use super::{Arrival, Network, Sent, Wait};
use crate::output::{Channel, Output};
use crate::ports::PortPair;
use crate::sys::Wake;

/// How long the end of a worker waits for the kernel to let go of its ports.
const PATIENCE: Duration = Duration::from_secs(1);
const CHANNELS: [Channel; 2] = [Channel::Rtp, Channel::Rtcp];

/// Ports that the kernel still reads.
struct Leaving {
    ports: PortPair,
    /// Of the two sockets, how many are still read.
    read: usize,
    /// They are to be told as [`Arrival::Released`], not dropped.
    released: bool,
}

/// Sockets that the kernel reads on its own.
pub struct Uring {
    ring: Ring,
    /// By place: the ports and the number of their watch.
    open: Vec<Option<(u32, PortPair)>>,
    last_watch: u32,
    /// Ports that were closed or released, by their watch.
    leaving: HashMap<u32, Leaving>,
}

impl Uring {
    pub fn new(wake: &Wake) -> io::Result<Uring> {
        Ok(Uring {
            ring: Ring::new(wake)?,
            open: Vec::new(),
            last_watch: 0,
            leaving: HashMap::new(),
        })
    }

    fn leave(&mut self, place: usize, released: bool) {
        let Some((watch, ports)) = self.open.get_mut(place).and_then(Option::take) else {
            return;
        };
        for channel in CHANNELS {
            let token = Token {
                place,
                watch,
                channel,
            };
            // A ring that fails ends the worker at its next wait.
            let _ = self.ring.forget(token.encode());
        }
        let leaving = Leaving {
            ports,
            read: CHANNELS.len(),
            released,
        };
        self.leaving.insert(watch, leaving);
    }

    /// One of its sockets is read no more; the ports, if it was the last and they are wanted.
    fn forgotten(&mut self, watch: u32) -> Option<PortPair> {
        let leaving = self.leaving.get_mut(&watch)?;
        leaving.read -= 1;
        if leaving.read > 0 {
            return None;
        }
        let leaving = self.leaving.remove(&watch)?;
        leaving.released.then_some(leaving.ports)
    }

    /// Whether packets of a watch are still for its place.
    fn is_current(&self, token: Token) -> bool {
        let watch = self.open.get(token.place).and_then(Option::as_ref);
        watch.is_some_and(|(watch, _)| *watch == token.watch)
            || self
                .leaving
                .get(&token.watch)
                .is_some_and(|leaving| leaving.released)
    }
}

impl Network for Uring {
    fn begin(&mut self) -> io::Result<()> {
        self.ring.begin()
    }

    fn open(&mut self, place: usize, ports: PortPair) -> io::Result<()> {
        self.last_watch = (self.last_watch + 1) & Token::LAST_WATCH;
        let watch = self.last_watch;
        if self.open.len() <= place {
            self.open.resize_with(place + 1, || None);
        }
        let (_, ports) = self.open[place].insert((watch, ports));
        for channel in CHANNELS {
            let token = Token {
                place,
                watch,
                channel,
            };
            self.ring.watch(ports.socket(channel), token.encode())?;
        }
        Ok(())
    }

    fn close(&mut self, place: usize) {
        self.leave(place, false);
    }

    fn release(&mut self, place: usize) {
        self.leave(place, true);
    }

    fn wait(&mut self, wait: Wait) -> io::Result<()> {
        match wait {
            Wait::Arrival(longest) => self.ring.wait_for_any(longest),
            Wait::Gather(span) => self.ring.wait_for_many(span),
        }
    }

    fn take(&mut self) -> Option<Arrival<'_>> {
        loop {
            // A ring that fails ends the worker at its next wait.
            match self.ring.take().ok()?? {
                Completion::Forgotten(number) => {
                    let Token { place, watch, .. } = Token::decode(number);
                    if let Some(ports) = self.forgotten(watch) {
                        return Some(Arrival::Released(place, ports));
                    }
                }
                Completion::Datagram { token, source } => {
                    let token = Token::decode(token);
                    if !self.is_current(token) {
                        continue;
                    }
                    return Some(Arrival::Packet {
                        place: token.place,
                        channel: token.channel,
                        source,
                        bytes: self.ring.datagram(),
                    });
                }
            }
        }
    }

    fn send(&mut self, output: &mut Output) -> Sent {
        let mut sent = 0;
        let datagrams = output.transmits.iter().filter_map(|transmit| {
            let (_, ports) = self.open.get(transmit.place)?.as_ref()?;
            sent += 1;
            let socket = ports.socket(transmit.channel);
            Some((socket, transmit.destination, output.bytes(transmit)))
        });
        // A ring that fails ends the worker at its next wait.
        let _ = self.ring.send(datagrams);
        output.clear_transmits();
        // Failures are told later; those of a round before are counted in this one.
        let unsent = self.ring.take_unsent();
        Sent {
            sent: sent.max(unsent) - unsent,
            unsent,
        }
    }

    fn finish(&mut self) {
        let begun = Instant::now();
        while !self.leaving.is_empty() && begun.elapsed() < PATIENCE {
            let waited = self.ring.wait_for_any(Some(PATIENCE));
            while self.take().is_some() {}
            if waited.is_err() {
                return;
            }
        }
    }
}

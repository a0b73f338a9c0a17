//! A thread that owns sockets and the clock, and runs a graph of streams on them.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::Clock;
use crate::counters::EngineCounters;
use crate::event::{Event, EventQueue};
use crate::graph::{Command, Graph};
use crate::inbox::{Inbox, Opening, Request, Sockets};
use crate::output::Channel;
use crate::stream::Stream;
use crate::sys::{Alarm, Poller, go_first};
use crate::time::{MILLISECOND, Microseconds};

/// Larger than any packet of an Ethernet; what is longer is cut and fails to parse or decode.
const LARGEST_PACKET: usize = 4096;
/// Packets of many calls are taken together: a thread that wakes for each costs more than they do.
const ROUND: Microseconds = MILLISECOND;
/// Rounds that follow each other this closely are worth gathering; a few calls are not delayed.
const DENSE: Microseconds = ROUND + MILLISECOND / 2;
const WAKE: u64 = u64::MAX;
const ALARM: u64 = u64::MAX - 1;

/// A running worker.
pub struct Worker {
    pub inbox: Inbox,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    pub fn start(
        name: String,
        events: Arc<EventQueue>,
        counters: Arc<EngineCounters>,
        clock: Clock,
    ) -> io::Result<Worker> {
        let inbox = Inbox::new()?;
        let poller = Poller::new()?;
        let alarm = Alarm::new()?;
        poller.add(inbox.wake(), WAKE)?;
        poller.add(&alarm, ALARM)?;
        let loop_ = Loop {
            graph: Graph::new(clock.wall_offset, Arc::clone(&counters)),
            sockets: Vec::new(),
            inbox: inbox.clone(),
            requests: VecDeque::new(),
            expected: None,
            early: HashMap::new(),
            poller,
            alarm,
            alarm_at: None,
            clock,
            events,
            counters,
            tally: Tally::default(),
            buffer: [0; LARGEST_PACKET],
        };
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || loop_.run())?;
        Ok(Worker {
            inbox,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Close all streams and wait for the thread to end.
    pub fn shut_down(&self) {
        self.inbox.post(Request::Shutdown);
        let thread = self
            .thread
            .lock()
            .expect("no holder of the thread panics")
            .take();
        if let Some(thread) = thread {
            // A panic was already told by the thread itself.
            let _ = thread.join();
        }
    }
}

struct Loop {
    graph: Graph,
    /// By place in the graph.
    sockets: Vec<Option<Sockets>>,
    inbox: Inbox,
    /// Requests taken from the inbox and not carried out yet.
    requests: VecDeque<Request>,
    /// The stream that must arrive before anything else is done.
    expected: Option<u64>,
    /// Streams that arrived before they were expected.
    early: HashMap<u64, Option<Box<(Stream, Sockets)>>>,
    poller: Poller,
    alarm: Alarm,
    alarm_at: Option<Microseconds>,
    clock: Clock,
    events: Arc<EventQueue>,
    counters: Arc<EngineCounters>,
    tally: Tally,
    buffer: [u8; LARGEST_PACKET],
}

/// Counts of this round, added to the shared ones at its end: workers do not contend for them.
#[derive(Default)]
struct Tally {
    received: u64,
    sent: u64,
    unsent: u64,
}

impl Loop {
    fn run(mut self) {
        go_first();
        let mut ready = Vec::new();
        let mut running = true;
        let mut previous = 0;
        while running && self.poller.wait(&mut ready).is_ok() {
            let now = self.clock.now();
            let dense = now.saturating_sub(previous) < DENSE;
            previous = now;
            // What was asked for before a packet was sent must hold for it.
            if ready.contains(&WAKE) {
                running = self.carry_out_requests(now);
            }
            for &token in &ready {
                match token {
                    WAKE => {}
                    ALARM => {
                        self.alarm.clear();
                        self.alarm_at = None;
                    }
                    _ => self.receive(now, token),
                }
            }
            self.handle_timeouts(self.clock.now());
            self.tell();
            self.set_alarm();
            if dense && running {
                let left = (now + ROUND).saturating_sub(self.clock.now());
                std::thread::sleep(Duration::from_micros(left));
            }
        }
        self.close_all();
        self.tell();
    }

    fn receive(&mut self, now: Microseconds, token: u64) {
        let (place, channel) = decode_token(token);
        let Some(Some(sockets)) = self.sockets.get(place) else {
            return;
        };
        let socket = match channel {
            Channel::Rtp => &sockets.ports.rtp,
            Channel::Rtcp => &sockets.ports.rtcp,
        };
        // An error is an ICMP message about an earlier packet, or nothing to read after all.
        let Ok((length, source)) = socket.recv_from(&mut self.buffer) else {
            return;
        };
        self.tally.received += 1;
        let (graph, packet) = (&mut self.graph, &self.buffer[..length]);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            graph.handle_packet(now, place, channel, unmapped(source), packet);
        }));
        self.settle(place, outcome);
    }

    fn handle_timeouts(&mut self, now: Microseconds) {
        while let Some(place) = self.graph.pop_due(now) {
            let graph = &mut self.graph;
            let outcome = catch_unwind(AssertUnwindSafe(|| graph.handle_timeout(now, place)));
            self.settle(place, outcome);
        }
    }

    /// Do what was asked for, in order; false to end.
    fn carry_out_requests(&mut self, now: Microseconds) -> bool {
        for request in self.inbox.take() {
            match request {
                Request::Adopt(id, stream) => {
                    self.early.insert(id, stream);
                }
                _ => self.requests.push_back(request),
            }
        }
        loop {
            if let Some(id) = self.expected {
                let Some(arrived) = self.early.remove(&id) else {
                    return true;
                };
                self.expected = None;
                if let Some(arrived) = arrived {
                    let (stream, sockets) = *arrived;
                    let place = self.graph.attach(Box::new(stream));
                    self.watch(place, sockets);
                }
            }
            let Some(request) = self.requests.pop_front() else {
                return true;
            };
            match request {
                Request::Open(opening) => self.open(*opening),
                Request::Stream(id, command) => self.carry_out(now, id, command),
                Request::Close(id) => {
                    if let Some(place) = self.graph.place(id) {
                        self.close(now, place);
                    }
                }
                Request::Expect(id) => self.expected = Some(id),
                Request::Move(id, inbox) => {
                    let stream = self.give_away(id);
                    inbox.post(Request::Adopt(id, stream));
                }
                Request::Adopt(..) => unreachable!("arrivals are kept apart"),
                Request::Shutdown => return false,
            }
        }
    }

    fn carry_out(&mut self, now: Microseconds, id: u64, command: Command) {
        let Some(place) = self.graph.place(id) else {
            return;
        };
        let graph = &mut self.graph;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            graph.handle_command(now, place, command)
        }));
        self.settle(place, outcome);
    }

    fn open(&mut self, opening: Opening) {
        let Opening {
            id,
            ports,
            begin,
            statistics,
            closed,
        } = opening;
        let place = self.graph.open(id, begin, statistics);
        self.watch(place, Sockets { ports, closed });
    }

    fn watch(&mut self, place: usize, sockets: Sockets) {
        let ports = &sockets.ports;
        let watched = self
            .poller
            .add(&ports.rtp, encode_token(place, Channel::Rtp))
            .and_then(|()| {
                self.poller
                    .add(&ports.rtcp, encode_token(place, Channel::Rtcp))
            });
        if self.sockets.len() <= place {
            self.sockets.resize_with(place + 1, || None);
        }
        self.sockets[place] = Some(sockets);
        if let Err(error) = watched {
            self.fail(place, format!("its sockets cannot be watched: {error}"));
        }
    }

    fn give_away(&mut self, id: u64) -> Option<Box<(Stream, Sockets)>> {
        let place = self.graph.place(id)?;
        let stream = self.graph.detach(place)?;
        let sockets = self.sockets.get_mut(place)?.take()?;
        self.poller.remove(&sockets.ports.rtp);
        self.poller.remove(&sockets.ports.rtcp);
        Some(Box::new((*stream, sockets)))
    }

    fn close(&mut self, now: Microseconds, place: usize) {
        let graph = &mut self.graph;
        let outcome = catch_unwind(AssertUnwindSafe(|| graph.close(now, place)));
        self.settle(place, outcome);
        self.drop_sockets(place);
    }

    fn close_all(&mut self) {
        let now = self.clock.now();
        // Streams that were not opened here yet free their ports by being dropped.
        self.inbox.take();
        self.requests.clear();
        self.early.clear();
        for place in self.graph.places() {
            self.close(now, place);
        }
    }

    fn drop_sockets(&mut self, place: usize) {
        if let Some(sockets) = self.sockets.get_mut(place).and_then(Option::take)
            && !sockets.closed.swap(true, Ordering::AcqRel)
        {
            self.counters.streams.subtract(1);
        }
    }

    /// Send what a step wants sent; a step that panicked costs its stream, not the worker.
    fn settle(&mut self, place: usize, outcome: Result<(), Box<dyn Any + Send>>) {
        if let Err(panic) = outcome {
            self.graph.output.clear_transmits();
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            self.fail(place, text.unwrap_or("a panic without words").to_owned());
        }
        if self.graph.output.transmits.is_empty() {
            return;
        }
        let output = &self.graph.output;
        for transmit in &output.transmits {
            let Some(Some(sockets)) = self.sockets.get(transmit.place) else {
                continue;
            };
            let socket = match transmit.channel {
                Channel::Rtp => &sockets.ports.rtp,
                Channel::Rtcp => &sockets.ports.rtcp,
            };
            match socket.send_to(output.bytes(transmit), transmit.destination) {
                Ok(_) => self.tally.sent += 1,
                Err(_) => self.tally.unsent += 1,
            }
        }
        self.graph.output.clear_transmits();
    }

    fn fail(&mut self, place: usize, text: String) {
        if let Some(stream) = self.graph.id(place) {
            self.graph
                .output
                .events
                .push(Event::StreamFailed { stream, text });
        }
        self.graph.detach(place);
        self.drop_sockets(place);
    }

    fn tell(&mut self) {
        let Tally {
            received,
            sent,
            unsent,
        } = std::mem::take(&mut self.tally);
        for (counter, count) in [
            (&self.counters.packets_in, received),
            (&self.counters.packets_out, sent),
            (&self.counters.send_errors, unsent),
            (&self.counters.packets_dropped, self.graph.take_dropped()),
        ] {
            if count > 0 {
                counter.add(count);
            }
        }
        if !self.graph.output.events.is_empty() {
            self.events
                .push(&self.counters, self.graph.output.events.drain(..));
        }
    }

    fn set_alarm(&mut self) {
        let next = self.graph.next_timeout();
        if let Some(next) = next
            && self.alarm_at.is_none_or(|set| next < set)
            && self
                .alarm
                .set(next.saturating_sub(self.clock.now()))
                .is_ok()
        {
            self.alarm_at = Some(next);
        }
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

/// An IPv4 address that a socket tells as IPv6, as IPv4.
fn unmapped(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

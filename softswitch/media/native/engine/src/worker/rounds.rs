//! The rounds of a worker: requests, packets that came, what is due, packets to send.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::Clock;
use crate::counters::{Counter, EngineCounters};
use crate::event::{Event, EventQueue};
use crate::graph::{Command, Graph};
use crate::inbox::{Inbox, Moving, Opening, Request};
use crate::network::{Arrival, Network, Sent, Wait};
use crate::pace::Pace;
use crate::ports::PortPair;
use crate::time::Microseconds;

/// Datagrams that wait to be sent together, at most: those behind them must not wait long.
const MOST_WAITING: usize = 256;

/// What a worker owns, all of it on its own thread.
pub(super) struct Loop {
    graph: Graph,
    network: Box<dyn Network>,
    pace: Pace,
    /// By place: set when the stream is gone.
    closed: Vec<Option<Arc<AtomicBool>>>,
    inbox: Inbox,
    /// Requests taken from the inbox and not carried out yet.
    requests: VecDeque<Request>,
    /// The stream that must arrive before anything else is done.
    expected: Option<u64>,
    /// Streams that arrived before they were expected.
    early: HashMap<u64, Option<Box<Moving>>>,
    /// Streams that leave as soon as their ports are released, by place.
    moving: HashMap<usize, Inbox>,
    clock: Clock,
    events: Arc<EventQueue>,
    counters: Arc<EngineCounters>,
    pub(super) load: Arc<Counter>,
    tally: Tally,
}

/// Counts of this round, added to the shared ones at its end: workers do not contend for them.
#[derive(Default)]
struct Tally {
    received: u64,
    sent: u64,
    unsent: u64,
}

impl Loop {
    pub(super) fn new(
        network: Box<dyn Network>,
        inbox: Inbox,
        events: Arc<EventQueue>,
        counters: Arc<EngineCounters>,
        clock: Clock,
    ) -> Loop {
        Loop {
            graph: Graph::new(clock.wall_offset, Arc::clone(&counters)),
            network,
            pace: Pace::default(),
            closed: Vec::new(),
            inbox,
            requests: VecDeque::new(),
            expected: None,
            early: HashMap::new(),
            moving: HashMap::new(),
            clock,
            events,
            counters,
            load: Arc::default(),
            tally: Tally::default(),
        }
    }

    pub(super) fn run(mut self) {
        let mut running = true;
        let mut wait = Wait::Arrival(None);
        let mut waited = self.network.begin();
        while running {
            waited = waited.and_then(|()| self.network.wait(wait));
            if let Err(error) = &waited {
                self.fail_all(&format!("packets cannot be waited for: {error}"));
                break;
            }
            let now = self.clock.now();
            self.pace.begin(now);
            // What was asked for before a packet was sent must hold for it.
            running = self.carry_out_requests(now);
            let before = self.count_outgoing();
            let received = self.receive(now);
            if self.count_outgoing() > before {
                self.pace.pass_on(received);
            }
            self.handle_timeouts(self.clock.now());
            self.send();
            self.tell();
            let now = self.clock.now();
            wait = self.pace.end(now, self.graph.next_timeout());
            if let Some(load) = self.pace.take_load(now) {
                self.load.set(load);
            }
            if self.graph.is_empty() {
                self.load.set(0);
            }
        }
        self.close_all();
        self.network.finish();
        self.tell();
    }

    /// Packets of this round that were sent or wait for it.
    fn count_outgoing(&self) -> u64 {
        self.tally.sent + self.tally.unsent + self.graph.output.transmits.len() as u64
    }

    /// Hand on what arrived; returns how many packets that were.
    fn receive(&mut self, now: Microseconds) -> u64 {
        let before = self.tally.received;
        while let Some(arrival) = self.network.take() {
            match arrival {
                Arrival::Packet {
                    place,
                    channel,
                    source,
                    bytes,
                } => {
                    self.tally.received += 1;
                    let graph = &mut self.graph;
                    let queued = graph.output.transmits.len();
                    let outcome = catch_unwind(AssertUnwindSafe(|| {
                        graph.handle_packet(now, place, channel, unmapped(source), bytes);
                    }));
                    self.settle(place, queued, outcome);
                }
                Arrival::Released(place, ports) => self.hand_over(place, ports),
            }
        }
        self.tally.received - before
    }

    fn handle_timeouts(&mut self, now: Microseconds) {
        while let Some(place) = self.graph.pop_due(now) {
            self.step(place, |graph| graph.handle_timeout(now, place));
        }
        while let Some(room) = self.graph.pop_due_room(now) {
            let graph = &mut self.graph;
            let queued = graph.output.transmits.len();
            let outcome = catch_unwind(AssertUnwindSafe(|| graph.handle_room_timeout(now, room)));
            if let Err(panic) = outcome {
                self.graph.output.keep_transmits(queued);
                self.graph.fail_room(room, words(&*panic));
            }
            if self.graph.output.transmits.len() >= MOST_WAITING {
                self.send();
            }
        }
    }

    /// Do what was asked for, in order; false to end.
    fn carry_out_requests(&mut self, now: Microseconds) -> bool {
        for request in self.inbox.take() {
            match request {
                Request::Adopt(id, moved) => {
                    self.early.insert(id, moved);
                }
                _ => self.requests.push_back(request),
            }
        }
        loop {
            if let Some(id) = self.expected {
                let Some(arrived) = self.early.remove(&id) else {
                    // Who shall end waits for nobody: the other worker may have ended before.
                    let ends = |request: &Request| matches!(request, Request::Shutdown);
                    return !self.requests.iter().any(ends);
                };
                self.expected = None;
                if let Some(moved) = arrived {
                    let place = self.graph.attach(moved.stream);
                    self.watch(place, moved.ports, moved.closed);
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
                Request::Mixer(id, command) => {
                    self.graph.handle_mixer_command(now, id, command);
                }
                Request::Expect(id) => self.expected = Some(id),
                Request::Move(id, inbox) => self.give_away(id, inbox),
                Request::Adopt(..) => unreachable!("arrivals are kept apart"),
                Request::Shutdown => return false,
            }
        }
    }

    fn carry_out(&mut self, now: Microseconds, id: u64, command: Command) {
        if let Some(place) = self.graph.place(id) {
            self.step(place, |graph| graph.handle_command(now, place, command));
        }
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
        self.watch(place, ports, closed);
    }

    fn watch(&mut self, place: usize, ports: PortPair, closed: Arc<AtomicBool>) {
        if self.closed.len() <= place {
            self.closed.resize_with(place + 1, || None);
        }
        self.closed[place] = Some(closed);
        if let Err(error) = self.network.open(place, ports) {
            self.fail(place, format!("its sockets cannot be watched: {error}"));
        }
    }

    /// Let a stream move to another worker, with all that arrives here until then.
    fn give_away(&mut self, id: u64, inbox: Inbox) {
        if let Some(place) = self.graph.place(id) {
            self.moving.insert(place, inbox);
            self.network.release(place);
        } else {
            inbox.post(Request::Adopt(id, None));
        }
    }

    fn hand_over(&mut self, place: usize, ports: PortPair) {
        // What it wanted sent needs its ports.
        self.send();
        let Some(inbox) = self.moving.remove(&place) else {
            return;
        };
        if let Some(stream) = self.graph.detach(place)
            && let Some(closed) = self.closed[place].take()
        {
            let id = stream.id;
            let moved = Moving {
                stream,
                ports,
                closed,
            };
            inbox.post(Request::Adopt(id, Some(Box::new(moved))));
        }
    }

    fn close(&mut self, now: Microseconds, place: usize) {
        self.step(place, |graph| graph.close(now, place));
        self.send();
        self.drop_ports(place);
    }

    fn close_all(&mut self) {
        let now = self.clock.now();
        let early = self
            .early
            .drain()
            .map(|(id, moved)| Request::Adopt(id, moved));
        for request in self
            .requests
            .drain(..)
            .chain(self.inbox.take())
            .chain(early)
        {
            request.discard(&self.counters);
        }
        self.graph.close_rooms();
        for place in self.graph.places() {
            self.close(now, place);
        }
    }

    fn drop_ports(&mut self, place: usize) {
        self.network.close(place);
        if let Some(closed) = self.closed.get_mut(place).and_then(Option::take)
            && !closed.swap(true, Ordering::AcqRel)
        {
            self.counters.streams.subtract(1);
        }
    }

    /// Let the graph do something for a stream.
    fn step(&mut self, place: usize, step: impl FnOnce(&mut Graph)) {
        let graph = &mut self.graph;
        let queued = graph.output.transmits.len();
        let outcome = catch_unwind(AssertUnwindSafe(|| step(graph)));
        self.settle(place, queued, outcome);
    }

    /// A step that panicked costs its stream, not the worker.
    fn settle(&mut self, place: usize, queued: usize, outcome: Result<(), Box<dyn Any + Send>>) {
        if let Err(panic) = outcome {
            self.graph.output.keep_transmits(queued);
            self.fail(place, words(&*panic));
        }
        if self.graph.output.transmits.len() >= MOST_WAITING {
            self.send();
        }
    }

    /// Send what the steps so far want sent.
    fn send(&mut self) {
        if !self.graph.output.transmits.is_empty() {
            let Sent { sent, unsent } = self.network.send(&mut self.graph.output);
            self.tally.sent += sent;
            self.tally.unsent += unsent;
        }
    }

    fn fail(&mut self, place: usize, text: String) {
        if let Some(stream) = self.graph.id(place) {
            self.graph
                .output
                .events
                .push(Event::StreamFailed { stream, text });
            if let Some(inbox) = self.moving.remove(&place) {
                inbox.post(Request::Adopt(stream, None));
            }
        }
        self.graph.detach(place);
        self.drop_ports(place);
    }

    fn fail_all(&mut self, text: &str) {
        for place in self.graph.places() {
            self.fail(place, text.to_owned());
        }
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
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

/// An IPv4 address that a socket tells as IPv6, as IPv4.
fn unmapped(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests;

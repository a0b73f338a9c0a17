//! A graph with far ends around it, in simulated time.
#![allow(dead_code, reason = "each test file uses its part")]

use std::net::SocketAddr;
use std::sync::Arc;

use engine::counters::{EngineCounters, StreamStatistics};
use engine::event::Event;
use engine::graph::{Command, Graph};
use engine::output::Channel;
use engine::parameters::{CodecParameters, Parameters};
use engine::rtp::header::Header;
use engine::source::{Reader, Source};
use engine::stream::Beginning;
use engine::time::{MILLISECOND, Microseconds};

/// A packet that was sent to a far end.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub at: Microseconds,
    pub header: Header,
    pub payload: Vec<u8>,
    pub to: SocketAddr,
}

/// A stream and the far end that talks to it.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    pub id: u64,
    pub place: usize,
    pub address: SocketAddr,
    pub ssrc: u32,
}

pub struct World {
    pub graph: Graph,
    pub now: Microseconds,
    pub events: Vec<Event>,
    pub sent: Vec<(u64, Sent)>,
    pub reports: Vec<(u64, SocketAddr, Vec<u8>)>,
    statistics: Vec<Arc<StreamStatistics>>,
}

pub fn codec(payload_type: u8, name: &str, clock_rate: u32, ptime: u32) -> CodecParameters {
    CodecParameters {
        payload_type,
        name: name.to_owned(),
        clock_rate,
        channels: 1,
        ptime,
        fmtp: String::new(),
    }
}

pub fn pcmu() -> CodecParameters {
    codec(0, "PCMU", 8000, 20)
}

pub fn pcma() -> CodecParameters {
    codec(8, "PCMA", 8000, 20)
}

/// Parameters of a leg whose far end is where packets come from.
pub fn parameters(leg: Leg, codecs: &[CodecParameters]) -> Parameters {
    Parameters {
        remote_address: Some(leg.address),
        remote_rtcp_address: None,
        codecs: codecs.to_vec(),
        telephone_event: Some(101),
        telephone_event_receive: Some(101),
        send: true,
        receive: true,
        symmetric: true,
        timeout_ms: 0,
        rtcp_interval_ms: 0,
        rtcp_mux: false,
        transparent: false,
        bare: false,
    }
}

impl World {
    pub fn new() -> World {
        let counters = Arc::new(EngineCounters::default());
        World {
            graph: Graph::new(0, counters),
            now: 1_000_000,
            events: Vec::new(),
            sent: Vec::new(),
            reports: Vec::new(),
            statistics: Vec::new(),
        }
    }

    pub fn open(&mut self) -> Leg {
        let id = self.statistics.len() as u64 + 1;
        let statistics = Arc::new(StreamStatistics::default());
        self.statistics.push(Arc::clone(&statistics));
        let begin = Beginning {
            ssrc: 100 + id as u32,
            sequence: 0,
            timestamp: 0,
        };
        let place = self.graph.open(id, begin, statistics);
        let address = SocketAddr::from(([192, 0, 2, id as u8], 4000));
        Leg {
            id,
            place,
            address,
            ssrc: id as u32,
        }
    }

    /// A leg that is configured with these codecs.
    pub fn leg(&mut self, codecs: &[CodecParameters]) -> Leg {
        let leg = self.open();
        self.configure(leg, parameters(leg, codecs));
        leg
    }

    /// Two legs that hear each other.
    pub fn pair(&mut self, one: &[CodecParameters], other: &[CodecParameters]) -> (Leg, Leg) {
        let (one, other) = (self.leg(one), self.leg(other));
        self.command(one, Command::Connect(other.id));
        (one, other)
    }

    pub fn configure(&mut self, leg: Leg, parameters: Parameters) {
        parameters.check().expect("the parameters are right");
        self.command(leg, Command::Configure(Box::new(parameters)));
    }

    pub fn command(&mut self, leg: Leg, command: Command) {
        self.graph.handle_command(self.now, leg.place, command);
        self.collect();
    }

    pub fn play(&mut self, leg: Leg, number: u64, source: &Source) {
        let reader = Box::new(Reader::new(source, Some(1), 0, None));
        self.command(leg, Command::Play { number, reader });
    }

    /// The far end of a leg sends a datagram.
    pub fn receive(&mut self, leg: Leg, source: SocketAddr, packet: &[u8]) {
        self.graph
            .handle_packet(self.now, leg.place, Channel::Rtp, source, packet);
        self.collect();
    }

    /// The far end of a leg speaks: packet number n of an even stream.
    pub fn speak(&mut self, leg: Leg, payload_type: u8, number: u32, payload: &[u8]) {
        let timestamp = number * payload.len() as u32;
        self.send(leg, payload_type, number as u16, timestamp, payload);
    }

    pub fn send(
        &mut self,
        leg: Leg,
        payload_type: u8,
        sequence: u16,
        timestamp: u32,
        payload: &[u8],
    ) {
        let header = Header {
            marker: false,
            payload_type,
            sequence,
            timestamp,
            ssrc: leg.ssrc,
        };
        let mut packet = header.to_bytes().to_vec();
        packet.extend_from_slice(payload);
        self.receive(leg, leg.address, &packet);
    }

    /// Let time pass, doing what is due on the way.
    pub fn pass(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds * MILLISECOND;
        while let Some(due) = self.graph.next_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            while let Some(place) = self.graph.pop_due(self.now) {
                self.graph.handle_timeout(self.now, place);
            }
            while let Some(room) = self.graph.pop_due_room(self.now) {
                self.graph.handle_room_timeout(self.now, room);
            }
            self.collect();
        }
        self.now = end;
    }

    pub fn close(&mut self, leg: Leg) {
        self.graph.close(self.now, leg.place);
        self.collect();
    }

    /// Packets the far end of a leg got since this was last asked.
    pub fn heard(&mut self, leg: Leg) -> Vec<Sent> {
        let (mine, others) = std::mem::take(&mut self.sent)
            .into_iter()
            .partition(|sent| sent.0 == leg.id);
        self.sent = others;
        let mine: Vec<(u64, Sent)> = mine;
        mine.into_iter().map(|sent| sent.1).collect()
    }

    /// The datagrams the far end of a leg got since this was last asked, as they were sent.
    pub fn raw(&mut self, leg: Leg) -> Vec<Vec<u8>> {
        let heard = self.heard(leg);
        heard
            .into_iter()
            .map(|sent| {
                let mut packet = sent.header.to_bytes().to_vec();
                packet.extend_from_slice(&sent.payload);
                packet
            })
            .collect()
    }

    /// Where packets of a leg went.
    pub fn destinations(&mut self, leg: Leg) -> Vec<SocketAddr> {
        self.heard(leg).into_iter().map(|sent| sent.to).collect()
    }

    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub fn counter(&self, leg: Leg, name: &str) -> u64 {
        let values = self.statistics[leg.id as usize - 1].counters.values();
        values
            .into_iter()
            .find(|(known, _)| *known == name)
            .expect("there is such a counter")
            .1
    }

    pub fn statistics(&self, leg: Leg) -> &StreamStatistics {
        &self.statistics[leg.id as usize - 1]
    }

    pub fn collect(&mut self) {
        let output = &mut self.graph.output;
        for transmit in &output.transmits {
            let id = transmit.place as u64 + 1;
            let bytes = output.bytes(transmit);
            if transmit.channel == Channel::Rtcp || engine::rtp::header::is_rtcp(bytes) {
                self.reports
                    .push((id, transmit.destination, bytes.to_vec()));
                continue;
            }
            let (header, payload) = Header::parse(bytes).expect("what is sent is well formed");
            let sent = Sent {
                at: self.now,
                header,
                payload: bytes[payload].to_vec(),
                to: transmit.destination,
            };
            self.sent.push((id, sent));
        }
        output.clear_transmits();
        self.events.append(&mut output.events);
    }
}

//! The calling party: places calls at a steady rate and hangs them up in time.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::histogram::Histogram;
use crate::media::Media;
use crate::options::Options;
use crate::secure::Secure;
use crate::sip::{self, Party};
use crate::voice;

const T1: Duration = Duration::from_millis(500);
/// A request that is not answered after so many repeats (about 15 s) has failed.
const MOST_REPEATS: u32 = 5;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Calling,
    Proceeding,
    Up,
    Ending,
    Over,
}

struct Call {
    party: Party,
    state: State,
    last: String,
    began: Instant,
    next: Instant,
    repeats: u32,
}

/// What came of it.
#[derive(Default)]
pub struct Report {
    placed: usize,
    answered: usize,
    ended: usize,
    timeouts: usize,
    repeats: usize,
    most_at_once: usize,
    seconds: f64,
    refused: BTreeMap<u16, usize>,
    setup: Option<Histogram>,
}

impl Report {
    pub fn to_json(&self, media: &Media) -> String {
        let refused: Vec<String> = self
            .refused
            .iter()
            .map(|(status, count)| format!("\"{status}\":{count}"))
            .collect();
        let setup = self
            .setup
            .as_ref()
            .map_or("null".into(), Histogram::to_json);
        format!(
            "{{\"placed\":{},\"answered\":{},\"ended\":{},\"timeouts\":{},\"repeats\":{},\
             \"most_at_once\":{},\"seconds\":{:.2},\"refused\":{{{}}},\"setup_ms\":{setup},\
             {}}}",
            self.placed,
            self.answered,
            self.ended,
            self.timeouts,
            self.repeats,
            self.most_at_once,
            self.seconds,
            refused.join(","),
            media.to_json(),
        )
    }
}

pub struct Caller {
    options: Options,
    socket: UdpSocket,
    media: Arc<Media>,
    media_address: SocketAddr,
    calls: Vec<Call>,
    by_id: HashMap<String, usize>,
    report: Report,
    setup: Histogram,
    active: usize,
    first_open: usize,
}

impl Caller {
    pub fn bind(options: Options, media: Arc<Media>) -> io::Result<Self> {
        let socket = UdpSocket::bind(options.caller)?;
        let media_address = media.local()?;
        Ok(Self {
            socket,
            media,
            media_address,
            calls: Vec::with_capacity(options.calls),
            by_id: HashMap::new(),
            report: Report::default(),
            setup: Histogram::new(),
            active: 0,
            first_open: 0,
            options,
        })
    }

    /// Place all calls, wait for their ends.
    pub fn run(mut self) -> Report {
        let began = Instant::now();
        let gap = Duration::from_secs_f64(1.0 / self.options.rate);
        let mut buffer = [0; 8192];
        loop {
            let now = Instant::now();
            while self.calls.len() < self.options.calls
                && now >= began + gap * u32::try_from(self.calls.len()).expect("few calls")
            {
                self.place(now);
            }
            self.timers(now);
            if self.calls.len() == self.options.calls && self.active == 0 {
                break;
            }
            let wait = Duration::from_millis(1);
            self.socket
                .set_read_timeout(Some(wait))
                .expect("the time is not zero");
            while let Ok(length) = self.socket.recv(&mut buffer) {
                if let Ok(message) = std::str::from_utf8(&buffer[..length]) {
                    self.handle(message);
                }
                if Instant::now() > now + wait {
                    break;
                }
            }
        }
        self.report.seconds = began.elapsed().as_secs_f64();
        self.report.setup = Some(self.setup);
        self.report
    }

    fn place(&mut self, now: Instant) {
        let number = self.calls.len();
        let local = self.options.caller;
        let party = Party {
            local,
            call_id: format!("load-{number}-{}", std::process::id()),
            from: format!("\"load\" <sip:load@{local}>;tag={number}"),
            to: format!("<sip:{}@{}>", self.options.number, self.options.target),
            target: format!("sip:{}@{}", self.options.number, self.options.target),
        };
        let payload_type = if self.options.opus {
            voice::PAYLOAD_TYPE
        } else {
            self.options.payload_type
        };
        let keys = !self.options.digits.is_empty();
        let body = sip::description(self.media_address, payload_type, self.options.srtp, keys);
        let invite = party.request("INVITE", 1, &format!("i{number}"), &body);
        self.by_id.insert(party.call_id.clone(), number);
        self.calls.push(Call {
            party,
            state: State::Calling,
            last: invite,
            began: now,
            next: now + T1,
            repeats: 0,
        });
        self.send(number);
        self.report.placed += 1;
        self.active += 1;
        self.report.most_at_once = self.report.most_at_once.max(self.active);
    }

    fn send(&self, number: usize) {
        let _ = self
            .socket
            .send_to(self.calls[number].last.as_bytes(), self.options.target);
    }

    fn timers(&mut self, now: Instant) {
        while self
            .calls
            .get(self.first_open)
            .is_some_and(|call| call.state == State::Over)
        {
            self.first_open += 1;
        }
        for number in self.first_open..self.calls.len() {
            let call = &mut self.calls[number];
            if call.next > now {
                continue;
            }
            match call.state {
                State::Up => self.hang_up(number, now),
                State::Calling | State::Proceeding | State::Ending => {
                    call.repeats += 1;
                    if call.repeats > MOST_REPEATS {
                        self.report.timeouts += 1;
                        self.finish(number);
                        continue;
                    }
                    call.next = now + T1 * 2_u32.pow(call.repeats);
                    if call.state != State::Proceeding {
                        self.report.repeats += 1;
                        self.send(number);
                    }
                }
                State::Over => {}
            }
        }
    }

    fn handle(&mut self, message: &str) {
        let Some(&number) = sip::header(message, "Call-ID").and_then(|id| self.by_id.get(id))
        else {
            return;
        };
        let Some(status) = sip::status(message) else {
            // A request within the call: the switch hangs up.
            let answer = sip::response(message, "200 OK", self.options.caller, "");
            let _ = self.socket.send_to(answer.as_bytes(), self.options.target);
            if message.starts_with("BYE ") {
                self.finish(number);
            }
            return;
        };
        match (sip::method(message), status) {
            ("INVITE", 100..=199) => {
                let call = &mut self.calls[number];
                call.state = match call.state {
                    State::Calling => State::Proceeding,
                    state => state,
                };
            }
            ("INVITE", 200..=299) => self.answered(number, message),
            ("INVITE", _) => {
                self.acknowledge(number, message, &format!("i{number}"));
                if self.calls[number].state != State::Over {
                    *self.report.refused.entry(status).or_default() += 1;
                }
                self.finish(number);
            }
            ("BYE", 200..) => {
                if self.calls[number].state == State::Ending {
                    self.report.ended += 1;
                }
                self.finish(number);
            }
            _ => {}
        }
    }

    fn answered(&mut self, number: usize, message: &str) {
        let now = Instant::now();
        let call = &mut self.calls[number];
        let first = matches!(call.state, State::Calling | State::Proceeding);
        if first {
            if let Some(uri) = sip::contact_uri(message) {
                call.party.target = uri.to_owned();
            }
            call.state = State::Up;
            call.next = now + self.options.hold;
            self.setup
                .add(u64::try_from((now - call.began).as_micros()).expect("calls are short"));
            self.report.answered += 1;
            if self.options.media {
                let secure = Secure::from_description(message);
                // Without a key nothing is said: the row must not show what is not protected.
                if secure.is_some() == self.options.srtp {
                    self.media.secure(number, secure);
                    self.media.direct(number, sip::media_address(message));
                }
            }
        }
        self.acknowledge(number, message, &format!("a{number}"));
    }

    fn acknowledge(&mut self, number: usize, message: &str, branch: &str) {
        let call = &mut self.calls[number];
        if let Some(to) = sip::header(message, "To") {
            call.party.to = to.to_owned();
        }
        let ack = call.party.request("ACK", 1, branch, "");
        let _ = self.socket.send_to(ack.as_bytes(), self.options.target);
    }

    fn hang_up(&mut self, number: usize, now: Instant) {
        self.media.direct(number, None);
        let call = &mut self.calls[number];
        call.state = State::Ending;
        call.repeats = 0;
        call.next = now + T1;
        call.last = call.party.request("BYE", 2, &format!("b{number}"), "");
        self.send(number);
    }

    fn finish(&mut self, number: usize) {
        if self.calls[number].state != State::Over {
            self.calls[number].state = State::Over;
            self.media.direct(number, None);
            self.active -= 1;
        }
    }
}

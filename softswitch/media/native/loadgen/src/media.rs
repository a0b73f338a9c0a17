//! RTP of all calls: one socket for the callers, one for the callee's echo.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use crate::arrivals::Arrivals;
use crate::batch::{Batch, tell_times};
use crate::digits::{self, Digits};
use crate::histogram::Histogram;
use crate::options::Options;
use crate::secure::Secure;
use crate::voice;

const HEADER: usize = 12;
const PACKET: usize = HEADER + 160;
const MAGIC: u32 = 0x4c6f_6164;
const FRAME: Duration = Duration::from_millis(20);
/// Calls are spread over the frame, so that their packets do not come in one burst.
const PHASES: usize = 20;

/// Room for what comes while the processor is elsewhere: loss is to be the switch's, not ours.
const RECEIVE_BUFFER: usize = 32 << 20;

/// A socket for the packets of all calls.
fn bind(ip: IpAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((ip, 0))?;
    socket.set_read_timeout(Some(Duration::from_millis(50)))?;
    // Beyond the limit of the machine where we may, else up to it.
    if sockopt::set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER).is_err() {
        sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER)?;
    }
    Ok(socket)
}

/// One call's packets.
#[derive(Default)]
struct Flow {
    remote: Mutex<Option<SocketAddr>>,
    secure: Mutex<Option<Secure>>,
    sent: AtomicU32,
    returned: AtomicU32,
}

/// The callers' audio.
pub struct Media {
    socket: UdpSocket,
    flows: Vec<Flow>,
    began: Instant,
    stop: Arc<AtomicBool>,
    delay: Histogram,
    foreign: AtomicU64,
    payload_type: u8,
    srtp: bool,
    /// What is said in Opus, if anything.
    voice: Vec<Vec<u8>>,
    arrivals: Option<Arrivals>,
    digits: Digits,
    /// Which call a packet is of, where it does not tell.
    by_remote: RwLock<HashMap<SocketAddr, usize>>,
}

impl Media {
    pub fn bind(options: &Options) -> io::Result<Self> {
        let socket = bind(options.caller.ip())?;
        if options.arrivals {
            tell_times(&socket)?;
        }
        Ok(Self {
            socket,
            flows: (0..options.calls).map(|_| Flow::default()).collect(),
            began: Instant::now(),
            stop: Arc::new(AtomicBool::new(false)),
            delay: Histogram::new(),
            foreign: AtomicU64::new(0),
            payload_type: options.payload_type,
            srtp: options.srtp,
            voice: if options.opus {
                voice::payloads()
            } else {
                Vec::new()
            },
            arrivals: options.arrivals.then(|| Arrivals::new(options.calls)),
            digits: options.digits.clone(),
            by_remote: RwLock::default(),
        })
    }

    pub fn stop_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    pub fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Let a call's packets flow, or stop them with `None`.
    pub fn direct(&self, call: usize, remote: Option<SocketAddr>) {
        *self.flows[call].remote.lock().expect("never poisoned") = remote;
        if let Some(remote) = remote {
            let mut by_remote = self.by_remote.write().expect("never poisoned");
            by_remote.insert(remote, call);
            if let Some(arrivals) = &self.arrivals {
                arrivals.answer(call);
            }
        }
    }

    /// Protect a call's packets from now on.
    pub fn secure(&self, call: usize, secure: Option<Secure>) {
        *self.flows[call].secure.lock().expect("never poisoned") = secure;
    }

    pub fn send_packets(&self) {
        let mut next = Instant::now();
        let mut phase = 0;
        let mut batch = Batch::new();
        while !self.stop.load(Ordering::Relaxed) {
            for call in (phase..self.flows.len()).step_by(PHASES) {
                let remote = *self.flows[call].remote.lock().expect("never poisoned");
                if let Some(remote) = remote {
                    self.push(&mut batch, call, remote);
                }
                if batch.is_full() {
                    batch.send(&self.socket);
                }
            }
            batch.send(&self.socket);
            phase = (phase + 1) % PHASES;
            next += FRAME / PHASES as u32;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }

    fn push(&self, batch: &mut Batch, call: usize, remote: SocketAddr) {
        let flow = &self.flows[call];
        let number = flow.sent.fetch_add(1, Ordering::Relaxed);
        let mut packet = [0xff; PACKET];
        packet[0] = 0x80;
        packet[1] = self.payload_type;
        packet[2..4].copy_from_slice(&(number as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&number.wrapping_mul(160).to_be_bytes());
        packet[8..12].copy_from_slice(&(call as u32).to_be_bytes());
        packet[12..16].copy_from_slice(&MAGIC.to_be_bytes());
        packet[16..20].copy_from_slice(&(call as u32).to_be_bytes());
        packet[20..28].copy_from_slice(&self.now_us().to_be_bytes());
        if let Some(press) = self.digits.press(call, number) {
            packet[1] = digits::PAYLOAD_TYPE | u8::from(press.first) << 7;
            let began = number.wrapping_sub(press.age).wrapping_mul(160);
            packet[4..8].copy_from_slice(&began.to_be_bytes());
            packet[HEADER..HEADER + 4].copy_from_slice(&press.payload);
            return batch.push(&packet[..HEADER + 4], remote);
        }
        if !self.voice.is_empty() {
            packet[1] = voice::PAYLOAD_TYPE;
            packet[4..8].copy_from_slice(&number.wrapping_mul(voice::FRAME).to_be_bytes());
            let mut spoken = packet[..HEADER].to_vec();
            spoken.extend_from_slice(&self.voice[number as usize % self.voice.len()]);
            return batch.push(&spoken, remote);
        }
        if self.srtp
            && let Some(secure) = flow.secure.lock().expect("never poisoned").as_mut()
        {
            let mut protected = packet.to_vec();
            secure.protect(&mut protected);
            return batch.push(&protected, remote);
        }
        batch.push(&packet, remote);
    }

    pub fn receive_packets(&self) {
        let mut batch = Batch::new();
        while !self.stop.load(Ordering::Relaxed) {
            if batch.receive(&self.socket).is_err() {
                continue;
            }
            let now = self.now_us();
            if !self.srtp && self.arrivals.is_none() {
                batch.packets().for_each(|packet| self.count(packet, now));
                continue;
            }
            for (packet, remote, time) in batch.arrivals() {
                let by_remote = self.by_remote.read().expect("never poisoned");
                if let Some(&call) = by_remote.get(&remote) {
                    self.take(call, packet, time, now);
                }
            }
        }
    }

    /// Take a packet of a call that is known by its source.
    fn take(&self, call: usize, packet: &[u8], time: u64, now: u64) {
        if let Some(arrivals) = &self.arrivals {
            arrivals.note(call, packet, time);
        }
        let mut secure = self.flows[call].secure.lock().expect("never poisoned");
        match secure.as_mut() {
            Some(secure) => {
                // What cannot be read is lost, as the report will show.
                if let Some(plain) = secure.unprotect(packet) {
                    self.count(plain, now);
                }
            }
            None => self.count(packet, now),
        }
    }

    fn count(&self, packet: &[u8], now: u64) {
        if packet.len() < 28 || packet[12..16] != MAGIC.to_be_bytes() {
            // Transcoded, or not ours: it can only be counted.
            self.foreign.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let call = u32::from_be_bytes(packet[16..20].try_into().expect("four bytes"));
        let sent = u64::from_be_bytes(packet[20..28].try_into().expect("eight bytes"));
        if let Some(flow) = self.flows.get(call as usize) {
            flow.returned.fetch_add(1, Ordering::Relaxed);
            self.delay.add(now.saturating_sub(sent));
        }
    }

    /// `"rtp":{…}`: what was sent and what came of it.
    pub fn to_json(&self) -> String {
        let (sent, returned, foreign) = self.counts();
        let arrivals = self.arrivals.as_ref().map(Arrivals::to_json);
        format!(
            "\"rtp\":{{\"sent\":{sent},\"returned\":{returned},\"foreign\":{foreign},\
             \"delay_ms\":{}}},{}",
            self.delay.to_json(),
            arrivals.unwrap_or_else(|| "\"arrivals\":null".into())
        )
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).expect("not that old")
    }

    /// Packets sent, returned as they were, and others.
    fn counts(&self) -> (u64, u64, u64) {
        let sum = |count: fn(&Flow) -> &AtomicU32| -> u64 {
            self.flows
                .iter()
                .map(|flow| u64::from(count(flow).load(Ordering::Relaxed)))
                .sum()
        };
        (
            sum(|flow| &flow.sent),
            sum(|flow| &flow.returned),
            self.foreign.load(Ordering::Relaxed),
        )
    }
}

/// The callee's audio: everything goes back where it came from.
pub struct Echo {
    socket: UdpSocket,
    /// What protects the packets of each far end.
    secured: RwLock<HashMap<SocketAddr, Mutex<Secure>>>,
}

impl Echo {
    pub fn bind(ip: IpAddr) -> io::Result<Self> {
        Ok(Self {
            socket: bind(ip)?,
            secured: RwLock::default(),
        })
    }

    pub fn port(&self) -> u16 {
        self.socket.local_addr().expect("it is bound").port()
    }

    /// Protect what goes back to a far end, and read what comes from it accordingly.
    pub fn secure(&self, far_end: Option<SocketAddr>, secure: Option<Secure>) {
        if let (Some(far_end), Some(secure)) = (far_end, secure) {
            let mut secured = self.secured.write().expect("never poisoned");
            secured.insert(far_end, Mutex::new(secure));
        }
    }

    pub fn run(&self, stop: &AtomicBool) {
        let mut batch = Batch::new();
        let mut answers = Batch::new();
        while !stop.load(Ordering::Relaxed) {
            if batch.receive(&self.socket).is_err() {
                continue;
            }
            let secured = self.secured.read().expect("never poisoned");
            if secured.is_empty() {
                batch.send(&self.socket);
                continue;
            }
            for (packet, source, _) in batch.arrivals() {
                let Some(secure) = secured.get(&source) else {
                    continue;
                };
                let mut secure = secure.lock().expect("never poisoned");
                if let Some(plain) = secure.unprotect(packet) {
                    let mut answer = plain.to_vec();
                    secure.protect(&mut answer);
                    answers.push(&answer, source);
                }
            }
            answers.send(&self.socket);
        }
    }
}

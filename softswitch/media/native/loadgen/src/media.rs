//! RTP of all calls: one socket for the callers, one for the callee's echo.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use crate::batch::Batch;
use crate::histogram::Histogram;

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
    payload_type: AtomicU32,
}

impl Media {
    pub fn bind(ip: IpAddr, calls: usize) -> io::Result<Self> {
        Ok(Self {
            socket: bind(ip)?,
            flows: (0..calls).map(|_| Flow::default()).collect(),
            began: Instant::now(),
            stop: Arc::new(AtomicBool::new(false)),
            delay: Histogram::new(),
            foreign: AtomicU64::new(0),
            payload_type: AtomicU32::new(0),
        })
    }

    pub fn stop_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    pub fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Let a call's packets flow, or stop them with `None`.
    pub fn direct(&self, call: usize, remote: Option<SocketAddr>, payload_type: u8) {
        self.payload_type
            .store(payload_type.into(), Ordering::Relaxed);
        *self.flows[call].remote.lock().expect("never poisoned") = remote;
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
        let number = self.flows[call].sent.fetch_add(1, Ordering::Relaxed);
        let mut packet = [0xff; PACKET];
        packet[0] = 0x80;
        packet[1] = self.payload_type.load(Ordering::Relaxed) as u8;
        packet[2..4].copy_from_slice(&(number as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&number.wrapping_mul(160).to_be_bytes());
        packet[8..12].copy_from_slice(&(call as u32).to_be_bytes());
        packet[12..16].copy_from_slice(&MAGIC.to_be_bytes());
        packet[16..20].copy_from_slice(&(call as u32).to_be_bytes());
        packet[20..28].copy_from_slice(&self.now_us().to_be_bytes());
        batch.push(&packet, remote);
    }

    pub fn receive_packets(&self) {
        let mut batch = Batch::new();
        while !self.stop.load(Ordering::Relaxed) {
            if batch.receive(&self.socket).is_ok() {
                let now = self.now_us();
                batch.packets().for_each(|packet| self.count(packet, now));
            }
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
        format!(
            "\"rtp\":{{\"sent\":{sent},\"returned\":{returned},\"foreign\":{foreign},\
             \"delay_ms\":{}}}",
            self.delay.to_json()
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
}

impl Echo {
    pub fn bind(ip: IpAddr) -> io::Result<Self> {
        Ok(Self { socket: bind(ip)? })
    }

    pub fn port(&self) -> u16 {
        self.socket.local_addr().expect("it is bound").port()
    }

    pub fn run(&self, stop: &AtomicBool) {
        let mut batch = Batch::new();
        while !stop.load(Ordering::Relaxed) {
            if batch.receive(&self.socket).is_ok() {
                batch.send(&self.socket);
            }
        }
    }
}

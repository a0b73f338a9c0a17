//! Relays pairs of G.711 streams on loopback and prints what it costs.
//!
//! `cargo run --release -p engine --example relay_load -- [pairs] [seconds] [mode] [epoll]`
//!
//! Modes: `relay`, `translate` (PCMU to PCMA), `play`, and `bare`: the same sockets in the shortest
//! epoll loop there can be, for comparison. `epoll` as fourth does without io_uring.

use std::fs;
use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use engine::parameters::{CodecParameters, Parameters};
use engine::source::Source;
use engine::{Engine, Method, Settings, StreamHandle};
use rustix::event::epoll;
use socket2::SockRef;

const PTIME: Duration = Duration::from_millis(20);
/// Sockets of the far ends; each serves many streams.
const SOCKETS: usize = 16;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| {
        arguments
            .next()
            .map_or(default, |text| text.parse().expect("a number is expected"))
    };
    let (pairs, seconds) = (number(1000), number(10) as u64);
    let mode = arguments.next().unwrap_or_else(|| "relay".to_owned());
    let method = match arguments.next().as_deref() {
        Some("epoll") => Method::Epoll,
        _ => Method::IoUring,
    };
    let engine = Engine::start(Settings {
        rtp_start_port: 16384,
        rtp_end_port: 32768,
        workers: 1,
        method,
    })
    .expect("the engine starts");
    let memory = resident();
    let sockets: Vec<UdpSocket> = (0..SOCKETS).map(|_| far_end()).collect();
    let streams = if mode == "bare" {
        Vec::new()
    } else {
        open_streams(&engine, pairs, &sockets, &mode)
    };
    let addresses = if mode == "bare" {
        relay_bare(2 * pairs, &sockets)
    } else {
        streams.iter().map(StreamHandle::local_address).collect()
    };

    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let receiver = receive(&sockets, &stop, begun);
    let cpu = worker_cpu();
    let sent = if mode == "play" {
        std::thread::sleep(Duration::from_secs(seconds));
        pairs as u64 * 2 * seconds * 50
    } else {
        let odd_payload_type = if mode == "translate" { 8 } else { 0 };
        send(&addresses, &sockets, odd_payload_type, begun, seconds)
    };
    let cpu = worker_cpu() - cpu;
    std::thread::sleep(Duration::from_millis(200));
    stop.store(true, Ordering::Relaxed);
    let mut delays = receiver.join().expect("it ends");
    delays.sort_unstable();
    let at = |share: f64| {
        let index = (delays.len() as f64 * share) as usize;
        delays
            .get(index.min(delays.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    for stream in &streams {
        let counters = &stream.statistics().expect("it is open").counters;
        let wrong = counters.values().into_iter().filter(|(name, _)| {
            ["foreign", "malformed", "lost", "duplicate", "out_of_order"].contains(name)
        });
        for (name, value) in wrong.filter(|(_, value)| *value > 0).take(3) {
            println!("{} {name} {value}", stream.id());
        }
    }
    println!("{:?}", engine.counters().values());
    let pair_seconds = pairs as f64 * seconds as f64;
    println!(
        "{mode}: {pairs} pairs, {seconds} s: sent {sent}, received {}, late ticks {}",
        delays.len(),
        engine.counters().late_ticks.value(),
    );
    println!(
        "worker {:.3} ms CPU a pair-second",
        cpu.as_secs_f64() * 1000.0 / pair_seconds
    );
    println!(
        "delay us: p50 {} p90 {} p99 {} p99.9 {} max {}",
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        at(1.0)
    );
    let used = resident().saturating_sub(memory + 4 * delays.len() as u64);
    println!(
        "memory {:.1} kB a stream",
        used as f64 / 1000.0 / (2 * pairs) as f64
    );
    engine.close();
}

fn far_end() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    // More than the kernel grants is no error.
    let _ = SockRef::from(&socket).set_recv_buffer_size(8 << 20);
    socket
}

fn open_streams(
    engine: &Engine,
    pairs: usize,
    sockets: &[UdpSocket],
    mode: &str,
) -> Vec<StreamHandle> {
    let here = "127.0.0.1".parse().expect("it is an address");
    let mut streams = Vec::new();
    for index in 0..2 * pairs {
        let stream = engine
            .open_stream(here, 0)
            .expect("a pair of ports is free");
        let other_codec = mode == "translate" && index % 2 == 1;
        let (payload_type, name) = if other_codec {
            (8, "PCMA")
        } else {
            (0, "PCMU")
        };
        let codec = CodecParameters {
            payload_type,
            name: name.to_owned(),
            clock_rate: 8000,
            channels: 1,
            ptime: 20,
            fmtp: String::new(),
        };
        let remote = sockets[index % SOCKETS].local_addr().expect("it is bound");
        let parameters = Parameters {
            remote_address: Some(remote),
            remote_rtcp_address: None,
            codecs: vec![codec],
            telephone_event: Some(101),
            telephone_event_receive: Some(101),
            send: true,
            receive: true,
            symmetric: true,
            timeout_ms: 30_000,
            rtcp_interval_ms: 5000,
            rtcp_mux: true,
            transparent: false,
            bare: false,
        };
        stream.configure(parameters).expect("it is open");
        if mode == "play" {
            let source = Source::Buffer {
                samples: vec![1000; 8000].into(),
                rate: 8000,
            };
            stream.play(&source, None, 0).expect("it is open");
        }
        streams.push(stream);
    }
    for pair in streams.chunks_exact(2) {
        pair[0].connect(&pair[1]).expect("both are open");
    }
    streams
}

/// Sends 50 packets a second to each stream, evenly spread; the payload tells when.
fn send(
    addresses: &[SocketAddr],
    sockets: &[UdpSocket],
    odd_payload_type: u8,
    begun: Instant,
    seconds: u64,
) -> u64 {
    let mut packet = [0u8; 172];
    packet[0] = 0x80;
    let mut sent = 0;
    for round in 0..seconds * 50 {
        let round_start = begun + PTIME * round as u32;
        for (index, address) in addresses.iter().enumerate() {
            let due = round_start + PTIME * index as u32 / addresses.len() as u32;
            let early = due.saturating_duration_since(Instant::now());
            if early > Duration::from_micros(500) {
                std::thread::sleep(early);
            }
            packet[1] = if index % 2 == 1 { odd_payload_type } else { 0 };
            packet[2..4].copy_from_slice(&(round as u16).to_be_bytes());
            packet[4..8].copy_from_slice(&(round as u32 * 160).to_be_bytes());
            packet[8..12].copy_from_slice(&(index as u32).to_be_bytes());
            let stamp = begun.elapsed().as_nanos() as u64;
            packet[12..20].copy_from_slice(&stamp.to_be_bytes());
            if sockets[index % SOCKETS].send_to(&packet, address).is_ok() {
                sent += 1;
            }
        }
    }
    sent
}

/// Passes packets on between neighbours without looking at them.
fn relay_bare(count: usize, far_ends: &[UdpSocket]) -> Vec<SocketAddr> {
    let far_ends: Vec<SocketAddr> = far_ends
        .iter()
        .map(|socket| socket.local_addr().expect("it is bound"))
        .collect();
    let sockets: Vec<UdpSocket> = (0..count)
        .map(|_| UdpSocket::bind("127.0.0.1:0").expect("a port is free"))
        .collect();
    let addresses = sockets
        .iter()
        .map(|socket| socket.local_addr().expect("it is bound"));
    let addresses = addresses.collect();
    let relay = move || {
        let poller = epoll::create(epoll::CreateFlags::CLOEXEC).expect("there is epoll");
        for (index, socket) in sockets.iter().enumerate() {
            let token = epoll::EventData::new_u64(index as u64);
            epoll::add(&poller, socket, token, epoll::EventFlags::IN).expect("it is watched");
        }
        let mut packet = [0u8; 2048];
        loop {
            let mut events = [MaybeUninit::uninit(); 256];
            let (ready, _) = epoll::wait(&poller, &mut events, None).expect("it waits");
            for event in ready {
                let index = event.data.u64() as usize;
                let (length, _) = sockets[index]
                    .recv_from(&mut packet)
                    .expect("it is readable");
                let other = index ^ 1;
                // A full buffer at the receiver is no error here.
                let _ = sockets[other].send_to(&packet[..length], far_ends[other % SOCKETS]);
            }
        }
    };
    let builder = std::thread::Builder::new().name("media-worker-bare".to_owned());
    builder.spawn(relay).expect("a thread starts");
    addresses
}

/// Collects the delays in microseconds of what arrives.
fn receive(
    sockets: &[UdpSocket],
    stop: &Arc<AtomicBool>,
    begun: Instant,
) -> std::thread::JoinHandle<Vec<u32>> {
    let sockets: Vec<UdpSocket> = sockets
        .iter()
        .map(|socket| socket.try_clone().expect("it can be cloned"))
        .collect();
    let stop = Arc::clone(stop);
    std::thread::spawn(move || {
        let mut delays = Vec::with_capacity(4 << 20);
        let mut packet = [0u8; 2048];
        while !stop.load(Ordering::Relaxed) {
            let mut idle = true;
            for socket in &sockets {
                socket.set_nonblocking(true).expect("it can be set");
                loop {
                    match socket.recv(&mut packet) {
                        Ok(172) => {
                            idle = false;
                            let stamp = packet[12..20].try_into().expect("eight bytes");
                            let now = begun.elapsed().as_nanos() as u64;
                            let delay = now.saturating_sub(u64::from_be_bytes(stamp));
                            delays.push(u32::try_from(delay / 1000).unwrap_or(u32::MAX));
                        }
                        Ok(_) => {}
                        Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                        Err(_) => {}
                    }
                }
            }
            if idle {
                std::thread::sleep(Duration::from_micros(200));
            }
        }
        delays
    })
}

/// CPU time of the engine's workers so far.
fn worker_cpu() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").expect("this is Linux");
    let time = tasks.flatten().filter_map(|task| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let times = fs::read_to_string(task.path().join("schedstat")).ok()?;
        let nanoseconds = times.split_whitespace().next()?.parse().ok()?;
        name.starts_with("media-worker")
            .then_some(Duration::from_nanos(nanoseconds))
    });
    time.sum()
}

fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/statm").expect("this is Linux");
    let pages: u64 = status
        .split_whitespace()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    pages * 4096
}

//! The least that relaying can cost on this machine: packets are passed on unread, in the shortest
//! epoll loop there can be, over two sockets for each call.

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::epoll;

/// Sockets told in one wait.
const MOST: usize = 256;

/// A relay whose calls are all up from the beginning.
pub struct Floor {
    /// The callers' sides.
    pub addresses: Vec<SocketAddr>,
    thread: JoinHandle<io::Result<()>>,
}

impl Floor {
    /// Relay between a caller's socket and a callee's.
    pub fn start(
        calls: usize,
        caller: SocketAddr,
        callee: SocketAddr,
        stop: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        let bind = |_| UdpSocket::bind((caller.ip(), 0));
        let sockets: Vec<UdpSocket> = (0..2 * calls).map(bind).collect::<io::Result<_>>()?;
        let sides = sockets.iter().step_by(2);
        let addresses = sides
            .map(UdpSocket::local_addr)
            .collect::<io::Result<_>>()?;
        let thread = std::thread::Builder::new()
            .name("floor".into())
            .spawn(move || {
                // As the switch does where it may.
                let _ = ring::run_in_real_time();
                relay(&sockets, [caller, callee], &stop)
            })?;
        Ok(Self { addresses, thread })
    }

    /// Processor time it took so far.
    pub fn cpu() -> io::Result<Duration> {
        for task in fs::read_dir("/proc/self/task")? {
            let task = task?.path();
            if fs::read_to_string(task.join("comm"))?.trim() == "floor" {
                let times = fs::read_to_string(task.join("schedstat"))?;
                let nanoseconds = times.split(' ').next().and_then(|text| text.parse().ok());
                return Ok(Duration::from_nanos(nanoseconds.unwrap_or_default()));
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    pub fn join(self) -> io::Result<()> {
        self.thread.join().expect("it does not panic")
    }
}

/// What comes on a socket leaves from its neighbour: the first of a pair is the caller's.
fn relay(sockets: &[UdpSocket], ends: [SocketAddr; 2], stop: &AtomicBool) -> io::Result<()> {
    let poller = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    for (index, socket) in sockets.iter().enumerate() {
        let token = epoll::EventData::new_u64(index as u64);
        epoll::add(&poller, socket, token, epoll::EventFlags::IN)?;
    }
    let patience = rustix::event::Timespec {
        tv_sec: 0,
        tv_nsec: 50_000_000,
    };
    let mut packet = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        let mut events = [MaybeUninit::uninit(); MOST];
        let (ready, _) = epoll::wait(&poller, &mut events, Some(&patience))?;
        for event in ready {
            let from = event.data.u64() as usize;
            let (length, _) = sockets[from].recv_from(&mut packet)?;
            let to = from ^ 1;
            // What finds no room is lost, as the report will show.
            let _ = sockets[to].send_to(&packet[..length], ends[to % 2]);
        }
    }
    Ok(())
}

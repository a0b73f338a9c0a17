//! System calls beyond the standard library, through crates that wrap them safely.

use std::io;
use std::mem::MaybeUninit;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::time::Duration;

use rustix::event::{EventfdFlags, epoll, eventfd};
use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use socket2::{Domain, Socket, Type};

/// About two seconds of 20 ms packets, as the kernel accounts for them.
const RECEIVE_BUFFER: usize = 256 * 1024;
/// What real-time sound servers ask for.
const MEDIA_NICENESS: i32 = -11;
/// Descriptors told in one wait.
const BATCH: usize = 256;

/// Bind a non-blocking UDP socket whose packets carry a DSCP.
pub fn bind_udp(address: SocketAddr, dscp: u8) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if dscp > 0 {
        let class = u32::from(dscp) << 2;
        match address {
            SocketAddr::V4(_) => socket.set_tos_v4(class)?,
            SocketAddr::V6(_) => socket.set_tclass_v6(class)?,
        }
    }
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// How a thread stands among the others of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Before all usual threads.
    RealTime,
    /// More time than they, but only within the same session or group of processes.
    High,
    Usual,
}

/// Let the calling thread go before others of this machine, as far as we may.
///
/// A packet waits for its thread to get a processor: signalling can wait a little, sound cannot.
pub fn go_first() -> Priority {
    if ring::run_in_real_time().is_ok() {
        return Priority::RealTime;
    }
    // Linux counts niceness by thread.
    match rustix::process::setpriority_process(None, MEDIA_NICENESS) {
        Ok(()) => Priority::High,
        Err(_) => Priority::Usual,
    }
}

/// A descriptor that another thread can make readable.
#[derive(Debug)]
pub struct Wake(OwnedFd);

impl Wake {
    pub fn new() -> io::Result<Wake> {
        Ok(Wake(eventfd(
            0,
            EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC,
        )?))
    }

    pub fn raise(&self) {
        // The only failure is a full counter, which is readable already.
        let _ = rustix::io::write(&self.0, &1u64.to_ne_bytes());
    }

    pub fn clear(&self) {
        // Nothing to read means that nobody raised it.
        let _ = rustix::io::read(&self.0, &mut [0u8; 8]);
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Wake {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Readable once a moment has come.
#[derive(Debug)]
pub struct Alarm(OwnedFd);

impl Alarm {
    pub fn new() -> io::Result<Alarm> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        Ok(Alarm(timerfd_create(TimerfdClockId::Monotonic, flags)?))
    }

    /// Ring after a span from now.
    pub fn set(&self, span: Duration) -> io::Result<()> {
        // A span of zero would disarm it.
        let it_value = timespec(span.max(Duration::from_nanos(1)));
        let it_interval = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let timer = Itimerspec {
            it_interval,
            it_value,
        };
        timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &timer)?;
        Ok(())
    }

    pub fn clear(&self) {
        // Nothing to read means that it has not rung.
        let _ = rustix::io::read(&self.0, &mut [0u8; 8]);
    }
}

impl AsFd for Alarm {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Waits for any of many descriptors to become readable; each is known by a token.
#[derive(Debug)]
pub struct Poller(OwnedFd);

impl Poller {
    pub fn new() -> io::Result<Poller> {
        Ok(Poller(epoll::create(epoll::CreateFlags::CLOEXEC)?))
    }

    pub fn add(&self, source: impl AsFd, token: u64) -> io::Result<()> {
        let data = epoll::EventData::new_u64(token);
        epoll::add(&self.0, source, data, epoll::EventFlags::IN)?;
        Ok(())
    }

    pub fn remove(&self, source: impl AsFd) {
        // What is not watched need not be removed.
        let _ = epoll::delete(&self.0, source);
    }

    /// Wait until something is readable, or so long, and put the tokens of up to `BATCH` into
    /// `ready`; true if there may be more.
    pub fn wait(&self, longest: Option<Duration>, ready: &mut Vec<u64>) -> io::Result<bool> {
        let mut events = [MaybeUninit::uninit(); BATCH];
        ready.clear();
        let longest = longest.map(timespec);
        match epoll::wait(&self.0, &mut events, longest.as_ref()) {
            Ok((events, _)) => ready.extend(events.iter().map(|event| event.data.u64())),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(ready.len() == BATCH)
    }
}

fn timespec(span: Duration) -> Timespec {
    Timespec {
        tv_sec: span.as_secs() as i64,
        tv_nsec: span.subsec_nanos().into(),
    }
}

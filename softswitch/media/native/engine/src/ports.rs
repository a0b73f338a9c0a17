//! Pairs of UDP ports: an even one for RTP, the next for RTCP (RFC 3550 §11).

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::output::Channel;
use crate::sys;

/// How long a request waits for a pair that is just being closed.
const PATIENCE: Duration = Duration::from_millis(200);

/// The bound sockets of a stream; dropping them frees the ports.
#[derive(Debug)]
pub struct PortPair {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    pub address: SocketAddr,
    _lease: Lease,
}

impl PortPair {
    pub fn socket(&self, channel: Channel) -> &UdpSocket {
        match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        }
    }
}

/// Gives its port back when dropped, after the sockets (fields drop in order).
#[derive(Debug)]
struct Lease {
    address: (IpAddr, u16),
    pool: Arc<PortPool>,
}

/// Hands out pairs of a range in turn, so that a port is used again as late as possible.
#[derive(Debug)]
pub struct PortPool {
    first: u16,
    last: u16,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug)]
struct State {
    next: u16,
    leased: HashSet<(IpAddr, u16)>,
    /// Leases whose owners asked for their end.
    closing: usize,
}

impl PortPool {
    /// A pool of the even ports from `start` whose odd successor is at most `end`.
    pub fn new(start: u16, end: u16) -> io::Result<Arc<PortPool>> {
        let first = start
            .checked_add(start % 2)
            .filter(|&first| first > 0 && first < end);
        let Some(first) = first else {
            let text = format!("the port range {start}-{end} holds no pair of ports");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        };
        let last = end - 1 - (end - 1) % 2;
        let state = State {
            next: first,
            leased: HashSet::new(),
            closing: 0,
        };
        Ok(Arc::new(PortPool {
            first,
            last,
            state: Mutex::new(state),
            freed: Condvar::new(),
        }))
    }

    /// Bind the next free pair on an address. May wait a moment for pairs being closed.
    pub fn bind(self: &Arc<PortPool>, ip: IpAddr, dscp: u8) -> io::Result<PortPair> {
        let mut state = self.state.lock().expect("no holder of the pool panics");
        loop {
            for _ in (self.first..=self.last).step_by(2) {
                let port = state.next;
                state.next = if port == self.last {
                    self.first
                } else {
                    port + 2
                };
                if state.leased.contains(&(ip, port)) {
                    continue;
                }
                let sockets = sys::bind_udp(SocketAddr::new(ip, port), dscp)
                    .and_then(|rtp| Ok((rtp, sys::bind_udp(SocketAddr::new(ip, port + 1), dscp)?)));
                match sockets {
                    Ok((rtp, rtcp)) => {
                        state.leased.insert((ip, port));
                        let address = SocketAddr::new(ip, port);
                        let pool = Arc::clone(self);
                        let _lease = Lease {
                            address: (ip, port),
                            pool,
                        };
                        return Ok(PortPair {
                            rtp,
                            rtcp,
                            address,
                            _lease,
                        });
                    }
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                    Err(error) => return Err(error),
                }
            }
            if state.closing == 0 {
                break;
            }
            let waited = self.freed.wait_timeout(state, PATIENCE);
            let (woken, timeout) = waited.expect("no holder of the pool panics");
            state = woken;
            if timeout.timed_out() {
                break;
            }
        }
        let text = format!(
            "no free port pair of {}-{} on {ip}",
            self.first,
            self.last + 1
        );
        Err(io::Error::new(io::ErrorKind::AddrInUse, text))
    }

    /// Bind one port of the caller's choice, which need not be of the range; 0 is any. What goes
    /// beside RTP gets a port of the kernel's.
    pub fn bind_single(
        self: &Arc<PortPool>,
        address: SocketAddr,
        dscp: u8,
    ) -> io::Result<PortPair> {
        let rtp = sys::bind_udp(address, dscp)?;
        let rtcp = sys::bind_udp(SocketAddr::new(address.ip(), 0), dscp)?;
        let address = rtp.local_addr()?;
        let mut state = self.state.lock().expect("no holder of the pool panics");
        state.leased.insert((address.ip(), address.port()));
        let _lease = Lease {
            address: (address.ip(), address.port()),
            pool: Arc::clone(self),
        };
        Ok(PortPair {
            rtp,
            rtcp,
            address,
            _lease,
        })
    }

    /// Announce that a pair is about to be freed.
    pub fn expect_release(&self) {
        self.state
            .lock()
            .expect("no holder of the pool panics")
            .closing += 1;
    }

    fn release(&self, address: (IpAddr, u16)) {
        let mut state = self.state.lock().expect("no holder of the pool panics");
        state.leased.remove(&address);
        state.closing = state.closing.saturating_sub(1);
        drop(state);
        self.freed.notify_one();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.release(self.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    /// A pool of four ports that are free at the moment.
    fn pool() -> Arc<PortPool> {
        loop {
            let probe = UdpSocket::bind((HERE, 0)).expect("a port is free");
            let port = probe.local_addr().expect("it is bound").port() & !1;
            drop(probe);
            let pool = PortPool::new(port, port + 3).expect("the range holds two pairs");
            if pool.bind(HERE, 0).is_ok() && pool.bind(HERE, 0).is_ok() {
                return pool;
            }
        }
    }

    #[test]
    fn rtp_gets_an_even_port_and_rtcp_the_next() {
        let pair = pool().bind(HERE, 0).expect("a pair is free");
        let rtp = pair.rtp.local_addr().expect("it is bound");
        assert_eq!(rtp.port() % 2, 0);
        assert_eq!(
            pair.rtcp.local_addr().expect("it is bound").port(),
            rtp.port() + 1
        );
        assert_eq!(pair.address, rtp);
    }

    #[test]
    fn a_single_port_may_lie_outside_of_the_range_and_is_taken_once() {
        let pool = pool();
        let any = SocketAddr::new(HERE, 0);
        let single = pool.bind_single(any, 0).expect("some port is free");
        assert_ne!(single.address.port(), 0);
        let error = pool.bind_single(single.address, 0);
        assert_eq!(
            error.expect_err("it is taken").kind(),
            io::ErrorKind::AddrInUse
        );
        let address = single.address;
        drop(single);
        assert!(pool.bind_single(address, 0).is_ok());
    }

    #[test]
    fn a_freed_port_is_used_again_last() {
        let pool = pool();
        let first = pool.bind(HERE, 0).expect("a pair is free").address;
        let second = pool.bind(HERE, 0).expect("a pair is free").address;
        assert_ne!(first, second);
        assert_eq!(pool.bind(HERE, 0).expect("a pair is free").address, first);
    }

    #[test]
    fn an_exhausted_range_is_an_error() {
        let pool = pool();
        let held = (pool.bind(HERE, 0), pool.bind(HERE, 0));
        assert!(held.0.is_ok() && held.1.is_ok());
        let error = pool.bind(HERE, 0).expect_err("both pairs are taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn a_request_waits_for_a_pair_that_is_being_closed() {
        let pool = pool();
        let held = (pool.bind(HERE, 0), pool.bind(HERE, 0));
        pool.expect_release();
        let closer = std::thread::spawn(move || drop(held));
        assert!(pool.bind(HERE, 0).is_ok());
        closer.join().expect("closing does not panic");
    }

    #[test]
    fn a_range_without_a_pair_is_refused() {
        assert!(PortPool::new(4001, 4002).is_err());
        assert!(PortPool::new(65_535, 65_535).is_err());
        assert!(PortPool::new(4000, 4001).is_ok());
    }
}

//! Many datagrams of one socket with one system call: the load must weigh little beside what it
//! measures.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::ptr;

/// What the kernel tells besides a datagram: a header and a time.
const CONTROL: usize = 32;
/// Datagrams in one batch.
const MOST: usize = 64;
const LARGEST: usize = 2048;

/// Datagrams that were received or are to be sent, over IPv4.
pub struct Batch {
    buffers: Box<[[u8; LARGEST]; MOST]>,
    lengths: [usize; MOST],
    addresses: [libc::sockaddr_in; MOST],
    /// Headers of ancillary data, aligned as such.
    controls: Box<[[u64; CONTROL / 8]; MOST]>,
    count: usize,
}

impl Batch {
    pub fn new() -> Self {
        let nowhere = raw_address(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));
        Self {
            buffers: Box::new([[0; LARGEST]; MOST]),
            lengths: [0; MOST],
            addresses: [nowhere; MOST],
            controls: Box::new([[0; CONTROL / 8]; MOST]),
            count: 0,
        }
    }

    pub fn is_full(&self) -> bool {
        self.count == MOST
    }

    /// What was received.
    pub fn packets(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|index| &self.buffers[index][..self.lengths[index]])
    }

    /// What was received, from where, and when by the kernel's clock in nanoseconds; 0 where the
    /// socket tells no times.
    pub fn arrivals(&self) -> impl Iterator<Item = (&[u8], SocketAddr, u64)> {
        self.packets().enumerate().map(|(index, packet)| {
            let [length, kind, seconds, nanoseconds] = self.controls[index];
            let (level, name) = (kind as u32, (kind >> 32) as u32);
            let told = length == CONTROL as u64
                && level == libc::SOL_SOCKET as u32
                && name == libc::SCM_TIMESTAMPNS as u32;
            let time = if told {
                seconds * 1_000_000_000 + nanoseconds
            } else {
                0
            };
            (packet, plain_address(&self.addresses[index]), time)
        })
    }

    /// Add a datagram to be sent; one over IPv6 is left out.
    pub fn push(&mut self, packet: &[u8], destination: SocketAddr) {
        if let SocketAddr::V4(destination) = destination
            && !self.is_full()
        {
            self.buffers[self.count][..packet.len()].copy_from_slice(packet);
            self.lengths[self.count] = packet.len();
            self.addresses[self.count] = raw_address(destination);
            self.count += 1;
        }
    }

    /// Replace what is held by what has come, at least one datagram; waits as long as the socket
    /// does.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<()> {
        self.lengths = [LARGEST; MOST];
        self.controls.fill([0; CONTROL / 8]);
        self.count = 0;
        // SAFETY: the first MOST headers of `call` describe buffers of this value.
        let count = self.call(MOST, true, |headers| unsafe {
            let flags = libc::MSG_WAITFORONE;
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers,
                MOST as u32,
                flags,
                ptr::null_mut(),
            )
        })?;
        self.count = count;
        Ok(())
    }

    /// Send what is held and hold it no more: received datagrams go back where they came from.
    pub fn send(&mut self, socket: &UdpSocket) {
        let count = std::mem::take(&mut self.count);
        if count > 0 {
            // SAFETY: as many headers of `call` describe buffers of this value. What cannot be sent
            // is lost, as the report will show.
            let _ = self.call(count, false, |headers| unsafe {
                libc::sendmmsg(socket.as_raw_fd(), headers, count as u32, 0)
            });
        }
    }

    /// Make a call with headers of the first datagrams; keeps the lengths it told.
    fn call(
        &mut self,
        count: usize,
        controlled: bool,
        call: impl FnOnce(*mut libc::mmsghdr) -> libc::c_int,
    ) -> io::Result<usize> {
        let mut parts: [libc::iovec; MOST] = std::array::from_fn(|index| libc::iovec {
            iov_base: self.buffers[index].as_mut_ptr().cast(),
            iov_len: self.lengths[index],
        });
        // SAFETY: all zeros is a header of nothing.
        let mut headers: [libc::mmsghdr; MOST] = unsafe { std::mem::zeroed() };
        for (index, header) in headers.iter_mut().enumerate().take(count) {
            header.msg_hdr.msg_name = (&raw mut self.addresses[index]).cast();
            header.msg_hdr.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
            header.msg_hdr.msg_iov = &raw mut parts[index];
            header.msg_hdr.msg_iovlen = 1;
            if controlled {
                header.msg_hdr.msg_control = (&raw mut self.controls[index]).cast();
                header.msg_hdr.msg_controllen = CONTROL;
            }
        }
        let done = call(headers.as_mut_ptr());
        let done = usize::try_from(done).map_err(|_| io::Error::last_os_error())?;
        for (length, header) in self.lengths.iter_mut().zip(&headers).take(done) {
            *length = header.msg_len as usize;
        }
        Ok(done)
    }
}

/// Let the kernel tell when each datagram of a socket came.
pub fn tell_times(socket: &UdpSocket) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the option is an int that is read during the call alone.
    let done = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_TIMESTAMPNS,
            (&raw const on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

fn plain_address(address: &libc::sockaddr_in) -> SocketAddr {
    let ip = Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr));
    SocketAddr::from((ip, u16::from_be(address.sin_port)))
}

fn raw_address(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from(*address.ip()).to_be(),
        },
        sin_zero: [0; 8],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_comes_back_as_it_went() {
        let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
        let (one, other) = (bind(), bind());
        let mut batch = Batch::new();
        for number in 0..=MOST as u8 {
            batch.push(&[number; 100], other.local_addr().unwrap());
        }
        assert!(batch.is_full());
        batch.send(&one);
        assert_eq!(batch.packets().count(), 0);
        let mut echo = Batch::new();
        echo.receive(&other).unwrap();
        assert_eq!(echo.packets().count(), MOST);
        echo.send(&other);
        batch.receive(&one).unwrap();
        let expected = (0..MOST as u8).map(|number| vec![number; 100]);
        assert!(batch.packets().map(<[u8]>::to_vec).eq(expected));
    }

    #[test]
    fn the_kernel_tells_where_from_and_when() {
        let bind = || UdpSocket::bind("127.0.0.1:0").unwrap();
        let (one, other) = (bind(), bind());
        let mut batch = Batch::new();
        for told in [false, true] {
            batch.push(b"now", other.local_addr().unwrap());
            batch.send(&one);
            batch.receive(&other).unwrap();
            let (packet, source, time) = batch.arrivals().next().unwrap();
            assert_eq!((packet, source), (&b"now"[..], one.local_addr().unwrap()));
            assert_eq!(time > 1_700_000_000_000_000_000, told);
            batch.count = 0;
            tell_times(&other).unwrap();
        }
    }
}

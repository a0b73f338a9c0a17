//! UDP sockets driven by io_uring: what came on any number of them is taken, and what goes out is
//! sent, with one system call for many datagrams.
//!
//! All that is unsafe about the engine's dealings with the kernel stays in this crate. The kernel must be 6.1 or newer and allow it,
//! which containers often do not: [`Ring::trial`] finds out.

mod address;
mod buffers;
mod schedule;

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use io_uring::types::{Fd, RecvMsgOut, SubmitArgs, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};

use address::RawAddress;
use buffers::Buffers;
pub use buffers::LONGEST_DATAGRAM;
pub use schedule::run_in_real_time;

/// Datagrams handed to the kernel in one call.
const SUBMISSIONS: usize = 256;
/// Completions that may wait; there are at most as many datagrams as buffers, and few others.
const COMPLETIONS: u32 = 4 * buffers::COUNT as u32;
/// So many datagrams end a wait for all that come in a time: half of the buffers are full.
const MANY: usize = buffers::COUNT as usize / 2;

/// What precedes a datagram in its buffer: four lengths and flags, and the address.
const BEFORE_DATAGRAM: usize = 16 + address::LENGTH;

/// What a request was made for, in the upper bits of its number.
const RECEIVE: u64 = 0 << 62;
const SEND: u64 = 1 << 62;
const WAKE: u64 = 2 << 62;
const CANCEL: u64 = 3 << 62;
const KIND: u64 = 3 << 62;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// A datagram came on the socket with that token; [`Ring::datagram`] has its bytes.
    Datagram { token: u64, source: SocketAddr },
    /// The socket with that token is not read any more; the kernel has let go of it.
    Forgotten(u64),
}

/// Sockets of one thread.
pub struct Ring {
    // Dropped first: the kernel must let go of the memory below.
    ring: IoUring,
    buffers: Buffers,
    /// Says how much of a buffer is for addresses; read by the kernel with each request.
    message: Box<libc::msghdr>,
    watched: HashMap<u64, RawFd>,
    wake: RawFd,
    /// The buffer of the datagram told last, and its length.
    lent: Option<(u16, usize)>,
    addresses: Vec<RawAddress>,
    unsent: u64,
    /// A submission failed: what is queued may refer to memory that is gone, and must stay there.
    broken: bool,
}

// SAFETY: the pointers within are to memory the ring owns; nothing is bound to a thread before
// `begin`.
unsafe impl Send for Ring {}

impl Ring {
    /// A ring whose waits are ended by `wake` becoming readable.
    pub fn new(wake: &impl AsRawFd) -> io::Result<Ring> {
        Self::build(wake.as_raw_fd())
    }

    fn build(wake: RawFd) -> io::Result<Ring> {
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_submit_all()
            .setup_r_disabled()
            .setup_cqsize(COMPLETIONS)
            .build(SUBMISSIONS as u32)?;
        let buffers = Buffers::register(&ring)?;
        // SAFETY: all zeros is a message without address, data or flags.
        let mut message: Box<libc::msghdr> = Box::new(unsafe { std::mem::zeroed() });
        message.msg_namelen = address::LENGTH as u32;
        Ok(Ring {
            ring,
            buffers,
            message,
            watched: HashMap::new(),
            wake,
            lent: None,
            addresses: Vec::with_capacity(SUBMISSIONS),
            unsent: 0,
            broken: false,
        })
    }

    /// Whether everything that is needed works here, found out by doing it.
    pub fn trial() -> io::Result<()> {
        let (one, other) = (
            UdpSocket::bind("127.0.0.1:0")?,
            UdpSocket::bind("127.0.0.1:0")?,
        );
        let (from, to) = (one.local_addr()?, other.local_addr()?);
        let mut ring = Self::build(-1)?;
        ring.begin()?;
        ring.watch(&other, 7)?;
        ring.send([(&one, to, b"trial".as_slice())].into_iter())?;
        ring.wait_for_any(Some(Duration::from_secs(1)))?;
        let (token, source) = (7, from);
        let told = ring.take()? == Some(Completion::Datagram { token, source });
        if told && ring.datagram() == b"trial" {
            return Ok(());
        }
        Err(io::ErrorKind::Unsupported.into())
    }

    /// From now on only the calling thread may use it.
    pub fn begin(&mut self) -> io::Result<()> {
        self.ring.submitter().register_enable_rings()?;
        if self.wake >= 0 {
            self.watch_wake()?;
        }
        Ok(())
    }

    /// Read a socket until it is forgotten; tokens are below 2⁶² and not those of other sockets.
    ///
    /// The socket must not be closed before [`Completion::Forgotten`] tells of it, or its port
    /// stays taken.
    pub fn watch(&mut self, socket: &UdpSocket, token: u64) -> io::Result<()> {
        debug_assert!(token & KIND == 0, "{token} is too large");
        let socket = socket.as_raw_fd();
        self.watched.insert(token, socket);
        self.receive(socket, token)
    }

    /// Read a socket no more. What came before is still told, then [`Completion::Forgotten`].
    pub fn forget(&mut self, token: u64) -> io::Result<()> {
        if self.watched.remove(&token).is_none() {
            return Ok(());
        }
        let request = opcode::AsyncCancel::new(RECEIVE | token).build();
        // SAFETY: it refers to no memory.
        unsafe { self.push(request.user_data(CANCEL)) }
    }

    /// Send datagrams at once; one that cannot be sent is counted by [`Ring::take_unsent`].
    pub fn send<'a>(
        &mut self,
        mut datagrams: impl Iterator<Item = (&'a UdpSocket, SocketAddr, &'a [u8])>,
    ) -> io::Result<()> {
        loop {
            self.addresses.clear();
            let batch = datagrams.by_ref().take(SUBMISSIONS);
            for (socket, destination, bytes) in batch {
                // No reallocation: the kernel reads the addresses where they are.
                self.addresses.push(destination.into());
                let address = &self.addresses[self.addresses.len() - 1];
                let socket = Fd(socket.as_raw_fd());
                let request = opcode::Send::new(socket, bytes.as_ptr(), bytes.len() as u32)
                    // Sent or failed when the submission returns, never later.
                    .flags(libc::MSG_DONTWAIT)
                    .dest_addr(address.bytes.as_ptr().cast())
                    .dest_addr_len(address.length as u32)
                    .build()
                    .flags(squeue::Flags::SKIP_SUCCESS)
                    .user_data(SEND);
                // SAFETY: bytes and address are borrowed until the requests are submitted, and not
                // read after that.
                unsafe { self.push(request)? };
            }
            if self.addresses.is_empty() {
                return Ok(());
            }
            self.submit()?;
        }
    }

    /// How many datagrams could not be sent, since the last call.
    pub fn take_unsent(&mut self) -> u64 {
        std::mem::take(&mut self.unsent)
    }

    /// Wait until something happens, but no longer than this.
    pub fn wait_for_any(&mut self, longest: Option<Duration>) -> io::Result<()> {
        self.wait(1, longest)
    }

    /// Wait so long while datagrams gather; fewer than fill the buffers do not end it.
    pub fn wait_for_many(&mut self, span: Duration) -> io::Result<()> {
        self.wait(MANY, Some(span))
    }

    fn wait(&mut self, want: usize, longest: Option<Duration>) -> io::Result<()> {
        let span = longest.map(Timespec::from);
        let mut arguments = SubmitArgs::new();
        if let Some(span) = &span {
            arguments = arguments.timespec(span);
        }
        self.check()?;
        let entered = self.ring.submitter().submit_with_args(want, &arguments);
        self.judge(entered)
    }

    /// The next of what happened.
    pub fn take(&mut self) -> io::Result<Option<Completion>> {
        if let Some((number, _)) = self.lent.take() {
            self.buffers.give(number);
        }
        loop {
            let Some(entry) = self.ring.completion().next() else {
                return Ok(None);
            };
            let (kind, token) = (entry.user_data() & KIND, entry.user_data() & !KIND);
            let ended = !cqueue::more(entry.flags());
            match kind {
                SEND => self.unsent += 1,
                WAKE if ended => self.watch_wake()?,
                RECEIVE => {
                    let buffer = cqueue::buffer_select(entry.flags());
                    if ended {
                        // All buffers were full, or an ICMP message was told.
                        if let Some(&socket) = self.watched.get(&token) {
                            self.receive(socket, token)?;
                        } else {
                            buffer.into_iter().for_each(|it| self.buffers.give(it));
                            return Ok(Some(Completion::Forgotten(token)));
                        }
                    }
                    let Some(number) = buffer else { continue };
                    let Some((source, length)) = self.parse(number) else {
                        self.buffers.give(number);
                        continue;
                    };
                    self.lent = Some((number, length));
                    return Ok(Some(Completion::Datagram { token, source }));
                }
                _ => {}
            }
        }
    }

    /// The bytes of the datagram that [`Ring::take`] told last.
    pub fn datagram(&self) -> &[u8] {
        let lent = self.lent.map(|(number, length)| {
            let buffer = self.buffers.bytes(number);
            &buffer[BEFORE_DATAGRAM..][..length]
        });
        lent.unwrap_or_default()
    }

    /// Where the datagram in a buffer came from, and its length.
    fn parse(&self, number: u16) -> Option<(SocketAddr, usize)> {
        let message = RecvMsgOut::parse(self.buffers.bytes(number), &self.message).ok()?;
        let source = address::parse(message.name_data())?;
        Some((source, message.payload_data().len()))
    }

    fn receive(&mut self, socket: RawFd, token: u64) -> io::Result<()> {
        let request =
            opcode::RecvMsgMulti::new(Fd(socket), &raw const *self.message, buffers::GROUP)
                .build()
                .user_data(RECEIVE | token);
        // SAFETY: the message and the buffers live as long as the ring.
        unsafe { self.push(request) }
    }

    fn watch_wake(&mut self) -> io::Result<()> {
        let request = opcode::PollAdd::new(Fd(self.wake), libc::POLLIN as u32)
            .multi(true)
            .build()
            .user_data(WAKE);
        // SAFETY: it refers to no memory.
        unsafe { self.push(request) }
    }

    /// Queue a request.
    ///
    /// # Safety
    ///
    /// What it refers to must stay until it is complete.
    unsafe fn push(&mut self, request: squeue::Entry) -> io::Result<()> {
        // SAFETY: the caller's promise.
        while unsafe { self.ring.submission().push(&request) }.is_err() {
            self.submit()?;
        }
        Ok(())
    }

    /// Hand over all that is queued.
    fn submit(&mut self) -> io::Result<()> {
        while !self.ring.submission().is_empty() {
            self.check()?;
            let entered = self.ring.submit();
            self.judge(entered)?;
        }
        Ok(())
    }

    fn check(&self) -> io::Result<()> {
        if self.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }

    fn judge(&mut self, entered: io::Result<usize>) -> io::Result<()> {
        // A timeout, a signal, or a lack of memory or room that passes.
        const PASSING: [i32; 4] = [libc::ETIME, libc::EINTR, libc::EAGAIN, libc::EBUSY];
        match entered {
            Err(error) if !error.raw_os_error().is_some_and(|it| PASSING.contains(&it)) => {
                self.broken = true;
                Err(error)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;

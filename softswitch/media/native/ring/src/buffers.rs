//! Memory that the kernel puts datagrams into, in the order it was given (a "provided buffer ring").

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::IoUring;
use io_uring::types::BufRingEntry;

/// How many there are; a power of two.
pub const COUNT: u16 = 512;
/// Bytes of one: what the kernel tells of a message, its address, and the longest datagram.
const SIZE: usize = 64 + LONGEST_DATAGRAM;
/// Longer datagrams are cut.
pub const LONGEST_DATAGRAM: usize = 4096;
/// The group's number within its ring.
pub const GROUP: u16 = 0;
const PAGE: usize = 4096;
const ENTRIES: usize = COUNT as usize * size_of::<BufRingEntry>();

/// One page-aligned block: the entries that offer buffers, then the buffers.
pub struct Buffers {
    memory: NonNull<u8>,
    tail: u16,
}

// SAFETY: the memory belongs to this value alone, wherever it is.
unsafe impl Send for Buffers {}

impl Buffers {
    /// Make the buffers and offer them all to a ring, which must be dropped before them.
    pub fn register(ring: &IoUring) -> io::Result<Buffers> {
        // SAFETY: the layout is not empty.
        let memory = unsafe { alloc_zeroed(layout()) };
        let Some(memory) = NonNull::new(memory) else {
            handle_alloc_error(layout());
        };
        let mut buffers = Buffers { memory, tail: 0 };
        let address = memory.as_ptr() as u64;
        // SAFETY: the entries lie at the start of the block, which outlives the ring.
        unsafe {
            ring.submitter()
                .register_buf_ring_with_flags(address, COUNT, GROUP, 0)?;
        }
        for number in 0..COUNT {
            buffers.give(number);
        }
        Ok(buffers)
    }

    /// What the kernel wrote into a buffer that it has handed out.
    pub fn bytes(&self, number: u16) -> &[u8] {
        assert!(number < COUNT, "the kernel knows only these");
        // SAFETY: the range is within the block, which was zeroed. The kernel writes to a buffer
        // only while it is offered, and it is offered again only through `&mut self`.
        unsafe { std::slice::from_raw_parts(self.buffer(number), SIZE) }
    }

    /// Offer a buffer to the kernel (again).
    pub fn give(&mut self, number: u16) {
        assert!(number < COUNT, "the kernel knows only these");
        let entries = self.memory.as_ptr().cast::<BufRingEntry>();
        let place = usize::from(self.tail & (COUNT - 1));
        let address = self.buffer(number) as u64;
        // SAFETY: the place is within the entries, and the kernel does not read it before the tail
        // has passed it.
        let entry = unsafe { &mut *entries.add(place) };
        entry.set_addr(address);
        entry.set_len(SIZE as u32);
        entry.set_bid(number);
        self.tail = self.tail.wrapping_add(1);
        // SAFETY: the first entry holds the tail, aligned, and only this thread writes it.
        let tail = unsafe { &*BufRingEntry::tail(entries).cast::<AtomicU16>() };
        tail.store(self.tail, Ordering::Release);
    }

    fn buffer(&self, number: u16) -> *mut u8 {
        // SAFETY: checked by the callers: the result is within the block.
        unsafe {
            self.memory
                .as_ptr()
                .add(ENTRIES + usize::from(number) * SIZE)
        }
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        // SAFETY: it was allocated with that layout; the ring, dropped before, knows it no more.
        unsafe { dealloc(self.memory.as_ptr(), layout()) };
    }
}

fn layout() -> Layout {
    Layout::from_size_align(ENTRIES + usize::from(COUNT) * SIZE, PAGE).expect("it is of small size")
}

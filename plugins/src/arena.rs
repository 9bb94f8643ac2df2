//! The allocator of a plugin that lives for one call.
//!
//! Nothing is ever given back: the instance is thrown away after the call. The arena lies in the initial memory, so a
//! run that fits in it never grows memory, which would cost the host a system call under a lock that all threads
//! share. Pages of the arena that no run touches cost nothing.
#![expect(
    unsafe_code,
    reason = "an allocator hands out raw memory; `GlobalAlloc` cannot be implemented without"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};

/// Bytes of the arena: an order of a thousand lines and its answer.
const BYTES: usize = 4 << 20;
/// The strictest alignment that the arena serves.
const ALIGN_MAX: usize = 16;

/// A bump allocator over a fixed arena; what does not fit goes to the system's allocator.
#[repr(C, align(16))]
pub struct Arena {
    memory: UnsafeCell<[u8; BYTES]>,
    used: Cell<usize>,
}

// SAFETY: the contract's components have no threads, so there is never a second thread to share with.
unsafe impl Sync for Arena {}

impl std::fmt::Debug for Arena {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Arena({} of {BYTES} bytes used)", self.used.get())
    }
}

impl Arena {
    /// An empty arena.
    pub const fn new() -> Self {
        Self { memory: UnsafeCell::new([0; BYTES]), used: Cell::new(0) }
    }

    fn base(&self) -> *mut u8 {
        self.memory.get().cast()
    }

    /// Where in the arena `block` begins, if it is one of the arena's.
    fn offset_of(&self, block: *mut u8) -> Option<usize> {
        let offset = (block as usize).wrapping_sub(self.base() as usize);
        (offset < BYTES).then_some(offset)
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: blocks never overlap, because `used` only grows past what was handed out, except that the last block may be
// extended in place; blocks are inside `memory`, aligned as asked, and never reused.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.used.get().next_multiple_of(layout.align());
        let end = start.saturating_add(layout.size());
        if end > BYTES || layout.align() > ALIGN_MAX {
            // SAFETY: the caller's promises are passed on as they are.
            return unsafe { System.alloc(layout) };
        }
        self.used.set(end);
        // SAFETY: `start` is at most `end`, which is inside the arena.
        unsafe { self.base().add(start) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if self.offset_of(block).is_none() {
            // SAFETY: what is not in the arena came from the system's allocator with this layout.
            unsafe { System.dealloc(block, layout) }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(offset) = self.offset_of(block) else {
            // SAFETY: what is not in the arena came from the system's allocator with this layout.
            return unsafe { System.realloc(block, layout, size) };
        };
        if size <= layout.size() {
            return block;
        }
        if offset + layout.size() == self.used.get() && size <= BYTES - offset {
            self.used.set(offset + size);
            return block;
        }
        // SAFETY: the caller promises that `size`, rounded up to the alignment, does not overflow; the new block does
        // not overlap the old one and both hold the old one's bytes.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size());
            }
            moved
        }
    }
}

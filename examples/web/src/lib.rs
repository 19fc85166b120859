//! LeNet-5 behind a page: JavaScript writes a drawing into [`drawing`], calls [`read`], and finds what the network saw, what
//! its layers made of it and how probable it holds each digit.
//!
//! No std, no heap, no bindings: the memory of the module is an array that both sides can see, and the exports below say
//! where in it things are.
#![cfg_attr(target_arch = "wasm32", no_std)]

pub mod center;
pub mod network;

#[cfg(target_arch = "wasm32")]
use core::cell::UnsafeCell;

use center::{SIDE, center};
use convnet::{Chw, Flat};
use network::{DIGIT, Digit, EDGES, Edges, STROKES, Strokes};

/// Pixels along a side of the drawing.
pub const DRAWING: usize = 280;

/// Everything that the page and the network share.
pub struct Page {
    /// The drawing, `[280, 280]`.
    pub drawing: [u8; DRAWING * DRAWING],
    /// What the network sees.
    pub digit: Chw<1, SIDE, SIDE>,
    /// What its first convolution finds.
    pub edges: Chw<6, 28, 28>,
    /// What its second one finds.
    pub strokes: Chw<16, 10, 10>,
    /// How probable each digit is.
    pub probabilities: Flat<10>,
    edges_scratch: [f32; Edges::SCRATCH_BYTES / 4],
    strokes_scratch: [f32; Strokes::SCRATCH_BYTES / 4],
    digit_scratch: [f32; Digit::SCRATCH_BYTES / 4],
}

impl Page {
    /// An empty page.
    #[allow(clippy::new_without_default)] // a constant
    pub const fn new() -> Self {
        Self {
            drawing: [0; DRAWING * DRAWING],
            digit: Chw([[[0.0; SIDE]; SIDE]]),
            edges: Chw([[[0.0; 28]; 28]; 6]),
            strokes: Chw([[[0.0; 10]; 10]; 16]),
            probabilities: Flat([0.0; 10]),
            edges_scratch: Edges::scratch(),
            strokes_scratch: Strokes::scratch(),
            digit_scratch: Digit::scratch(),
        }
    }

    /// Centres the drawing and runs the network.
    pub fn read(&mut self) {
        center(&self.drawing, DRAWING, &mut self.digit.0[0]);
        EDGES.forward_into(&self.digit, &mut self.edges, &mut self.edges_scratch);
        STROKES.forward_into(&self.edges, &mut self.strokes, &mut self.strokes_scratch);
        DIGIT.forward_into(&self.strokes, &mut self.probabilities, &mut self.digit_scratch);
    }
}

/// A page that exports can reach.
#[cfg(target_arch = "wasm32")]
struct Shared(UnsafeCell<Page>);

// SAFETY: WebAssembly without threads has one.
#[cfg(target_arch = "wasm32")]
unsafe impl Sync for Shared {}

#[cfg(target_arch = "wasm32")]
static PAGE: Shared = Shared(UnsafeCell::new(Page::new()));

/// Exports of the module: where things lie, and what can be done.
#[cfg(target_arch = "wasm32")]
macro_rules! addresses {
    ($($(#[$doc:meta])* $name:ident: $field:ident;)+) => {$(
        $(#[$doc])*
        #[unsafe(no_mangle)]
        pub extern "C" fn $name() -> *const u8 {
            // No reference is made: JavaScript reads and writes there between calls.
            // SAFETY: the field of a static.
            unsafe { (&raw const (*PAGE.0.get()).$field).cast() }
        }
    )+};
}

#[cfg(target_arch = "wasm32")]
addresses! {
    /// 280 × 280 bytes, to be written.
    drawing: drawing;
    /// 28 × 28 floats.
    digit: digit;
    /// 6 × 28 × 28 floats.
    edges: edges;
    /// 16 × 10 × 10 floats.
    strokes: strokes;
    /// 10 floats.
    probabilities: probabilities;
}

/// Reads the drawing.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn read() {
    // SAFETY: JavaScript calls one export at a time, and none of them calls JavaScript: there is no other reference.
    unsafe { (*PAGE.0.get()).read() };
}

/// Ends in an exception of JavaScript's.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

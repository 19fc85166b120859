//! How deep the stack was: it is painted before a call, and afterwards the paint is looked for.

use cortex_m::register::msp;

const PAINT: u32 = 0xC0DE_57AC;

/// Bytes between the frame that paints and the paint, which is not to be painted over.
const MARGIN: u32 = 64;

unsafe extern "C" {
    /// Where the stack begins, and where what is below it ends: symbols of cortex-m-rt's linker script.
    static _stack_start: u32;
    static mut __sheap: u32;
}

/// A painted stack.
pub struct Painted {
    /// Where the stack pointer was.
    pointer: u32,
    lowest: u32,
    highest: u32,
}

/// Bytes of stack.
pub struct Stack {
    /// Used since the stack was painted.
    pub of_call: u32,
    /// Used by the program in all.
    pub of_program: u32,
}

/// Paints what the stack has not used yet.
#[inline(always)]
pub fn paint() -> Painted {
    let pointer = msp::read();
    let painted = Painted { pointer, lowest: (&raw const __sheap) as u32, highest: pointer - MARGIN };
    let mut at = painted.lowest;
    while at < painted.highest {
        // SAFETY: words from the end of all statics to below the stack pointer are nobody's: there is no heap and no
        // interrupt, and this function is inlined, so that its own frame lies above the pointer.
        unsafe { (at as *mut u32).write_volatile(PAINT) };
        at += 4;
    }
    painted
}

impl Painted {
    /// How much of the paint is gone.
    pub fn used(&self) -> Stack {
        let mut at = self.lowest;
        // SAFETY: the word is in RAM that was painted, whoever has written there since.
        while at < self.highest && unsafe { (at as *const u32).read_volatile() } == PAINT {
            at += 4;
        }
        Stack { of_call: self.pointer - at, of_program: (&raw const _stack_start) as u32 - at }
    }
}

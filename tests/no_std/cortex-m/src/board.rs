//! QEMU's `mps2-an386`: text and an end over semihosting, a clock that counts instructions.

use core::panic::PanicInfo;

use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_semihosting::{debug, hio};

/// The processor clock has 25 MHz; with `-icount shift=0` an instruction takes a nanosecond.
pub const INSTRUCTIONS_PER_TICK: u32 = 40;

/// SysTick counts down through 24 bits: 671 million instructions are too many to be told.
const RELOAD: u32 = (1 << 24) - 1;

/// Writes text to the console of the emulator.
pub fn print(text: &str) {
    if let Ok(mut console) = hio::hstdout() {
        // Whoever does not read the console is not told.
        let _ = console.write_all(text.as_bytes());
    }
}

/// Writes a whole number.
pub fn number(mut value: u32) {
    let mut digits = [0; 10];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    print(core::str::from_utf8(&digits[first..]).unwrap_or("?"));
}

/// Writes a number with four decimals.
pub fn fraction(value: f32) {
    let scaled = (if value < 0.0 { -value } else { value }) * 10_000.0 + 0.5;
    let scaled = scaled as u32;
    print(if value < 0.0 { "-" } else { "" });
    number(scaled / 10_000);
    print(".");
    for place in [1000, 100, 10, 1] {
        number(scaled / place % 10);
    }
}

/// Starts the clock.
pub fn ticks() -> u32 {
    if let Some(mut peripherals) = cortex_m::Peripherals::take() {
        peripherals.SYST.set_clock_source(SystClkSource::Core);
        peripherals.SYST.set_reload(RELOAD);
        peripherals.SYST.clear_current();
        peripherals.SYST.enable_counter();
    }
    cortex_m::peripheral::SYST::get_current()
}

/// Ticks of the clock since then, fewer than 2²⁴.
pub fn ticks_since(start: u32) -> u32 {
    start.wrapping_sub(cortex_m::peripheral::SYST::get_current()) & RELOAD
}

/// Ends the emulation.
pub fn exit(success: bool) -> ! {
    debug::exit(if success { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    // A board without a debugger stays here.
    loop {
        cortex_m::asm::wfi();
    }
}

/// Says that there was one, and no more: with places and messages they would be a third of the program.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    print("panic\n");
    exit(false)
}

//! A network for spoken words on numbers of no meaning, with weights of none.
#![no_std]
#![no_main]

use convnet::{Chw, Flat, Prepared};
use convnet_cortex_m::networks::{DsCnn, sound};
use convnet_cortex_m::prove;
use cortex_m_rt::entry;

// `embed!` reads weights from beside the file that it stands in; these were made for this build.
include!(concat!(env!("OUT_DIR"), "/net.rs"));

/// What the host answers.
static EXPECTED: [f32; 12] = include!(concat!(env!("OUT_DIR"), "/dscnn.rs"));

#[entry]
fn main() -> ! {
    static mut SOUND: Chw<1, 49, 10> = Chw([[[0.0; 10]; 49]; 1]);
    static mut SCORES: Flat<12> = Flat([0.0; 12]);
    static mut SCRATCH: [f32; DsCnn::SCRATCH_BYTES / 4] = DsCnn::scratch();

    *SOUND = sound();
    prove(&NET, SOUND, SCORES, SCRATCH, &EXPECTED)
}

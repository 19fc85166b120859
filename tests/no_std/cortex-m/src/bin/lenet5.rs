//! LeNet-5 reads a seven.
#![no_std]
#![no_main]

use convnet::{Chw, Flat, Prepared, embed};
use convnet_cortex_m::networks::{LeNet5, SEVEN};
use convnet_cortex_m::prove;
use cortex_m_rt::entry;

static NET: Prepared<LeNet5> = embed!(LeNet5, "../../../../../examples/data/lenet5.safetensors");

/// What the host answers.
static EXPECTED: [f32; 10] = include!(concat!(env!("OUT_DIR"), "/lenet5.rs"));

#[entry]
fn main() -> ! {
    static mut IMAGE: Chw<1, 28, 28> = Chw([[[0.0; 28]; 28]; 1]);
    static mut SCORES: Flat<10> = Flat([0.0; 10]);
    static mut SCRATCH: [f32; LeNet5::SCRATCH_BYTES / 4] = LeNet5::scratch();

    for (value, pixel) in IMAGE.as_mut_slice().iter_mut().zip(SEVEN) {
        *value = f32::from(*pixel) / 255.0;
    }
    prove(&NET, IMAGE, SCORES, SCRATCH, &EXPECTED)
}

//! LeNet-5 for programs in C: one function, whose memory the caller brings.
//!
//! No std: the archive needs a C library for `memcpy` and its kin, and nothing else. Whatever C can get wrong is a status, not
//! undefined behaviour, as far as one side of a call can see it.
#![no_std]

use core::mem::{align_of, size_of};
use core::slice;

use convnet::{Chw, Flat, Prepared, cnn, embed};

cnn! {
    struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

static NET: Prepared<LeNet5> = embed!(LeNet5, "../../data/lenet5.safetensors");

/// Floats of the input: 28 rows of 28, from 0 for the ground to 1 for the pen.
pub const LENET5_INPUT: usize = 784;

/// Floats of the output: a score for each digit.
pub const LENET5_OUTPUT: usize = 10;

/// Bytes of the scratch memory.
pub const LENET5_SCRATCH_BYTES: usize = 31652;

/// What the address of the scratch memory is a multiple of.
pub const LENET5_SCRATCH_ALIGNMENT: usize = 4;

// Numbers in a header are literals; these are the network's.
const _: () = assert!(LENET5_INPUT == size_of::<Chw<1, 28, 28>>() / size_of::<f32>());
const _: () = assert!(LENET5_OUTPUT == size_of::<Flat<10>>() / size_of::<f32>());
const _: () = assert!(LENET5_SCRATCH_BYTES == LeNet5::SCRATCH_BYTES);
const _: () = assert!(LENET5_SCRATCH_ALIGNMENT == align_of::<f32>());

/// How a call ended.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lenet5Status {
    /// The output is written.
    Lenet5Ok = 0,
    /// A pointer is null.
    Lenet5Null = 1,
    /// The input has not LENET5_INPUT floats.
    Lenet5InputLength = 2,
    /// The output has not LENET5_OUTPUT floats.
    Lenet5OutputLength = 3,
    /// The scratch memory is smaller than LENET5_SCRATCH_BYTES.
    Lenet5ScratchSize = 4,
    /// A pointer is not aligned for floats.
    Lenet5Alignment = 5,
    /// Two of the three memories overlap.
    Lenet5Overlap = 6,
}

use Lenet5Status::*;

/// LENET5_SCRATCH_BYTES, for those who load this library while they run.
#[unsafe(no_mangle)]
pub extern "C" fn lenet5_scratch_bytes() -> usize {
    LENET5_SCRATCH_BYTES
}

/// LENET5_SCRATCH_ALIGNMENT, for the same.
#[unsafe(no_mangle)]
pub extern "C" fn lenet5_scratch_alignment() -> usize {
    LENET5_SCRATCH_ALIGNMENT
}

/// output <- the score of each digit for an image; the largest is the network's answer.
///
/// input has input_length floats, output output_length, scratch scratch_bytes bytes of any content, which is not worth keeping. The
/// three do not overlap. Nothing is written unless the status is LENET5_OK. May be called by several threads at once, each
/// with an output and a scratch memory of its own.
///
/// # Safety
///
/// Pointers that are not null point to as much memory as their length says, which nobody else writes meanwhile, and nobody else
/// reads that of output and scratch.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lenet5_forward(
    input: *const f32,
    input_length: usize,
    output: *mut f32,
    output_length: usize,
    scratch: *mut core::ffi::c_void,
    scratch_bytes: usize,
) -> Lenet5Status {
    let scratch = scratch.cast::<f32>();
    let fault = fault([input.addr(), output.addr(), scratch.addr()], [input_length, output_length, scratch_bytes]);
    if let Some(fault) = fault {
        return fault;
    }
    // SAFETY: none is null or misaligned, they are as long as the network's values and apart from each other, as `fault` has found; the
    // caller promises that the memory is there and nobody else's.
    let (input, output, scratch) = unsafe {
        (
            slice::from_raw_parts(input, LENET5_INPUT),
            slice::from_raw_parts_mut(output, LENET5_OUTPUT),
            slice::from_raw_parts_mut(scratch, LENET5_SCRATCH_BYTES / size_of::<f32>()),
        )
    };
    let (Ok(input), Ok(output), Some(scratch)) =
        (Chw::from_slice(input), Flat::from_slice_mut(output), scratch.as_mut_array())
    else {
        return Lenet5InputLength; // which `fault` has ruled out
    };
    NET.forward_into(input, output, scratch);
    Lenet5Ok
}

/// What is wrong with the addresses of input, output and scratch, or with their lengths: floats, floats, bytes.
fn fault(addresses: [usize; 3], [input, output, scratch]: [usize; 3]) -> Option<Lenet5Status> {
    if addresses.contains(&0) {
        Some(Lenet5Null)
    } else if input != LENET5_INPUT {
        Some(Lenet5InputLength)
    } else if output != LENET5_OUTPUT {
        Some(Lenet5OutputLength)
    } else if scratch < LENET5_SCRATCH_BYTES {
        Some(Lenet5ScratchSize)
    } else if addresses.iter().any(|address| !address.is_multiple_of(LENET5_SCRATCH_ALIGNMENT)) {
        Some(Lenet5Alignment)
    } else {
        let bytes = [4 * LENET5_INPUT, 4 * LENET5_OUTPUT, LENET5_SCRATCH_BYTES];
        let overlap = |a: usize, b: usize| {
            addresses[a] < addresses[b].saturating_add(bytes[b]) && addresses[b] < addresses[a].saturating_add(bytes[a])
        };
        (overlap(0, 1) || overlap(0, 2) || overlap(1, 2)).then_some(Lenet5Overlap)
    }
}

unsafe extern "C" {
    /// Of the C library, which whoever links this has.
    fn abort() -> !;
}

/// A bug of the library's; there is nobody to tell.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: it asks for nothing.
    unsafe { abort() }
}

//! Weights that fit, of a network with the names of the file: of 32 and of 16 bits, and with a header in odd spelling.
use convnet::{Prepared, cnn, embed};

cnn! {
    pub struct Net: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

static NET: Prepared<Net> = embed!(Net, "../right.safetensors");
static F16: Prepared<Net> = embed!(Net, "../right_f16.safetensors");
static BF16: Prepared<Net> = embed!(Net, "../right_bf16.safetensors");
static ODD: Prepared<Net> = embed!(Net, "../right_in_odd_spelling.safetensors");

fn main() {
    let output = NET.forward(&convnet::Chw::zeros());
    // The input is 0, so that conv1 gives its bias, [0, 1/16], nine times each; fc1.weight counts in sixteenths.
    let expected = [
        (9..18).sum::<usize>() as f32 / 256.0,
        (27..36).sum::<usize>() as f32 / 256.0 + 1.0 / 16.0,
    ];
    assert_eq!(output.as_slice(), expected);
    // Sixteenths below 4 are exact in 16 bits.
    for other in [&F16, &BF16, &ODD] {
        assert_eq!(other.packed(), NET.packed());
    }
}

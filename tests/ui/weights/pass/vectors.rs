//! Test vectors of a safetensors file: taken where they are asked for, left out elsewhere.
use convnet::verify::VerifyError;
use convnet::{Prepared, cnn, embed};

cnn! {
    pub struct Net: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

static NET: Prepared<Net> = embed!(Net, "../vectors.safetensors", vectors);
static WITHOUT: Prepared<Net> = embed!(Net, "../vectors.safetensors");
static WRONG: Prepared<Net> = embed!(Net, "../vectors_that_it_does_not_give.safetensors", vectors);

fn main() {
    assert_eq!(NET.verify(0.0), Ok(()), "all numbers are exact");
    assert_eq!(WITHOUT.packed(), NET.packed());
    assert_eq!(WITHOUT.verify(1.0), Err(VerifyError::NoVectors { network: "Net" }));
    let error = WRONG.verify(1e-3).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Net` gives 1.1523438 for output 1 of test vector 0, not 7; they may differ by 0.007"
    );
}

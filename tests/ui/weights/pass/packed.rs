//! A packed file, in a crate that forbids unsafe code of its own: twice in one crate, in both forms, in a function too.
#![forbid(unsafe_code)]

use convnet::{Chw, Flat, Prepared, cnn, embed};

cnn! {
    pub struct Net: [1, 5, 5] -> [2] {
        conv1: conv2d(2, kernel = 3), relu,
        flatten,
        fc1: linear(2),
    }
}

static NET: Prepared<Net> = embed!(Net, "../right.convnet", vectors);
static AGAIN: Prepared<Net> = embed!(Net, "../right.convnet");
static PREPARED: Prepared<Net> = embed!(Net, "../right_prepared.convnet");
static SLOW: Prepared<Net> = embed!(Net, "../right.safetensors");

fn main() {
    let local: Prepared<Net> = embed!(Net, "../right.convnet",);
    for net in [&NET, &AGAIN, &local] {
        assert_eq!(net.packed(), SLOW.packed());
        assert_eq!(net.packed().as_ptr() as usize % 64, 0, "at a cache line");
    }
    let image = Chw([[[0.5; 5]; 5]]);
    assert_eq!(NET.forward(&image), SLOW.forward(&image));
    assert_eq!(PREPARED.packed(), Net::from_bytes(include_bytes!("../right.safetensors")).unwrap().prepare().packed());
    NET.verify(1e-5).unwrap();
    let (mut output, mut scratch): (Flat<2>, _) = (Flat::zeros(), Net::scratch());
    NET.verify_into(1e-5, &mut output, &mut scratch).unwrap();
    assert_eq!(AGAIN.verify(1e-5).unwrap_err().to_string(), "`Net` has no test vectors to be verified by");
}

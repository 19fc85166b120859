use convnet::cnn;

cnn! {
    pub struct Net: [1, 8, 8] -> [10] {
        conv1: conv2d(6, kernel = 5), relu,
        flatten,
        fc1: linear(10),
    }
}

const _: () = assert!(Net::SCRATCH_BYTES <= 256, "the network must run in 256 bytes");

fn main() {}

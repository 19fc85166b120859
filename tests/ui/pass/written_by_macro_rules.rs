//! Declarations written by a `macro_rules!` of the user's, whose names and sizes come in as fragments.
use convnet::cnn;

macro_rules! classifier {
    ($(#[$meta:meta])* $visibility:vis $name:ident, $side:expr, $classes:literal, $kernel:tt) => {
        cnn! {
            $(#[$meta])*
            $visibility struct $name: [1, $side, $side] -> [$classes] {
                conv1: conv2d(2, kernel = $kernel), relu,
                flatten,
                fc1: linear($classes),
            }
        }
    };
}

const SIDE: usize = 4;

classifier!(Small, 8, 10, 3);
classifier!(
    /// With another side.
    pub Other, 2 * SIDE + 1, 3, (3, 5)
);

fn main() {
    let _ = Small::init(1).forward(&convnet::Chw::zeros());
    assert_eq!(Other::OUTPUT, [3]);
}

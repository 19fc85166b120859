//! Options in every form of a declaration, in any order.
use convnet::options::{Options, Stored};
use convnet::{Network, cnn};

cnn! {
    pub struct Item: [1, 8, 8] -> [2] with strict, memory = small, weights = bf16 {
        conv2d(2, kernel = 3), global_avg_pool,
    }
}

cnn! {
    pub struct Heads: [4] -> { a: [1], b: [2] } with winograd = off,
        weights = f32
    {
        heads { a: linear(1), b: linear(2) }
    }
}

cnn! {
    pub struct Generic<H, W>: [1, H, W] -> [2, _, _] with weights = int8, strict { conv2d(2, kernel = 3) }
}

cnn!(type Small = Generic[8, 9]);

type Anonymous = cnn!([64] with memory = small, winograd = off -> linear(10), softmax);
type Parenthesised = cnn! { [64] with weights = f16 -> linear(10) };

/// The value comes in an invisible group.
macro_rules! stored {
    ($name:ident, $value:expr) => {
        cnn! { struct $name: [4] -> [2] with weights = $value { linear(2) } }
    };
}
stored!(Passed, f16);

// Options are constants, to plan with.
const _: () = assert!(Item::ARCHITECTURE.options.small);

fn main() {
    let default = Options::DEFAULT;
    assert_eq!(Item::ARCHITECTURE.options, Options { small: true, weights: Stored::Bf16, ..default });
    assert_eq!(Heads::ARCHITECTURE.options, Options { winograd: false, ..default });
    assert_eq!(Small::ARCHITECTURE.options, Options { weights: Stored::Int8, ..default });
    assert_eq!(Anonymous::ARCHITECTURE.options, Options { small: true, winograd: false, ..default });
    assert_eq!(Parenthesised::ARCHITECTURE.options, Options { weights: Stored::F16, ..default });
    assert_eq!(Passed::ARCHITECTURE.options, Options { weights: Stored::F16, ..default });
}

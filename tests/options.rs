//! What is declared behind `with` is what the kernels are asked, in every form of a network.

use convnet::layers::{Linear, Relu};
use convnet::options::{Options, StatesOptions, Stored};
use convnet::shape::Vector;
use convnet::typenum::{U3, U8};
use convnet::{Network, Sequential, chain, cnn};

cnn! {
    /// An item that asks for everything.
    struct Item: [1, 8, 8] -> [2, 4, 4] with strict, memory = small, winograd = off, weights = int8, products = bf16 {
        conv2d(2, kernel = 5),
    }
}

cnn! {
    /// An item that asks for nothing.
    struct Silent: [1, 8, 8] -> [2, 4, 4] with strict { conv2d(2, kernel = 5) }
}

cnn! {
    /// An item with others as layers.
    struct Outer: [1, 8, 8] -> [2] with weights = bf16 {
        stem: Item => [2, 4, 4],
        global_avg_pool,
    }
}

cnn! {
    /// A network over every size.
    pub struct Generic<H, W>: [1, H, W] -> [2, _, _] with memory = small, weights = f16 { conv2d(2, kernel = 5) }
}
cnn!(type Small = Generic[8, 8]);

type Anonymous = cnn!([8] with weights = int8, winograd = off -> linear(3), relu);
type AnonymousSilent = cnn!([8] -> linear(3), relu);
type ByHand<O> = Sequential<Vector<U8>, chain![Linear<U3>, Relu], O>;

const ALL: Options = Options { small: true, winograd: false, weights: Stored::Int8, bf16_products: true };

#[test]
fn options_are_what_was_declared() {
    assert_eq!(Item::ARCHITECTURE.options, ALL);
    assert_eq!(Silent::ARCHITECTURE.options, Options::DEFAULT, "`strict` is about shapes");
    let generic = Options { small: true, weights: Stored::F16, ..Options::DEFAULT };
    assert_eq!(Small::ARCHITECTURE.options, generic);
    assert_eq!(Generic::<U8, U8>::ARCHITECTURE.options, generic);
    let anonymous = Options { winograd: false, weights: Stored::Int8, ..Options::DEFAULT };
    assert_eq!(Anonymous::ARCHITECTURE.options, anonymous);
    assert_eq!(AnonymousSilent::ARCHITECTURE.options, Options::DEFAULT);
}

#[test]
fn the_options_of_a_layer_give_way_to_those_around_it() {
    assert_eq!(Outer::ARCHITECTURE.options, Options { weights: Stored::Bf16, ..Options::DEFAULT });
}

#[test]
fn a_chain_by_hand_states_them_in_a_type() {
    struct All;
    impl StatesOptions for All {
        const OPTIONS: Options = ALL;
    }
    assert_eq!(ByHand::<All>::ARCHITECTURE.options, ALL);
    assert_eq!(Sequential::<Vector<U8>, chain![Relu]>::ARCHITECTURE.options, Options::DEFAULT);
}

#[test]
fn parameters_and_training_do_not_depend_on_them() {
    assert_eq!(Item::PARAMS, Silent::PARAMS);
    assert_eq!(Item::TRAIN_BYTES, Silent::TRAIN_BYTES);
    assert_eq!(Item::init(3).params(), Silent::init(3).params());
}

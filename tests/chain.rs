//! The typed chain underneath: what the macro declares is what a person would have written by hand.

use std::marker::PhantomData;

use convnet::layers::{
    AvgPool2d, Conv, Conv2d, Dropout, Flatten, GlobalAvgPool, Linear, MaxPool2d, Relu, Softmax, Tanh,
};
use convnet::shape::{Ceil, Floor, Image, Shape, Vector, Window};
use convnet::typenum::{B0, B1, U0, U1, U2, U3, U4, U5, U6, U7, U8, U10, U11, U12, U16, U28, U84, U96, U120, U227};
use convnet::{Chw, Layer, Network, Sequential, Tensor, chain, cnn};

const WIDTH: usize = 8;

cnn! {
    pub struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(2 * WIDTH, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

type ByHand = chain![
    Conv2d<U6, Window<U5, U1, U2>>,
    Relu,
    MaxPool2d<Window<U2, U2>>,
    Conv2d<U16, Window<U5>>,
    Relu,
    MaxPool2d<Window<U2, U2>>,
    Flatten,
    Linear<U120>,
    Relu,
    Linear<U84>,
    Relu,
    Linear<U10>,
];

fn same<T>(_: PhantomData<T>, _: PhantomData<T>) {}

#[test]
fn the_declared_chain_is_the_chain_by_hand() {
    same(PhantomData::<<LeNet5 as Network>::Chain>, PhantomData::<ByHand>);
    same(PhantomData::<<LeNet5 as Network>::Shape>, PhantomData::<Image<U1, U28, U28>>);
    same(PhantomData::<<ByHand as Layer<Image<U1, U28, U28>>>::Out>, PhantomData::<Vector<U10>>);
}

#[test]
fn the_anonymous_form_is_the_chain_by_hand() {
    type Stem = cnn!([3, 227, 227] -> conv2d(WIDTH * 12, kernel = 11, stride = 4), relu);
    type StemByHand = Sequential<Image<U3, U227, U227>, chain![Conv2d<U96, Window<U11, U4>>, Relu]>;
    same(PhantomData::<Stem>, PhantomData::<StemByHand>);
    assert_eq!(Stem::PARAMS, 34_848 + 96);
}

#[test]
fn every_spelling_of_a_layer_is_a_type() {
    type Net = cnn!([4, 12, 12] ->
        conv2d(8, kernel = (3, 5), stride = (1, 2), padding = ((0, 1), (2, 3)), dilation = (2, 1), groups = 4, bias = false),
        tanh,
        avg_pool2d(3, stride = 2, padding = 1, ceil = true, count_include_pad = false),
        conv2d(8, kernel = 4, padding = same),
        conv2d(8, kernel = 2, padding = full),
        dropout(0.25),
        global_avg_pool,
        linear(10, bias = false),
        softmax,
    );
    type NetByHand = Sequential<
        Image<U4, U12, U12>,
        chain![
            Conv<U8, (Window<U3, U1, U0, U1, U2>, Window<U5, U2, U2, U3>), U4, B0>,
            Tanh,
            AvgPool2d<Window<U3, U2, U1>, Window<U3, U2, U1>, Ceil, B0>,
            Conv2d<U8, Window<U4, U1, U1, U2>>,
            Conv2d<U8, Window<U2, U1, U1>>,
            Dropout<{ 0.25f32.to_bits() }>,
            GlobalAvgPool,
            Linear<U10, B0>,
            Softmax,
        ],
    >;
    same(PhantomData::<Net>, PhantomData::<NetByHand>);
}

#[test]
fn a_hand_built_chain_runs_as_the_declared_network_does() {
    let declared = LeNet5::init(3);
    let by_hand = Sequential::<Image<U1, U28, U28>, ByHand>::init(3);
    assert_eq!(declared.params(), by_hand.params());
    let pixels: Vec<f32> = (0..28 * 28).map(|i| (i as f32 * 0.37).sin()).collect();
    let expected = declared.forward(Chw::from_slice(&pixels).unwrap());
    let got = by_hand.forward(Tensor::from_slice(&pixels).unwrap());
    assert_eq!(got.as_slice(), expected.as_slice());

    let mut output = Tensor::zeros();
    let mut scratch = vec![0.0; Sequential::<Image<U1, U28, U28>, ByHand>::SCRATCH_BYTES / 4];
    by_hand.forward_into(Tensor::from_slice(&pixels).unwrap(), &mut output, &mut scratch);
    for (got, expected) in output.as_slice().iter().zip(expected.as_slice()) {
        assert!((got - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{got} {expected}");
    }
}

#[test]
fn tensors_of_a_hand_built_chain_are_named_by_index() {
    let names = Sequential::<Image<U1, U28, U28>, ByHand>::ARCHITECTURE.tensors.iter().map(|tensor| tensor.name);
    let expected = [
        "0.bias",
        "0.weight",
        "11.bias",
        "11.weight",
        "3.bias",
        "3.weight",
        "7.bias",
        "7.weight",
        "9.bias",
        "9.weight",
    ];
    assert!(names.eq(expected));
}

/// The trait solver and the const arithmetic agree on windows of all kinds; `Network` asserts it for each network,
/// this walks the corner cases of ceil mode.
#[test]
fn the_solver_rounds_up_as_the_arithmetic_does() {
    fn agree<In: Shape, L: Layer<In>>() {
        let convnet::layer::Tree::Leaf(op) = L::TREE else { panic!("one layer") };
        let out = op.output(&In::DIMS);
        assert_eq!(<L::Out as Shape>::DIMS, out, "{:?}", L::TREE);
    }
    agree::<Image<U1, U7, U8>, MaxPool2d<Window<U2, U2>, Window<U3, U3>, Ceil>>();
    agree::<Image<U1, U6, U5>, MaxPool2d<Window<U3, U2, U1>, Window<U2, U3, U1>, Ceil>>();
    agree::<Image<U1, U4, U4>, MaxPool2d<Window<U1, U3>, Window<U2, U4, U1>, Ceil>>();
    agree::<Image<U1, U5, U4>, MaxPool2d<Window<U2, U5, U0, U1>, Window<U2, U3, U1, U0>, Ceil>>();
    agree::<Image<U3, U28, U12>, MaxPool2d<Window<U3, U2>, Window<U3, U2>, Ceil>>();
    agree::<Image<U3, U28, U12>, MaxPool2d<Window<U3, U2>, Window<U3, U2>, Floor>>();
    agree::<Image<U3, U28, U12>, AvgPool2d<Window<U2, U1, U1, U1, U3>, Window<U4, U4>, Ceil, B1>>();
}

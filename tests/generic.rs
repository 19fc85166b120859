//! Networks over a generic input size: one declaration, many sizes.

use convnet::typenum::{U8, U12, U16, U20, U24};
use convnet::{Chw, Network, Tensor, cnn};

cnn! {
    block double(channels) {
        conv2d(channels, kernel = 3, padding = 1), batch_norm, relu,
        add { identity, conv2d(channels, kernel = 1) },
    }

    /// Any image of at least 3×3.
    #[derive(Clone)]
    pub struct Backbone<H, W>: [3, H, W] -> [10] {
        stem: conv2d(8, kernel = 3), relu,
        body: double(8),
        global_avg_pool,
        fc: linear(10),
    }
}

cnn! {
    /// As many pixels as go in, halved.
    pub struct Half<H, W>: [1, H, W] -> [4, H / 2, W / 2] {
        conv2d(4, kernel = 3, padding = 1), relu,
        max_pool2d(2) => [4, H / 2, W / 2],
    }
}

cnn! {
    /// Sizes that follow are left open.
    pub struct Detector<H, W>: [3, H, W] -> { score: [2, _, _], boxes: [4, _, _] } {
        conv2d(10, kernel = 3), prelu(per_channel = true),
        max_pool2d(2, ceil = true),
        heads {
            score: { conv2d(2, kernel = 1), softmax },
            boxes: conv2d(4, kernel = 1),
        },
    }
}

cnn!(pub type Small = Backbone[16, 20]);
cnn! {
    /// By a constant.
    type Large = Backbone[SIDE, 2 * SIDE];
}
const SIDE: usize = 24;
cnn!(type Patch = Detector[12, 24]);

const _: () = assert!(Small::PARAMS == Large::PARAMS && Small::MACS < Large::MACS);
const _: () = assert!(Small::PARAMS == 8 * 28 + 8 * 8 * 9 + 8 + 16 + 64 + 8 + 90);

/// The one bound.
fn scores<H, W>(net: &Backbone<H, W>, image: &<Backbone<H, W> as Network>::Input) -> Vec<f32>
where
    Backbone<H, W>: Network,
{
    use convnet::arena::Floats;
    let outputs = net.forward_batch(std::slice::from_ref(image).first().map_or(&[], std::slice::from_ref));
    outputs[0].as_floats().to_vec()
}

mod one_size {
    //! The same network, of one size.
    convnet::cnn! {
        block double(channels) {
            conv2d(channels, kernel = 3, padding = 1), batch_norm, relu,
            add { identity, conv2d(channels, kernel = 1) },
        }
        pub struct Backbone: [3, 16, 20] -> [10] {
            stem: conv2d(8, kernel = 3), relu,
            body: double(8),
            global_avg_pool,
            fc: linear(10),
        }
    }
}

fn image<const H: usize, const W: usize>() -> Chw<3, H, W> {
    let mut image = Chw::zeros();
    image.as_mut_slice().iter_mut().enumerate().for_each(|(i, x)| *x = (i as f32 * 0.31).sin());
    image
}

#[test]
fn a_size_computes_what_a_network_of_that_size_does() {
    let (net, one) = (Small::init(7), one_size::Backbone::init(7));
    assert_eq!(net.params(), one.params());
    let image = image::<16, 20>();
    let tensor = Tensor::from_value(&image).unwrap();
    assert_eq!(net.forward(tensor).as_slice(), one.forward(&image).as_slice());
    assert_eq!(scores(&net, tensor), one.forward(&image).as_slice());
    let names = |tensors: &[convnet::arithmetic::tensors::Tensor<'_>]| {
        tensors.iter().map(|tensor| tensor.name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(Small::ARCHITECTURE.tensors), names(one_size::Backbone::ARCHITECTURE.tensors));
    assert_eq!(Small::SCRATCH_BYTES, one_size::Backbone::SCRATCH_BYTES);
    let again = Small::from_bytes(&one.to_bytes()).unwrap();
    assert_eq!(again.prepare().forward(tensor).as_slice().len(), 10);
}

#[test]
fn several_sizes_live_together() {
    let small = Small::init(1);
    let large = Large::from_params(convnet::params::Params::Owned(small.params().to_vec()));
    let by_hand = Backbone::<U8, U12>::from_params(convnet::params::Params::Owned(small.params().to_vec()));
    assert_eq!(Large::ARCHITECTURE.input.as_slice(), [3, 24, 48]);
    assert_eq!(scores(&large, &Tensor::zeros()).len(), 10);
    assert_eq!(scores(&by_hand, &Tensor::zeros()).len(), 10);
    let half = Half::<U16, U20>::init(2);
    assert_eq!(half.forward(&Tensor::zeros()).as_array().len(), 4);
    assert_eq!(Half::<U16, U20>::ARCHITECTURE.output().as_slice(), [4, 8, 10]);
}

#[test]
fn heads_of_any_size() {
    let net = Patch::init(3);
    let output = net.forward(Tensor::from_value(&image::<12, 24>()).unwrap());
    assert_eq!((output.score.as_slice().len(), output.boxes.as_slice().len()), (2 * 5 * 11, 4 * 5 * 11));
    for i in 0..55 {
        assert!((output.score.as_slice()[i] + output.score.as_slice()[55 + i] - 1.0).abs() < 1e-5);
    }
    assert_eq!(output, output.clone());
    let other = Detector::<U16, U24>::init(3);
    assert_eq!(other.params(), net.params());
}

cnn! {
    /// A network of one size with one of any size in it.
    struct Whole: [3, 16, 20] -> [2] {
        features: Small => [10],
        relu,
        linear(2),
    }
}

#[test]
fn a_size_is_a_layer() {
    assert_eq!(Whole::PARAMS, Small::PARAMS + 22);
    assert_eq!(Whole::ARCHITECTURE.tensors[0].name, "fc1.bias");
    let net = Whole::init(1);
    assert_eq!(net.features().len(), Small::init(1).params().len());
}

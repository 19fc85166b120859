//! The networks of `convnet::models`: what must hold for all of them. Their counts and sizes are asserted where they
//! stand.

use convnet::Network;
use convnet::models::*;
use convnet_shape::plan::{Plan, Purpose};

/// Calls a generic function for each network.
macro_rules! for_each_network {
    ($do:ident) => {
        $do!(
            LeNet5 AlexNet AlexNetGrouped AlexNetTorchvision Vgg11 Vgg13 Vgg16 Vgg19 GoogLeNet GoogLeNetTorchvision
            SqueezeNet1_0 SqueezeNet1_1 ResNet18 ResNet34 MobileNetV1 MobileNetV2 UNet M5 C3d
        )
    };
}

#[test]
fn scratch_is_within_a_tenth_of_what_must_be_alive() {
    fn check<N: Network, const LAYERS: usize>() {
        let architecture = N::ARCHITECTURE;
        let plan = Plan::<LAYERS>::new(architecture.nodes, Purpose::Inference);
        let (name, slots, bound) = (architecture.name, architecture.sizes.slots, plan.bound);
        assert!(slots * 10 <= bound * 11, "{name}: {slots} floats of slots, {bound} are alive at once");
        let kernel = architecture.sizes.kernel * size_of::<f32>();
        assert!(kernel <= 1 << 20, "{name}: {kernel} bytes of kernel scratch");
        println!("{name:<22} {:>9} of {:>9} bytes, kernel {kernel:>7}", 4 * slots, 4 * bound);
    }
    macro_rules! check {
        ($($network:ident)+) => {$(check::<$network, { $network::LAYERS.len() }>();)+};
    }
    for_each_network!(check);
}

/// Names in files are torchvision's: the first, the last, and one with each kind of block.
#[test]
fn weights_have_torchvisions_names() {
    fn has<N: Network>(tensors: usize, names: &[&str]) {
        let own: Vec<&str> = N::ARCHITECTURE.tensors.iter().map(|tensor| tensor.name).collect();
        assert_eq!(own.len(), tensors, "{}", N::ARCHITECTURE.name);
        for name in names {
            assert!(own.contains(name), "{} has no {name}: {own:?}", N::ARCHITECTURE.name);
        }
    }
    has::<AlexNetTorchvision>(
        16,
        &["features.0.weight", "features.10.bias", "classifier.1.weight", "classifier.6.bias"],
    );
    has::<Vgg11>(22, &["features.0.weight", "features.18.bias", "classifier.3.weight"]);
    has::<Vgg16>(32, &["features.0.weight", "features.2.weight", "features.28.bias", "classifier.6.bias"]);
    has::<Vgg19>(38, &["features.34.weight", "classifier.0.weight"]);
    has::<SqueezeNet1_0>(52, &["features.3.squeeze.weight", "features.12.expand3x3.bias", "classifier.1.weight"]);
    has::<SqueezeNet1_1>(52, &["features.3.expand1x1.weight", "features.12.squeeze.bias", "classifier.1.bias"]);
    has::<ResNet18>(102, &["conv1.weight", "layer1.0.conv1.weight", "layer2.0.downsample.1.running_var", "fc.bias"]);
    has::<ResNet34>(182, &["bn1.running_mean", "layer3.5.bn2.weight", "layer4.0.downsample.0.weight", "fc.weight"]);
    has::<MobileNetV2>(
        262,
        &[
            "features.0.0.weight",
            "features.1.conv.0.0.weight",
            "features.1.conv.2.running_var",
            "features.2.conv.3.bias",
            "features.17.conv.1.0.weight",
            "features.18.1.weight",
            "classifier.1.bias",
        ],
    );
    has::<GoogLeNetTorchvision>(
        287,
        &[
            "conv1.conv.weight",
            "inception3a.branch1.conv.weight",
            "inception4e.branch2.1.bn.running_mean",
            "inception5b.branch4.1.bn.bias",
            "fc.weight",
        ],
    );
}

/// The small ones run, prepared too, and say the same.
#[test]
fn small_networks_run() {
    fn run<N: Network>()
    where
        N::Output: PartialEq,
    {
        use convnet::arena::Floats;
        let net = N::init(1);
        let mut input = N::Input::zeroed_box();
        let wave = |i: usize| (i as f32 * 0.37).sin();
        input.as_floats_mut().iter_mut().enumerate().for_each(|(i, x)| *x = wave(i));
        let one = std::slice::from_ref(&*input);
        let (canonical, packed) = (net.forward_batch(one), net.prepare().forward_batch(one));
        let (canonical, packed) = (canonical[0].as_floats(), packed[0].as_floats());
        let largest = canonical.iter().fold(1e-3_f32, |max, x| max.max(x.abs()));
        let name = N::ARCHITECTURE.name;
        for (a, b) in canonical.iter().zip(packed) {
            assert!((a - b).abs() <= 1e-4 * largest, "{name}: {a} canonical, {b} packed");
        }
        assert!(canonical.iter().any(|x| *x != canonical[0]), "{name} gives the same everywhere");
    }
    run::<LeNet5>();
    run::<SqueezeNet1_1>();
    run::<MobileNetV2>();
    run::<UNet>();
    run::<M5>();
}

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
            SqueezeNet1_0 SqueezeNet1_1 ResNet18 ResNet34 MobileNetV1 MobileNetV2 UNet M5 C3d GoogLeNetAuxiliary RNet ONet
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
        // Winograd's transformed inputs and products, as much as keeps its larger weight from being read often.
        let kernel = architecture.sizes.kernel * size_of::<f32>();
        assert!(kernel <= 5 << 20, "{name}: {kernel} bytes of kernel scratch");
        let small = plan.sizes.kernel * size_of::<f32>();
        assert!(small <= 1 << 20, "{name}: {small} bytes of kernel scratch without it");
        println!("{name:<22} {:>9} of {:>9} bytes, kernel {kernel:>7}", 4 * slots, 4 * bound);
    }
    macro_rules! check {
        ($($network:ident)+) => {$(check::<$network, { $network::LAYERS.len() }>();)+};
    }
    for_each_network!(check);
    // Over a generic size: the smallest, and one of a pyramid's.
    convnet::cnn!(type PNet155 = PNet[155, 155]);
    check::<PNet12, 16>();
    check::<PNet155, 16>();
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

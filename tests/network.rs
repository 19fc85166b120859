//! What a declared network has: constants, a table, ways to run, typed parameters.

use convnet::{Chw, Flat, LayerInfo, Network, cnn};

cnn! {
    /// LeNet-5.
    #[derive(Clone, Debug)]
    pub struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
    }
}

// A budget is a line of Rust.
const _: () = assert!(LeNet5::PARAMS == 61_706 && LeNet5::MACS == 416_520);
const _: () = assert!(LeNet5::SCRATCH_BYTES <= 32 * 1024 && LeNet5::SCRATCH_BYTES >= 23_520);
const _: [usize; 3] = LeNet5::INPUT;
const _: [usize; 1] = LeNet5::OUTPUT;

fn image(seed: u32) -> Box<Chw<1, 28, 28>> {
    let mut image = Chw::zeros_boxed();
    for (index, pixel) in image.as_mut_slice().iter_mut().enumerate() {
        *pixel = ((index as u32 * 37 + seed * 101) % 97) as f32 / 97.0;
    }
    image
}

fn assert_close(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= 1e-5 * expected.abs().max(1.0), "{got} is not {expected}");
    }
}

#[test]
fn the_table_of_layers_has_what_each_layer_is_and_costs() {
    let conv2 = LeNet5::LAYERS[3];
    let LayerInfo { name, operation, algorithm, output, params, macs, receptive_field } = conv2;
    assert_eq!(algorithm, "direct");
    assert_eq!((name, operation, params, macs), ("conv2", "conv2d", 2416, 240_000));
    assert_eq!((output.as_slice(), receptive_field.as_slice()), (&[16, 10, 10][..], &[14, 14][..]));
    let names = LeNet5::LAYERS.map(|layer| layer.name);
    let made_up =
        ["conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten1", "fc1", "relu3", "fc2", "relu4", "fc3"];
    assert_eq!(names, made_up);
    assert_eq!(LeNet5::LAYERS[11].receptive_field.as_slice(), [28, 28]);
}

#[test]
fn the_summary_is_the_table_people_know() {
    let summary = LeNet5::summary().to_string();
    for line in [
        "Layer             Operation                     Output   Parameters            MACs  Algorithm",
        "LeNet5            input                    [1, 28, 28]            -               -",
        "conv2             conv2d                  [16, 10, 10]        2 416         240 000  direct",
        "fc1               linear                         [120]       48 120          48 000",
    ] {
        assert!(summary.lines().any(|own| own == line), "no line {line:?} in\n{summary}");
    }
    for (what, number) in
        [("Parameters ", "61 706"), ("Multiply-accumulates", "416 520"), ("Parameter bytes", "246 824")]
    {
        assert!(summary.lines().any(|line| line.starts_with(what) && line.ends_with(number)), "{what}\n{summary}");
    }
}

#[test]
fn all_ways_to_run_agree() {
    let net = LeNet5::init(5);
    let prepared = net.prepare();
    let images: Vec<Chw<1, 28, 28>> = (0..19).map(|seed| *image(seed)).collect();
    let batch = net.forward_batch(&images);
    let prepared_batch = prepared.forward_batch(&images);
    let mut scratch = LeNet5::scratch();
    for (index, image) in images.iter().enumerate() {
        let expected: Flat<10> = net.forward(image);
        assert_close(batch[index].as_slice(), expected.as_slice());
        assert_close(prepared_batch[index].as_slice(), expected.as_slice());
        assert_close(prepared.forward(image).as_slice(), expected.as_slice());
        let (mut output, mut prepared_output) = (Flat::zeros(), Flat::zeros());
        net.forward_into(image, &mut output, &mut scratch);
        prepared.forward_into(image, &mut prepared_output, &mut scratch);
        assert_close(output.as_slice(), expected.as_slice());
        assert_close(prepared_output.as_slice(), expected.as_slice());
    }
    assert!(net.forward_batch(&[]).is_empty());
}

#[test]
fn the_scratch_may_hold_anything() {
    let net = LeNet5::init(6);
    let (mut clean, mut dirty) = (Flat::zeros(), Flat::zeros());
    net.forward_into(&image(1), &mut clean, &mut LeNet5::scratch());
    net.forward_into(&image(1), &mut dirty, &mut [f32::NAN; LeNet5::SCRATCH_BYTES / 4]);
    assert_eq!(clean, dirty);
}

#[test]
fn parameters_have_types() {
    let mut net = LeNet5::init(1);
    let weight: &[[[[f32; 5]; 5]; 1]; 6] = net.conv1().weight();
    let bias: &[f32; 6] = net.conv1().bias();
    assert_eq!((weight[5][0][4][4], bias[5]), (net.params()[149], net.params()[155]));
    let fc3: &[[f32; 84]; 10] = net.fc3().weight();
    assert_eq!(fc3[9][83], net.params()[61_706 - 11]);
    net.conv1_mut().weight[0][0][0][0] = 0.5;
    net.fc3_mut().bias[9] = -0.5;
    assert_eq!((net.params()[0], net.params()[61_705]), (0.5, -0.5));
}

#[test]
fn the_same_seed_gives_the_same_network() {
    assert_eq!(LeNet5::init(9).params(), LeNet5::init(9).params());
    assert_ne!(LeNet5::init(9).params(), LeNet5::init(10).params());
    let bound = 1.0 / 5.0; // fan_in of conv1 is 25
    assert!(
        LeNet5::init(9).conv1().weight().as_flattened().as_flattened().as_flattened().iter().all(|w| w.abs() <= bound)
    );
}

#[test]
fn attributes_of_the_declaration_are_those_of_the_type() {
    let net = LeNet5::init(2);
    assert_eq!(net.clone().params(), net.params());
    assert!(format!("{net:?}").starts_with("LeNet5"));
}

#[test]
fn scratch_of_a_batch_grows_with_the_batch_and_the_threads() {
    assert_eq!(LeNet5::scratch_bytes(1, 1), LeNet5::SCRATCH_BYTES);
    let slots = LeNet5::ARCHITECTURE.sizes.slots * 4;
    // What kernels need for several samples is the same however many there are.
    assert_eq!(LeNet5::scratch_bytes(5, 1) - LeNet5::scratch_bytes(3, 1), 2 * slots);
    assert!(LeNet5::scratch_bytes(3, 1) >= LeNet5::SCRATCH_BYTES + 2 * slots);
    assert!(LeNet5::scratch_bytes(1, 2) > LeNet5::SCRATCH_BYTES);
}

/// Results up to 16 KiB come by value, larger ones boxed; so says the type.
#[test]
fn large_results_are_boxed() {
    cnn! {
        struct Small: [1, 64, 64] -> [1, 64, 64] { relu }
    }
    cnn! {
        struct Large: [1, 64, 65] -> [1, 64, 65] { relu }
    }
    const SIDE: usize = 65;
    cnn! {
        struct FromConstant: [1, SIDE, 64] -> [1, SIDE, 64] { relu }
    }
    let _: Chw<1, 64, 64> = Small::init(0).forward(&Chw::zeros());
    let _: Box<Chw<1, 64, 65>> = Large::init(0).forward(&Chw::zeros());
    let _: Box<Chw<1, 65, 64>> = FromConstant::init(0).forward(&Chw::zeros());
}

#[test]
fn layers_that_work_in_place_leave_the_input_alone() {
    cnn! {
        struct InPlace: [2, 3, 3] -> [18] { relu, flatten, softmax }
    }
    let mut input = Chw::<2, 3, 3>::zeros();
    input.as_mut_slice().iter_mut().enumerate().for_each(|(i, x)| *x = i as f32 - 9.0);
    let output = InPlace::init(0).forward(&input);
    assert_eq!(input[0][0][0], -9.0);
    let sum: f32 = output.as_slice().iter().sum();
    assert!((sum - 1.0).abs() < 1e-6 && output[0] == output[9] && output[17] > output[16]);
}

#[test]
fn dropout_is_the_identity_in_inference() {
    cnn! {
        struct Dropped: [8] -> [8] { dropout(0.9), dropout(0.5) }
    }
    let input = Flat::from([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    assert_eq!(Dropped::init(0).forward(&input), input);
}

/// Over the channels at each position, where there are positions.
#[test]
fn softmax_of_an_image_is_over_its_channels() {
    cnn! {
        struct Segments: [2, 1, 2] -> [2, 1, 2] { softmax }
    }
    let output = Segments::init(0).forward(&Chw([[[0.0, 3.0]], [[0.0, 1.0]]]));
    assert_eq!(output[0][0][0], 0.5);
    assert!((output[0][0][1] + output[1][0][1] - 1.0).abs() < 1e-6 && output[0][0][1] > 0.8);
}

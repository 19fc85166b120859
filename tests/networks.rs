//! Networks that others trained, declared here, with their files and their outputs: `fixtures/networks/README.md`.

use convnet::arena::Floats;
use convnet::models::{ONet, PNet, RNet};
use convnet::{Network, Value, cnn};
use safetensors::SafeTensors;

cnn! {
    /// CREPE, the smallest: the pitch of 1 024 samples at 16 kHz in 360 bins of 20 cents (Kim, Salamon, Li, Bello:
    /// CREPE, ICASSP 2018).
    pub struct CrepeTiny: [1, 1024] -> [360] {
        conv1: conv1d(128, kernel = 512, stride = 4, padding = 254), relu,
        conv1_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2) => [128, 128],
        conv2: conv1d(16, kernel = 64, padding = same), relu,
        conv2_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2),
        conv3: conv1d(16, kernel = 64, padding = same), relu,
        conv3_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2),
        conv4: conv1d(16, kernel = 64, padding = same), relu,
        conv4_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2),
        conv5: conv1d(32, kernel = 64, padding = same), relu,
        conv5_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2),
        conv6: conv1d(64, kernel = 64, padding = same), relu,
        conv6_BN: batch_norm(epsilon = 0.0010000000474974513), max_pool1d(2) => [64, 4],
        permute([1, 0]), flatten,
        classifier: linear(360), sigmoid,
    }
}

cnn! {
    /// upconv_7 of waifu2x: twice as many pixels.
    pub struct Upconv7: [3, 156, 156] -> [3, 284, 284] {
        conv1: conv2d(16, kernel = 3), leaky_relu(0.1),
        conv2: conv2d(32, kernel = 3), leaky_relu(0.1),
        conv3: conv2d(64, kernel = 3), leaky_relu(0.1),
        conv4: conv2d(128, kernel = 3), leaky_relu(0.1),
        conv5: conv2d(128, kernel = 3), leaky_relu(0.1),
        conv6: conv2d(256, kernel = 3), leaky_relu(0.1),
        deconv7: conv_transpose2d(3, kernel = 4, stride = 2, padding = 3),
    }
}

// Three levels of the picture's pyramid, of one declaration.
cnn!(type PNet155 = PNet[155, 155]);
cnn!(type PNet56 = PNet[56, 56]);
cnn!(type PNet14 = PNet[14, 14]);

fn read(file: &str) -> Vec<u8> {
    let folders = ["tests/fixtures/networks", "examples/data"];
    let files = folders.map(|folder| format!("{folder}/{file}.safetensors"));
    files.iter().find_map(|file| std::fs::read(file).ok()).unwrap_or_else(|| panic!("none of {files:?} can be read"))
}

fn floats(file: &[u8], tensor: &str) -> Vec<f32> {
    let file = SafeTensors::deserialize(file).unwrap();
    let bytes = file.tensor(tensor).unwrap().data().as_chunks::<4>().0;
    bytes.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// Runs all samples in `input` and holds them against `expected`, canonical and prepared.
fn agree<N: Network>(weights: &[u8], reference: &[u8], input: &str, expected: &str) {
    let net: N = convnet::weights::from_bytes(weights).unwrap();
    let prepared = net.prepare();
    let (input, expected) = (floats(reference, input), floats(reference, expected));
    let largest = expected.iter().fold(1.0_f32, |largest, x| largest.max(x.abs()));
    let samples = input.chunks_exact(N::Input::LEN).zip(expected.chunks_exact(N::Output::LEN));
    assert!(samples.len() > 0);
    for (sample, (input, expected)) in samples.enumerate() {
        let input = <N::Input as Value>::from_slice(input).unwrap();
        let one = std::slice::from_ref(input);
        for (way, output) in [("canonical", net.forward_batch(one)), ("prepared", prepared.forward_batch(one))] {
            for (got, expected) in output[0].as_floats().iter().zip(expected) {
                let difference = (got - expected).abs();
                assert!(difference <= 1e-4 * largest, "sample {sample}, {way}: {got} is not {expected}");
            }
        }
    }
}

/// The same for a network with several outputs, `y0`, `y1`, …: those that `of` takes from a struct.
fn heads<N: Network>(weights: &[u8], reference: &[u8], name: &str, of: impl Fn(&N::Output) -> Vec<Vec<f32>>) {
    let net: N = convnet::weights::from_bytes(weights).unwrap();
    let prepared = net.prepare();
    let input = floats(reference, &format!("{name}.x"));
    for (sample, input) in input.chunks_exact(N::Input::LEN).enumerate() {
        let one = std::slice::from_ref(<N::Input as Value>::from_slice(input).unwrap());
        for (way, output) in [("canonical", net.forward_batch(one)), ("prepared", prepared.forward_batch(one))] {
            for (head, got) in of(&output[0]).iter().enumerate() {
                let all = floats(reference, &format!("{name}.y{head}"));
                let largest = all.iter().fold(1.0_f32, |largest, x| largest.max(x.abs()));
                for (got, expected) in got.iter().zip(&all[sample * got.len()..][..got.len()]) {
                    let difference = (got - expected).abs();
                    let what = format!("{name}, sample {sample}, head {head}, {way}");
                    assert!(difference <= 1e-4 * largest, "{what}: {got} is not {expected}");
                }
            }
        }
    }
}

#[test]
fn crepe_tiny() {
    agree::<CrepeTiny>(&read("crepe_tiny"), &read("reference_tiny"), "x", "prob");
}

#[test]
fn upconv_7() {
    agree::<Upconv7>(&read("upconv7_photo_scale2x"), &read("reference_chelsea"), "x", "y");
}

#[test]
fn p_net_at_three_sizes() {
    let (file, reference) = (read("mtcnn_pnet"), read("reference_astronaut"));
    heads::<PNet155>(&file, &reference, "pnet2", |output| {
        vec![output.boxes.as_slice().to_vec(), output.probability.as_slice().to_vec()]
    });
    heads::<PNet56>(&file, &reference, "pnet5", |output| {
        vec![output.boxes.as_slice().to_vec(), output.probability.as_slice().to_vec()]
    });
    heads::<PNet14>(&file, &reference, "pnet9", |output| {
        vec![output.boxes.as_slice().to_vec(), output.probability.as_slice().to_vec()]
    });
}

#[test]
fn r_net() {
    let (file, reference) = (read("mtcnn_rnet"), read("reference_astronaut"));
    heads::<RNet>(&file, &reference, "rnet", |output| vec![output.boxes.to_vec(), output.probability.to_vec()]);
}

#[test]
fn o_net() {
    let (file, reference) = (read("mtcnn_onet"), read("reference_astronaut"));
    heads::<ONet>(&file, &reference, "onet", |output| {
        vec![output.boxes.to_vec(), output.landmarks.to_vec(), output.probability.to_vec()]
    });
}

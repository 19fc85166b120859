//! Networks that others trained, declared here, with their files and their outputs: `fixtures/networks/README.md`.

use convnet::arena::Floats;
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

/// R-Net and O-Net of MTCNN with one of their heads each (Zhang et al.: Joint Face Detection and Alignment Using
/// Multitask Cascaded Convolutional Networks, 2016). The flatten of the files is in the order (w, h, c).
macro_rules! r_net {
    ($name:ident, $out:literal, $($head:tt)+) => {
        cnn! {
            pub struct $name: [3, 24, 24] -> [$out] {
                conv1: conv2d(28, kernel = 3), prelu1: prelu(per_channel = true), max_pool2d(3, stride = 2, ceil = true),
                conv2: conv2d(48, kernel = 3), prelu2: prelu(per_channel = true), max_pool2d(3, stride = 2, ceil = true),
                conv3: conv2d(64, kernel = 2), prelu3: prelu(per_channel = true),
                permute([2, 1, 0]), flatten,
                dense4: linear(128), prelu4: prelu(per_channel = true),
                $($head)+,
            }
        }
    };
}
r_net!(RNetFace, 2, dense5_1: linear(2), softmax);
r_net!(RNetBox, 4, dense5_2: linear(4));

macro_rules! o_net {
    ($name:ident, $out:literal, $($head:tt)+) => {
        cnn! {
            pub struct $name: [3, 48, 48] -> [$out] {
                conv1: conv2d(32, kernel = 3), prelu1: prelu(per_channel = true), max_pool2d(3, stride = 2, ceil = true),
                conv2: conv2d(64, kernel = 3), prelu2: prelu(per_channel = true), max_pool2d(3, stride = 2, ceil = true),
                conv3: conv2d(64, kernel = 3), prelu3: prelu(per_channel = true), max_pool2d(2, ceil = true),
                conv4: conv2d(128, kernel = 2), prelu4: prelu(per_channel = true),
                permute([2, 1, 0]), flatten,
                dense5: linear(256), prelu5: prelu(per_channel = true),
                $($head)+,
            }
        }
    };
}
o_net!(ONetFace, 2, dense6_1: linear(2), softmax);
o_net!(ONetBox, 4, dense6_2: linear(4));
o_net!(ONetLandmarks, 10, dense6_3: linear(10));

fn read(file: &str) -> Vec<u8> {
    let folders = ["tests/fixtures/networks", "examples/data"];
    let files = folders.map(|folder| format!("{folder}/{file}.safetensors"));
    files.iter().find_map(|file| std::fs::read(file).ok()).unwrap_or_else(|| panic!("none of {files:?} can be read"))
}

/// The file without the tensors whose names begin with one of `without`: the heads of another network.
fn only(file: &[u8], without: &[&str]) -> Vec<u8> {
    let file = SafeTensors::deserialize(file).unwrap();
    let tensors = file.tensors().into_iter();
    let kept = tensors.filter(|(name, _)| !without.iter().any(|head| name.starts_with(head)));
    safetensors::serialize(kept, None).unwrap()
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

#[test]
fn crepe_tiny() {
    agree::<CrepeTiny>(&read("crepe_tiny"), &read("reference_tiny"), "x", "prob");
}

#[test]
fn upconv_7() {
    agree::<Upconv7>(&read("upconv7_photo_scale2x"), &read("reference_chelsea"), "x", "y");
}

#[test]
fn r_net() {
    let (file, reference) = (read("rnet"), read("reference_mtcnn"));
    agree::<RNetFace>(&only(&file, &["dense5_2"]), &reference, "rnet.x", "rnet.y1");
    agree::<RNetBox>(&only(&file, &["dense5_1"]), &reference, "rnet.x", "rnet.y0");
}

#[test]
fn o_net() {
    let (file, reference) = (read("onet"), read("reference_mtcnn"));
    agree::<ONetFace>(&only(&file, &["dense6_2", "dense6_3"]), &reference, "onet.x", "onet.y2");
    agree::<ONetBox>(&only(&file, &["dense6_1", "dense6_3"]), &reference, "onet.x", "onet.y0");
    agree::<ONetLandmarks>(&only(&file, &["dense6_1", "dense6_2"]), &reference, "onet.x", "onet.y1");
}

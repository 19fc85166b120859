//! GoogLeNet: C. Szegedy et al., *Going deeper with convolutions*, 2014, table 1; 22 layers with parameters.
//!
//! Nine inception modules, each with four paths over the same input: 1×1; 1×1 → 3×3; 1×1 → 5×5; 3×3 max pool → 1×1.
//! The auxiliary classifiers of the paper exist for training alone: [`GoogLeNetAuxiliary`] has them, [`GoogLeNet`] is what is
//! used afterwards.

use crate::cnn;
#[cfg(feature = "alloc")]
use crate::{Network, params::Params};
#[cfg(feature = "train")]
use crate::{
    arena::Floats,
    ops::loss::cross_entropy,
    train::{Loss, TrainError},
};

cnn! {
    block inception(c1, r3, c3, r5, c5, proj) {
        concat {
            { path1: conv2d(c1, kernel = 1), relu },
            { reduce3: conv2d(r3, kernel = 1), relu, path3: conv2d(c3, kernel = 3, padding = 1), relu },
            { reduce5: conv2d(r5, kernel = 1), relu, path5: conv2d(c5, kernel = 5, padding = 2), relu },
            { max_pool2d(3, stride = 1, padding = 1), proj: conv2d(proj, kernel = 1), relu },
        }
    }

    /// GoogLeNet as in the paper: biases, local response normalisation, pools in ceil mode.
    #[derive(Clone)]
    pub struct GoogLeNet: [3, 224, 224] -> [1000] {
        conv1: conv2d(64, kernel = 7, stride = 2, padding = 3), relu => [64, 112, 112],
        max_pool2d(3, stride = 2, ceil = true), lrn(5) => [64, 56, 56],
        conv2_reduce: conv2d(64, kernel = 1), relu,
        conv2: conv2d(192, kernel = 3, padding = 1), relu, lrn(5) => [192, 56, 56],
        max_pool2d(3, stride = 2, ceil = true) => [192, 28, 28],
        inception3a: inception(64, 96, 128, 16, 32, 32) => [256, 28, 28],
        inception3b: inception(128, 128, 192, 32, 96, 64) => [480, 28, 28],
        max_pool2d(3, stride = 2, ceil = true) => [480, 14, 14],
        inception4a: inception(192, 96, 208, 16, 48, 64) => [512, 14, 14],
        inception4b: inception(160, 112, 224, 24, 64, 64) => [512, 14, 14],
        inception4c: inception(128, 128, 256, 24, 64, 64) => [512, 14, 14],
        inception4d: inception(112, 144, 288, 32, 64, 64) => [528, 14, 14],
        inception4e: inception(256, 160, 320, 32, 128, 128) => [832, 14, 14],
        max_pool2d(3, stride = 2, ceil = true) => [832, 7, 7],
        inception5a: inception(256, 160, 320, 32, 128, 128) => [832, 7, 7],
        inception5b: inception(384, 192, 384, 48, 128, 128) => [1024, 7, 7],
        global_avg_pool, dropout(0.4) => [1024],
        fc: linear(1000),
    }
}

const _: () = assert!(GoogLeNet::PARAMS == 6_998_552 && GoogLeNet::MACS == 1_582_671_872);

cnn! {
    block inception(c1, r3, c3, r5, c5, proj) {
        concat {
            { path1: conv2d(c1, kernel = 1), relu },
            { reduce3: conv2d(r3, kernel = 1), relu, path3: conv2d(c3, kernel = 3, padding = 1), relu },
            { reduce5: conv2d(r5, kernel = 1), relu, path5: conv2d(c5, kernel = 5, padding = 2), relu },
            { max_pool2d(3, stride = 1, padding = 1), proj: conv2d(proj, kernel = 1), relu },
        }
    }

    /// GoogLeNet with the two auxiliary classifiers of section 5, which keep the gradient alive in its lower half.
    ///
    /// Its own layers have the names of [`GoogLeNet`]'s, and `GoogLeNet::from(&trained)` leaves the classifiers out.
    #[derive(Clone)]
    pub struct GoogLeNetAuxiliary: [3, 224, 224] -> { scores: [1000], auxiliary1: [1000], auxiliary2: [1000] } {
        conv1: conv2d(64, kernel = 7, stride = 2, padding = 3), relu => [64, 112, 112],
        max_pool2d(3, stride = 2, ceil = true), lrn(5) => [64, 56, 56],
        conv2_reduce: conv2d(64, kernel = 1), relu,
        conv2: conv2d(192, kernel = 3, padding = 1), relu, lrn(5) => [192, 56, 56],
        max_pool2d(3, stride = 2, ceil = true) => [192, 28, 28],
        inception3a: inception(64, 96, 128, 16, 32, 32) => [256, 28, 28],
        inception3b: inception(128, 128, 192, 32, 96, 64) => [480, 28, 28],
        max_pool2d(3, stride = 2, ceil = true) => [480, 14, 14],
        inception4a: inception(192, 96, 208, 16, 48, 64) => [512, 14, 14],
        inception4b: inception(160, 112, 224, 24, 64, 64) => [512, 14, 14],
        inception4c: inception(128, 128, 256, 24, 64, 64) => [512, 14, 14],
        inception4d: inception(112, 144, 288, 32, 64, 64) => [528, 14, 14],
        inception4e: inception(256, 160, 320, 32, 128, 128) => [832, 14, 14],
        max_pool2d(3, stride = 2, ceil = true) => [832, 7, 7],
        inception5a: inception(256, 160, 320, 32, 128, 128) => [832, 7, 7],
        inception5b: inception(384, 192, 384, 48, 128, 128) => [1024, 7, 7],
        heads {
            scores as "": { global_avg_pool, dropout(0.4) => [1024], fc: linear(1000) },
            auxiliary1: {
                skip(inception4a), avg_pool2d(5, stride = 3) => [512, 4, 4],
                conv: conv2d(128, kernel = 1), relu, flatten,
                fc1: linear(1024), relu, dropout(0.7), fc2: linear(1000),
            },
            auxiliary2: {
                skip(inception4d), avg_pool2d(5, stride = 3) => [528, 4, 4],
                conv: conv2d(128, kernel = 1), relu, flatten,
                fc1: linear(1024), relu, dropout(0.7), fc2: linear(1000),
            },
        },
    }
}

const _: () = {
    let both = (512 + 528) * 128 + 2 * (128 + 2048 * 1024 + 1024 + 1024 * 1000 + 1000);
    assert!(GoogLeNetAuxiliary::PARAMS == GoogLeNet::PARAMS + both && GoogLeNetAuxiliary::PARAMS == 13_378_280);
};

#[cfg(feature = "alloc")]
impl From<&GoogLeNetAuxiliary> for GoogLeNet {
    /// The network without its auxiliary classifiers.
    fn from(trained: &GoogLeNetAuxiliary) -> Self {
        let mut params = crate::heap::zeros(Self::ARCHITECTURE.stored());
        let all = GoogLeNetAuxiliary::ARCHITECTURE.tensors;
        for tensor in Self::ARCHITECTURE.tensors {
            if let Ok(index) = all.binary_search_by(|other| other.name.cmp(tensor.name)) {
                let from = &trained.params()[all[index].offset..][..tensor.len()];
                params[tensor.offset..][..tensor.len()].copy_from_slice(from);
            }
        }
        Self::from_params(Params::Owned(params))
    }
}

/// Cross-entropy of the scores, plus 0.3 times that of each auxiliary classifier's: what section 5 of the paper trains
/// GoogLeNet with.
#[cfg(feature = "train")]
#[derive(Clone, Copy, Debug, Default)]
pub struct AuxiliaryCrossEntropy;

#[cfg(feature = "train")]
impl Loss<GoogLeNetAuxiliaryOutput> for AuxiliaryCrossEntropy {
    type Target = usize;

    fn check(&self, targets: &[usize]) -> Result<(), TrainError> {
        match targets.iter().position(|class| *class >= 1000) {
            Some(index) => Err(TrainError::Class { index, class: targets[index], classes: 1000 }),
            None => Ok(()),
        }
    }

    fn loss(&self, outputs: &[f32], targets: &[usize], grad: &mut [f32]) -> f32 {
        let len = GoogLeNetAuxiliaryOutput::LEN;
        let mut loss = 0.0;
        for ((output, grad), class) in outputs.chunks_exact(len).zip(grad.chunks_exact_mut(len)).zip(targets) {
            // As they lie in memory: both auxiliary classifiers, which branch off first, and the scores.
            let heads = output.chunks_exact(1000).zip(grad.chunks_exact_mut(1000)).zip([0.3, 0.3, 1.0]);
            for ((scores, grad), weight) in heads {
                let weight = weight / targets.len() as f32;
                loss += weight * cross_entropy(1000, scores, core::slice::from_ref(class), grad);
                grad.iter_mut().for_each(|grad| *grad *= weight);
            }
        }
        loss
    }
}

cnn! {
    block conv_bn(channels, k) {
        conv: conv2d(channels, kernel = k, padding = (k - 1) / 2, bias = false), bn: batch_norm(epsilon = 0.001), relu,
    }

    block inception(c1, r3, c3, r5, c5, proj) {
        concat {
            branch1: conv_bn(c1, 1),
            branch2: { "0": conv_bn(r3, 1), "1": conv_bn(c3, 3) },
            branch3: { "0": conv_bn(r5, 1), "1": conv_bn(c5, 3) },
            branch4: { max_pool2d(3, stride = 1, padding = 1), "1": conv_bn(proj, 1) },
        }
    }

    /// torchvision's GoogLeNet: batch normalisation, and 3×3 in the place of 5×5.
    #[derive(Clone)]
    pub struct GoogLeNetTorchvision: [3, 224, 224] -> [1000] {
        conv1: {
            conv: conv2d(64, kernel = 7, stride = 2, padding = 3, bias = false), bn: batch_norm(epsilon = 0.001), relu,
        } => [64, 112, 112],
        max_pool2d(3, stride = 2, ceil = true) => [64, 56, 56],
        conv2: conv_bn(64, 1),
        conv3: conv_bn(192, 3),
        max_pool2d(3, stride = 2, ceil = true) => [192, 28, 28],
        inception3a: inception(64, 96, 128, 16, 32, 32) => [256, 28, 28],
        inception3b: inception(128, 128, 192, 32, 96, 64) => [480, 28, 28],
        max_pool2d(3, stride = 2, ceil = true) => [480, 14, 14],
        inception4a: inception(192, 96, 208, 16, 48, 64) => [512, 14, 14],
        inception4b: inception(160, 112, 224, 24, 64, 64) => [512, 14, 14],
        inception4c: inception(128, 128, 256, 24, 64, 64) => [512, 14, 14],
        inception4d: inception(112, 144, 288, 32, 64, 64) => [528, 14, 14],
        inception4e: inception(256, 160, 320, 32, 128, 128) => [832, 14, 14],
        max_pool2d(2, ceil = true) => [832, 7, 7],
        inception5a: inception(256, 160, 320, 32, 128, 128) => [832, 7, 7],
        inception5b: inception(384, 192, 384, 48, 128, 128) => [1024, 7, 7],
        global_avg_pool, dropout(0.2),
        fc: linear(1000),
    }
}

const _: () = assert!(GoogLeNetTorchvision::PARAMS == 6_624_904 && GoogLeNetTorchvision::MACS == 1_498_376_192);

//! Networks that have names: each a page, declared as in its paper, with its counts asserted.
//!
//! | network | input | parameters | source |
//! |---|---|---:|---|
//! | [`LeNet5`] | `[1, 28, 28]` | 61 706 | LeCun et al. 1998 |
//! | [`AlexNet`], [`AlexNetGrouped`], [`AlexNetTorchvision`] | `[3, 227, 227]`, torchvision's `[3, 224, 224]` | 62 378 344, 60 965 224, 61 100 840 | Krizhevsky, Sutskever, Hinton 2012 |
//! | [`Vgg11`], [`Vgg13`], [`Vgg16`], [`Vgg19`] | `[3, 224, 224]` | 132 863 336 … 143 667 240 | Simonyan, Zisserman 2014 |
//! | [`GoogLeNet`], with classifiers for training [`GoogLeNetAuxiliary`], [`GoogLeNetTorchvision`] | `[3, 224, 224]` | 6 998 552, 13 378 280, 6 624 904 | Szegedy et al. 2014 |
//! | [`SqueezeNet1_0`], [`SqueezeNet1_1`] | `[3, 224, 224]` | 1 248 424, 1 235 496 | Iandola et al. 2016 |
//! | [`ResNet18`], [`ResNet34`] | `[3, 224, 224]` | 11 689 512, 21 797 672 | He et al. 2015 |
//! | [`MobileNetV1`], [`MobileNetV2`] | `[3, 224, 224]` | 4 231 976, 3 504 872 | Howard et al. 2017, Sandler et al. 2018 |
//! | [`PNet`], [`RNet`], [`ONet`] | `[3, H, W]`, `[3, 24, 24]`, `[3, 48, 48]` | 6 632, 100 178, 389 040 | Zhang et al. 2016 |
//! | [`UNet`] | `[1, 128, 128]` | 481 779 | after Ronneberger, Fischer, Brox 2015 |
//! | [`M5`] | `[1, 8000]`, one second of sound | 26 915 | Dai et al. 2016 |
//! | [`C3d`] | `[3, 16, 112, 112]`, video | 79 991 015 | Tran et al. 2014 |
//!
//! Parameters count weights and biases, of batch normalisation too, and no running statistics. Names of weights are
//! torchvision's where torchvision has the network: a state_dict saved as safetensors loads as it is.
//!
//! All of them give scores; where a paper ends in a softmax, that is a part of the loss here
//! ([`CrossEntropy`](crate::train::CrossEntropy)).
//!
//! ```
//! use convnet::models::ResNet18;
//!
//! assert_eq!(ResNet18::PARAMS, 11_689_512);
//! println!("{}", ResNet18::summary());
//! ```

mod alexnet;
mod c3d;
mod googlenet;
mod lenet;
mod m5;
mod mobilenet;
mod mtcnn;
mod resnet;
mod squeezenet;
mod unet;
mod vgg;

pub use alexnet::{AlexNet, AlexNetGrouped, AlexNetTorchvision};
pub use c3d::C3d;
#[cfg(feature = "train")]
pub use googlenet::AuxiliaryCrossEntropy;
pub use googlenet::{GoogLeNet, GoogLeNetAuxiliary, GoogLeNetAuxiliaryOutput, GoogLeNetTorchvision};
pub use lenet::LeNet5;
pub use m5::M5;
pub use mobilenet::{MobileNetV1, MobileNetV2};
pub use mtcnn::{ONet, ONetOutput, PNet, PNet12, PNetOutput, RNet, RNetOutput};
pub use resnet::{ResNet18, ResNet34};
pub use squeezenet::{SqueezeNet1_0, SqueezeNet1_1};
pub use unet::UNet;
pub use vgg::{Vgg11, Vgg13, Vgg16, Vgg19};

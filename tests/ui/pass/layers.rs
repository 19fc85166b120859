//! Every layer, with literals and with expressions.
use convnet::cnn;

const CHANNELS: usize = 4;
const SIDE: usize = 16;
const LENGTH: usize = 64;

cnn! {
    pub struct Images: [3, 16, 16] -> [10] {
        normalize(mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]),
        conv1: conv2d(4, kernel = 3, padding = same), batch_norm, relu,
        conv2: depthwise_conv2d(2, kernel = (3, 1), padding = ((1, 1), (0, 0)), bias = false) => [8, 16, 16],
        batch_norm(epsilon = 1e-3, momentum = 0.01), leaky_relu, leaky_relu(0.2), prelu, lrn(5),
        conv3: separable_conv2d(6, kernel = 3) => [6, 14, 14],
        slopes: prelu(per_channel = true), elu, elu(alpha = 0.5), selu, gelu, silu, relu6,
        conv4: spatially_separable_conv2d(6, kernel = (3, 5), stride = (1, 2), padding = (1, 2)) => [6, 14, 7],
        clamp(-1, 1.0), clamp(low = -2.0, high = 2), hard_swish, tanh, sigmoid,
        up1: conv_transpose2d(4, kernel = 4, stride = 2, padding = 1, groups = 2) => [4, 28, 14],
        up2: conv_transpose2d(2, kernel = 3, stride = 2, output_padding = (1, 0)) => [2, 58, 29],
        max_pool2d(2, ceil = true) => [2, 29, 15], avg_pool2d(3),
        permute([1, 2, 0]) => [9, 5, 2], permute(axes = [2, 0, 1]),
        softmax, log_softmax, lrn(size = 3, alpha = 1e-3, beta = 0.5, k = 2),
        reshape([5, 18]), reshape([90]), dropout(0.5),
        linear(10), batch_norm, log_softmax,
    }
}

cnn! {
    pub struct Expressions: [CHANNELS, SIDE, SIDE] -> [CHANNELS] {
        bn1: batch_norm,
        conv2: depthwise_conv2d(CHANNELS / 2, kernel = 3),
        bn2: batch_norm,
        slopes: prelu(per_channel = true),
        prelu,
        up1: conv_transpose2d(CHANNELS, kernel = SIDE / 4, stride = 2, output_padding = CHANNELS - 3),
        lrn(CHANNELS + 1),
        reshape([CHANNELS, (2 * SIDE - 1), (2 * SIDE) - 1]),
        permute([2, 1, 0]),
        permute([2, 0, 1]),
        conv3: separable_conv2d(CHANNELS, kernel = 3),
        global_max_pool,
        softmax,
    }
}

cnn! {
    pub struct Sequences: [1, LENGTH] -> [4] {
        conv1d(4, kernel = 5, stride = 2, padding = ((1, 2),)), relu,
        depthwise_conv1d(kernel = (3,)), separable_conv1d(4, kernel = 3),
        conv_transpose1d(4, kernel = 4, stride = 2, padding = 1),
        max_pool1d(2), avg_pool1d(2),
        global_max_pool,
    }
}

cnn! {
    pub struct Volumes: [1, 8, 8, 8] -> [4] {
        conv3d(4, kernel = (1, 3, 3)), relu,
        depthwise_conv3d(kernel = 3), separable_conv3d(4, kernel = 1),
        conv_transpose3d(4, kernel = 2, stride = 2),
        max_pool3d(2), avg_pool3d((1, 2, 2)),
        global_avg_pool,
    }
}

type Anonymous = cnn!([2, SIDE] -> conv_transpose1d(2, kernel = 2, stride = 2), batch_norm, reshape([4 * SIDE]));

fn main() {
    let net = Images::init(1);
    let kernel: &[[[[f32; 1]; 3]; 1]; 8] = net.conv2().weight();
    let up: &[[[[f32; 4]; 4]; 2]; 6] = net.up1().weight();
    let slopes: &[f32; 6] = net.slopes().weight();
    let (gamma, beta): (&[f32; 4], &[f32; 4]) = (net.bn1().weight(), net.bn1().bias());
    let pointwise: &[[[[f32; 1]; 1]; 8]; 6] = net.conv3_pointwise().weight();
    let _ = (kernel, up, slopes, gamma, beta, pointwise);
    let net = Expressions::init(1);
    let _: (&[f32; 8], &[f32; 8], &[f32; 8]) = (net.conv2().bias(), net.bn2().bias(), net.slopes().weight());
    let _ = (Sequences::init(1), Volumes::init(1), Anonymous::init(1));
}

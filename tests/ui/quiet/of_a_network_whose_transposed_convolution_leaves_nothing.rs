use convnet::{Chw, Flat, Network, Prepared, cnn};

const K: usize = 5;

cnn! {
    pub struct Net: [1, 28, 28] -> [10] {
        conv0: conv2d(4, kernel = 28),
        conv1: conv_transpose2d(6, kernel = K, padding = K / 2 + 1),
        conv2: depthwise_conv2d(K, kernel = 1),
        bn1: batch_norm,
        flatten,
        fc1: linear(10),
    }
}

const _: () = assert!(Net::INPUT[0] == 1 && Net::OUTPUT[0] == 10);

static mut SCRATCH: [f32; Net::SCRATCH_BYTES / 4] = Net::scratch();

fn classify<N: Network>(net: &N, input: &N::Input) -> N::Returned {
    net.forward(input)
}

struct Camera {
    net: Net,
    fast: Prepared<Net>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut net = Net::init(1);
    let image = Chw::<1, 28, 28>::zeros();
    let scores: Flat<10> = net.forward(&image);
    let mut output = Flat::zeros();
    net.forward_into(&image, &mut output, &mut Net::scratch());
    let fast = net.prepare();
    println!("{scores:?} {:?} {:?}", fast.forward(&image), classify(&net, &image));
    println!("{} {:?} {} {}", Net::summary(), Net::LAYERS[0].name, Net::MACS, Net::scratch_bytes(1, 1));
    println!("{:?} {}", net.conv1().weight()[0][0], net.fc1().bias()[3]);
    net.conv1_mut().weight[0][0][0][0] = 1.0;
    for value in net.params_mut() {
        *value *= 0.5;
    }
    net.save("net.safetensors")?;
    let camera = Camera { net: Net::load("net.safetensors")?, fast };
    let all = camera.net.forward_batch(&[image, image]);
    println!("{} {}", all[0][3], camera.fast.forward(&image)[0]);
    Ok(())
}

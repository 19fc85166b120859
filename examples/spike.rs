use convnet::{cnn, Chw, Flat};
const CLASSES: usize = 10;
cnn! {
    /// LeNet-5 for 28×28 grayscale digits.
    pub struct LeNet5: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(CLASSES),
    }
}
type Stem = cnn!([3, 227, 227] -> conv2d(96, kernel = 11, stride = 4), relu);
type Odd = cnn!([3, 32, 32] -> conv2d(CLASSES, kernel = 11, stride = 4), relu);
const _: () = assert!(LeNet5::PARAMS == 61_706 && LeNet5::SCRATCH_BYTES <= 32 * 1024);
fn main() {
    let net = LeNet5::init(1);
    let image = Chw::<1, 28, 28>::zeros();
    let out: Flat<10> = net.forward(&image);
    println!("{out:?}");
    println!("{:?}", net.prepare().forward(&image));
    let mut o = Flat::zeros();
    net.forward_into(&image, &mut o, &mut LeNet5::scratch());
    println!("{o:?}");
    println!("{}", LeNet5::summary());
    println!("{:?}", LeNet5::LAYERS[3]);
    println!("{:?}", net.conv1().weight()[0][0]);
    net.save("/tmp/x.safetensors").unwrap();
    let n2 = LeNet5::load("/tmp/x.safetensors").unwrap();
    assert_eq!(n2.params(), net.params());
    println!("{}", Stem::PARAMS);
    println!("{}", Odd::PARAMS);
}

use convnet::cnn;

type Stem = cnn!([3, 8, 8] -> conv2d(96, kernel = 11, stride = 4), relu);

fn main() {
    let stem = Stem::init(1);
    println!("{} {:?}", Stem::PARAMS, stem.forward(&convnet::Tensor::zeros()));
}

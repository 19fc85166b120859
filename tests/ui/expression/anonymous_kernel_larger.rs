use convnet::cnn;

const K: usize = 11;

type Stem = cnn!([3, 8, 8] -> conv2d(96, kernel = K, stride = 4), relu);

fn main() {
    println!("{}", Stem::PARAMS);
}

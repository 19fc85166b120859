use convnet::cnn;

const CLASSES: usize = 10;

type Head = cnn!([3, 8, 8] -> conv2d(CLASSES, kernel = 8), linear(CLASSES));

fn main() {
    println!("{}", Head::PARAMS);
}

use convnet::cnn;

type Stem = cnn!([1, 8, 8]);

fn main() {
    println!("{}", Stem::PARAMS);
}

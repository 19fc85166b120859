use convnet::cnn;

const SIDE: usize = 0;

type Stem = cnn!([3, SIDE, SIDE] -> relu);

fn main() {
    println!("{}", Stem::PARAMS);
}

use convnet::cnn;

type Head = cnn!([64] -> linear(CLASSES));

fn main() {
    println!("{}", Head::PARAMS);
}

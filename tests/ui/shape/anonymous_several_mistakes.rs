use convnet::cnn;

fn stem() -> cnn!([3, 8, 8] -> conv2d(96, kernel = 0), relu(1), pool(2)) {
    todo!()
}

fn main() {
    println!("{:?}", stem().forward(&convnet::Tensor::zeros()));
}

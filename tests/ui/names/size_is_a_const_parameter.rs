use convnet::cnn;

cnn! {
    pub struct Net<const N: usize>: [1, N, N] -> [6, 4, 4] {
        conv1: conv2d(6, kernel = 5),
    }
}

fn main() {
    let net = Net::<8>::init(1);
    println!("{:?}", net.conv1().weight());
}

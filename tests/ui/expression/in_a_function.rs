use convnet::cnn;

fn main() {
    const K: usize = 9;
    cnn! {
        struct Net: [1, 8, 8] -> [6, 1, 1] {
            conv1: conv2d(6, kernel = K),
        }
    }
    let _ = Net::init(1);
}

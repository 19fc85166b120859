use convnet::cnn;

cnn! {
    pub struct Net: [3, 16, 16] -> [3, 16, 16] {
        add { relu, relu, relu, relu, relu, relu, relu, relu, relu },
    }
}

fn main() {}

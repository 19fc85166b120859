//! A network that gives another output, in a network without a name.

use convnet::cnn;

cnn! {
    pub struct Stem: [1, 8, 8] -> [4, 6, 6] {
        conv2d(4, kernel = 3), relu,
    }
}

type Net = cnn!([1, 8, 8] -> Stem => [4, 5, 5], flatten, linear(3));

static NET: Option<Net> = None;

fn main() {}

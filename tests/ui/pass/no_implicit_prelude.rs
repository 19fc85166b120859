//! Expansions name everything by its whole path, whatever the module around them has taken away or renamed.
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

mod hostile {
    struct Option;
    struct Result;
    struct Box;
    struct Vec;
    struct Self_;
    struct String;
    mod core {}
    mod std {}
    const CLASSES: usize = 3;

    ::convnet::cnn! {
        pub struct Net: [1, 4, 4] -> [3] {
            conv1: conv2d(2, kernel = CLASSES), relu,
            flatten,
            fc1: linear(CLASSES, bias = false),
        }
    }

    pub type Head = ::convnet::cnn!([8] -> linear(3), softmax);
}

fn main() {
    let _ = hostile::Net::init(1).forward(&::convnet::Chw::zeros());
    let _ = hostile::Head::init(1);
}

//! Attributes, visibilities, several networks in one module, networks in functions.
#![deny(missing_docs, unused, unsafe_code, nonstandard_style, rust_2018_idioms)]

/// Networks of a module.
pub mod nets {
    use convnet::cnn;

    cnn! {
        /// The first.
        #[derive(Clone, Debug)]
        pub struct First: [1, 4, 4] -> [2] {
            flatten,
            fc1: linear(2),
        }
    }

    cnn! {
        /// The second, with the same names.
        #[derive(Clone)]
        #[doc(alias = "other")]
        pub(crate) struct Second: [1, 4, 4] -> [3] with strict {
            pool1: max_pool2d(2),
            flatten,
            fc1: linear(3),
        }
    }

    /// A module below.
    pub mod inner {
        convnet::cnn! {
            pub(in super::super) struct Third: [8] -> [8] { relu }
        }
    }
}

fn generic<T: Default>() -> (T, f32) {
    const SIDE: usize = 5;
    convnet::cnn! {
        struct Local: [1, SIDE, SIDE] -> [1, 3, 3] {
            conv2d(1, kernel = 3),
        }
    }
    (T::default(), Local::init(1).forward(&convnet::Chw::zeros())[0][0][0])
}

fn main() {
    let first = nets::First::init(1).clone();
    assert!(format!("{first:?} {}", nets::First::summary()).contains("fc1"));
    let _ = nets::Second::init(1).clone().forward(&convnet::Chw::zeros());
    let _ = nets::inner::Third::init(1).forward(&convnet::Flat::zeros());
    assert_eq!(generic::<u8>(), generic::<u8>());
}

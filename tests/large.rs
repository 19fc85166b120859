//! A network with a large input initialises, loads and runs in a thread with little stack, also where nothing is
//! optimised away: values of more than 16 KiB are made on the heap and never pass through the stack.

use convnet::{Chw, Flat, cnn};

cnn! {
    /// AlexNet's first half, on its input of 3×227×227, with a small classifier.
    struct Large: [3, 227, 227] -> [10] {
        conv2d(8, kernel = 11, stride = 4), relu,
        max_pool2d(3, stride = 2),
        conv2d(8, kernel = 3), relu,
        global_avg_pool,
        linear(10),
    }
}

#[test]
fn two_mebibytes_of_stack_are_enough() {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(|| {
        let net = Large::init(1);
        let net = Large::from_bytes(&net.to_bytes()).unwrap();
        let mut image = Chw::<3, 227, 227>::zeros_boxed();
        image[2][226][226] = 1.0;
        let scores: Flat<10> = net.forward(&image);
        let prepared = net.prepare().forward(&image);
        for (a, b) in scores.as_slice().iter().zip(prepared.as_slice()) {
            assert!((a - b).abs() < 1e-5);
        }
        assert!(scores.as_slice().iter().all(|score| score.is_finite()));
    });
    thread.unwrap().join().unwrap();
}

//! What the page computes, without the page: MNIST's test digits, drawn large and off the middle.

use std::io::Read;

use convnet::{Chw, Prepared, cnn, embed};
use convnet_web::{DRAWING, Page};
use flate2::read::GzDecoder;

cnn! {
    /// The network in one piece.
    struct Whole: [1, 28, 28] -> [10] {
        conv1: conv2d(6, kernel = 5, padding = 2), relu,
        max_pool2d(2),
        conv2: conv2d(16, kernel = 5), relu,
        max_pool2d(2),
        flatten,
        fc1: linear(120), relu,
        fc2: linear(84), relu,
        fc3: linear(10),
        softmax,
    }
}

static WHOLE: Prepared<Whole> = embed!(Whole, "../../data/lenet5.safetensors");

fn unpacked(mut file: &[u8], header: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(&mut file).read_to_end(&mut bytes).unwrap();
    bytes.split_off(header)
}

/// 28 × 28 pixels, each `scale` wide, from a corner on.
fn draw(page: &mut Page, pixels: &[u8], scale: usize, [left, top]: [usize; 2]) {
    page.drawing = [0; DRAWING * DRAWING];
    for y in 0..28 * scale {
        for x in 0..28 * scale {
            page.drawing[(top + y) * DRAWING + left + x] = pixels[y / scale * 28 + x / scale];
        }
    }
}

fn best(probabilities: &[f32]) -> usize {
    (0..10).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b])).unwrap()
}

#[test]
fn digits_are_read_wherever_they_are_drawn_and_as_the_whole_network_reads_them() {
    let images = unpacked(include_bytes!("../../data/t10k-images-idx3-ubyte.gz"), 16);
    let labels = unpacked(include_bytes!("../../data/t10k-labels-idx1-ubyte.gz"), 8);
    let mut page = Box::new(Page::new());
    let (mut right, mut same) = (0, 0);
    for (i, (pixels, label)) in images.chunks(784).zip(&labels).take(300).enumerate() {
        let scale = 5 + i % 4;
        let free = DRAWING - 28 * scale;
        draw(&mut page, pixels, scale, [i * 31 % (free + 1), i * 17 % (free + 1)]);
        page.read();
        right += usize::from(best(&page.probabilities[..]) == usize::from(*label));
        // What the drawing was made of is what the network sees, but for a cell here and there.
        let worst = page.digit.as_slice().iter().zip(pixels).map(|(a, b)| (a - f32::from(*b) / 255.0).abs());
        same += usize::from(worst.fold(0.0, f32::max) < 0.02);

        let whole: Vec<f32> = WHOLE.forward(&Chw(page.digit.0)).to_vec();
        for (piece, whole) in page.probabilities.iter().zip(whole) {
            assert!((piece - whole).abs() < 1e-5, "{i}: {piece} in pieces, {whole} in one");
        }
    }
    assert!(right >= 291, "{right} of 300 were read");
    assert!(same >= 240, "{same} of 300 are in MNIST's place");
}

#[test]
fn empty_page_is_all_zeros_and_a_dot_is_in_the_middle() {
    let mut page = Box::new(Page::new());
    page.read();
    assert_eq!(page.digit.as_slice(), [0.0; 784]);
    page.drawing[279 * DRAWING + 279] = 255;
    page.read();
    assert_eq!(page.digit.as_slice().iter().filter(|cell| **cell == 1.0).count(), 400);
    assert_eq!(page.digit[0][5], {
        let mut row = [0.0; 28];
        row[5..25].fill(1.0);
        row
    });
}

//! The cascade: P-Net proposes boxes at every level of a pyramid, R-Net refines them, O-Net decides and finds landmarks.
//!
//! P-Net is declared once, for any size; each level is an instance of it. What it learned is the same at all of them, so the
//! weights are in the program once.

use convnet::models::{ONet, PNet, PNet12, RNet};
use convnet::params::Params;
use convnet::shape::Shape;
use convnet::{Prepared, Tensor, cnn, embed};

use crate::boxes::{Face, Overlap, best};
use crate::picture::{SIDE, Square};

static PNET: Prepared<PNet12> = embed!(PNet12, "../data/mtcnn_pnet.safetensors");
static RNET: Prepared<RNet> = embed!(RNet, "../data/mtcnn_rnet.safetensors");
static ONET: Prepared<ONet> = embed!(ONet, "../data/mtcnn_onet.safetensors");

/// The probability from which each stage takes a box for a face.
const THRESHOLDS: [f32; 3] = [0.6, 0.7, 0.7];
/// The smallest face that is looked for, in pixels.
const SMALLEST: f64 = 20.0;
/// Each level has so much of the side of the one before it.
const FACTOR: f64 = 0.709;
/// What P-Net looks at, a window of 12×12, and how far apart windows are.
const WINDOW: f64 = 12.0;
const STRIDE: f64 = 2.0;

macro_rules! pyramid {
    ($($level:ident $side:literal;)+) => {
        $(cnn!(type $level = PNet[$side, $side]);)+

        /// Pixels on a side of each level.
        const SIDES: &[usize] = &[$($side),+];

        /// What P-Net takes for faces, at all levels.
        fn proposals(square: &Square) -> Vec<Face> {
            let mut all = Vec::new();
            let mut scales = (0..).map(|level| FACTOR.powi(level) * WINDOW / SMALLEST);
            $(
                let output = Prepared::<$level>::from_packed(Params::Static(PNET.packed())).forward(&square.level());
                all.extend(at_one_level(scales.next().unwrap_or_default(), &output.boxes, &output.probability));
            )+
            all
        }
    };
}
pyramid! {
    Level0 308; Level1 218; Level2 155; Level3 110; Level4 78; Level5 56; Level6 40; Level7 28; Level8 20; Level9 14;
}

/// The best of the windows of one level that may be faces.
fn at_one_level<S: Shape, P: Shape>(scale: f64, boxes: &Tensor<S>, probability: &Tensor<P>) -> Vec<Face> {
    let (boxes, face) = (boxes.as_slice(), &probability.as_slice()[P::CELLS..]);
    let columns = P::DIMS.size(2);
    let windows = face.iter().enumerate().filter(|(_, score)| **score >= THRESHOLDS[0]);
    let windows = windows.map(|(cell, score)| {
        let (row, column) = ((cell / columns) as f64, (cell % columns) as f64);
        let first = |at: f64| ((STRIDE * at + 1.0) / scale).floor() as f32;
        let last = |at: f64| ((STRIDE * at + WINDOW) / scale).floor() as f32;
        Face {
            corners: [first(column), first(row), last(column), last(row)],
            score: *score,
            correction: core::array::from_fn(|i| boxes[i * P::CELLS + cell]),
            landmarks: [[0.0; 2]; 5],
        }
    });
    best(windows.collect(), 0.5, Overlap::Union)
}

/// All faces in the square, the surest first.
pub fn faces(square: &Square) -> Vec<Face> {
    // Boxes compete as they are, and are corrected afterwards.
    let proposed = best(proposals(square), 0.7, Overlap::Union);

    let refined = proposed.iter().map(|face| face.corrected(0.0).squared()).filter_map(|face| {
        let piece = square.piece::<24>(face.corners)?;
        let output = RNET.forward(&piece);
        let refined = Face { score: output.probability[1], correction: output.boxes.0, ..face };
        (refined.score > THRESHOLDS[1]).then_some(refined)
    });
    let refined = best(refined.collect(), 0.7, Overlap::Union);

    let decided = refined.iter().map(|face| face.corrected(1.0).squared()).filter_map(|face| {
        let piece = square.piece::<48>(face.corners)?;
        let output = ONET.forward(&piece);
        let [left, top, right, bottom] = face.corners;
        let point = |i: usize| {
            let (x, y) = (output.landmarks[i], output.landmarks[5 + i]);
            [(right - left + 1.0) * x + left - 1.0, (bottom - top + 1.0) * y + top - 1.0]
        };
        let decided = Face {
            score: output.probability[1],
            correction: output.boxes.0,
            landmarks: core::array::from_fn(point),
            ..face
        };
        (decided.score > THRESHOLDS[2]).then(|| decided.corrected(1.0))
    });
    best(decided.collect(), 0.7, Overlap::Smaller)
}

/// The levels are those that the sizes above ask for.
const _: () = {
    let (mut scale, mut level) = (WINDOW / SMALLEST, 0);
    while SIDE as f64 * scale >= WINDOW {
        assert!(SIDES[level] == (SIDE as f64 * scale + 1.0) as usize, "another side for a level");
        scale *= FACTOR;
        level += 1;
    }
    assert!(SIDES.len() == level, "as many levels as the smallest window leaves");
};

//! A drawing as MNIST has its digits: scaled into 20 × 20 cells, its centre of mass in the middle of 28 × 28.

/// Cells along a side of the network's input.
pub const SIDE: usize = 28;

/// Cells along the longer side of a digit.
const BOX: usize = 20;

/// Where MNIST has the centre of mass, in cells from the first one's corner: in the corner of the four cells in the middle,
/// and half a cell on, as its makers rounded.
const MIDDLE: f32 = 14.5;

/// `[SIDE, SIDE]` ← a square drawing of `side` × `side`, 0 where nothing is drawn, 255 in the middle of a stroke. All zeros if there is
/// none.
pub fn center(drawing: &[u8], side: usize, to: &mut [[f32; SIDE]; SIDE]) {
    *to = [[0.0; SIDE]; SIDE];
    let Some([left, top, right, bottom]) = bounds(drawing, side) else { return };
    let (width, height) = (right - left, bottom - top);
    let scale = width.max(height) as f32 / BOX as f32;

    // The digit in the corner of the box, each cell the mean of what is drawn there.
    let mut cells = [[0.0; BOX]; BOX];
    let (mut mass, mut x_moment, mut y_moment) = (0.0, 0.0, 0.0);
    for (y, row) in cells.iter_mut().enumerate() {
        for (x, cell) in row.iter_mut().enumerate() {
            let [from, to] = [[x, y], [x + 1, y + 1]].map(|[x, y]| [x as f32 * scale, y as f32 * scale]);
            *cell = mean(drawing, side, [left, top], [from, to]);
            mass += *cell;
            x_moment += *cell * (x as f32 + 0.5);
            y_moment += *cell * (y as f32 + 0.5);
        }
    }
    if mass == 0.0 {
        return;
    }

    // Whole cells, so that nothing is blurred again.
    let shift = [x_moment, y_moment].map(|moment| (MIDDLE - moment / mass + 64.5) as usize - 64);
    for (y, row) in cells.iter().enumerate() {
        for (x, cell) in row.iter().enumerate() {
            if let Some(to) = to.get_mut(y + shift[1]).and_then(|row| row.get_mut(x + shift[0])) {
                *to = *cell;
            }
        }
    }
}

/// The first column and row that something is drawn in, and the first behind it.
fn bounds(drawing: &[u8], side: usize) -> Option<[usize; 4]> {
    let mut bounds = [side, side, 0, 0];
    for (y, row) in drawing.chunks_exact(side).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, value)| **value > 0) {
            bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x + 1), bounds[3].max(y + 1)];
        }
    }
    (bounds[2] > 0).then_some(bounds)
}

/// The mean, from 0 to 1, over a rectangle whose corners are so far from pixel `origin`; beyond the drawing is nothing.
fn mean(drawing: &[u8], side: usize, origin: [usize; 2], [from, to]: [[f32; 2]; 2]) -> f32 {
    let area = (to[0] - from[0]) * (to[1] - from[1]);
    let mut sum = 0.0;
    for y in from[1] as usize..=to[1] as usize {
        for x in from[0] as usize..=to[0] as usize {
            let [column, row] = [x + origin[0], y + origin[1]];
            if column < side && row < side {
                let covered = overlap(x, from[0], to[0]) * overlap(y, from[1], to[1]);
                sum += covered * f32::from(drawing[row * side + column]);
            }
        }
    }
    sum / (255.0 * area)
}

/// How much of pixel `at` lies between two places.
fn overlap(at: usize, from: f32, to: f32) -> f32 {
    let (start, end) = (from.max(at as f32), to.min(at as f32 + 1.0));
    if end > start { end - start } else { 0.0 }
}

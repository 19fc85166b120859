//! Boxes around faces: which of several to keep, and how a network corrects one.

/// What the landmarks are, as the person in the photograph would say it seen from the front.
pub const LANDMARKS: [&str; 5] =
    ["eye on the left", "eye on the right", "nose", "corner of the mouth, left", "corner of the mouth, right"];

/// A face, or what may be one.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    /// Left, top, right, bottom, in pixels.
    pub corners: [f32; 4],
    /// The probability that it is a face.
    pub score: f32,
    /// How far the network would move the corners, in units of the sides.
    pub correction: [f32; 4],
    /// x and y of each of [`LANDMARKS`].
    pub landmarks: [[f32; 2]; 5],
}

/// What the area that two boxes share is compared with.
#[derive(Clone, Copy, PartialEq)]
pub enum Overlap {
    /// The area of both together.
    Union,
    /// That of the smaller.
    Smaller,
}

impl Face {
    /// In a picture so many times as large.
    pub fn times(&self, scale: f32) -> Self {
        let landmarks = self.landmarks.map(|point| point.map(|at| scale * at));
        Self { corners: self.corners.map(|at| scale * at), landmarks, ..*self }
    }

    /// Width and height, in pixels from the first to the last, and `beyond` more.
    fn sides(&self, beyond: f32) -> [f32; 2] {
        let [left, top, right, bottom] = self.corners;
        [right - left + beyond, bottom - top + beyond]
    }

    /// With its corners moved as the network would.
    pub fn corrected(mut self, beyond: f32) -> Self {
        let [width, height] = self.sides(beyond);
        for (axis, side) in [width, height, width, height].into_iter().enumerate() {
            self.corners[axis] += self.correction[axis] * side;
        }
        self
    }

    /// The square of the longer side around the same centre.
    pub fn squared(mut self) -> Self {
        let [left, top, ..] = self.corners;
        let [width, height] = self.sides(0.0);
        let side = width.max(height);
        let (left, top) = (left + 0.5 * (width - side), top + 0.5 * (height - side));
        self.corners = [left, top, left + side, top + side];
        self
    }

    fn overlap(&self, other: &Self, of: Overlap, beyond: f32) -> f32 {
        let (a, b) = (self.corners, other.corners);
        let width = (a[2].min(b[2]) - a[0].max(b[0]) + beyond).max(0.0);
        let height = (a[3].min(b[3]) - a[1].max(b[1]) + beyond).max(0.0);
        let [area, other_area] = [self, other].map(|face| face.sides(beyond).iter().product::<f32>());
        let shared = width * height;
        match of {
            Overlap::Union => shared / (area + other_area - shared),
            Overlap::Smaller => shared / area.min(other_area),
        }
    }
}

/// The best of each heap of boxes: none of those left shares more than `most` with a better one (non-maximum suppression).
pub fn best(mut faces: Vec<Face>, most: f32, of: Overlap) -> Vec<Face> {
    // The last stage counts pixels from the first to the last.
    let beyond = if of == Overlap::Smaller { 1.0 } else { 0.0 };
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept.iter().all(|better| better.overlap(&face, of, beyond) <= most) {
            kept.push(face);
        }
    }
    kept
}

//! Pixels: the square that the cascade looks at, pieces of it in the sizes of the networks, and what is drawn.

use convnet::shape::{Dim, Image};
use convnet::typenum::U3;
use convnet::{Chw, Tensor};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use crate::boxes::Face;

/// Pixels on each side of the square.
pub const SIDE: usize = 512;

/// A photograph in a square, at its upper left; what it does not fill is black.
pub struct Square {
    pixels: RgbImage,
    /// Columns and rows that the photograph fills.
    filled: [usize; 2],
}

impl Square {
    /// The photograph, made smaller if it does not fit, and how many times as large as it was it is.
    pub fn of(photo: &RgbImage) -> (Self, f32) {
        let (width, height) = photo.dimensions();
        let scale = (SIDE as f32 / width.max(height) as f32).min(1.0);
        let mut pixels = RgbImage::new(SIDE as u32, SIDE as u32);
        let fitted = |side: u32| ((side as f32 * scale).round() as u32).max(1);
        let filled = match scale < 1.0 {
            true => {
                let fitted = imageops::resize(photo, fitted(width), fitted(height), FilterType::Triangle);
                imageops::replace(&mut pixels, &fitted, 0, 0);
                [fitted.width(), fitted.height()]
            }
            false => {
                imageops::replace(&mut pixels, photo, 0, 0);
                [width, height]
            }
        };
        (Self { pixels, filled: filled.map(|side| side as usize) }, scale)
    }

    /// The whole square with fewer pixels, as the networks want it.
    pub fn level<N: Dim>(&self) -> Box<Tensor<Image<U3, N, N>>> {
        let mut level = Tensor::zeros_boxed();
        self.resample([0, 0, SIDE, SIDE], N::USIZE, level.as_mut_slice());
        level
    }

    /// What is in a box, cut at the edges of the photograph, as so many pixels; `None` if nothing is.
    pub fn piece<const N: usize>(&self, corners: [f32; 4]) -> Option<Box<Chw<3, N, N>>> {
        // Pixels count from 1, as in the original of this cascade.
        let [left, top, right, bottom] = corners.map(|at| at as i64);
        let (left, top) = (left.max(1) as usize - 1, top.max(1) as usize - 1);
        let right = right.clamp(0, self.filled[0] as i64) as usize;
        let bottom = bottom.clamp(0, self.filled[1] as i64) as usize;
        if right <= left || bottom <= top {
            return None;
        }
        let mut piece = Chw::zeros_boxed();
        self.resample([left, top, right, bottom], N, piece.as_mut_slice());
        Some(piece)
    }

    /// Means of the areas that pixels cover, `[3, side, side]`, (value − 127.5) / 128.
    fn resample(&self, [left, top, right, bottom]: [usize; 4], side: usize, to: &mut [f32]) {
        let area = |from: usize, to: usize, index: usize| {
            let cells = to - from;
            from + index * cells / side..from + ((index + 1) * cells).div_ceil(side)
        };
        for row in 0..side {
            let rows = area(top, bottom, row);
            for column in 0..side {
                let columns = area(left, right, column);
                let mut sums = [0_u32; 3];
                for y in rows.clone() {
                    for x in columns.clone() {
                        let Rgb(pixel) = self.pixels[(x as u32, y as u32)];
                        sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(value));
                    }
                }
                let cells = (rows.len() * columns.len()) as f32;
                for (channel, sum) in sums.into_iter().enumerate() {
                    to[(channel * side + row) * side + column] = (sum as f32 / cells - 127.5) / 128.0;
                }
            }
        }
    }
}

/// A frame around a face and a dot on each landmark.
pub fn draw(photo: &mut RgbImage, face: &Face) {
    const FRAME: Rgb<u8> = Rgb([40, 220, 90]);
    const DOT: Rgb<u8> = Rgb([255, 60, 60]);
    let thick = (photo.width().max(photo.height()) / 300).max(1) as i64;
    let [left, top, right, bottom] = face.corners.map(|at| at.round() as i64);
    for i in 0..thick {
        for x in left - i..=right + i {
            dot(photo, x, top - i, FRAME);
            dot(photo, x, bottom + i, FRAME);
        }
        for y in top - i..=bottom + i {
            dot(photo, left - i, y, FRAME);
            dot(photo, right + i, y, FRAME);
        }
    }
    for [x, y] in face.landmarks {
        for (dx, dy) in (-thick..=thick).flat_map(|dx| (-thick..=thick).map(move |dy| (dx, dy))) {
            dot(photo, x.round() as i64 + dx, y.round() as i64 + dy, DOT);
        }
    }
}

/// One pixel, if it is in the picture.
fn dot(photo: &mut RgbImage, x: i64, y: i64, color: Rgb<u8>) {
    if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
        && let Some(pixel) = photo.get_pixel_mut_checked(x, y)
    {
        *pixel = color;
    }
}

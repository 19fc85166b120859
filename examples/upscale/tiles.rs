//! Tiles: squares of a picture with a border of what their pixels depend on.

use convnet::weights::WeightsError;
use convnet::{Chw, Prepared, cnn};
use image::{ImageBuffer, Rgb, Rgb32FImage, RgbImage};

cnn! {
    /// upconv_7 of waifu2x: twice as many pixels along each axis.
    pub struct Upconv7: [3, 156, 156] -> [3, 284, 284] {
        conv1: conv2d(16, kernel = 3), leaky_relu(0.1),
        conv2: conv2d(32, kernel = 3), leaky_relu(0.1),
        conv3: conv2d(64, kernel = 3), leaky_relu(0.1),
        conv4: conv2d(128, kernel = 3), leaky_relu(0.1),
        conv5: conv2d(128, kernel = 3), leaky_relu(0.1),
        conv6: conv2d(256, kernel = 3), leaky_relu(0.1),
        deconv7: conv_transpose2d(3, kernel = 4, stride = 2, padding = 3),
    }
}

/// Pixels of a tile along each axis, with its border.
const TILE: usize = Upconv7::INPUT[1];

/// Pixels that a tile is about: half of those that come out.
const CORE: usize = Upconv7::OUTPUT[1] / 2;

/// Pixels on each side that only lend their values.
const BORDER: usize = (TILE - CORE) / 2;

/// A picture, channel by channel, 0…1.
pub struct Picture {
    width: usize,
    height: usize,
    channels: [Vec<f32>; 3],
}

pub struct Upscaler(Prepared<Upconv7>);

impl Picture {
    pub fn of(image: &RgbImage) -> Self {
        let channel = |channel: usize| image.pixels().map(|pixel| f32::from(pixel.0[channel]) / 255.0).collect();
        Self { width: image.width() as usize, height: image.height() as usize, channels: [0, 1, 2].map(channel) }
    }

    pub fn to_rgb8(&self) -> RgbImage {
        let (width, height) = (self.width as u32, self.height as u32);
        let floats: Rgb32FImage = ImageBuffer::from_fn(width, height, |x, y| {
            Rgb([0, 1, 2].map(|channel| self.channels[channel][y as usize * self.width + x as usize]))
        });
        image::DynamicImage::ImageRgb32F(floats).to_rgb8()
    }

    /// How many tiles it takes.
    pub fn tiles(&self) -> usize {
        self.width.div_ceil(CORE) * self.height.div_ceil(CORE)
    }

    /// The tile whose core begins at column `x` and row `y`; beyond the edge the outermost pixels go on.
    fn tile(&self, x: usize, y: usize, tile: &mut Chw<3, TILE, TILE>) {
        let inside = |at: usize, size: usize| at.saturating_sub(BORDER).min(size - 1);
        for (channel, rows) in self.channels.iter().zip(&mut tile.0) {
            for (row, values) in rows.iter_mut().enumerate() {
                let line = &channel[inside(y + row, self.height) * self.width..][..self.width];
                for (column, value) in values.iter_mut().enumerate() {
                    *value = line[inside(x + column, self.width)];
                }
            }
        }
    }
}

impl Upscaler {
    pub fn new() -> Result<Self, WeightsError> {
        let weights = include_bytes!("../data/upconv7_photo_scale2x.safetensors");
        Ok(Self(Upconv7::from_bytes(weights)?.prepare()))
    }

    /// The picture twice as wide and high; `done` is called after each tile.
    pub fn upscale(&self, picture: &Picture, mut done: impl FnMut()) -> Picture {
        let (width, height) = (2 * picture.width, 2 * picture.height);
        let mut large = Picture { width, height, channels: [0; 3].map(|_| vec![0.0; width * height]) };
        let mut tile = Chw::zeros_boxed();
        for y in (0..picture.height).step_by(CORE) {
            for x in (0..picture.width).step_by(CORE) {
                picture.tile(x, y, &mut tile);
                let result = self.0.forward(&tile);
                let columns = (2 * CORE).min(width - 2 * x);
                for (channel, rows) in large.channels.iter_mut().zip(&result.0) {
                    for (row, values) in rows.iter().enumerate().take((height - 2 * y).min(2 * CORE)) {
                        channel[(2 * y + row) * width + 2 * x..][..columns].copy_from_slice(&values[..columns]);
                    }
                }
                done();
            }
        }
        large
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waves, so that no two places look alike.
    fn picture(width: usize, height: usize) -> Picture {
        let value = |channel: usize, index: usize| {
            let (x, y) = ((index % width) as f32, (index / width) as f32);
            0.5 + 0.25 * (x * 0.3 + channel as f32).sin() + 0.2 * (y * 0.17 + x * 0.05).cos()
        };
        let channels = [0, 1, 2].map(|channel| (0..width * height).map(|index| value(channel, index)).collect());
        Picture { width, height, channels }
    }

    /// Without the first `columns` and `rows`.
    fn cut(picture: &Picture, columns: usize, rows: usize) -> Picture {
        let (width, height) = (picture.width - columns, picture.height - rows);
        let lines = |channel: &Vec<f32>| {
            let lines = channel.chunks(picture.width).skip(rows);
            lines.flat_map(|line| &line[columns..]).copied().collect()
        };
        let [r, g, b] = &picture.channels;
        Picture { width, height, channels: [lines(r), lines(g), lines(b)] }
    }

    /// Where tiles meet must not be seen: a picture cut elsewhere has its seams elsewhere, and the same pixels.
    #[test]
    fn tiles_have_no_seams() {
        let upscaler = Upscaler::new().unwrap();
        let picture = picture(CORE + 60, CORE + 40);
        let (columns, rows) = (30, 20);
        let whole = upscaler.upscale(&picture, || {});
        let part = upscaler.upscale(&cut(&picture, columns, rows), || {});
        let same = cut(&whole, 2 * columns, 2 * rows);
        // But for the border, which goes on with other pixels where it was cut.
        let (a, b) = (cut(&part, 2 * BORDER, 2 * BORDER), cut(&same, 2 * BORDER, 2 * BORDER));
        for (a, b) in a.channels.iter().flatten().zip(b.channels.iter().flatten()) {
            assert!((a - b).abs() < 1e-5, "{a} and {b}");
        }
    }

    #[test]
    fn the_smallest_picture_has_one_tile() {
        let one = Picture { width: 1, height: 1, channels: [vec![0.25], vec![0.5], vec![0.75]] };
        assert_eq!((one.tiles(), picture(CORE, CORE + 1).tiles()), (1, 2));
        let large = Upscaler::new().unwrap().upscale(&one, || {}).to_rgb8();
        assert_eq!(large.dimensions(), (2, 2));
        // A plain colour stays what it is, about.
        for (found, expected) in large.get_pixel(0, 0).0.iter().zip([64_u8, 128, 191]) {
            assert!(found.abs_diff(expected) < 6, "{found} for {expected}");
        }
    }
}

//! Kinds of data: the worked numbers, samples of 8, 16, 24 and 32 bits, and what happens at the wrong length.

use convnet::{Cdhw, Chw, Cl};

#[test]
fn grayscale_image_512x512x1_is_262_144_bytes() {
    let pixels: Vec<u8> = (0..512 * 512).map(|i| (i % 256) as u8).collect();
    assert_eq!(size_of_val(&pixels[..]), 262_144);
    let image = Chw::<1, 512, 512>::from_pixels_boxed(&pixels).unwrap();
    assert_eq!((image[0][0][0], image[0][511][255], image[0][0][51]), (0.0, 1.0, 0.2));
}

#[test]
fn colour_image_512x512x3_is_786_432_bytes() {
    let pixels: Vec<[u8; 3]> = (0..512 * 512).map(|i| [(i / 512 % 256) as u8, (i % 256) as u8, 255]).collect();
    let pixels = pixels.as_flattened();
    assert_eq!(size_of_val(pixels), 786_432);
    let image = Chw::<3, 512, 512>::from_pixels_boxed(pixels).unwrap();
    assert_eq!([image[0][3][7], image[1][3][7], image[2][3][7]], [3.0 / 255.0, 7.0 / 255.0, 1.0]);
}

#[test]
fn image_of_16_bits_has_2_bytes_a_sample() {
    let pixels: [u16; 12] = [0, 1, 2, 65535, 32768, 257, 256, 255, 254, 65534, 40000, 3];
    assert_eq!(size_of_val(&pixels), 2 * 3 * 2 * 2);
    let image = Chw::<3, 2, 2>::from_pixels(&pixels).unwrap();
    let expected = [[[0, 65535], [256, 65534]], [[1, 32768], [255, 40000]], [[2, 257], [254, 3]]];
    for (value, sample) in image.as_slice().iter().zip(expected.as_flattened().as_flattened()) {
        assert_eq!(*value, *sample as f32 / 65535.0);
    }
    assert_eq!(image.to_pixels::<u16>(), pixels);
    assert_eq!(image[1][0][1], 32768.0 / 65535.0);
}

#[test]
fn every_pixel_of_8_and_of_16_bits_comes_back() {
    let bytes: [u8; 256] = core::array::from_fn(|i| i as u8);
    assert_eq!(Chw::<4, 8, 8>::from_pixels(&bytes).unwrap().to_pixels::<u8>(), bytes);
    let words: Vec<u16> = (0..=u16::MAX).collect();
    assert_eq!(Chw::<4, 128, 128>::from_pixels_boxed(&words).unwrap().to_pixels::<u16>(), words);
}

#[test]
fn pixels_of_values_outside_are_clamped_and_those_between_rounded() {
    let values = Chw([[[-1.0, 0.49 / 255.0, 0.51 / 255.0, 254.6 / 255.0, 7.0, f32::INFINITY, f32::NAN]]]);
    assert_eq!(values.to_pixels::<u8>(), [0, 0, 1, 255, 255, 255, 0]);
    assert_eq!(values.to_pixels::<u16>()[4..], [65535, 65535, 0]);
}

#[test]
fn grayscale_video_is_1_t_h_w() {
    let frames: [[u8; 6]; 3] = [[0, 1, 2, 3, 4, 5], [10, 11, 12, 13, 14, 15], [20, 21, 22, 23, 24, 25]];
    let video = Cdhw::<1, 3, 2, 3>::from_pixels(frames.as_flattened()).unwrap();
    assert_eq!((video[0][2][1][0], video[0][1][0][2]), (23.0 / 255.0, 12.0 / 255.0));
}

#[test]
fn colour_video_is_3_t_h_w() {
    let samples: Vec<u8> = (0..2 * 2 * 2 * 3).collect();
    let video = Cdhw::<3, 2, 2, 2>::from_pixels_boxed(&samples).unwrap();
    for (c, t, h, w) in [(0, 0, 0, 0), (2, 0, 1, 0), (1, 1, 0, 1), (2, 1, 1, 1)] {
        assert_eq!(video[c][t][h][w], (((t * 2 + h) * 2 + w) * 3 + c) as f32 / 255.0);
    }
    assert_eq!(video.to_pixels::<u8>(), samples);
}

#[test]
fn sound_of_8_bits_has_128_for_silence() {
    assert_eq!(Cl::<1, 4>::from_pcm(&[0_u8, 128, 255, 127]).unwrap()[0], [-1.0, 0.0, 127.0 / 128.0, -1.0 / 128.0]);
}

#[test]
fn stereo_of_16_bits_falls_into_its_channels() {
    let sound = Cl::<2, 3>::from_pcm(&[i16::MIN, 0, i16::MAX, 1, -16384, -1]).unwrap();
    assert_eq!(sound[0], [-1.0, 32767.0 / 32768.0, -0.5]);
    assert_eq!(sound[1], [0.0, 1.0 / 32768.0, -1.0 / 32768.0]);
}

#[test]
fn sound_of_24_bits_does_not_mind_the_upper_byte() {
    let extended = [-0x80_0000, -1, 0, 1, 0x7f_ffff];
    let sound = Cl::<1, 5>::from_pcm24(&extended).unwrap();
    let unit = 1.0 / 8_388_608.0;
    assert_eq!(sound[0], [-1.0, -unit, 0.0, unit, 1.0 - unit]);
    assert_eq!(Cl::<1, 5>::from_pcm24(&extended.map(|sample| sample & 0xff_ffff)).unwrap(), sound);
}

#[test]
fn sound_of_32_bits_stays_within_one() {
    let sound = Cl::<1, 4>::from_pcm(&[i32::MIN, 0, 1 << 30, i32::MAX]).unwrap();
    assert_eq!(sound[0], [-1.0, 0.0, 0.5, 1.0]);
}

#[test]
fn wrong_lengths_name_both_numbers_and_leave_the_value() {
    let mut image = Chw([[[0.5; 2]; 2]; 3]);
    for (samples, message) in [
        (&[0_u8; 11][..], "a [3, 2, 2] value has 12 floats, the slice has 11 samples"),
        (&[0_u8; 13][..], "a [3, 2, 2] value has 12 floats, the slice has 13 samples"),
        (&[], "a [3, 2, 2] value has 12 floats, the slice has 0 samples"),
    ] {
        assert_eq!(image.fill_from_pixels(samples).unwrap_err().to_string(), message);
    }
    assert_eq!(image, Chw([[[0.5; 2]; 2]; 3]));
    assert_eq!(
        image.write_pixels(&mut [0_u16; 4]).unwrap_err().to_string(),
        "a [3, 2, 2] value has 12 floats, the slice has 4 samples"
    );
    assert!(Cl::<2, 4>::from_pcm24(&[0; 4]).is_err() && Cl::<2, 4>::from_pcm(&[0_i16; 16]).is_err());
}

#[test]
fn values_without_a_float_take_no_samples() {
    assert!(Chw::<0, 2, 2>::from_pixels::<u8>(&[]).is_ok());
    assert!(Chw::<3, 0, 2>::from_pixels::<u8>(&[]).unwrap().to_pixels::<u8>().is_empty());
}

#[test]
fn raw_seven_is_the_first_test_digit_and_the_picture() {
    let raw = include_bytes!("../examples/data/seven.gray");
    let mut test = Vec::new();
    let mut packed = flate2::read::GzDecoder::new(&include_bytes!("../examples/data/t10k-images-idx3-ubyte.gz")[..]);
    std::io::Read::read_to_end(&mut packed, &mut test).unwrap();
    // Behind four numbers of four bytes: what it is, how many, rows, columns.
    assert_eq!(test[16..][..784], raw[..]);
    let picture = image::load_from_memory(include_bytes!("../examples/data/seven.png")).unwrap();
    assert_eq!(picture.to_luma8().as_raw()[..], raw[..]);
}

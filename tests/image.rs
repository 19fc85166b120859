//! Pictures against what torchvision makes of them: `fixtures/image/make.py`.

use convnet::Chw;
use convnet::image::{IMAGENET_MEAN, IMAGENET_STD, ImageError, Picture, Preprocess, save_png, to_png};
use safetensors::SafeTensors;

const EIGHT: f32 = 1.0 / 255.0;

fn path(file: &str) -> String {
    format!("tests/fixtures/image/{file}")
}

fn expected(name: &str) -> Vec<f32> {
    let file = std::fs::read(path("expected.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&file).unwrap();
    let bytes = file.tensor(name).unwrap().data().as_chunks::<4>().0;
    bytes.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// Every value within `tolerance` of torchvision's.
fn close(name: &str, found: &[f32], tolerance: f32) {
    let expected = expected(name);
    assert_eq!(found.len(), expected.len(), "{name}");
    let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= tolerance, "{name}: {worst} away, {tolerance} allowed");
}

#[test]
fn pixels_that_are_not_resized_are_the_same() {
    let plain = Preprocess::new();
    let centre: Box<Chw<3, 64, 63>> = plain.open(path("colour.png")).unwrap();
    close("centre", centre.as_slice(), 1e-6);
    let luma: Box<Chw<1, 75, 100>> = Preprocess::new().open(path("colour.png")).unwrap();
    close("luma", luma.as_slice(), 1e-6);
    let deep: Box<Chw<1, 40, 30>> = Preprocess::new().open(path("deep.png")).unwrap();
    close("deep", deep.as_slice(), 1e-6);
}

/// Both round to 8 bits on the way, so a value may be one step off, over the least deviation where it is divided.
#[test]
fn resized_pixels_are_those_of_torchvision() {
    let imagenet = Preprocess::new().normalize(IMAGENET_MEAN, IMAGENET_STD);
    let step = 1.01 * EIGHT / 0.224;
    let smaller: Box<Chw<3, 28, 28>> = imagenet.shorter_side(32).open(path("colour.png")).unwrap();
    close("smaller", smaller.as_slice(), step);
    let larger: Box<Chw<3, 113, 113>> = imagenet.shorter_side(120).open(path("colour.png")).unwrap();
    close("larger", larger.as_slice(), step);
    let exact: Box<Chw<3, 30, 50>> = Preprocess::new().resize(30, 50).open(path("colour.png")).unwrap();
    close("exact", exact.as_slice(), 1.01 * EIGHT);
    let luma: Box<Chw<1, 28, 28>> = Preprocess::new().shorter_side(32).open(path("colour.png")).unwrap();
    close("luma_smaller", luma.as_slice(), 1.01 * EIGHT);
    let deep: Box<Chw<1, 20, 15>> = Preprocess::new().resize(20, 15).open(path("deep.png")).unwrap();
    close("deep_smaller", deep.as_slice(), 2e-4);
}

/// Decoders of JPEG round differently, by up to three steps.
#[test]
fn jpegs_are_read_and_turned_the_right_way_up() {
    let jpeg: Box<Chw<3, 75, 100>> = Preprocess::new().open(path("colour.jpg")).unwrap();
    close("jpeg", jpeg.as_slice(), 3.01 * EIGHT);
    let imagenet = Preprocess::new().normalize(IMAGENET_MEAN, IMAGENET_STD).shorter_side(32);
    let smaller: Box<Chw<3, 28, 28>> = imagenet.open(path("colour.jpg")).unwrap();
    close("jpeg_smaller", smaller.as_slice(), 3.01 * EIGHT / 0.224);
    let turned = Picture::open(path("turned.jpg")).unwrap();
    assert_eq!((turned.height(), turned.width()), (75, 100));
    // Compressed lying down, so not the same to the bit.
    let turned: Box<Chw<3, 75, 100>> = Preprocess::new().apply(&turned).unwrap();
    let mean = turned.as_slice().iter().zip(jpeg.as_slice()).map(|(a, b)| (a - b).abs()).sum::<f32>() / 22_500.0;
    assert!(mean < 2.0 * EIGHT, "{mean} away in the mean");
}

#[test]
fn random_crops_and_flips_follow_from_their_seeds() {
    let picture = Picture::open(path("colour.png")).unwrap();
    let whole: Box<Chw<3, 75, 100>> = Preprocess::new().apply(&picture).unwrap();
    let (mut places, mut flipped) = (std::collections::BTreeSet::new(), 0);
    for seed in 0..60 {
        let varied = Preprocess::new().random_crop(seed).random_flip(seed);
        let crop: Box<Chw<3, 20, 30>> = varied.apply(&picture).unwrap();
        assert_eq!(crop, varied.apply(&picture).unwrap());
        let same = |top: usize, left: usize, flip: bool| {
            (0..20 * 30).all(|i| {
                let (row, column) = (i / 30, i % 30);
                let from = if flip { 29 - column } else { column };
                (0..3).all(|c| whole[c][top + row][left + from] == crop[c][row][column])
            })
        };
        let all = (0..=55).flat_map(|top| (0..=70).map(move |left| (top, left)));
        let found = all.flat_map(|(top, left)| [(top, left, false), (top, left, true)]);
        let (top, left, flip) = found.into_iter().find(|(top, left, flip)| same(*top, *left, *flip)).unwrap();
        places.insert((top, left));
        flipped += usize::from(flip);
    }
    assert!(places.len() > 50, "{} places", places.len());
    assert!((15..=45).contains(&flipped), "{flipped} of 60 are mirrored");
}

#[test]
fn values_come_back_from_files() {
    let value: Box<Chw<3, 64, 63>> = Preprocess::new().open(path("colour.png")).unwrap();
    let file = std::env::temp_dir().join(format!("convnet-{}.png", std::process::id()));
    save_png(&value, &file).unwrap();
    let back: Box<Chw<3, 64, 63>> = Preprocess::new().open(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(value, back);
}

#[test]
fn what_cannot_be_is_an_error_that_names_the_file() {
    let say = |error: ImageError| error.to_string();
    let open = |file: &str| Preprocess::<3>::new().open::<28, 28>(path(file)).map(|_| ()).map_err(say);
    assert!(open("nowhere.png").unwrap_err().starts_with("cannot read `tests/fixtures/image/nowhere.png`: "));
    let sentence = "`tests/fixtures/image/make.py` begins like no image known here; it must be a PNG or a JPEG";
    assert_eq!(open("make.py").unwrap_err(), sentence);
    let large = Preprocess::<3>::new().open::<200, 90>(path("colour.png")).map(|_| ()).map_err(say);
    assert!(large.unwrap_err().contains("has [75, 100] pixels, the crop needs at least [200, 90]"));
    let file = to_png(&Chw([[[0.5; 40]; 30]; 3])).unwrap();
    for len in 8..file.len() - 12 {
        assert!(Picture::decode(&file[..len]).is_err(), "{len} of {} bytes", file.len());
    }
    let none = Preprocess::<3>::new().resize(0, 7).decode::<1, 1>(&file).map(|_| ()).map_err(say);
    assert!(none.unwrap_err().contains("would be resized to [0, 7]"));
    assert!(to_png(&Chw::<3, 0, 4>::zeros()).is_err());
}

//! §1: values in images.

#[test]
fn grayscale_and_colour_images_in_bytes() {
    assert_eq!(convnet::shape::dims(&[1, 512, 512]).len(), 262_144);
    assert_eq!(convnet::shape::dims(&[3, 512, 512]).len(), 786_432);
    assert_eq!(convnet::shape::dims(&[3, 227, 227]).len(), 154_587, "AlexNet's input");
}

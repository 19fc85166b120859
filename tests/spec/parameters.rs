//! §6: what is counted at compile time.

use convnet::cnn;

cnn! {
    struct Net: [4, 9, 8] -> [7] {
        conv: conv2d(6, kernel = (3, 2)), relu,
        max_pool2d(2),
        flatten,
        fc: linear(7),
    }
}

/// k_h · k_w · in · out + out, and in · out + out, by layer and in total; and the buffer has as many.
#[test]
fn parameters_by_layer_and_in_total() {
    const _: () = assert!(Net::LAYERS[0].params == 3 * 2 * 4 * 6 + 6);
    const _: () = assert!(Net::LAYERS[4].params == 6 * 3 * 3 * 7 + 7);
    const _: () = assert!(Net::PARAMS == 150 + 385);
    let net = Net::init(0);
    assert_eq!(net.params().len(), 535);
    assert_eq!(net.conv().weight().as_flattened().as_flattened().as_flattened().len() + net.conv().bias().len(), 150);
    assert_eq!(net.fc().weight().as_flattened().len() + net.fc().bias().len(), 385);
}

/// Outputs times products summed into each.
#[test]
fn multiply_accumulates_by_layer_and_in_total() {
    const _: () = assert!(Net::LAYERS[0].macs == (6 * 7 * 7) * (3 * 2 * 4));
    const _: () = assert!(Net::LAYERS[4].macs == 6 * 3 * 3 * 7);
    const _: () = assert!(Net::MACS == 7_056 + 378);
    assert_eq!(Net::LAYERS.iter().map(|layer| layer.macs).sum::<usize>(), Net::MACS);
}

#[test]
fn output_sizes_by_layer() {
    const _: () = assert!(Net::LAYERS[2].output.len() == 6 * 3 * 3);
    let sizes: Vec<&[usize]> = Net::LAYERS.iter().map(|layer| layer.output.as_slice()).collect();
    assert_eq!(sizes, [&[6, 7, 7][..], &[6, 7, 7], &[6, 3, 3], &[54], &[7]]);
}

/// The table that is printed has them.
#[test]
fn summary() {
    let text = Net::summary().to_string();
    for words in ["[6, 7, 7]", "150", "7 056", "385", "535", "7 434"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
}

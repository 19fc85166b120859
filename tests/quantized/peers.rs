//! Quantised convolutions against ONNX's case and onnxruntime: `tests/fixtures/quantized/make.py`.
//!
//! They multiply by a float where we multiply by a whole number of 31 bits, and round halves to even where we round up: what
//! lies at a tie, one value in some thousands, may be one apart.

use convnet::ops::geometry::{Axis, Conv};
use convnet::ops::quantized::requantize::{Bounds, Factor};
use convnet::ops::quantized::{Output, SLACK, conv, depthwise, scratch_bytes};
use convnet::ops::window::{Padding, Rounding, Window};
use convnet::simd::Isa;
use safetensors::SafeTensors;

struct Case {
    g: Conv,
    input: Vec<u8>,
    zero: u8,
    weight: Vec<i8>,
    outputs: Vec<Output>,
    bounds: Bounds,
    expected: Vec<u8>,
}

impl Case {
    fn read(file: &SafeTensors<'_>, name: &str) -> Self {
        let tensor = |what: &str| file.tensor(&format!("{name}.{what}")).unwrap();
        let floats =
            |what| tensor(what).data().as_chunks().0.iter().map(|x| f32::from_le_bytes(*x)).collect::<Vec<_>>();
        let words = |what| tensor(what).data().as_chunks().0.iter().map(|x| i32::from_le_bytes(*x)).collect::<Vec<_>>();
        let sizes: Vec<usize> =
            tensor("sizes").data().as_chunks().0.iter().map(|x| i64::from_le_bytes(*x) as usize).collect();
        let [groups, stride, dilation, padding] = sizes[..] else { panic!("four sizes") };
        let (x, w) = (tensor("x").shape().to_vec(), tensor("w").shape().to_vec());
        let axis = |input: usize, kernel: usize| {
            let window = Window { kernel, stride, dilation, padding: Padding::Cells(padding, padding) };
            Axis::new(input, &window, Rounding::Floor)
        };
        let axes = [Axis::UNIT, axis(x[1], w[2]), axis(x[2], w[3])];
        let g = Conv { in_channels: x[0], out_channels: w[0], groups, bias: true, axes };
        let weight: Vec<i8> = tensor("w").data().iter().map(|x| *x as i8).collect();
        let (scales, zeros, bias) =
            (floats("scales").into_iter().map(f64::from).collect::<Vec<_>>(), tensor("zeros"), words("b"));
        let (zero, bounds) = (zeros.data()[0], Bounds { zero: zeros.data()[1], low: 0, high: 255 });
        let output = |out: usize| {
            let total: i32 = weight[out * g.taps()..][..g.taps()].iter().map(|w| i32::from(*w)).sum();
            Output {
                bias: bias[out] - i32::from(zero) * total,
                factor: Factor::new(scales[0] * scales[2 + out] / scales[1]),
            }
        };
        let outputs = (0..w[0]).map(output).collect();
        Self {
            g,
            input: tensor("x").data().to_vec(),
            zero,
            weight,
            outputs,
            bounds,
            expected: tensor("y").data().to_vec(),
        }
    }

    /// `[C, cells]` as `[cells, C]`, with slack.
    fn interleaved(&self) -> Vec<u8> {
        let (channels, cells) = (self.g.in_channels, self.input.len() / self.g.in_channels);
        let value = |index: usize| self.input[index % channels * cells + index / channels];
        (0..self.input.len()).map(value).chain([0; SLACK]).collect()
    }

    fn run(&self, isa: Isa) -> Vec<u8> {
        let g = &self.g;
        let by_channel = g.groups == g.in_channels && g.groups > 1;
        let mut packed = vec![0; if by_channel { depthwise::packed_bytes(g) } else { conv::packed_bytes(g) }];
        let pack = if by_channel { depthwise::pack } else { conv::pack };
        let forward = if by_channel { depthwise::forward } else { conv::forward };
        pack(g, &self.weight, &self.outputs, &mut packed);
        let (mut output, mut scratch) = (vec![0; g.output_len() + SLACK], vec![0; scratch_bytes(g)]);
        forward(g, &self.interleaved(), self.zero, &packed, self.bounds, &mut output, &mut scratch, isa);
        let (channels, cells) = (g.out_channels, g.output_len() / g.out_channels);
        (0..g.output_len()).map(|index| output[index % cells * channels + index / cells]).collect()
    }
}

#[test]
fn convolutions_of_onnx_and_onnxruntime() {
    let file = include_bytes!("../fixtures/quantized/qlinearconv.safetensors");
    let file = SafeTensors::deserialize(file).unwrap();
    let (mut values, mut apart) = (0, 0);
    for name in ["onnx", "pointwise", "square", "strided", "dilated", "groups", "depthwise", "linear"] {
        let case = Case::read(&file, name);
        let between = case.expected.iter().filter(|y| **y > 0 && **y < 255).count();
        assert!(between * 2 > case.expected.len(), "{name} is mostly clamped");
        for isa in Isa::available() {
            let got = case.run(isa);
            assert_eq!(got.len(), case.expected.len());
            for (i, (got, expected)) in got.iter().zip(&case.expected).enumerate() {
                assert!(got.abs_diff(*expected) <= 1, "{name}[{i}] on {isa}: {got}, expected {expected}");
                (values, apart) = (values + 1, apart + usize::from(got != expected));
            }
        }
    }
    println!("{apart} of {values} values are one apart");
    assert!(apart * 1000 <= values);
}

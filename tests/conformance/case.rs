//! A case as it lies on disk, and the comparison of what a kernel makes of it.

use std::collections::{HashMap, HashSet};
use std::fs;

use convnet::ops::geometry::Axis;
use convnet::ops::window::{Padding, Rounding, Window};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

pub const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/conformance");

/// Cases whose expected values have four decimals only.
const FOUR_DECIMALS: [&str; 1] = ["test_averagepool_2d_ceil_last_window_starts_on_pad"];

/// One case: its attributes, its tensors, and what has been compared so far.
pub struct Case {
    pub name: String,
    pub op: String,
    pub attrs: Value,
    tensors: HashMap<String, (Vec<usize>, Vec<f32>)>,
    compared: HashSet<String>,
    pub failures: Vec<String>,
}

impl Case {
    pub fn read(entry: &Value) -> Self {
        let bytes = fs::read(format!("{FIXTURES}/{}", entry["file"].as_str().unwrap())).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file.iter().map(|(name, tensor)| {
            let values = match tensor.dtype() {
                Dtype::F32 => tensor.data().chunks(4).map(|x| f32::from_le_bytes(x.try_into().unwrap())).collect(),
                Dtype::I64 => {
                    tensor.data().chunks(8).map(|x| i64::from_le_bytes(x.try_into().unwrap()) as f32).collect()
                }
                other => panic!("{name} is {other:?}"),
            };
            (name.to_string(), (tensor.shape().to_vec(), values))
        });
        let text = |key: &str| entry[key].as_str().unwrap().to_string();
        let (name, op, attrs) = (text("name"), text("op"), entry["attrs"].clone());
        Self { name, op, attrs, tensors: tensors.collect(), compared: HashSet::new(), failures: Vec::new() }
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    pub fn shape(&self, name: &str) -> Vec<usize> {
        self.tensors[name].0.clone()
    }

    /// A tensor's values, none if the case does not have it.
    pub fn get(&self, name: &str) -> Vec<f32> {
        self.tensors.get(name).map(|(_, values)| values.clone()).unwrap_or_default()
    }

    pub fn number(&self, key: &str) -> f32 {
        self.attrs[key].as_f64().unwrap() as f32
    }

    pub fn flag(&self, key: &str) -> bool {
        self.attrs[key].as_bool().unwrap()
    }

    /// Holds `got` against the tensor `expected`, if the case has it.
    pub fn compare(&mut self, path: &str, expected: &str, got: &[f32]) {
        let Some((_, values)) = self.tensors.get(expected) else { return };
        let tolerance = if FOUR_DECIMALS.contains(&self.name.as_str()) { 1e-4 } else { 1e-5 };
        let limit = tolerance * values.iter().fold(1.0_f32, |max, x| max.max(x.abs()));
        let difference = got.iter().zip(values).map(|(a, b)| (a - b).abs()).fold(0.0_f32, f32::max);
        let nan = got.iter().any(|x| x.is_nan());
        if got.len() != values.len() || nan || difference > limit {
            let lengths = (got.len(), values.len());
            self.failures.push(format!("{} {path}: {expected} {lengths:?} is off by {difference}", self.name));
        }
        self.compared.insert(expected.to_string());
    }

    /// That no tensor which a kernel should make has been forgotten.
    pub fn assert_all_compared(&self) {
        const MADE: [&str; 10] = ["y", "gx", "gw", "gb", "gscale", "gbias", "gslope", "gtarget", "new_mean", "new_var"];
        for name in MADE.iter().filter(|name| self.has(name)) {
            assert!(self.compared.contains(*name), "{}: {name} has not been compared", self.name);
        }
    }

    /// The three axes of a window over spatial sizes `input`, unit ones for those the case lacks.
    pub fn axes(&self, input: &[usize], output: &[usize], rounding: Rounding) -> [Axis; 3] {
        let size = |key: &str, i: usize| self.attrs[key][i].as_u64().unwrap() as usize;
        let mut axes = [Axis::UNIT; 3];
        for (i, axis) in axes[3 - input.len()..].iter_mut().enumerate() {
            let padding = Padding::Cells(size("pad_begin", i), size("pad_end", i));
            let (kernel, stride, dilation) = (size("kernel", i), size("stride", i), size("dilation", i));
            *axis = Axis::new(input[i], &Window { kernel, stride, padding, dilation }, rounding);
            if self.op == "conv_transpose" {
                axis.output = output[i]; // fewer than the window has positions, if there is output padding
            }
            assert_eq!(axis.output, output[i], "{}: the output size", self.name);
        }
        axes
    }
}

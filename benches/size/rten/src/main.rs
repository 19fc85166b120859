//! rten: `size-rten seven.gray` prints the digit.

use std::error::Error;

use rten::ModelOptions;
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let input = Tensor::from_data(&[1, 1, 28, 28], size_model::image());
    let model = ModelOptions::with_all_ops().load_static_slice(size_model::ONNX)?;
    let output: Tensor<f32> = model.run_one(input.view().into(), None)?.try_into()?;
    let scores: Vec<f32> = output.iter().copied().collect();
    size_model::answer(&scores);
    Ok(())
}

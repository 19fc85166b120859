//! tract: `size-tract seven.gray` prints the digit.

use tract_onnx::prelude::*;

fn main() -> TractResult<()> {
    let input = Tensor::from_shape(&[1, 1, 28, 28], &size_model::image())?;
    let model = tract_onnx::onnx().model_for_read(&mut &size_model::ONNX[..])?.into_optimized()?.into_runnable()?;
    let output = model.run(tvec!(input.into()))?;
    let scores: Vec<f32> = output[0].to_plain_array_view::<f32>()?.iter().copied().collect();
    size_model::answer(&scores);
    Ok(())
}

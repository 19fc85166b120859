//! candle: `size-candle seven.gray` prints the digit.

use candle_core::{Device, Result, Tensor, safetensors};

static WEIGHTS: &[u8] = include_bytes!("../../../../examples/data/lenet5.safetensors");

fn main() -> Result<()> {
    let weights = safetensors::load_buffer(WEIGHTS, &Device::Cpu)?;
    let parameter = |layer: &str, name: &str| weights[&format!("{layer}.{name}")].clone();
    let conv = |x: &Tensor, layer: &str, padding: usize| {
        let bias = parameter(layer, "bias");
        let y = x.conv2d(&parameter(layer, "weight"), padding, 1, 1, 1)?;
        y.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?)?.relu()?.max_pool2d(2)
    };
    let linear =
        |x: &Tensor, layer: &str| x.matmul(&parameter(layer, "weight").t()?)?.broadcast_add(&parameter(layer, "bias"));
    let x = Tensor::from_vec(size_model::image(), (1, 1, 28, 28), &Device::Cpu)?;
    let x = conv(&conv(&x, "conv1", 2)?, "conv2", 0)?.flatten_from(1)?;
    let x = linear(&x, "fc1")?.relu()?;
    let x = linear(&x, "fc2")?.relu()?;
    size_model::answer(&linear(&x, "fc3")?.flatten_all()?.to_vec1::<f32>()?);
    Ok(())
}

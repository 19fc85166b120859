//! Typed views of one layer's parameters: `net.conv1().weight()` is a `&[[[[f32; 5]; 5]; 1]; 6]`.

use crate::arena::Floats;

/// Weight and bias of a layer, as nested arrays in PyTorch's order.
///
/// A layer without a bias has one of type `[f32; 0]`.
#[derive(Debug)]
pub struct LayerParams<'a, Weight, Bias> {
    weight: &'a Weight,
    bias: &'a Bias,
}

/// Weight and bias of a layer, to write.
#[derive(Debug)]
pub struct LayerParamsMut<'a, Weight, Bias> {
    /// The weight, `[out, in / groups, K…]` or `[out, in]`.
    pub weight: &'a mut Weight,
    /// The bias, `[out]`, or empty.
    pub bias: &'a mut Bias,
}

impl<'a, Weight: Floats, Bias: Floats> LayerParams<'a, Weight, Bias> {
    /// The parameters of a layer that begin at `offset` of the network's.
    #[doc(hidden)]
    pub fn new(params: &'a [f32], offset: usize) -> Self {
        let (weight, bias) = params[offset..][..Weight::LEN + Bias::LEN].split_at(Weight::LEN);
        let (weight, bias) = (Weight::from_floats(weight), Bias::from_floats(bias));
        Self { weight: weight.expect("split at its length"), bias: bias.expect("split at its length") }
    }

    /// The weight, `[out, in / groups, K…]` or `[out, in]`.
    pub const fn weight(&self) -> &'a Weight {
        self.weight
    }

    /// The bias, `[out]`, or empty.
    pub const fn bias(&self) -> &'a Bias {
        self.bias
    }
}

impl<'a, Weight: Floats, Bias: Floats> LayerParamsMut<'a, Weight, Bias> {
    /// The parameters of a layer that begin at `offset` of the network's.
    #[doc(hidden)]
    pub fn new(params: &'a mut [f32], offset: usize) -> Self {
        let (weight, bias) = params[offset..][..Weight::LEN + Bias::LEN].split_at_mut(Weight::LEN);
        let (weight, bias) = (Weight::from_floats_mut(weight), Bias::from_floats_mut(bias));
        Self { weight: weight.expect("split at its length"), bias: bias.expect("split at its length") }
    }
}

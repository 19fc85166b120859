//! What the generic type can do, with the place of its name for that of the code: where a size does not fit, rustc shows the
//! code that asks for it, and that is the network.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use crate::expand::root;

/// `Network` for every size at which the windows fit, with the name's place for the bounds: rustc shows them where one is not
/// met.
pub fn network_impl(
    (name, parameters): (&Ident, &[Ident]),
    (shape, chain): (&TokenStream, &TokenStream),
    (output, bounds): (&TokenStream, &TokenStream),
) -> TokenStream {
    let root = root();
    let on_heap = quote_spanned! {name.span()=>
        fn params_mut(&mut self) -> &mut [f32] {
            self.__params.to_mut()
        }
    };
    quote_spanned! {name.span()=>
        impl<#(#parameters),*> ::convnet::Network for #name<#(#parameters),*>
        where
            #shape: #root::shape::Shape,
            #chain: ::convnet::Layer<#shape, Fits: #root::shape::AllWindowsFit>,
            #bounds
        {
            type Shape = #shape;
            type Chain = #chain;
            type Input = ::convnet::Tensor<#shape>;
            type Output = #output;
            type Returned = #root::Box<#output>;
            type Scratch = [f32];
            const ARCHITECTURE: &'static ::convnet::Architecture = &Self::__ARCHITECTURE;

            fn from_params(params: #root::Params) -> Self {
                let expected = <Self as ::convnet::Network>::ARCHITECTURE.stored();
                ::core::assert_eq!(params.as_slice().len(), expected, "parameters of another network");
                Self { __params: params, __sizes: ::core::marker::PhantomData }
            }

            fn params(&self) -> &[f32] {
                self.__params.as_slice()
            }

            #root::if_alloc! { #on_heap }
        }
    }
}

/// The methods, with the name's place for theirs: where a size does not fit, rustc shows the method that asks for it, and that
/// is the network.
pub fn methods(name: &Ident, parameters: &[Ident]) -> TokenStream {
    let root = root();
    let always = quote_spanned! {name.span()=>
        #[allow(dead_code)]
        impl<#(#parameters),*> #name<#(#parameters),*> {
            /// Runs one input in the caller's memory, at least `SCRATCH_BYTES / 4` floats: no allocation.
            ///
            /// # Panics
            ///
            /// If `scratch` is shorter.
            pub fn forward_into(
                &self,
                input: &<Self as ::convnet::Network>::Input,
                output: &mut <Self as ::convnet::Network>::Output,
                scratch: &mut <Self as ::convnet::Network>::Scratch,
            )
            where
                Self: ::convnet::Network,
            {
                <Self as ::convnet::Network>::forward_into(self, input, output, scratch);
            }

            /// The parameters: layer by layer, weight and then bias, in PyTorch's order. They are the same whatever the
            /// size of the input, unless a linear layer depends on it.
            pub fn params(&self) -> &[f32] {
                self.__params.as_slice()
            }

            /// The table of layers, sizes and costs; print it.
            pub fn summary() -> ::convnet::Summary
            where
                Self: ::convnet::Network,
            {
                <Self as ::convnet::Network>::summary()
            }
        }
    };
    let on_heap = quote_spanned! {name.span()=>
        #[allow(dead_code)]
        impl<#(#parameters),*> #name<#(#parameters),*> {
            /// A network with random parameters, the same for the same seed: Kaiming, as in PyTorch.
            pub fn init(seed: u64) -> Self
            where
                Self: ::convnet::Network,
            {
                <Self as ::convnet::Network>::init(seed)
            }

            /// Runs one input.
            #[must_use]
            pub fn forward(&self, input: &<Self as ::convnet::Network>::Input) -> <Self as ::convnet::Network>::Returned
            where
                Self: ::convnet::Network,
            {
                <Self as ::convnet::Network>::forward(self, input)
            }

            /// Runs many inputs.
            #[must_use]
            pub fn forward_batch(
                &self,
                inputs: &[<Self as ::convnet::Network>::Input],
            ) -> #root::Vec<<Self as ::convnet::Network>::Output>
            where
                Self: ::convnet::Network,
            {
                <Self as ::convnet::Network>::forward_batch(self, inputs)
            }

            /// The same network for inference alone: parameters packed as the kernels read them.
            pub fn prepare(&self) -> ::convnet::Prepared<Self>
            where
                Self: ::convnet::Network,
            {
                <Self as ::convnet::Network>::prepare(self)
            }

            /// The same network in whole numbers, for inference alone; samples show between which numbers values lie.
            ///
            /// # Errors
            ///
            /// If a layer has no integer kernel, or there is no sample, or one on which values are not finite.
            pub fn quantize(
                &self,
                samples: &[<Self as ::convnet::Network>::Input],
            ) -> ::core::result::Result<::convnet::Quantized<Self>, ::convnet::quantized::QuantizeError>
            where
                Self: ::convnet::Network,
            {
                <Self as ::convnet::Network>::quantize(self, samples)
            }
        }
    };
    let packed = quote_spanned! {name.span()=>
        #[allow(dead_code)]
        impl<#(#parameters),*> #name<#(#parameters),*> {
            /// Packs the parameters into a file for `embed!`.
            ///
            /// # Errors
            ///
            /// If the file cannot be written.
            pub fn pack_to(
                &self,
                path: impl ::core::convert::AsRef<::std::path::Path>,
            ) -> ::core::result::Result<(), ::convnet::packed::PackedError>
            where
                Self: ::convnet::Network,
            {
                <Self as ::convnet::Network>::pack_to(self, path)
            }
        }
    };
    let in_files = quote_spanned! {name.span()=>
        #[allow(dead_code)]
        impl<#(#parameters),*> #name<#(#parameters),*> {
            /// A network with the parameters of a safetensors file, PyTorch's names and order.
            ///
            /// # Errors
            ///
            /// If the file cannot be read or is no safetensors file, and if its tensors are not exactly those of the
            /// network: all that are missing, unexpected, of another shape or of another type are listed.
            pub fn load(
                path: impl ::core::convert::AsRef<::std::path::Path>,
            ) -> ::core::result::Result<Self, ::convnet::weights::WeightsError>
            where
                Self: ::convnet::Network,
            {
                ::convnet::weights::load(path.as_ref())
            }

            /// A network with the parameters of a safetensors file that is in memory.
            ///
            /// # Errors
            ///
            /// As `load`.
            pub fn from_bytes(file: &[u8]) -> ::core::result::Result<Self, ::convnet::weights::WeightsError>
            where
                Self: ::convnet::Network,
            {
                ::convnet::weights::from_bytes(file)
            }

            /// Writes the parameters to a safetensors file, PyTorch's names and order.
            ///
            /// # Errors
            ///
            /// If the file cannot be written.
            pub fn save(
                &self,
                path: impl ::core::convert::AsRef<::std::path::Path>,
            ) -> ::core::result::Result<(), ::convnet::weights::WeightsError>
            where
                Self: ::convnet::Network,
            {
                ::convnet::weights::save(self, path.as_ref())
            }

            /// The parameters as a safetensors file in memory.
            pub fn to_bytes(&self) -> #root::Vec<u8>
            where
                Self: ::convnet::Network,
            {
                ::convnet::weights::to_bytes(self)
            }
        }
    };
    quote! {
        #always
        #root::if_alloc! { #on_heap }
        #root::if_std! { #packed }
        #root::if_safetensors! { #in_files }
    }
}

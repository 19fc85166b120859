//! What `cnn!` emits around a declaration: the implementation of [`Network`](crate::Network) and the inherent
//! constants and methods that repeat it, so that a user needs neither the trait nor its generics.

/// Implements a declared network. `cnn!` passes names, types and the table of layers; nothing is computed here that
/// is not a constant of the library.
#[doc(hidden)]
#[macro_export]
macro_rules! __declare {
    (
        network $net:ident, layers $layers:literal, table $table:ident, nodes $count:tt, first [$($first:tt)*];
        shape $shape:ty;
        chain $chain:ty;
        options $options:ident;
        input $input:ty, $input_dims:ident, $input_rank:literal;
        output $output:ty, $output_dims:ident, $output_rank:literal;
        out $out:ty;
        returned $returned:ty;
        views [$($view:ident: $index:tt, $weight:ty, $bias:ty;)*];
        parts [$($part:ident: $part_first:tt, $part_end:tt;)*]
    ) => {
        const __CNN_NODES: &[$crate::__private::Node; $count] =
            &$crate::__private::nodes(&<$chain as $crate::Layer<$shape>>::TREE, $input_dims);
        const __CNN_PLAN: &$crate::__private::Plan<$count> =
            &$crate::__private::Plan::new(__CNN_NODES, $crate::__private::Purpose::Inference);
        const __CNN_PREPARED: &$crate::__private::Plan<$count> =
            &$crate::__private::prepared_plan(__CNN_NODES, &__CNN_OPTIONS);
        const __CNN_COMPACT: &$crate::__private::Plan<$count> =
            &$crate::__private::compact_plan(__CNN_NODES, __CNN_PREPARED, &__CNN_OPTIONS);
        const __CNN_TRAINING: &$crate::__private::Plan<$count> = &$crate::__private::training_plan(__CNN_NODES);
        const __CNN_ARCHITECTURE: &$crate::Architecture = &$crate::Architecture {
            name: ::core::stringify!($net),
            input: $input_dims,
            options: $options,
            nodes: __CNN_NODES,
            names: __CNN_NAMES,
            plan: __CNN_PLAN.steps(),
            sizes: __CNN_PLAN.sizes.or(&__CNN_COMPACT.sizes).or(&__CNN_PREPARED.sizes),
            prepared: __CNN_PREPARED.steps(),
            compact: __CNN_COMPACT.steps(),
            compact_packed: __CNN_COMPACT.sizes.packed,
            training: __CNN_TRAINING.steps(),
            training_sizes: __CNN_TRAINING.sizes,
            tensors: __CNN_TENSORS,
        };

        // The macro's numbers and the trait solver's are one.
        const _: () = $crate::__private::require_agreement::<{ $layers + 1 }>(
            $table,
            &$input_dims,
            __CNN_NODES,
            &[$($first)*],
            &<<$chain as $crate::Layer<$shape>>::Out as $crate::shape::Shape>::DIMS,
        );

        // What the implementation below needs of the chain: in there rustc would find all its shapes anew, because what it knows
        // of types does not hold where `In` is one of them. That doubled the time of `cargo check`.
        const fn __cnn_tree() -> $crate::__private::Tree {
            $crate::__private::Tree::Named {
                names: __CNN_NAMES,
                files: __CNN_FILES,
                tree: &<$chain as $crate::Layer<$shape>>::TREE,
            }
        }
        fn __cnn_forward(run: &mut $crate::__private::Forward<'_>) {
            <$chain as $crate::Layer<$shape>>::forward(run);
        }
        fn __cnn_backward(run: &mut $crate::__private::Backward<'_>) {
            <$chain as $crate::Layer<$shape>>::backward(run);
        }

        // Its own windows fit, or it would not compile.
        impl<In: $crate::shape::SameAs<$shape>> $crate::Layer<In> for $net {
            type Out = $out;
            type Fits = In::Same;
            const TREE: $crate::__private::Tree = __cnn_tree();

            fn forward(run: &mut $crate::__private::Forward<'_>) {
                __cnn_forward(run);
            }

            fn backward(run: &mut $crate::__private::Backward<'_>) {
                __cnn_backward(run);
            }
        }

        impl $crate::Network for $net {
            type Shape = $shape;
            type Chain = $chain;
            type Input = $input;
            type Output = $output;
            type Returned = $returned;
            type Scratch = [f32; __CNN_ARCHITECTURE.sizes.arena(1)];
            const ARCHITECTURE: &'static $crate::Architecture = __CNN_ARCHITECTURE;

            fn from_params(params: $crate::__private::Params) -> Self {
                ::core::assert_eq!(params.as_slice().len(), __CNN_ARCHITECTURE.stored(), "parameters of another network");
                Self { __params: params }
            }

            fn params(&self) -> &[f32] {
                self.__params.as_slice()
            }

            $crate::__if_alloc! {
                fn params_mut(&mut self) -> &mut [f32] {
                    self.__params.to_mut()
                }
            }
        }

        // Layers keep the names that files give them, `conv1_BN`.
        #[allow(dead_code, non_snake_case)]
        impl $net {
            /// The sizes of the input.
            pub const INPUT: [usize; $input_rank] = $input_dims.to_array();
            /// The sizes of the output.
            pub const OUTPUT: [usize; $output_rank] = $output_dims.to_array();
            /// Learned values: all weights and biases.
            pub const PARAMS: usize = __CNN_ARCHITECTURE.params();
            /// Multiply-accumulates of one forward pass.
            pub const MACS: usize = __CNN_ARCHITECTURE.macs();
            /// Bytes of memory that a forward pass needs beside parameters, input and output: batch 1, one thread.
            pub const SCRATCH_BYTES: usize = __CNN_ARCHITECTURE.scratch_bytes(1);
            /// Bytes of the parameters packed for inference.
            pub const PREPARED_BYTES: usize = __CNN_ARCHITECTURE.prepared_bytes();
            /// Bytes that training needs for each sample of a mini-batch.
            pub const TRAIN_BYTES: usize = __CNN_ARCHITECTURE.train_bytes();
            /// The layers: name, operation, algorithm, output, parameters, multiply-accumulates, receptive field.
            pub const LAYERS: [$crate::LayerInfo; $count] =
                $crate::__private::layers(&$input_dims, __CNN_NODES, __CNN_NAMES, __CNN_PREPARED.steps());

            /// Bytes of memory that a forward pass of a batch needs beside parameters, inputs and outputs.
            pub const fn scratch_bytes(batch: usize, threads: usize) -> usize {
                __CNN_ARCHITECTURE.sizes.arena_for(batch, threads) * ::core::mem::size_of::<f32>()
            }

            /// The table of layers, sizes and costs; print it.
            pub fn summary() -> $crate::Summary {
                <Self as $crate::Network>::summary()
            }

            /// The memory that [`forward_into`](Self::forward_into) runs in, all zeros.
            pub const fn scratch() -> [f32; Self::SCRATCH_BYTES / 4] {
                [0.0; Self::SCRATCH_BYTES / 4]
            }

            /// The parameters: layer by layer, weight and then bias, in PyTorch's order.
            pub fn params(&self) -> &[f32] {
                <Self as $crate::Network>::params(self)
            }

            $(
                #[doc = ::core::concat!("The weight and the bias of `", ::core::stringify!($view), "`.")]
                pub fn $view(&self) -> $crate::LayerParams<'_, $weight, $bias> {
                    $crate::LayerParams::new(self.params(), __CNN_PLAN.steps()[$index].params)
                }
            )*

            $(
                #[doc = ::core::concat!("All parameters of `", ::core::stringify!($part), "`.")]
                pub fn $part(&self) -> &[f32] {
                    &self.params()[$crate::__private::part::params(__CNN_PLAN.steps(), $part_first, $part_end)]
                }
            )*
        }

        $crate::__if_alloc! {
            #[allow(dead_code)]
            impl $net {
                /// A network with random parameters, the same for the same seed: Kaiming, as in PyTorch.
                pub fn init(seed: u64) -> Self {
                    <Self as $crate::Network>::init(seed)
                }

                /// The parameters, to write; embedded ones are copied to the heap first.
                pub fn params_mut(&mut self) -> &mut [f32] {
                    <Self as $crate::Network>::params_mut(self)
                }

                /// The same network for inference alone: parameters packed as the kernels read them.
                pub fn prepare(&self) -> $crate::Prepared<Self> {
                    <Self as $crate::Network>::prepare(self)
                }

                /// The same network in whole numbers, for inference alone; samples show between which numbers values lie.
                ///
                /// # Errors
                ///
                /// If a layer has no integer kernel, or there is no sample, or one on which values are not finite.
                pub fn quantize(
                    &self,
                    samples: &[<Self as $crate::Network>::Input],
                ) -> ::core::result::Result<$crate::Quantized<Self>, $crate::quantized::QuantizeError> {
                    <Self as $crate::Network>::quantize(self, samples)
                }
            }

            $crate::__private::paste! {
                #[allow(dead_code, non_snake_case)]
                impl $net {
                    $(
                        #[doc = ::core::concat!("The weight and the bias of `", ::core::stringify!($view), "`, to write.")]
                        pub fn [<$view _mut>](&mut self) -> $crate::LayerParamsMut<'_, $weight, $bias> {
                            $crate::LayerParamsMut::new(self.params_mut(), __CNN_PLAN.steps()[$index].params)
                        }
                    )*

                    $(
                        #[doc = ::core::concat!("All parameters of `", ::core::stringify!($part), "`, to write.")]
                        pub fn [<$part _mut>](&mut self) -> &mut [f32] {
                            let own = $crate::__private::part::params(__CNN_PLAN.steps(), $part_first, $part_end);
                            &mut self.params_mut()[own]
                        }
                    )*
                }
            }
        }

        $crate::__if_std! {
            #[allow(dead_code)]
            impl $net {
                /// Packs the parameters into a file for `embed!`.
                ///
                /// # Errors
                ///
                /// If the file cannot be written.
                pub fn pack_to(&self, path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<(), $crate::packed::PackedError> {
                    <Self as $crate::Network>::pack_to(self, path)
                }
            }
        }

        $crate::__if_safetensors! {
            #[allow(dead_code)]
            impl $net {
                /// A network with the parameters of a safetensors file, PyTorch's names and order.
                ///
                /// # Errors
                ///
                /// If the file cannot be read or is no safetensors file, and if its tensors are not exactly those of
                /// the network: all that are missing, unexpected, of another shape or of another type are listed.
                pub fn load(path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<Self, $crate::weights::WeightsError> {
                    $crate::weights::load(path.as_ref())
                }

                /// A network with the parameters of a safetensors file that is in memory.
                ///
                /// # Errors
                ///
                /// As [`load`](Self::load).
                pub fn from_bytes(file: &[u8]) -> ::core::result::Result<Self, $crate::weights::WeightsError> {
                    $crate::weights::from_bytes(file)
                }

                /// Writes the parameters to a safetensors file, PyTorch's names and order.
                ///
                /// # Errors
                ///
                /// If the file cannot be written.
                pub fn save(&self, path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<(), $crate::weights::WeightsError> {
                    $crate::weights::save(self, path.as_ref())
                }

                /// The parameters as a safetensors file in memory.
                pub fn to_bytes(&self) -> $crate::__private::Vec<u8> {
                    $crate::weights::to_bytes(self)
                }
            }
        }
    };
}

/// Makes the outputs of a network with several heads a value: a `repr(C)` struct of values, which the network writes as one
/// row of floats.
///
/// The `unsafe` cannot stand in the library, because the struct is the user's; that all fields are floats is a bound, and
/// that nothing lies between them is asserted.
#[doc(hidden)]
#[macro_export]
macro_rules! __heads {
    ([$($generic:ident)*] $output:ident $(<$($argument:ident),+>)?; $($head:ident: $value:ty;)*) => {
        // SAFETY: a `repr(C)` struct whose fields are floats in a row, none with an alignment above theirs, and of their
        // size together: no padding, and every bit pattern is a value.
        #[allow(unsafe_code)]
        unsafe impl<$($generic: $crate::shape::Shape),*> $crate::arena::Floats for $output $(<$($argument),+>)? {
            const LEN: usize = {
                let len = 0 $(+ <$value as $crate::arena::Floats>::LEN)*;
                ::core::assert!(::core::mem::size_of::<Self>() == len * ::core::mem::size_of::<f32>());
                ::core::assert!(::core::mem::align_of::<Self>() == ::core::mem::align_of::<f32>());
                len
            };
        }

        impl<$($generic: $crate::shape::Shape),*> $crate::Value for $output $(<$($argument),+>)? {
            const DIMS: $crate::arithmetic::dims::Dims =
                $crate::shape::dims(&[<Self as $crate::arena::Floats>::LEN]);
        }

        #[allow(dead_code)]
        impl<$($generic: $crate::shape::Shape),*> $output $(<$($argument),+>)? {
            /// All heads of all zeros: what `forward_into` writes.
            pub fn zeros() -> Self {
                <Self as $crate::arena::Floats>::zeroed()
            }

            $crate::__if_alloc! {
                /// All heads of all zeros on the heap.
                pub fn zeros_boxed() -> $crate::__private::Box<Self> {
                    <Self as $crate::arena::Floats>::zeroed_box()
                }
            }
        }
    };
}

/// What `derive` would not give a struct of heads whose shapes are generic: it would ask it of the shapes.
#[doc(hidden)]
#[macro_export]
macro_rules! __heads_traits {
    ([$($generic:ident)*] $output:ident <$($argument:ident),+>; $($head:ident)*) => {
        impl<$($generic: $crate::shape::Shape),*> ::core::clone::Clone for $output<$($argument),+> {
            fn clone(&self) -> Self {
                Self { $($head: ::core::clone::Clone::clone(&self.$head)),* }
            }
        }

        impl<$($generic: $crate::shape::Shape),*> ::core::cmp::PartialEq for $output<$($argument),+> {
            fn eq(&self, other: &Self) -> bool {
                true $(&& self.$head == other.$head)*
            }
        }

        impl<$($generic: $crate::shape::Shape),*> ::core::fmt::Debug for $output<$($argument),+> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(::core::stringify!($output))
                    $(.field(::core::stringify!($head), &self.$head))*
                    .finish()
            }
        }
    };
}

/// The parameter tensors of a network.
#[doc(hidden)]
#[macro_export]
macro_rules! __tensors {
    ($nodes:expr; $($part:ident($tensor:literal, $layer:literal)),*) => {
        &[$($crate::__private::Tensor::$part($tensor, $nodes, $layer)),*]
    };
}

/// Implements a network over a generic input size. All arithmetic is the trait solver's and that of constants which rustc
/// evaluates for each size that the program uses.
#[doc(hidden)]
#[macro_export]
macro_rules! __declare_generic {
    (
        network $net:ident [$($size:ident)*], layers $count:literal;
        shape $shape:ty;
        chain $chain:ty;
        options $options:expr;
        stated [$($stated:expr),*];
        names [$($name:literal),*];
        files [$($file:literal),*];
        tensors [$($tensor:tt)*];
    ) => {
        #[allow(dead_code, non_snake_case)]
        impl<$($size),*> $net<$($size),*>
        where
            $shape: $crate::shape::Shape,
            $chain: $crate::Layer<$shape>,
        {
            const __OPTIONS: $crate::__private::Options = $options;
            const __NODES: &'static [$crate::__private::Node; $count] = &$crate::__private::nodes(
                &<$chain as $crate::Layer<$shape>>::TREE,
                <$shape as $crate::shape::Shape>::DIMS,
            );
            const __PLAN: &'static $crate::__private::Plan<$count> =
                &$crate::__private::Plan::new(Self::__NODES, $crate::__private::Purpose::Inference);
            const __PREPARED: &'static $crate::__private::Plan<$count> =
                &$crate::__private::prepared_plan(Self::__NODES, &Self::__OPTIONS);
            const __COMPACT: &'static $crate::__private::Plan<$count> =
                &$crate::__private::compact_plan(Self::__NODES, Self::__PREPARED, &Self::__OPTIONS);
            const __TRAINING: &'static $crate::__private::Plan<$count> =
                &$crate::__private::training_plan(Self::__NODES);
            const __NAMES: &'static [&'static str] = &[$($name),*];
            const __FILES: &'static [&'static str] = &[$($file),*];
            const __ARCHITECTURE: $crate::Architecture = {
                $crate::__private::require_stated(
                    ::core::stringify!($net),
                    Self::__NODES,
                    Self::__NAMES,
                    &[$($stated),*],
                );
                $crate::Architecture {
                    name: ::core::stringify!($net),
                    input: <$shape as $crate::shape::Shape>::DIMS,
                    options: Self::__OPTIONS,
                    nodes: Self::__NODES,
                    names: Self::__NAMES,
                    plan: Self::__PLAN.steps(),
                    sizes: Self::__PLAN.sizes.or(&Self::__COMPACT.sizes).or(&Self::__PREPARED.sizes),
                    prepared: Self::__PREPARED.steps(),
                    compact: Self::__COMPACT.steps(),
                    compact_packed: Self::__COMPACT.sizes.packed,
                    training: Self::__TRAINING.steps(),
                    training_sizes: Self::__TRAINING.sizes,
                    tensors: $crate::__tensors!(Self::__NODES; $($tensor)*),
                }
            };

            /// Learned values: all weights and biases.
            pub const PARAMS: usize = Self::__ARCHITECTURE.params();
            /// Multiply-accumulates of one forward pass.
            pub const MACS: usize = Self::__ARCHITECTURE.macs();
            /// Bytes of memory that a forward pass needs beside parameters, input and output: batch 1, one thread.
            pub const SCRATCH_BYTES: usize = Self::__ARCHITECTURE.scratch_bytes(1);
            /// Bytes of the parameters packed for inference.
            pub const PREPARED_BYTES: usize = Self::__ARCHITECTURE.prepared_bytes();
        }

        impl<In, $($size),*> $crate::Layer<In> for $net<$($size),*>
        where
            In: $crate::shape::SameAs<$shape>,
            $shape: $crate::shape::Shape,
            $chain: $crate::Layer<$shape>,
        {
            type Out = <$chain as $crate::Layer<$shape>>::Out;
            type Fits = In::Same;
            const TREE: $crate::__private::Tree = $crate::__private::Tree::Named {
                names: Self::__NAMES,
                files: Self::__FILES,
                tree: &<$chain as $crate::Layer<$shape>>::TREE,
            };

            fn forward(run: &mut $crate::__private::Forward<'_>) {
                <$chain as $crate::Layer<$shape>>::forward(run);
            }

            fn backward(run: &mut $crate::__private::Backward<'_>) {
                <$chain as $crate::Layer<$shape>>::backward(run);
            }
        }
    };
}

/// Items that need a heap; nothing without the feature.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "alloc")]
macro_rules! __if_alloc {
    ($($item:tt)*) => { $($item)* };
}
/// Items that need a heap; nothing without the feature.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "alloc"))]
macro_rules! __if_alloc {
    ($($item:tt)*) => {};
}

/// Items that need an operating system; nothing without the feature.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "std")]
macro_rules! __if_std {
    ($($item:tt)*) => { $($item)* };
}
/// Items that need an operating system; nothing without the feature.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "std"))]
macro_rules! __if_std {
    ($($item:tt)*) => {};
}

/// Items that read and write files; nothing without the feature.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "safetensors")]
macro_rules! __if_safetensors {
    ($($item:tt)*) => { $($item)* };
}
/// Items that read and write files; nothing without the feature.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "safetensors"))]
macro_rules! __if_safetensors {
    ($($item:tt)*) => {};
}

/// A network whose declaration has mistakes: the same names, so that only the mistakes are shown. `$unknown` is a type
/// that rustc could not read and is silent about; so is everything made of it. It never runs, because the crate does
/// not compile.
#[doc(hidden)]
#[macro_export]
macro_rules! __skeleton {
    (
        network $net:ident, $unknown:ident;
        input $input:ident, $input_rank:literal;
        output $output:ident, $output_rank:literal;
        returned $returned:ty;
        views [$($view:ident)*]
    ) => {
        impl $crate::Network for $net {
            type Shape = $crate::__private::Broken<$input>;
            type Chain = $crate::__private::Broken<$output>;
            type Input = $input;
            type Output = $output;
            type Returned = $returned;
            type Scratch = $unknown;
            const ARCHITECTURE: &'static $crate::Architecture = $crate::__unknown!($unknown);

            fn from_params(params: $crate::__private::Params) -> Self {
                Self { __params: params }
            }

            fn params(&self) -> &[f32] {
                self.__params.as_slice()
            }

            $crate::__if_alloc! {
                fn params_mut(&mut self) -> &mut [f32] {
                    self.__params.to_mut()
                }
            }
        }

        #[allow(dead_code, missing_docs, unused_variables)]
        impl $net {
            pub const INPUT: [usize; $input_rank] = $crate::__unknown!($unknown);
            pub const OUTPUT: [usize; $output_rank] = $crate::__unknown!($unknown);
            pub const PARAMS: usize = $crate::__unknown!($unknown);
            pub const MACS: usize = $crate::__unknown!($unknown);
            pub const SCRATCH_BYTES: usize = $crate::__unknown!($unknown);
            pub const PREPARED_BYTES: usize = $crate::__unknown!($unknown);
            pub const TRAIN_BYTES: usize = $crate::__unknown!($unknown);
            pub const LAYERS: $unknown = $crate::__unknown!($unknown);

            pub const fn scratch_bytes(batch: usize, threads: usize) -> usize {
                $crate::__unknown!($unknown)
            }

            pub fn summary() -> $crate::Summary {
                <Self as $crate::Network>::summary()
            }

            pub const fn scratch() -> $unknown {
                $crate::__unknown!($unknown)
            }

            pub fn forward_into(&self, input: &$input, output: &mut $output, scratch: &mut $unknown) {}

            pub fn params(&self) -> &[f32] {
                self.__params.as_slice()
            }

            $(
                pub fn $view(&self) -> $crate::LayerParams<'_, $unknown, $unknown> {
                    $crate::__unknown!($unknown)
                }
            )*
        }

        $crate::__if_alloc! {
            #[allow(dead_code, missing_docs, unused_variables)]
            impl $net {
                pub fn init(seed: u64) -> Self {
                    <Self as $crate::Network>::init(seed)
                }

                pub fn params_mut(&mut self) -> &mut [f32] {
                    self.__params.to_mut()
                }

                pub fn forward(&self, input: &$input) -> $returned {
                    <Self as $crate::Network>::forward(self, input)
                }

                pub fn forward_batch(&self, inputs: &[$input]) -> $crate::__private::Vec<$output> {
                    <Self as $crate::Network>::forward_batch(self, inputs)
                }

                pub fn prepare(&self) -> $crate::Prepared<Self> {
                    <Self as $crate::Network>::prepare(self)
                }

                pub fn quantize(
                    &self,
                    samples: &[$input],
                ) -> ::core::result::Result<$crate::Quantized<Self>, $crate::quantized::QuantizeError> {
                    <Self as $crate::Network>::quantize(self, samples)
                }
            }

            $crate::__private::paste! {
                #[allow(dead_code, missing_docs)]
                impl $net {
                    $(
                        pub fn [<$view _mut>](&mut self) -> $crate::LayerParamsMut<'_, $unknown, $unknown> {
                            $crate::__unknown!($unknown)
                        }
                    )*
                }
            }
        }

        $crate::__if_std! {
            #[allow(dead_code, missing_docs)]
            impl $net {
                pub fn pack_to(&self, path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<(), $crate::packed::PackedError> {
                    <Self as $crate::Network>::pack_to(self, path)
                }
            }
        }

        $crate::__if_safetensors! {
            #[allow(dead_code, missing_docs)]
            impl $net {
                pub fn load(path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<Self, $crate::weights::WeightsError> {
                    $crate::weights::load(path.as_ref())
                }

                pub fn from_bytes(file: &[u8]) -> ::core::result::Result<Self, $crate::weights::WeightsError> {
                    $crate::weights::from_bytes(file)
                }

                pub fn save(&self, path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<(), $crate::weights::WeightsError> {
                    $crate::weights::save(self, path.as_ref())
                }

                pub fn to_bytes(&self) -> $crate::__private::Vec<u8> {
                    $crate::weights::to_bytes(self)
                }
            }
        }
    };
}

/// A value of any type in a skeleton: rustc neither evaluates code around a type that it could not read nor says more
/// about it.
#[doc(hidden)]
#[macro_export]
macro_rules! __unknown {
    ($unknown:ident) => {{
        let _: $unknown;
        ::core::unreachable!()
    }};
}

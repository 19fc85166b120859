//! A named network: the struct, what rustc is to check, and one call of the library's `__declare!`.

use convnet_shape::check::Field;
use convnet_shape::op::Op;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::ast::Head;
use crate::expand::{docs, heads, root, spanned_over, types, values};
use crate::infer::Facts;
use crate::model::{Item, Layer, Network, Operation, Output};

/// `constants` holds the values of the constant expressions.
pub fn expand(network: &Network, constants: &TokenStream, facts: &Facts) -> TokenStream {
    let item = network.item.as_ref().expect("a named network has a head");
    let Item { head: Head { attributes, visibility, name }, output, .. } = item;
    let (root, table) = (root(), docs::table(network, facts));
    let (layers, input_dims, output_dims) =
        (values::layers(network), values::dims(&network.input), values::output(output));
    let (shape, chain) = (types::shape(&network.input), types::chain(network, facts));
    let (input, output_value) = (types::value(&network.input), door(item));
    let (input_rank, output_rank) = (network.input.sizes.len(), rank(output));
    let options = values::options(&network.options);
    let out = types::output(output);
    let heads = match output {
        Output::One(_) => TokenStream::new(),
        Output::Heads { heads, .. } => heads::expand(&item.head, heads),
    };
    let returned = returned(item, &output_value);
    let count = network.layers.len();
    let tree = network
        .has_own()
        .then(|| quote!(const __CNN_TREE: &#root::Tree = &<#chain as ::convnet::Layer<#shape>>::TREE;));
    let names = if network.has_own() { names_of_parts(network) } else { names(network) };
    let (nodes, first) = match network.has_own() {
        true => (quote!(__CNN_COUNT), (0..=count).map(|index| quote!(__CNN_FIRST[#index],)).collect()),
        false => (Literal::usize_unsuffixed(count).into_token_stream(), TokenStream::new()),
    };
    let views = views(network, facts);
    let parts = parts(network);
    let checks = checks(network, item, facts);
    let statistics = network.layers.iter().filter_map(statistics);
    let methods = methods(item, &input, &output_value, &returned);
    quote! {
        #(#attributes)*
        #[doc = #table]
        #visibility struct #name {
            __params: #root::Params,
        }
        #heads

        const _: () = {
            #constants
            const __CNN_OPTIONS: #root::Options = #options;
            const __CNN_INPUT: #root::Dims = #input_dims;
            const __CNN_OUTPUT: #root::Dims = #output_dims;
            const __CNN_LAYERS: &[#root::check::Layer<'static>; #count] = &#layers;
            #checks
            #(#statistics)*
            #tree
            #names
            #root::declare! {
                network #name, layers #count, table __CNN_LAYERS, nodes #nodes, first [#first];
                shape #shape;
                chain #chain;
                options __CNN_OPTIONS;
                input #input, __CNN_INPUT, #input_rank;
                output #output_value, __CNN_OUTPUT, #output_rank;
                out #out;
                returned #returned;
                views [#(#views)*];
                parts [#(#parts)*]
            }
            #methods
        };
    }
}

/// The constants of a `normalize` as a type.
pub fn statistics(layer: &Layer) -> Option<TokenStream> {
    let Operation::Plain(Op::Normalize { mean, std }) = &layer.operation else { return None };
    let (root, name) = (root(), types::statistics(layer));
    Some(quote! {
        #[allow(non_camel_case_types)]
        pub struct #name;
        impl #root::layers::ChannelStatistics for #name {
            const MEAN: &'static [f32] = &[#(#mean),*];
            const STD: &'static [f32] = &[#(#std),*];
        }
    })
}

/// The methods that take values, written with the name's place for theirs: where a call has a wrong argument, rustc
/// shows the method that it is an argument of, and that is the network.
fn methods(item: &Item, input: &TokenStream, output: &TokenStream, returned: &TokenStream) -> TokenStream {
    let (root, name) = (root(), &item.head.name);
    let methods = quote_spanned! {name.span()=>
        #[allow(dead_code)]
        impl #name {
            /// Runs one input.
            #[must_use]
            pub fn forward(&self, input: &#input) -> #returned {
                <Self as ::convnet::Network>::forward(self, input)
            }

            /// Runs many inputs.
            #[must_use]
            pub fn forward_batch(&self, inputs: &[#input]) -> #root::Vec<#output> {
                <Self as ::convnet::Network>::forward_batch(self, inputs)
            }
        }
    };
    let into = quote_spanned! {name.span()=>
        #[allow(dead_code)]
        impl #name {
            /// Runs one input in the caller's memory: no allocation, no failure.
            pub fn forward_into(
                &self,
                input: &#input,
                output: &mut #output,
                scratch: &mut [f32; Self::SCRATCH_BYTES / 4],
            ) {
                <Self as ::convnet::Network>::forward_into(self, input, output, scratch);
            }
        }
    };
    quote! {
        #into
        #root::if_alloc! { #methods }
    }
}

/// The type of the output.
pub fn door(item: &Item) -> TokenStream {
    match &item.output {
        Output::One(shape) => types::value(shape),
        Output::Heads { .. } => {
            let name = heads::name(&item.head.name);
            quote!(#name)
        }
    }
}

/// The axes of the output; of heads, all values are in a row.
pub fn rank(output: &Output) -> usize {
    match output {
        Output::One(shape) => shape.sizes.len(),
        Output::Heads { .. } => 1,
    }
}

/// The output by value, or boxed: written out where the length is known, so that signatures read well.
fn returned(item: &Item, value: &TokenStream) -> TokenStream {
    let root = root();
    match item.output.known() {
        Some(dims) if types::by_value(&dims) => value.clone(),
        Some(_) => quote!(#root::Box<#value>),
        None => {
            quote!(<#root::ByValue<{ __CNN_OUTPUT.len() * 4 <= #root::BY_VALUE_BYTES }> as #root::Return<#value>>::Type)
        }
    }
}

/// The second voice: one constant for each layer that the macro could not check, underlining the layer.
fn checks(network: &Network, item: &Item, facts: &Facts) -> TokenStream {
    let (root, strict, name) = (root(), network.strict, item.head.name.to_string());
    let values = network.layers.len() + 1;
    let mut checks = Vec::new();
    if network.input.known().is_none() {
        checks.push((quote!(#root::check::require_input(#name, &__CNN_INPUT)), &network.input.tokens));
    }
    for (index, layer) in network.layers.iter().enumerate().filter(|(index, _)| facts.left_to_rustc[*index]) {
        checks.push((
            quote!(#root::check::require::<#values>(__CNN_LAYERS, #index, &__CNN_INPUT, #strict)),
            &layer.tokens,
        ));
    }
    for (index, layer) in network.layers.iter().enumerate() {
        if let Operation::Own(_) = layer.operation {
            let check = quote!(#root::part::require(__CNN_LAYERS, #index, __CNN_NODES, &__CNN_FIRST));
            checks.push((check, layer.guilty(Field::Assertion)));
        }
    }
    match &item.output {
        Output::One(shape) if facts.outputs_left_to_rustc[0] => {
            let check = quote!(
                #root::check::require_output::<#values>(#name, __CNN_LAYERS, &__CNN_INPUT, &__CNN_OUTPUT, #strict)
            );
            checks.push((check, &shape.tokens));
        }
        Output::One(_) => {}
        Output::Heads { heads, .. } => {
            let heads = network.heads.iter().zip(heads).zip(&facts.outputs_left_to_rustc);
            for ((head, (_, shape)), _) in heads.filter(|(_, left)| **left) {
                let (name, value, declared) = (head.name.to_string(), head.value, values::dims(shape));
                let check = quote!(#root::check::require_head::<#values>(
                    (#name, &#declared), #value, __CNN_LAYERS, &__CNN_INPUT, #strict
                ));
                checks.push((check, &shape.tokens));
            }
        }
    }
    checks
        .into_iter()
        .map(|(check, guilty)| {
            let check = spanned_over(check, guilty);
            quote!(const _: () = #check;)
        })
        .collect()
}

/// The names of the layers, here and in files, and their tensors.
fn names(network: &Network) -> TokenStream {
    let (root, count) = (root(), network.layers.len());
    let names = network.layers.iter().map(|layer| &layer.name);
    let files = match network.layers.iter().all(|layer| layer.name == layer.file_name) {
        true => quote!(__CNN_NAMES),
        false => {
            let files = network.layers.iter().map(|layer| &layer.file_name);
            quote!(&[#(#files),*])
        }
    };
    let tensors = tensors(network);
    quote! {
        const __CNN_NAMES: &[&str; #count] = &[#(#names),*];
        const __CNN_FILES: &[&str; #count] = #files;
        const __CNN_TENSORS: &[#root::Tensor<'static>] = #root::tensors_of!(__CNN_NODES; #(#tensors),*);
    }
}

/// The same where layers are of types of their own, whose layers only rustc knows.
fn names_of_parts(network: &Network) -> TokenStream {
    let (root, ends) = (root(), network.layers.len() + 1);
    let names = network.layers.iter().map(|layer| &layer.name);
    let files = network.layers.iter().map(|layer| &layer.file_name);
    quote! {
        const __CNN_COUNT: usize = __CNN_TREE.count();
        const __CNN_FIRST: [usize; #ends] = #root::part::firsts(__CNN_TREE);
        const __CNN_NAME_PARTS: &[(&str, &str); __CNN_COUNT] = &#root::part::names(__CNN_TREE, &[#(#names),*]);
        const __CNN_FILE_PARTS: &[(&str, &str); __CNN_COUNT] = &#root::part::files(__CNN_TREE, &[#(#files),*]);
        const __CNN_NAME_BYTES: &[u8; #root::part::names_len(__CNN_NAME_PARTS)] =
            &#root::part::names_bytes(__CNN_NAME_PARTS);
        const __CNN_FILE_BYTES: &[u8; #root::part::names_len(__CNN_FILE_PARTS)] =
            &#root::part::names_bytes(__CNN_FILE_PARTS);
        const __CNN_TENSOR_BYTES: &[u8; #root::part::tensors_len(__CNN_NODES, __CNN_FILE_PARTS)] =
            &#root::part::tensors_bytes(__CNN_NODES, __CNN_FILE_PARTS);
        const __CNN_NAMES: &[&str; __CNN_COUNT] = &#root::part::names_of(__CNN_NAME_PARTS, __CNN_NAME_BYTES);
        const __CNN_FILES: &[&str; __CNN_COUNT] = &#root::part::names_of(__CNN_FILE_PARTS, __CNN_FILE_BYTES);
        const __CNN_TENSORS: &[#root::Tensor<'static>; #root::part::tensors_count(__CNN_NODES)] =
            &#root::part::tensors(__CNN_NODES, __CNN_FILE_PARTS, __CNN_TENSOR_BYTES);
    }
}

/// Access to the parameters of each layer of a type of its own: its name, its first node and that of the layer behind it.
fn parts(network: &Network) -> Vec<TokenStream> {
    let own = network.layers.iter().enumerate().filter(|(_, layer)| matches!(layer.operation, Operation::Own(_)));
    let part = |(index, layer): (usize, &Layer)| {
        let (name, next) = (accessor(layer), index + 1);
        quote!(#name: (__CNN_FIRST[#index]), (__CNN_FIRST[#next]);)
    };
    own.map(part).collect()
}

fn accessor(layer: &Layer) -> proc_macro2::Ident {
    layer.written_name.clone().unwrap_or_else(|| format_ident!("{}", layer.accessor()))
}

/// The parameter tensors by name, sorted as const code needs them.
pub fn tensors(network: &Network) -> Vec<TokenStream> {
    let mut tensors = Vec::new();
    for (index, layer) in network.layers.iter().enumerate() {
        if layer.operation.weight_rank().is_some() {
            tensors.push((format!("{}.weight", layer.file_name), format_ident!("weight"), index));
        }
        if layer.operation.has_bias() {
            tensors.push((format!("{}.bias", layer.file_name), format_ident!("bias"), index));
        }
        if layer.operation.has_statistics() {
            tensors.push((format!("{}.running_mean", layer.file_name), format_ident!("running_mean"), index));
            tensors.push((format!("{}.running_var", layer.file_name), format_ident!("running_var"), index));
        }
    }
    tensors.sort();
    tensors.into_iter().map(|(name, part, index)| quote!(#part(#name, #index))).collect()
}

/// Typed access to the parameters of each layer that has some: its name, and the types of weight and bias.
fn views(network: &Network, facts: &Facts) -> Vec<TokenStream> {
    let layers = network.layers.iter().enumerate();
    let views = layers.filter_map(|(index, layer)| Some(view(network, facts, index, layer.operation.weight_rank()?)));
    views.collect()
}

fn view(network: &Network, facts: &Facts, index: usize, rank: usize) -> TokenStream {
    let (root, layer) = (root(), &network.layers[index]);
    let node = if network.has_own() { quote!((__CNN_FIRST[#index])) } else { quote!(#index) };
    let input = match layer.reads.first() {
        0 => network.input.known(),
        value => facts.outputs[value - 1],
    };
    let known = layer.operation.known().zip(input);
    let weight = known.map(|(op, input)| op.weight(&input));
    let mut array = quote!(f32);
    for axis in (0..rank).rev() {
        let size = match &weight {
            Some(weight) => {
                let size = weight.as_slice()[axis];
                quote!(#size)
            }
            None => quote!({ #root::weight_size(__CNN_NODES, #node, #axis) }),
        };
        array = quote!([#array; #size]);
    }
    let bias = match (&layer.operation, known) {
        (operation, _) if !operation.has_bias() => quote!(0),
        (_, Some((op, input))) => {
            let size = op.bias_len(&input);
            quote!(#size)
        }
        _ => quote!({ #root::bias_size(__CNN_NODES, #node) }),
    };
    let name = accessor(layer);
    quote!(#name: #node, #array, [f32; #bias];)
}

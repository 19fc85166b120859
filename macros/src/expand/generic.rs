//! Networks over a generic input size, `pub struct Backbone<H, W>: [3, H, W] -> …`, and their instances,
//! `type Big = Backbone[224, 224]`.
//!
//! The declaration becomes one generic type, which rustc computes with, and a hidden macro that hands back its tokens.
//! An instance asks that macro, puts its sizes in the place of the parameters and is checked as any declaration: in
//! decimals, at the sizes. What it emits is a name for the generic type with these sizes.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, GenericParam};

use crate::ast::{self, Declaration, Instance, Item, Output, Sizes};
use crate::expand::{blocks::hidden, heads, item, root, spanned_over, types, values};
use crate::infer::Facts;
use crate::model::{self, Network, Shape, Size};
use crate::report::Report;
use crate::resolve::Fill;
use crate::{check, fallback, infer, message, parse, resolve};

/// Sizes at which a declaration is tried: it is refused where none fits.
const SAMPLES: [usize; 24] =
    [256, 224, 227, 299, 512, 1024, 192, 160, 128, 112, 96, 84, 64, 56, 48, 40, 32, 28, 24, 16, 12, 8, 4, 1];

/// The generic type, and the macro that hands back its tokens.
pub fn declaration(written: ast::Network, tokens: TokenStream, mut report: Report) -> TokenStream {
    let Declaration::Item(item) = &written.declaration else { unreachable!("only items have generic parameters") };
    let (head, generics, parameters) = (&item.head, &item.generics, parameters(item));
    if !report.is_empty() {
        return broken(head, generics, &tokens, &report.into_each_compile_error());
    }
    let resolved = at_samples(&written, &parameters, &mut report);
    let errors = report.into_each_compile_error();
    match resolved {
        Some((network, facts)) if errors.is_empty() => {
            let declared = expand(&written, (&network, &facts), head, &parameters);
            let ast::Head { visibility, name, .. } = head;
            let hidden = hidden("network", name, &tokens);
            quote! {
                #declared
                #[doc(hidden)]
                #[macro_export]
                macro_rules! #hidden {
                    (@instance $($instance:tt)*) => { ::convnet::cnn! { @instance { #tokens } $($instance)* } };
                }
                #[allow(unused_imports)]
                #visibility use #hidden as #name;
            }
        }
        _ => broken(head, generics, &tokens, &errors),
    }
}

/// A declaration with mistakes; its instances say nothing about them.
fn broken(head: &ast::Head, generics: &syn::Generics, tokens: &TokenStream, errors: &[TokenStream]) -> TokenStream {
    let skeleton = fallback::generic(head, generics, errors);
    let ast::Head { visibility, name, .. } = head;
    let hidden = hidden("network", name, tokens);
    quote! {
        #skeleton
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #hidden {
            (@instance $($instance:tt)*) => { ::convnet::cnn! { @instance {} $($instance)* } };
        }
        #[allow(unused_imports)]
        #visibility use #hidden as #name;
    }
}

fn parameters(item: &Item) -> Vec<Ident> {
    let parameter = |parameter: &GenericParam| match parameter {
        GenericParam::Type(parameter) => Some(parameter.ident.clone()),
        _ => None,
    };
    item.generics.params.iter().filter_map(parameter).collect()
}

/// The network at the first size at which it has no mistakes; those at the first of all if there is none.
fn at_samples(network: &ast::Network, parameters: &[Ident], report: &mut Report) -> Option<(Network, Facts)> {
    for sample in SAMPLES {
        let mut own = Report::default();
        let size = proc_macro2::Literal::usize_unsuffixed(sample);
        let sizes: Vec<Expr> = parameters.iter().map(|_| syn::parse_quote!(#size)).collect();
        let compiled = compiled(network, parameters, &sizes, "", &mut own);
        if own.is_empty() {
            own.into_compile_errors();
            return compiled;
        }
        own.into_compile_errors();
    }
    let size = proc_macro2::Literal::usize_unsuffixed(SAMPLES[0]);
    let sizes: Vec<Expr> = parameters.iter().map(|_| syn::parse_quote!(#size)).collect();
    let tried: Vec<String> = parameters.iter().map(|parameter| format!("{parameter} = {}", SAMPLES[0])).collect();
    let remark = format!(" (tried with {}; no other size fits)", tried.join(", "));
    compiled(network, parameters, &sizes, &remark, report);
    None
}

/// The network with sizes in the place of its parameters.
fn compiled(
    network: &ast::Network,
    parameters: &[Ident],
    sizes: &[Expr],
    remark: &str,
    report: &mut Report,
) -> Option<(Network, Facts)> {
    let Declaration::Item(item) = &network.declaration else { return None };
    let values: HashMap<String, &Expr> = parameters.iter().map(ToString::to_string).zip(sizes).collect();
    let fill = Fill(&values);
    let output = match &item.output {
        Output::One(sizes) => Output::One(fill.sizes(sizes)),
        Output::Heads { brace, heads } => {
            let heads = heads.iter().map(|(name, sizes)| (name.clone(), fill.sizes(sizes)));
            Output::Heads { brace: *brace, heads: heads.collect() }
        }
    };
    let head =
        ast::Head { attributes: Vec::new(), visibility: item.head.visibility.clone(), name: item.head.name.clone() };
    let item = Item {
        head,
        generics: item.generics.clone(),
        input: fill.sizes(&item.input),
        output,
        options: item.options.clone(),
        body: item.body,
        layers: fill.layers(&item.layers),
    };
    let blocks = network.blocks.iter().map(|block| ast::Block {
        attributes: Vec::new(),
        visibility: block.visibility.clone(),
        name: block.name.clone(),
        parameters: block.parameters.clone(),
        layers: block.layers.clone(),
    });
    let filled = ast::Network { blocks: blocks.collect(), declaration: Declaration::Item(Box::new(item)) };
    let mut network = resolve::resolve(filled, report).ok()?;
    check::some_layers(&network, report);
    check::names(&network, report);
    check::heads(&mut network, report);
    check::nothing_own(&network, report);
    if network.heads.len() > network.layers.last().map_or(0, |layer| layer.reads.count()) {
        let sentence = "heads of a network over a generic input size begin at one layer; here some skip from others";
        report.at(&network.layers[network.layers.len() - 1].tokens, sentence);
    }
    report.remark = remark.to_owned();
    let facts = infer::infer(&network, report);
    report.remark.clear();
    Some((network, facts))
}

/// The generic type.
fn expand(
    written: &ast::Network,
    (network, facts): (&Network, &Facts),
    head: &ast::Head,
    parameters: &[Ident],
) -> TokenStream {
    let Declaration::Item(item) = &written.declaration else { return TokenStream::new() };
    let (root, ast::Head { attributes, visibility, name }) = (root(), head);
    let declared = network.item.as_ref().expect("a generic network has a name");
    let chain = types::chain(network, facts);
    let shape = shape(network, parameters, &item.input);
    let count = network.layers.len();
    let names = network.layers.iter().map(|layer| &layer.name);
    let files = network.layers.iter().map(|layer| &layer.file_name);
    let tensors = item::tensors(network);
    let statistics = network.layers.iter().filter_map(item::statistics);
    let stated = stated(written, network, &shape, parameters);
    let methods = methods(name, parameters);
    let (outputs, output, bounds) = match &declared.output {
        model::Output::One(_) => (
            TokenStream::new(),
            quote!(::convnet::Tensor<<#chain as ::convnet::Layer<#shape>>::Out>),
            TokenStream::new(),
        ),
        model::Output::Heads { heads, .. } => {
            let of = quote!(#root::HeadsOf<<#chain as #root::EndsInHeads<#shape>>::Shapes>);
            let own = quote!(#name<#(#parameters),*>);
            let bounds = quote!(#chain: #root::EndsInHeads<#shape>, #own: #of,);
            (self::heads(head, parameters, heads), quote!(<#own as #of>::Output), bounds)
        }
    };
    let network_impl = network_impl((name, parameters), (&shape, &chain), (&output, &bounds));
    quote! {
        #(#attributes)*
        #visibility struct #name<#(#parameters),*> {
            __params: #root::Params,
            __sizes: ::core::marker::PhantomData<fn() -> (#(#parameters,)*)>,
        }
        #outputs

        const _: () = {
            #(#statistics)*
            #root::declare_generic! {
                network #name [#(#parameters)*], layers #count;
                shape #shape;
                chain #chain;
                stated [#(#stated),*];
                names [#(#names),*];
                files [#(#files),*];
                tensors [#(#tensors),*];
            }
            #network_impl
            #methods
        };
    }
}

/// `Network` for every size at which the windows fit, with the name's place for the bounds: rustc shows them where one is not
/// met.
fn network_impl(
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
            type Returned = #root::Boxed<#output>;
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
fn methods(name: &Ident, parameters: &[Ident]) -> TokenStream {
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
        #root::if_safetensors! { #in_files }
    }
}

/// `Image<U3, H, W>`.
fn shape(network: &Network, parameters: &[Ident], input: &Sizes) -> TokenStream {
    let root = root();
    let name = format_ident!("{}", ["Vector", "Seq", "Image", "Volume"][input.sizes.len() - 1]);
    let sizes = input.sizes.iter().zip(&network.input.sizes).map(|(written, size)| match written {
        Expr::Path(path) if parameters.iter().any(|parameter| path.path.is_ident(parameter)) => path.to_token_stream(),
        _ => types::numeral(size),
    });
    quote!(#root::shape::#name<#(#sizes),*>)
}

/// The struct of several outputs, generic over their shapes, and how it is made of these.
fn heads(head: &ast::Head, parameters: &[Ident], heads: &[(Ident, Shape)]) -> TokenStream {
    let ast::Head { visibility, name: network, .. } = head;
    let (root, output) = (root(), heads::name(network));
    let doc = format!("What [`{}`] gives: a field for each of its heads.", head.name);
    let names: Vec<&Ident> = heads.iter().map(|(name, _)| name).collect();
    let docs = names.iter().map(|name| format!("The head `{name}`."));
    let shapes: Vec<Ident> = (0..heads.len()).map(|index| format_ident!("S{index}")).collect();
    quote! {
        #[doc = #doc]
        #[repr(C)]
        #visibility struct #output<#(#shapes: #root::shape::Shape),*> {
            #(
                #[doc = #docs]
                pub #names: ::convnet::Tensor<#shapes>,
            )*
        }
        #root::heads!([#(#shapes)*] #output<#(#shapes),*>; #(#names: ::convnet::Tensor<#shapes>;)*);
        #root::heads_traits!([#(#shapes)*] #output<#(#shapes),*>; #(#names)*);

        impl<#(#parameters,)* #(#shapes: #root::shape::Shape),*> #root::HeadsOf<(#(#shapes,)*)>
            for #network<#(#parameters),*>
        {
            type Output = #output<#(#shapes),*>;
        }
    }
}

/// What the output is declared to be, to be held against every size that the network is used with: `None` for `_`.
fn stated(network: &ast::Network, resolved: &Network, shape: &TokenStream, parameters: &[Ident]) -> Vec<TokenStream> {
    let (root, Declaration::Item(item)) = (root(), &network.declaration) else { return Vec::new() };
    let sizes: Vec<Expr> = parameters
        .iter()
        .map(|parameter| {
            let word = |size: &Expr| matches!(size, Expr::Path(path) if path.path.is_ident(parameter));
            let axis = item.input.sizes.iter().position(word).unwrap_or(0);
            syn::parse_quote!((<#shape as #root::shape::Shape>::DIMS.size(#axis)))
        })
        .collect();
    let values: HashMap<String, &Expr> = parameters.iter().map(ToString::to_string).zip(&sizes).collect();
    let all: Vec<(String, usize, &Sizes)> = match &item.output {
        Output::One(sizes) => vec![(String::new(), resolved.layers.len(), sizes)],
        Output::Heads { heads, .. } => {
            let value = |name: &Ident| resolved.heads.iter().find(|head| head.name == *name).map(|head| head.value);
            heads.iter().filter_map(|(name, sizes)| Some((name.to_string(), value(name)?, sizes))).collect()
        }
    };
    let stated = all.into_iter().map(|(head, value, sizes)| {
        let sizes = Fill(&values).sizes(sizes);
        let sizes = sizes.sizes.iter().map(|size| match size {
            Expr::Infer(_) => quote!(::core::option::Option::None),
            size => quote!(::core::option::Option::Some(#size)),
        });
        quote!((#head, #value, &[#(#sizes),*]))
    });
    stated.collect()
}

/// `type Big = path::Backbone[224, 224]` asks the macro of that name for the declaration.
pub fn ask(tokens: TokenStream) -> TokenStream {
    match parse::instance.parse2(tokens.clone()) {
        Ok(Instance { network, .. }) => quote!(#network! { @instance #tokens }),
        Err(error) => error.into_compile_error(),
    }
}

/// What a declaration's macro hands back: `@instance { declaration } type …`.
pub fn handed_back(tokens: &TokenStream) -> Option<TokenStream> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Punct(at)), Some(TokenTree::Ident(word))) if at.as_char() == '@' && word == "instance" => {
            Some(tokens.collect())
        }
        _ => None,
    }
}

/// The name of an instance, and its checks.
pub fn instance(tokens: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| {
        let content;
        syn::braced!(content in input);
        Ok((content.parse::<TokenStream>()?, parse::instance(input)?))
    };
    let (declaration, instance) = match parser.parse2(tokens) {
        Ok(read) => read,
        Err(error) => return error.into_compile_error(),
    };
    if declaration.is_empty() {
        let Instance { visibility, name, network, sizes, .. } = &instance;
        let parameters = sizes.sizes.iter().map(|_| quote!(()));
        return quote!(#visibility type #name = #network<#(#parameters),*>;);
    }
    let mut quiet = Report::default();
    let network = parse::parse(declaration, &mut quiet);
    quiet.into_compile_errors();
    let Some(network) = network else { return TokenStream::new() };
    let Declaration::Item(item) = &network.declaration else { return TokenStream::new() };
    let parameters = parameters(item);
    let mut report = Report::default();
    let (checks, numerals) = checked(&network, &parameters, &instance, &mut report);
    let Instance { attributes, visibility, name, network: path, .. } = &instance;
    let errors = report.into_each_compile_error();
    if !errors.is_empty() {
        let head = ast::Head { attributes: attributes.clone(), visibility: visibility.clone(), name: name.clone() };
        return fallback::head(&head, &errors);
    }
    let doc = format!("{}{}.", instance.network.to_token_stream(), instance.sizes.to_token_stream()).replace(' ', "");
    let doc = doc.replace(',', ", ");
    quote! {
        #(#attributes)*
        #[doc = #doc]
        #visibility type #name = #path<#(#numerals),*>;
        #checks
    }
}

/// What rustc is to check, and the sizes as types; mistakes are told at the sizes.
fn checked(
    network: &ast::Network,
    parameters: &[Ident],
    instance: &Instance,
    report: &mut Report,
) -> (TokenStream, Vec<TokenStream>) {
    let (sizes, nothing) = (&instance.sizes, (TokenStream::new(), Vec::new()));
    let shown = instance.network.to_token_stream().to_string().replace(' ', "");
    let names: Vec<String> = parameters.iter().map(ToString::to_string).collect();
    if sizes.sizes.len() != parameters.len() {
        let sentence = format!(
            "`{shown}` takes {}, `{shown}[{}]`; here {}",
            message::count(parameters.len(), "size"),
            names.join(", "),
            message::are(sizes.sizes.len())
        );
        report.at(sizes, sentence);
        return nothing;
    }
    let own = resolve::sizes(&sizes.sizes, report);
    if !report.is_empty() {
        return nothing;
    }
    let mut quiet = Report::default();
    let compiled = compiled(network, parameters, &sizes.sizes, "", &mut quiet);
    let written: Vec<String> = sizes.sizes.iter().map(|size| size.to_token_stream().to_string()).collect();
    for sentence in quiet.into_sentences() {
        report.at(sizes, format!("`{shown}[{}]`: {sentence}", written.join(", ")));
    }
    let Some((network, facts)) = compiled.filter(|_| report.is_empty()) else { return nothing };
    (left_to_rustc(&network, &facts, sizes), own.iter().map(types::numeral).collect())
}

/// Where a size is an expression: the checks, underlining the sizes.
fn left_to_rustc(network: &Network, facts: &Facts, sizes: &Sizes) -> TokenStream {
    let (root, strict, ends) = (root(), network.strict, network.layers.len() + 1);
    if network.input.known().is_some() {
        return TokenStream::new();
    }
    let (layers, first) = (values::layers(network), values::dims(&network.input));
    let name = network.item.as_ref().map_or_else(String::new, |item| item.head.name.to_string());
    let mut checks = vec![quote!(#root::check::require_input(#name, INPUT))];
    let left = facts.left_to_rustc.iter().enumerate().filter(|(_, left)| **left);
    checks.extend(left.map(|(index, _)| quote!(#root::check::require::<#ends>(LAYERS, #index, INPUT, #strict))));
    if let Some(model::Output::One(shape)) = network.item.as_ref().map(|item| &item.output)
        && shape.sizes.iter().all(|size| !matches!(size, Size::Any))
        && facts.outputs_left_to_rustc[0]
    {
        let declared = values::dims(shape);
        checks.push(quote!(#root::check::require_output::<#ends>(#name, LAYERS, INPUT, &#declared, #strict)));
    }
    let checks = checks.into_iter().map(|check| {
        let check = spanned_over(check, &sizes.to_token_stream());
        quote!(const _: () = #check;)
    });
    quote! {
        const _: () = {
            const INPUT: &#root::Dims = &#first;
            const LAYERS: &[#root::check::Layer<'static>] = &#layers;
            #(#checks)*
        };
    }
}

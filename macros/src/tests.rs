//! The stages as ordinary functions, on tokens from `quote!`. What users read is in `tests/ui` of the library.

use convnet_shape::options::{Options, Stored};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::ast::{self, Declaration};
use crate::infer::Facts;
use crate::model::Network;
use crate::report::Report;
use crate::{check, expand, infer, parse, resolve};

/// All stages up to the facts, and the sentences of all mistakes.
fn compile(tokens: TokenStream) -> (Option<(Network, Facts)>, Vec<String>) {
    let mut report = Report::default();
    let declaration = parse::parse(tokens, &mut report);
    let network = declaration.and_then(|declaration| resolve::resolve(declaration, &mut report).ok());
    let compiled = network.map(|network| {
        check::names(&network, &mut report);
        let facts = infer::infer(&network, &mut report);
        (network, facts)
    });
    (compiled, sentences(report))
}

fn sentences(report: Report) -> Vec<String> {
    let errors = report.into_each_compile_error();
    let sentence = |error: &TokenStream| {
        let call: syn::Macro = syn::parse2(error.clone()).expect("a call of `compile_error!`");
        call.parse_body::<syn::LitStr>().expect("a sentence").value()
    };
    errors.iter().map(sentence).collect()
}

fn names(network: &Network) -> Vec<&str> {
    network.layers.iter().map(|layer| layer.name.as_str()).collect()
}

#[test]
fn parsing_goes_on_after_a_layer_that_cannot_be_read() {
    let mut report = Report::default();
    let network = parse::parse(
        quote! {
            struct Net: [1, 8, 8] => [10] {
                conv1: conv2d(6, kernel: 5),
                flatten;
                fc1: linear(10) relu,
                softmax
            }
        },
        &mut report,
    );
    let Some(ast::Network { declaration: Declaration::Item(item), .. }) = network else {
        panic!("the head can be read")
    };
    let read: Vec<bool> = item.layers.iter().map(|layer| layer.part.is_some()).collect();
    assert_eq!(read, [false, true, true, true, true]);
    assert_eq!(item.layers[0].name.as_ref().map(ToString::to_string).as_deref(), Some("conv1"), "its name is kept");
    assert_eq!(
        sentences(report),
        [
            "expected `->` between the input and the output, found `=>`",
            "expected `=` behind `kernel`: fields are written `kernel = …`",
            "expected `,` between layers, found `;`",
            "expected `,` before `relu`",
        ],
    );
}

#[test]
fn names_are_made_up_by_kind_and_number() {
    let (compiled, mistakes) = compile(quote! {
        [1, 16, 16] -> conv2d(2, kernel = 3), stem: conv2d(2, kernel = 3), conv2d(2, kernel = 1), relu, max_pool2d(2),
            avg_pool2d(2), r#match: flatten, linear(4), sigmoid, relu
    });
    let (network, _) = compiled.expect("it is right");
    assert_eq!(mistakes, [""; 0]);
    let expected = ["conv1", "stem", "conv3", "relu1", "pool1", "pool2", "match", "fc1", "sigmoid1", "relu2"];
    assert_eq!(names(&network), expected);
}

#[test]
fn separable_convolutions_are_two_layers() {
    let (compiled, mistakes) = compile(quote! {
        [3, 8, 8] -> separable_conv2d(72, kernel = 3) => [72, 6, 6],
            edges: spatially_separable_conv2d(4, kernel = (3, 5), stride = (1, 2), padding = (1, 0)), batch_norm
    });
    let (network, facts) = compiled.expect("it is right");
    assert_eq!(mistakes, [""; 0]);
    assert_eq!(names(&network), ["conv1_depthwise", "conv1_pointwise", "edges_column", "edges_row", "bn1"]);
    let outputs: Vec<_> = facts.outputs.iter().flatten().map(|dims| dims.as_slice().to_vec()).collect();
    assert_eq!(outputs, [[3, 6, 6], [72, 6, 6], [4, 6, 6], [4, 6, 1], [4, 6, 1]]);
}

#[test]
fn outputs_are_inferred_as_far_as_literals_carry() {
    let (compiled, mistakes) = compile(quote! {
        struct Net: [1, 28, 28] -> [10] {
            conv2d(6, kernel = 5, padding = 2),
            max_pool2d(2) => [6, 14, 14],
            conv2d(WIDTH, kernel = 5),
            flatten,
            linear(84),
            linear(10),
        }
    });
    let (_, facts) = compiled.expect("it is right");
    assert_eq!(mistakes, [""; 0]);
    let outputs: Vec<Option<Vec<usize>>> =
        facts.outputs.iter().map(|output| output.map(|dims| dims.as_slice().to_vec())).collect();
    let known = |sizes: &[usize]| Some(sizes.to_vec());
    assert_eq!(outputs, [known(&[6, 28, 28]), known(&[6, 14, 14]), None, None, known(&[84]), known(&[10])]);
    assert_eq!(facts.left_to_rustc, [false, false, true, true, true, false]);
    assert_eq!(facts.outputs_left_to_rustc, [false], "the last output is a literal again");
}

#[test]
fn a_rank_that_does_not_fit_is_known_whatever_the_sizes_are() {
    let (compiled, mistakes) = compile(quote! {
        struct Net: [1, SIDE, SIDE] -> [10] { conv2d(6, kernel = 3), linear(N), max_pool2d(2), flatten, linear(10) }
    });
    let (_, facts) = compiled.expect("rustc knows the sizes, and says them");
    assert_eq!(facts.misfits, [None, Some(1), Some(3), None, None]);
    assert_eq!(mistakes, [""; 0]);
}

#[test]
fn options_are_read_in_any_order() {
    let strict_and_options = |tokens| {
        let (compiled, mistakes) = compile(tokens);
        assert_eq!(mistakes, [""; 0]);
        let (network, _) = compiled.expect("it is right");
        (network.strict, network.options)
    };
    assert_eq!(strict_and_options(quote!(struct Net: [4] -> [4] { relu })), (false, Options::DEFAULT));
    assert_eq!(
        strict_and_options(
            quote!(struct Net: [4] -> [4] with weights = int8, strict, winograd = off, products = bf16 { relu })
        ),
        (true, Options { winograd: false, weights: Stored::Int8, bf16_products: true, ..Options::DEFAULT })
    );
    assert_eq!(
        strict_and_options(quote!([4] with memory = small, weights = f32 -> relu)),
        (false, Options { small: true, ..Options::DEFAULT })
    );
}

#[test]
fn mistakes_in_options_do_not_hide_each_other() {
    let (_, mistakes) = compile(quote! {
        struct Net: [4] -> [4] with strict = 1, memry = small, weights = i8, memory, winograd = off, winograd = on { relu }
    });
    assert_eq!(
        mistakes,
        [
            "`strict` takes no value",
            "unknown option `memry`; did you mean `memory`?",
            "unknown value `i8` of `weights`; did you mean `int8`?",
            "`memory` needs a value; write `memory = small`",
            "`winograd` is given twice",
        ]
    );
}

#[test]
fn options_are_a_constant_before_the_layers_or_a_parameter_of_the_type() {
    let options = "with memory = small, weights = bf16".parse::<TokenStream>().expect("tokens");
    let item = expand::cnn(quote!(struct Net: [4] -> [4] #options { relu })).to_string().replace(' ', "");
    let constant = "const__CNN_OPTIONS:::convnet::__private::Options=::convnet::__private::Options{small:true,winograd:\
                    true,weights:::convnet::__private::Stored::Bf16,bf16_products:false};";
    assert!(item.find(constant).expect("the options") < item.find("__CNN_LAYERS").expect("the layers"), "{item}");
    let anonymous = expand::cnn(quote!([4] #options -> relu)).to_string().replace(' ', "");
    assert!(anonymous.ends_with(",::convnet::__private::Declared<true,true,2u8,false>>"), "{anonymous}");
}

#[test]
fn a_layer_with_a_mistake_hides_no_other_and_causes_none() {
    let (_, mistakes) = compile(quote! {
        struct Net: [1, 8, 8] -> [10] {
            conv2d(6, kernel = 9),
            unknown(3),
            max_pool2d(2, stride = 0),
            flatten(),
            linear(0),
            linear(12),
        }
    });
    assert_eq!(mistakes.len(), 5, "{mistakes:#?}");
}

#[test]
fn a_named_network_expands_to_items() {
    let expanded = expand::cnn(quote! {
        /// Digits.
        pub struct Net: [1, 8, 8] -> [10] {
            conv1: conv2d(2, kernel = 3, bias = false), relu,
            flatten,
            linear(10),
        }
    });
    let file: syn::File = syn::parse2(expanded.clone()).expect("items");
    assert_eq!(file.items.len(), 2, "the struct, and everything else in a constant");
    snapshot("item", &expanded);
}

#[test]
fn each_expression_is_evaluated_in_one_place() {
    let expanded = expand::cnn(quote! {
        struct Net: [1, SIDE, SIDE] -> [2 * WIDTH] { conv2d(2 * WIDTH, kernel = SIDE), flatten }
    });
    let expanded = expanded.to_string();
    assert_eq!(expanded.matches("{ SIDE }").count(), 1);
    assert_eq!(expanded.matches("{ 2 * WIDTH }").count(), 1);
}

#[test]
fn tensors_have_pytorchs_names_in_order() {
    let expanded = expand::cnn(quote! {
        struct Net: [2, SIDE, SIDE] -> [2, 8, 8] { bn1: batch_norm, prelu, up: conv_transpose2d(2, kernel = 1) }
    });
    let expanded = expanded.to_string();
    let tensors = expanded.split("tensors_of !").nth(1).and_then(|rest| rest.split(';').nth(1)).expect("a list");
    let names: Vec<&str> = tensors.split('"').skip(1).step_by(2).collect();
    let bn = ["bn1.bias", "bn1.running_mean", "bn1.running_var", "bn1.weight"];
    assert_eq!(names[..4], bn);
    assert_eq!(names[4..], ["prelu1.weight", "up.bias", "up.weight"]);
    assert_eq!(tensors.matches("running_mean (").count(), 1);
}

#[test]
fn a_network_without_a_name_expands_to_a_type() {
    let expanded = expand::cnn(quote!([1, 8, 8] -> conv2d(2, kernel = 3), relu));
    syn::parse2::<syn::Type>(expanded.clone()).expect("a type");
    snapshot("anonymous", &expanded);
    let checked = expand::cnn(quote!([1, 8, 8] -> conv2d(2, kernel = K), relu));
    syn::parse2::<syn::Type>(checked).expect("a type with checks in it");
}

#[test]
fn a_network_over_a_generic_size_expands_to_a_type_and_a_macro_of_one_name() {
    let declaration = quote! {
        pub struct Net<H, W>: [1, H, W] -> { map: [2, _, _], mean: [1] } {
            heads { map: conv2d(2, kernel = 3), mean: global_avg_pool }
        }
    };
    let expanded = expand::cnn(declaration.clone());
    let file: syn::File = syn::parse2(expanded.clone()).expect("items");
    let kinds = file.items.iter().map(|item| match item {
        syn::Item::Struct(_) => "struct",
        syn::Item::Macro(_) => "macro",
        syn::Item::Impl(_) => "impl",
        syn::Item::Const(_) => "const",
        syn::Item::Use(_) => "use",
        _ => "other",
    });
    let expected = ["struct", "struct", "macro", "macro", "impl", "const", "macro", "use"];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);
    let instance = expand::cnn(quote!(@instance { #declaration } type Small = Net[8, 9];));
    let instance: syn::File = syn::parse2(instance).expect("items");
    assert!(matches!(instance.items[..], [syn::Item::Type(_)]), "{}", instance.into_token_stream());
}

#[test]
fn with_mistakes_the_same_kinds_of_code_are_emitted() {
    let item = expand::cnn(quote!(pub struct Net: [1, 8, 8] -> [10] { conv1: conv2d(6, kernel = 9), linear(1.5) }));
    syn::parse2::<syn::File>(item.clone()).expect("items");
    snapshot("mistakes", &item);
    for head in [quote!(struct Net), quote!(pub struct Net<const N: usize>: [N] -> [N] { relu })] {
        let file: syn::File = syn::parse2(expand::cnn(head)).expect("items");
        assert!(matches!(file.items[0], syn::Item::Type(_)), "{}", file.into_token_stream());
    }
    syn::parse2::<syn::Type>(expand::cnn(quote!([1, 8, 8] -> relu(1), tan))).expect("a type");
}

/// Compares with `tests/{name}.rs.snap`, which `BLESS=1` writes.
fn snapshot(name: &str, tokens: &TokenStream) {
    let path = format!("{}/src/tests/{name}.rs.snap", env!("CARGO_MANIFEST_DIR"));
    let found = lines(tokens.clone()) + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).expect("the snapshot can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{path} differs (`BLESS=1 cargo test` writes it); found:\n{found}");
}

/// Tokens as a page: a line for each statement, and for what is in braces.
fn lines(tokens: TokenStream) -> String {
    let (mut lines, mut line) = (Vec::new(), TokenStream::new());
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                lines.push(format!("{line} {{"));
                lines.extend(self::lines(group.stream()).lines().map(|inner| format!("    {inner}")));
                lines.push("}".to_owned());
                line = TokenStream::new();
            }
            token => {
                let ends = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
                line.extend([token]);
                if ends {
                    lines.push(line.to_string());
                    line = TokenStream::new();
                }
            }
        }
    }
    lines.push(line.to_string());
    lines.retain(|line| !line.is_empty());
    lines.join("\n").replace(" :: ", "::").replace(":: ", "::")
}

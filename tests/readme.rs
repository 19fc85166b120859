//! What is written for people is true. The README's table of layers: each keyword once, each number of cases as many as
//! there are, each gradient tested. CONTRIBUTING: every file that it names is there.

#[path = "conformance/skipped.rs"]
mod skipped;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use convnet::{Network, cnn};
use serde_json::Value;
use skipped::SKIPPED;

fn read(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The section on layers, from its title to the next.
fn section() -> String {
    let readme = read("README.md");
    let (_, section) = readme.split_once("## Layers\n").expect("the README has a table of layers");
    section.split("\n## ").next().unwrap_or_default().to_owned()
}

/// The cells of each row: layer, PyTorch, shape, ranks, runs, tests.
fn rows() -> Vec<Vec<String>> {
    let section = section();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backquotes.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The keywords of a cell; `` `conv1d` … `conv3d` `` and `` `conv1d` … `3d` `` are three. Paths in braces are not layers.
fn keywords(cell: &str) -> Vec<String> {
    code(cell)
        .filter(|word| !word.contains('{'))
        .flat_map(|word| match word.strip_suffix("1d") {
            Some(family) => ["1d", "2d", "3d"].map(|rank| format!("{family}{rank}")).to_vec(),
            None if word.ends_with("3d") => Vec::new(),
            None => vec![word.to_owned()],
        })
        .collect()
}

/// The words before braces with paths in them.
fn paths(cell: &str) -> Vec<String> {
    code(cell).filter_map(|word| Some(word.split_once(" {")?.0.to_owned())).collect()
}

/// The keywords of `cnn!`: what it lists where it does not know a layer.
fn keywords_of_the_macro() -> BTreeSet<String> {
    let sentence = read("tests/ui/field/layer_unknown.stderr");
    let (_, list) = sentence.lines().next().unwrap().split_once("the layers are ").expect("it lists the layers");
    let (families, others) = list.split_once("behind").expect("families first");
    let families = families.split(" with ").next().unwrap_or_default();
    let of_each_rank = code(families).flat_map(|family| ["1d", "2d", "3d"].map(|rank| format!("{family}{rank}")));
    of_each_rank.chain(code(others).map(str::to_owned)).collect()
}

#[test]
fn every_keyword_is_in_the_table_once() {
    let rows = rows();
    let listed: Vec<String> = rows.iter().flat_map(|row| keywords(&row[0])).collect();
    let unique: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(unique, keywords_of_the_macro());
    assert_eq!(listed.len(), unique.len(), "a layer is in the table twice");
    assert!(rows.iter().all(|row| row.len() == 6 && row.iter().take(3).all(|cell| !cell.is_empty())));
}

/// Each keyword declares the operation of its name, but for those that are two layers or one with settings.
#[test]
fn every_keyword_declares_its_operation() {
    const OTHERS: [(&str, &str); 5] = [
        ("separable_conv1d", "depthwise_conv1d conv1d"),
        ("separable_conv2d", "depthwise_conv2d conv2d"),
        ("separable_conv3d", "depthwise_conv3d conv3d"),
        ("spatially_separable_conv2d", "conv2d conv2d"),
        ("relu6", "clamp"),
    ];
    let mut declared = BTreeSet::new();
    macro_rules! declared {
        ($($input:tt -> $($keyword:ident$(($($fields:tt)*))?)|+;)+) => {$($({
            type Net = cnn!($input -> $keyword$(($($fields)*))?);
            let operations: Vec<&str> = Net::ARCHITECTURE.nodes.iter().map(|node| node.op.keyword()).collect();
            let keyword = stringify!($keyword);
            let expected = OTHERS.iter().find(|(own, _)| *own == keyword).map_or(keyword, |(_, operations)| operations);
            assert_eq!(operations.join(" "), expected, "{keyword}");
            declared.insert(keyword.to_owned());
        })+)+};
    }
    declared! {
        [2, 4] -> conv1d(3, kernel = 2) | depthwise_conv1d(kernel = 2) | separable_conv1d(3, kernel = 2)
            | conv_transpose1d(3, kernel = 2) | max_pool1d(2) | avg_pool1d(2);
        [2, 4, 4] -> conv2d(3, kernel = 2) | depthwise_conv2d(kernel = 2) | separable_conv2d(3, kernel = 2)
            | spatially_separable_conv2d(3, kernel = 2) | conv_transpose2d(3, kernel = 2) | max_pool2d(2) | avg_pool2d(2)
            | global_avg_pool | global_max_pool | flatten | reshape([4, 8]) | permute([1, 2, 0]) | prelu | softmax
            | log_softmax | lrn(3) | batch_norm | dropout(0.5);
        [2, 4, 4, 4] -> conv3d(3, kernel = 2) | depthwise_conv3d(kernel = 2) | separable_conv3d(3, kernel = 2)
            | conv_transpose3d(3, kernel = 2) | max_pool3d(2) | avg_pool3d(2);
        [4] -> linear(3) | relu | relu6 | leaky_relu | elu | selu | gelu | silu | clamp(0.0, 1.0) | hard_swish | tanh
            | sigmoid;
    }
    // With constants, in networks with a name only.
    cnn! {
        struct Normalized: [1] -> [1] { normalize(mean = [0.5], std = [0.5]) }
    }
    declared.insert(Normalized::LAYERS[0].operation.to_owned());
    assert_eq!(declared, keywords_of_the_macro());
}

/// `` 44 `conv` `` is as many cases as run; and so is their sum.
#[test]
fn the_numbers_of_cases_are_those_of_the_fixtures() {
    let index: Value = serde_json::from_str(&read("tests/fixtures/conformance/index.json")).unwrap();
    let cases: Vec<&Value> = index["cases"].as_array().unwrap().iter().collect();
    let runs = |case: &&&Value| !SKIPPED.iter().any(|(name, _)| case["name"] == *name);
    let mut expected = BTreeMap::<String, usize>::new();
    for case in cases.iter().filter(runs) {
        *expected.entry(case["op"].as_str().unwrap().to_owned()).or_default() += 1;
    }

    let section = section().replace('\n', " ");
    let text: String = rows().iter().map(|row| format!("{} ", row[5])).collect();
    let (_, below) = section.split_once("265 in all").expect("the sum stands below the table");
    let text = format!("{text}{below}");
    let mut said = BTreeMap::<String, usize>::new();
    for (before, operator) in text.split('`').step_by(2).zip(code(&text)) {
        let number = before.strip_suffix(' ').and_then(|before| before.rsplit([' ', ',']).next());
        if let Some(number) = number.and_then(|number| number.parse::<usize>().ok()) {
            assert!(said.insert(operator.to_owned(), number).is_none(), "`{operator}` is counted twice");
        }
    }
    assert_eq!(said, expected);
    assert_eq!(said.values().sum::<usize>(), 265);

    let depthwise = cases.iter().filter(|case| {
        let groups = case["attrs"]["groups"].as_u64();
        case["op"] == "conv" && groups > Some(1) && groups == case["shapes"]["x"][1].as_u64()
    });
    assert!(text.contains(&format!("{} of the `conv`", depthwise.count())));
}

/// Where the table says *gradient*, each keyword of the row is declared in `tests/gradients.rs`.
#[test]
fn every_gradient_is_tested() {
    let declared = declared_in_gradients();
    let missing: Vec<String> = rows()
        .iter()
        .filter(|row| row[5].contains("gradient"))
        .flat_map(|row| [keywords(&row[0]), paths(&row[0])].concat())
        .filter(|keyword| !declared.contains(keyword))
        .collect();
    assert!(missing.is_empty(), "no gradient test declares {missing:?}");
}

/// The words of all declarations in `tests/gradients.rs`: those behind an arrow in a list of networks, and those in a
/// declaration with a name.
fn declared_in_gradients() -> BTreeSet<String> {
    let source = read("tests/gradients.rs");
    let blocks = |opens: &'static str, closes: &'static str| {
        source.split(opens).skip(1).map(move |block| block.split(closes).next().unwrap_or_default())
    };
    let lists = blocks("\ngradients! {", "\n}").chain(blocks("\n    gradients! {", "\n    }\n"));
    let networks = lists.flat_map(|block| block.split(";\n"));
    let networks = networks.filter_map(|network| network.split_once("->").map(|(_, layers)| layers));
    let named = blocks(" cnn! {\n", "check::<");
    let words = networks.chain(named).flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.map(str::to_owned).collect()
}

/// What has a slash and no space is a file or a folder of the repository.
#[test]
fn every_file_that_contributing_names_exists() {
    let text = read("CONTRIBUTING.md");
    let outside_blocks: String = text.split("```").step_by(2).collect();
    let named: Vec<&str> = code(&outside_blocks).filter(|word| word.contains('/') && !word.contains(' ')).collect();
    assert!(named.len() > 20, "{named:?}");
    let there = |name: &&&str| fs::exists(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let missing: Vec<&&str> = named.iter().filter(|name| !there(name)).collect();
    assert!(missing.is_empty(), "CONTRIBUTING names {missing:?}, which are not there");
}

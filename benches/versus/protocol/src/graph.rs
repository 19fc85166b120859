//! A network as a list of operations, for engines that do not read ONNX files.

use std::collections::HashMap;
use std::{fs, path::Path};

/// One operation: `conv2d t3 t2 weight=conv2 kh=3 …`.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it computes.
    pub kind: String,
    /// The name of its result.
    pub output: String,
    /// The names of what it reads.
    pub inputs: Vec<String>,
    settings: HashMap<String, String>,
}

impl Operation {
    /// A setting that is a size.
    pub fn size(&self, name: &str) -> usize {
        self.settings[name].parse().expect("a size is a whole number")
    }

    /// A setting that is a number.
    pub fn number(&self, name: &str) -> f64 {
        self.settings[name].parse().expect("a setting is a number")
    }

    /// The layer whose weight and bias it has.
    pub fn layer(&self) -> &str {
        &self.settings["weight"]
    }
}

/// Operations in the order in which they run, each result named once.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The sizes of the input, which is named `x`, without the batch.
    pub input: Vec<usize>,
    /// The operations.
    pub operations: Vec<Operation>,
    /// The name of the result.
    pub output: String,
}

impl Graph {
    /// Reads a graph.
    pub(crate) fn load(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut graph = Self { input: Vec::new(), operations: Vec::new(), output: String::new() };
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[0] {
                "input" => graph.input = words[2].split(',').map(|size| size.parse().expect("a size")).collect(),
                "output" => graph.output = words[1].to_owned(),
                kind => graph.operations.push(Operation {
                    kind: kind.to_owned(),
                    output: words[1].to_owned(),
                    inputs: words[2].split(',').map(str::to_owned).collect(),
                    settings: words[3..].iter().map(|setting| split(setting)).collect(),
                }),
            }
        }
        graph
    }
}

fn split(setting: &str) -> (String, String) {
    let (name, value) = setting.split_once('=').expect("a setting is `name=value`");
    (name.to_owned(), value.to_owned())
}

//! What the layers within layers are called, and their tensors: put together by const code, because only rustc knows them.

use convnet_shape::plan::Node;
use convnet_shape::tensors::{Tensor, less};

use crate::layer::Tree;
use crate::sequential::{LAYER_NAMES, MAX_LAYERS};

/// The first node of each layer of a declaration, and the number of all nodes.
pub const fn firsts<const ENDS: usize>(tree: &'static Tree) -> [usize; ENDS] {
    walked::<ENDS, 0>(tree, &[], false).first
}

/// A name in two parts: that of the layer in the declaration, and that within it.
pub type Name = (&'static str, &'static str);

/// The names of all nodes; `own` are those in the declaration.
pub const fn names<const N: usize>(tree: &'static Tree, own: &[&'static str]) -> [Name; N] {
    walked::<0, N>(tree, own, false).names
}

/// The names of all nodes in files.
pub const fn files<const N: usize>(tree: &'static Tree, own: &[&'static str]) -> [Name; N] {
    walked::<0, N>(tree, own, true).names
}

const fn walked<const ENDS: usize, const N: usize>(
    tree: &'static Tree,
    own: &[&'static str],
    files: bool,
) -> Walk<ENDS, N> {
    let mut walk = Walk { first: [0; ENDS], names: [("", ""); N], layer: 0, node: 0, files };
    walk.tree(tree, own);
    walk.begin();
    walk
}

/// Which layer each node is of.
struct Walk<const ENDS: usize, const N: usize> {
    first: [usize; ENDS],
    names: [Name; N],
    layer: usize,
    node: usize,
    files: bool,
}

impl<const ENDS: usize, const N: usize> Walk<ENDS, N> {
    const fn tree(&mut self, tree: &'static Tree, own: &[&'static str]) {
        match tree {
            Tree::Leaf(_) => self.one(own),
            Tree::Then(first, second) => {
                self.tree(first, own);
                self.tree(second, own);
            }
            Tree::Join(_, paths) => {
                let mut path = 0;
                while path < paths.len() {
                    self.tree(paths[path], own);
                    path += 1;
                }
                self.one(own);
            }
            Tree::Identity => {}
            Tree::Part(tree) => self.part(tree, own),
            Tree::Named { tree, .. } => self.tree(tree, own),
        }
    }

    /// A layer of this library.
    const fn one(&mut self, own: &[&'static str]) {
        self.begin();
        self.name(own, "");
        self.layer += 1;
    }

    /// A layer of a type of its own: the names in a network, or numbers.
    const fn part(&mut self, tree: &Tree, own: &[&'static str]) {
        self.begin();
        let count = tree.count();
        let mut i = 0;
        while i < count {
            match tree {
                Tree::Named { files, .. } if self.files => self.name(own, files[i]),
                Tree::Named { names, .. } => self.name(own, names[i]),
                _ if count == 1 || i >= MAX_LAYERS => self.name(own, ""),
                _ => self.name(own, LAYER_NAMES[i]),
            }
            i += 1;
        }
        self.layer += 1;
    }

    const fn begin(&mut self) {
        if self.layer < ENDS {
            self.first[self.layer] = self.node;
        }
    }

    const fn name(&mut self, own: &[&'static str], within: &'static str) {
        if self.node < N {
            self.names[self.node] = (own[self.layer], within);
        }
        self.node += 1;
    }
}

/// Bytes of all names.
pub const fn names_len(names: &[Name]) -> usize {
    let mut len = 0;
    let mut i = 0;
    while i < names.len() {
        len += name_len(&names[i]);
        i += 1;
    }
    len
}

const fn name_len((own, within): &Name) -> usize {
    own.len() + if within.is_empty() { 0 } else { 1 + within.len() }
}

/// All names in a row: `stem.conv1stem.relu1scale`.
pub const fn names_bytes<const LEN: usize>(names: &[Name]) -> [u8; LEN] {
    let mut row = Row { bytes: [0; LEN], len: 0 };
    let mut i = 0;
    while i < names.len() {
        row.add_name(&names[i]);
        i += 1;
    }
    row.bytes
}

/// The names as pieces of that row.
pub const fn names_of<const N: usize>(names: &[Name; N], bytes: &'static [u8]) -> [&'static str; N] {
    let mut pieces = [""; N];
    let mut rest = bytes;
    let mut i = 0;
    while i < N {
        let (piece, next) = rest.split_at(name_len(&names[i]));
        (pieces[i], rest) = (text(piece), next);
        i += 1;
    }
    pieces
}

const fn text(bytes: &[u8]) -> &str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("names put together are text"),
    }
}

/// Letters in a row.
struct Row<const LEN: usize> {
    bytes: [u8; LEN],
    len: usize,
}

impl<const LEN: usize> Row<LEN> {
    const fn add(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
    }

    const fn add_name(&mut self, (own, within): &Name) {
        self.add(own);
        if !within.is_empty() {
            self.add(".");
            self.add(within);
        }
    }
}

/// What the tensors of a node are called, behind its name.
const SUFFIXES: [&str; 4] = [".weight", ".bias", ".running_mean", ".running_var"];

/// Whether a node has the tensor with that suffix.
const fn has(node: &Node, suffix: usize) -> bool {
    match suffix {
        0 => !node.op.weight(&node.input).is_empty(),
        1 => node.op.bias_len(&node.input) > 0,
        _ => node.op.state_len(&node.input) > 0,
    }
}

/// How many tensors the nodes have.
pub const fn tensors_count(nodes: &[Node]) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < 4 * nodes.len() {
        count += has(&nodes[i / 4], i % 4) as usize;
        i += 1;
    }
    count
}

/// Bytes of the names of all tensors.
pub const fn tensors_len(nodes: &[Node], files: &[Name]) -> usize {
    let (mut len, mut i) = (0, 0);
    while i < 4 * nodes.len() {
        if has(&nodes[i / 4], i % 4) {
            len += name_len(&files[i / 4]) + SUFFIXES[i % 4].len();
        }
        i += 1;
    }
    len
}

/// The names of all tensors in a row.
pub const fn tensors_bytes<const LEN: usize>(nodes: &[Node], files: &[Name]) -> [u8; LEN] {
    let mut row = Row { bytes: [0; LEN], len: 0 };
    let mut i = 0;
    while i < 4 * nodes.len() {
        if has(&nodes[i / 4], i % 4) {
            row.add_name(&files[i / 4]);
            row.add(SUFFIXES[i % 4]);
        }
        i += 1;
    }
    row.bytes
}

/// The tensors, sorted by name.
pub const fn tensors<const COUNT: usize>(
    nodes: &'static [Node],
    files: &[Name],
    bytes: &'static [u8],
) -> [Tensor<'static>; COUNT] {
    let mut sorted = [Tensor::bias("", nodes, 0); COUNT];
    let mut rest = bytes;
    let (mut count, mut i) = (0, 0);
    while i < 4 * nodes.len() {
        if has(&nodes[i / 4], i % 4) {
            let (name, next) = rest.split_at(name_len(&files[i / 4]) + SUFFIXES[i % 4].len());
            rest = next;
            let name = text(name);
            let tensor = match i % 4 {
                0 => Tensor::weight(name, nodes, i / 4),
                1 => Tensor::bias(name, nodes, i / 4),
                2 => Tensor::running_mean(name, nodes, i / 4),
                _ => Tensor::running_var(name, nodes, i / 4),
            };
            insert(&mut sorted, count, tensor);
            count += 1;
        }
        i += 1;
    }
    sorted
}

/// Inserts where binary search says: names are compared a few times each.
const fn insert(sorted: &mut [Tensor<'static>], count: usize, tensor: Tensor<'static>) {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = (low + high) / 2;
        match less(tensor.name, sorted[middle].name) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    let mut at = count;
    while at > low {
        sorted[at] = sorted[at - 1];
        at -= 1;
    }
    sorted[low] = tensor;
}

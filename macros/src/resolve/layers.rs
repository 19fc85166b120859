//! Layers in their places: paths, blocks and repetitions become one list in the order in which the layers run, each with
//! its full name and the values that it reads, and a tree that keeps how they hang together.

use std::collections::HashMap;

use convnet_shape::check::Field;
use convnet_shape::graph::{MAX_PATHS, Reads};
use convnet_shape::op::Op;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Ident, LitStr};

use super::blocks::{Blocks, repeated};
use super::fields::Fields;
use super::heads::{self, Ends};
use super::keywords::{Resolve, is_type, keyword, near_keyword};
use super::skip;
use super::skip::{Piece, arrange, begins_with_skip};
use crate::ast::{self, Call, Join, Part};
use crate::model::{Hanging, Head, Layer, Operation};
use crate::report::Report;

/// The layers of a network, how they hang together, and which values are its outputs if it ends in heads.
pub struct Laid {
    pub layers: Vec<Layer>,
    pub chain: Vec<Hanging>,
    pub heads: Vec<Head>,
}

/// All layers of a network.
pub fn layers(written: &[ast::Layer], blocks: &Blocks<'_>, report: &mut Report) -> Laid {
    let mut builder = Builder {
        blocks,
        layers: Vec::new(),
        scopes: vec![Scope::default()],
        within: Vec::new(),
        heads: HashMap::new(),
        report,
    };
    let (chain, last) = builder.rows(written, 0, 0);
    let heads = heads::flattened(&builder.layers, &builder.heads, last, builder.report);
    Laid { layers: builder.layers, chain, heads }
}

struct Builder<'a> {
    blocks: &'a Blocks<'a>,
    layers: Vec<Layer>,
    scopes: Vec<Scope>,
    /// The blocks that are being put in, the innermost last.
    within: Vec<String>,
    /// For each `heads` what its paths are called, and where each is written.
    heads: Ends,
    report: &'a mut Report,
}

/// Where names are made up and begin alike: the network, or a named group, path or block.
#[derive(Default)]
struct Scope {
    /// What names begin with: `inception3a.`.
    name: String,
    /// What names in files begin with.
    file: String,
    /// How often each made-up name has been used.
    counts: HashMap<String, usize>,
}

/// The name of a layer or a scope.
struct Name {
    full: String,
    file: String,
    written: Option<Ident>,
    written_file: Option<LitStr>,
}

/// The layers that were put in, and the value that they give.
type Placed = (Vec<Hanging>, usize);

impl Builder<'_> {
    /// Layers as they are written, one behind the other.
    fn rows(&mut self, written: &[ast::Layer], scope: usize, value: usize) -> Placed {
        match heads::nested(written) {
            Some(nested) => self.sequence(&arrange(&nested), scope, value),
            None => self.sequence(&arrange(written), scope, value),
        }
    }

    /// Layers one behind the other; `value` is what the first of them reads.
    fn sequence(&mut self, pieces: &[Piece<'_>], scope: usize, value: usize) -> Placed {
        let (mut all, mut value) = (Vec::new(), value);
        for piece in pieces {
            let (hanging, next) = match piece {
                Piece::Written(layer) => self.layer(layer, scope, value),
                Piece::Over { join, between } => match &join.part {
                    Some(Part::Join(inner)) => self.join(join, inner, Some(between), scope, value),
                    _ => (Vec::new(), value),
                },
            };
            all.extend(hanging);
            value = next;
        }
        (all, value)
    }

    fn layer(&mut self, written: &ast::Layer, scope: usize, value: usize) -> Placed {
        match &written.part {
            Some(Part::Call(call)) => self.call(written, call, scope, value),
            Some(Part::Group(group)) => {
                let scope = self.named_scope(written, scope);
                let placed = self.rows(&group.layers, scope, value);
                self.assert_last(written, placed, value)
            }
            Some(Part::Join(join)) => self.join(written, join, None, scope, value),
            Some(Part::Repeat(repeat)) => {
                let Some(count) = repeated(repeat, self.report) else { return self.unread(written, scope, value) };
                let name = self.name(written, "repeat", scope);
                let (mut all, mut last) = (Vec::new(), value);
                for index in 0..count {
                    let scope = self.scope(format!("{}.{index}.", name.full), format!("{}.{index}.", name.file));
                    let (hanging, next) = self.rows(&repeat.layers, scope, last);
                    all.extend(hanging);
                    last = next;
                }
                self.assert_last(written, (all, last), value)
            }
            None => self.unread(written, scope, value),
        }
    }

    /// Paths side by side; `between` are the layers since the one that a path skips them from.
    fn join(
        &mut self,
        written: &ast::Layer,
        join: &Join,
        between: Option<&Vec<Piece<'_>>>,
        scope: usize,
        value: usize,
    ) -> Placed {
        let operation = match join.keyword.to_string().as_str() {
            "concat" => Op::Concat,
            "heads" => Op::Heads,
            _ => Op::Add,
        };
        let inner = self.named_scope(written, scope);
        let name = self.name(written, &join.keyword.to_string(), scope);
        if join.paths.is_empty() || join.paths.len() > MAX_PATHS {
            let (keyword, paths) = (&join.keyword, join.paths.len());
            self.report.at(
                keyword,
                match paths {
                    0 => format!("`{keyword}` has no paths; write `{keyword} {{ path, path }}`, where a path is a layer or `{{ layers }}`"),
                    _ => format!("`{keyword}` has {paths} paths, and there may be at most {MAX_PATHS}; let one path join several"),
                },
            );
            return self.unread(written, scope, value);
        }
        let rest = join.paths.iter().filter(|path| begins_with_skip(path).is_none()).count();
        if let (Some(_), Some(other)) = (between, skip::other_target(join)) {
            self.report.at(
                other,
                "the `skip`s of one join name one layer; to reach back to several, let one join stand within another: `concat { skip(a), { concat { skip(b), identity } } }`",
            );
            return self.unread(written, scope, value);
        }
        if between.is_some() && rest != 1 {
            let sentence = match rest {
                0 => "every path here skips the layers before; let one path be `identity`, or remove them",
                _ => {
                    "beside `skip` there may be one path here; join the others first: `add { … }, concat { skip(…), identity }`"
                }
            };
            self.report.at(&join.keyword, sentence);
            return self.unread(written, scope, value);
        }
        let (mut paths, mut values) = (Vec::new(), Vec::new());
        for path in &join.paths {
            let skips = between.is_some() && begins_with_skip(path).is_some();
            let (mut hanging, mut last) = match between {
                Some(between) if !skips => self.sequence(between, scope, value),
                _ => (Vec::new(), value),
            };
            let (own, next) = self.path(path, skips, inner, last);
            hanging.extend(own);
            last = next;
            paths.push(hanging);
            values.push(last);
        }
        let index = self.layers.len();
        if operation == Op::Heads {
            let ends = join.paths.iter().map(|path| (path.name.clone(), path.part.to_token_stream()));
            self.heads.insert(index, ends.collect());
        }
        let keyword = join.keyword.to_token_stream();
        let reads = Reads::all(&values);
        let assertion = written.assertion.as_ref();
        self.push(name, Operation::Plain(operation), reads, keyword, Vec::new(), assertion);
        (vec![Hanging::Join { layer: index, paths }], index + 1)
    }

    /// One path of a join, without the `skip` that it may begin with.
    fn path(&mut self, path: &ast::Layer, skips: bool, scope: usize, value: usize) -> Placed {
        if let Some(call) = begins_with_skip(path).filter(|_| !skips) {
            skip::out_of_reach(call, self.report);
            return self.unread(path, scope, value);
        }
        match &path.part {
            Some(Part::Group(group)) => {
                if group.layers.is_empty() {
                    let sentence = "an empty path; write `identity` for the value as it is";
                    self.report.push(syn::Error::new(group.brace.span.join(), sentence));
                }
                let scope = self.named_scope(path, scope);
                let layers = &group.layers[usize::from(skips)..];
                let placed = self.rows(layers, scope, value);
                self.assert_last(path, placed, value)
            }
            Some(Part::Call(call)) if skips || call.is("identity") => {
                if let Some(arguments) = call.arguments.as_ref().filter(|_| !skips) {
                    self.report.at(arguments, "`identity` takes no value");
                }
                (Vec::new(), value)
            }
            _ => self.layer(path, scope, value),
        }
    }

    fn call(&mut self, written: &ast::Layer, call: &Call, scope: usize, value: usize) -> Placed {
        if call.is("identity") {
            self.report.at(call, "`identity` is a path of `concat` or `add`; here it does nothing: remove it");
            return self.unread(written, scope, value);
        }
        if call.is("skip") {
            let sentence = "`skip` stands first in a path of `concat` or `add`: `concat { skip(encoder1), identity }`";
            self.report.at(call, sentence);
            return self.unread(written, scope, value);
        }
        if let Some(name) = call.keyword.get_ident()
            && let Some(block) = self.blocks.get(&name.to_string())
        {
            return self.block(written, call, block, scope, value);
        }
        if is_type(call, self.blocks) {
            return self.own(written, call, scope, value);
        }
        let Some((name, keyword)) = keyword(call, self.blocks, self.report) else {
            return self.unread(written, scope, value);
        };
        let layer = self.name(written, keyword.short, scope);
        let mut fields = Fields::new(&layer.full, call, name, keyword, self.report);
        let resolved = match keyword.resolve {
            Resolve::One(resolve) => resolve(&mut fields).map(|operation| vec![("", operation)]),
            Resolve::Two([first, second], resolve) => {
                resolve(&mut fields).map(|[one, other]| vec![(first, one), (second, other)])
            }
        };
        let (underlined, tokens) = (fields.underlined, call.to_token_stream());
        let resolved = resolved.unwrap_or_else(|| vec![("", Operation::Unread)]);
        let (mut hanging, mut value, last) = (Vec::new(), value, resolved.len() - 1);
        for (index, (suffix, operation)) in resolved.into_iter().enumerate() {
            let assertion = written.assertion.as_ref().filter(|_| index == last);
            let name = layer.with(suffix);
            self.push(name, operation, Reads::one(value), tokens.clone(), underlined.clone(), assertion);
            value = self.layers.len();
            hanging.push(Hanging::Layer(value - 1));
        }
        (hanging, value)
    }

    /// A network, or a type of the user's.
    fn own(&mut self, written: &ast::Layer, call: &Call, scope: usize, value: usize) -> Placed {
        let path = call.keyword.to_token_stream();
        if let Some(arguments) = &call.arguments {
            let last = call.keyword.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            if let Some(meant) = near_keyword(&last) {
                let shown = path.to_string().replace(' ', "");
                self.report.at(&call.keyword, format!("unknown layer `{shown}`; did you mean `{meant}`?"));
                return self.unread(written, scope, value);
            }
            let sentence = "a type takes no values in parentheses; its numbers are its type parameters: `Type<U8>`";
            self.report.at(arguments, sentence);
            return self.unread(written, scope, value);
        }
        let Some(assertion) = &written.assertion else {
            let shown = path.to_string().replace(' ', "");
            let sentence = format!(
                "`{shown}` is a type, and what it gives is not known here: state it behind, `{shown} => [C, H, W]`"
            );
            self.report.at(&call.keyword, sentence);
            return self.unread(written, scope, value);
        };
        let name = self.name(written, &made_up(call), scope);
        let operation = Operation::Own(call.keyword.clone());
        self.push(name, operation, Reads::one(value), path, Vec::new(), Some(assertion));
        (vec![Hanging::Layer(self.layers.len() - 1)], self.layers.len())
    }

    /// The layers of a block, with what it was given in the place of its parameters.
    fn block(&mut self, written: &ast::Layer, call: &Call, block: &ast::Block, scope: usize, value: usize) -> Placed {
        let own = block.name.to_string();
        if self.within.contains(&own) {
            self.report.at(call, format!("the block `{own}` contains itself"));
            return self.unread(written, scope, value);
        }
        let Some(layers) = super::blocks::filled(block, call, self.report) else {
            return self.unread(written, scope, value);
        };
        let name = self.name(written, &own, scope);
        let inner = self.scope_of(written, &name, scope);
        self.within.push(own);
        let placed = self.rows(&layers, inner, value);
        self.within.pop();
        self.assert_last(written, placed, value)
    }

    /// A layer about which nothing is known, because a mistake in it has been reported.
    fn unread(&mut self, written: &ast::Layer, scope: usize, value: usize) -> Placed {
        let name = match &written.name {
            Some(_) => self.name(written, "", scope),
            None => Name { full: String::new(), file: String::new(), written: None, written_file: None },
        };
        let tokens = written.part.to_token_stream();
        self.push(name, Operation::Unread, Reads::one(value), tokens, Vec::new(), written.assertion.as_ref());
        (vec![Hanging::Layer(self.layers.len() - 1)], self.layers.len())
    }

    fn push(
        &mut self,
        name: Name,
        operation: Operation,
        reads: Reads,
        tokens: TokenStream,
        fields: Vec<(Field, TokenStream)>,
        assertion: Option<&ast::Sizes>,
    ) {
        let Name { full: name, file: file_name, written: written_name, written_file } = name;
        self.layers.push(Layer {
            name,
            file_name,
            written_name,
            written_file,
            operation,
            reads,
            assertion: None,
            tokens,
            fields,
        });
        if let Some(assertion) = assertion {
            self.assert(self.layers.len() - 1, assertion);
        }
    }

    fn assert(&mut self, layer: usize, assertion: &ast::Sizes) {
        let shape = super::written_shape(assertion, self.report);
        let layer = &mut self.layers[layer];
        layer.fields.push((Field::Assertion, shape.tokens.clone()));
        layer.assertion = Some(shape);
    }

    /// `=> [sizes]` behind several layers is about the last of them.
    fn assert_last(&mut self, written: &ast::Layer, placed: Placed, before: usize) -> Placed {
        let Some(assertion) = &written.assertion else { return placed };
        match placed.1 {
            value if value == before => {
                self.report.at(assertion, "there is no layer before this whose output it could be")
            }
            value if self.layers[value - 1].assertion.is_some() => {
                self.report.at(assertion, "the output of the last layer in here is stated already; remove one of both");
            }
            value => self.assert(value - 1, assertion),
        }
        placed
    }

    fn scope(&mut self, name: String, file: String) -> usize {
        self.scopes.push(Scope { name, file, counts: HashMap::new() });
        self.scopes.len() - 1
    }

    /// The scope of a group or a join: its own if it has a name, else the one that it stands in.
    fn named_scope(&mut self, written: &ast::Layer, scope: usize) -> usize {
        if written.name.is_none() && written.file_name.is_none() {
            return scope;
        }
        let name = self.name(written, "group", scope);
        self.scope_of(written, &name, scope)
    }

    /// The scope of what is called `name`; with an empty name in files it adds nothing to names there.
    fn scope_of(&mut self, written: &ast::Layer, name: &Name, scope: usize) -> usize {
        let file = match written.file_name.as_ref().is_some_and(|file| file.value().is_empty()) {
            true => self.scopes[scope].file.clone(),
            false => format!("{}.", name.file),
        };
        self.scope(format!("{}.", name.full), file)
    }

    /// The name given, or one made up of `short` and its count.
    fn name(&mut self, written: &ast::Layer, short: &str, scope: usize) -> Name {
        let scope = &mut self.scopes[scope];
        let own = match &written.name {
            // A layer that cannot be read has no kind to be counted.
            Some(name) => name.unraw().to_string(),
            None => {
                let count = scope.counts.get(short).copied().unwrap_or(0) + 1;
                format!("{short}{count}")
            }
        };
        if !short.is_empty() {
            *scope.counts.entry(short.to_owned()).or_default() += 1;
        }
        let file = written.file_name.as_ref().map_or_else(|| own.clone(), LitStr::value);
        let full = format!("{}{own}", scope.name);
        let written_name = written.name.as_ref().map(|name| match scope.name.as_str() {
            "" => name.clone(),
            _ => Ident::new(&full.replace('.', "_"), name.span()),
        });
        let file = format!("{}{file}", scope.file);
        Name { full, file, written: written_name, written_file: written.file_name.clone() }
    }
}

/// What a layer of this type is called: `my_scale` for `layers::MyScale`.
fn made_up(call: &Call) -> String {
    let last = call.keyword.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default();
    let mut name = String::new();
    for letter in last.chars() {
        if letter.is_uppercase() && name.ends_with(|before: char| before.is_lowercase()) {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

impl Name {
    fn with(&self, suffix: &str) -> Self {
        let written = self.written.as_ref();
        Self {
            full: format!("{}{suffix}", self.full),
            file: format!("{}{suffix}", self.file),
            written: match suffix {
                "" => written.cloned(),
                _ => written.map(|name| Ident::new(&format!("{}{suffix}", name.unraw()), name.span())),
            },
            written_file: self.written_file.clone(),
        }
    }
}

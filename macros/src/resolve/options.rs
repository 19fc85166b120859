//! Options looked up: what shapes are held to, and what the kernels are asked.

use convnet_shape::options::{Options, Stored};
use quote::ToTokens;

use crate::ast::Setting;
use crate::message;
use crate::report::{Report, visible};

/// Every option and its values; `strict` has none.
const OPTIONS: [(&str, &[&str]); 5] = [
    ("strict", &[]),
    ("memory", &["small"]),
    ("winograd", &["off"]),
    ("weights", &["bf16", "f16", "int8", "f32"]),
    ("products", &["bf16", "f32"]),
];

/// Whether the network is `strict`, and what the kernels are asked.
pub fn options(written: &[Setting], report: &mut Report) -> (bool, Options) {
    let (mut strict, mut options, mut given) = (false, Options::DEFAULT, Vec::new());
    for setting in written {
        let option = setting.option.to_string();
        let Some((name, values)) = OPTIONS.iter().find(|(name, _)| option == *name) else {
            let names = OPTIONS.map(|(name, _)| name);
            report.at(&setting.option, message::unknown_option(&option, &names));
            continue;
        };
        if given.contains(name) {
            report.at(&setting.option, format!("`{name}` is given twice"));
            continue;
        }
        given.push(*name);
        match (*name, value(setting, (name, values), report)) {
            ("strict", _) => strict = true,
            ("memory", Some("small")) => options.small = true,
            ("winograd", Some("off")) => options.winograd = false,
            ("weights", Some("f16")) => options.weights = Stored::F16,
            ("weights", Some("bf16")) => options.weights = Stored::Bf16,
            ("weights", Some("int8")) => options.weights = Stored::Int8,
            ("products", Some("bf16")) => options.bf16_products = true,
            _ => {}
        }
    }
    (strict, options)
}

/// The value of an option, if it has one and it is known.
fn value(setting: &Setting, (name, values): (&str, &[&'static str]), report: &mut Report) -> Option<&'static str> {
    let written = setting.value.as_ref().map(|value| visible(value.to_token_stream()));
    match (written, values) {
        (None, []) => None,
        (None, [first, ..]) => {
            report.at(&setting.option, format!("`{name}` needs a value; write `{name} = {first}`"));
            None
        }
        (Some(value), []) => {
            report.at(value, format!("`{name}` takes no value"));
            None
        }
        (Some(value), values) => {
            let found = value.to_string();
            let known = values.iter().find(|known| **known == found).copied();
            if known.is_none() {
                report.at(value, message::unknown_value(&found, name, values));
            }
            known
        }
    }
}

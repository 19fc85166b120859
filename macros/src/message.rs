//! Sentences of the syntax: what is unknown, missing or of another kind. Those about shapes are in `convnet_shape`.

/// `` unknown layer `conv2D`; did you mean `conv2d`? ``, or the list of what there is.
///
/// `known` are families; one of several keywords, over one, two and three axes, is listed in one word.
///
/// `blocks` are those of the declaration.
pub fn unknown_layer(found: &str, known: &[&[&str]], blocks: &[&str]) -> String {
    let sentence = format!("unknown layer `{found}`");
    if let Some(meant) = nearest(found, blocks).or_else(|| nearest(found, &known.concat())) {
        return format!("{sentence}; did you mean `{meant}`?");
    }
    if ["concat", "add"].contains(&found) {
        return format!("the paths of `{found}` stand in braces: `{found} {{ path, path }}`");
    }
    if found == "repeat" {
        return "write `repeat` with a number and braces: `repeat 3 { layers }`".to_owned();
    }
    let families: Vec<&str> =
        known.iter().filter(|family| family.len() > 1).map(|family| family[0].trim_end_matches("1d")).collect();
    let others: Vec<&str> = known.iter().filter(|family| family.len() == 1).map(|family| family[0]).collect();
    if families.is_empty() {
        return format!("{sentence}; the layers are {}", list(&others));
    }
    format!("{sentence}; the layers are {} with `1d`, `2d` or `3d` behind, {}", list(&families), list(&others))
}

/// `` unknown field `kernal` of `conv2d`; did you mean `kernel`? ``, or the list of what there is.
pub fn unknown_field(found: &str, layer: &str, known: &[&str]) -> String {
    unknown(&format!("unknown field `{found}` of `{layer}`"), found, known, "its fields are")
}

/// `` unknown parameter `widht` of the block `double`; did you mean `width`? ``.
pub fn unknown_parameter(found: &str, block: &str, known: &[&str]) -> String {
    unknown(&format!("unknown parameter `{found}` of the block `{block}`"), found, known, "its parameters are")
}

/// `` unknown word `concatenate` before braces; did you mean `concat`? ``, if it is near one that stands there.
pub fn unknown_join(found: &str) -> Option<String> {
    let meant = nearest(found, &["concat", "add", "heads", "repeat"])?;
    Some(format!("unknown word `{found}` before braces; did you mean `{meant}`?"))
}

/// `` `Net` has no head `bxes`; did you mean `boxes`? ``.
pub fn unknown_head(found: &str, network: &str, known: &[&str]) -> String {
    unknown(&format!("`{network}` has no head `{found}`"), found, known, "its heads are")
}

/// `1 size`, `2 sizes`.
pub fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `is 1`, `are 2`.
pub fn are(count: usize) -> String {
    format!("{} {count}", if count == 1 { "is" } else { "are" })
}

/// `1 value`, `2 values`.
pub fn values(count: usize) -> String {
    format!("{count} value{}", if count == 1 { "" } else { "s" })
}

/// `` unknown option `stric`; did you mean `strict`? ``, or the list of what there is.
pub fn unknown_option(found: &str, known: &[&str]) -> String {
    unknown(&format!("unknown option `{found}`"), found, known, "the options are")
}

/// `` unknown value `f8` of `weights`; the values are `bf16` and `f16` ``.
pub fn unknown_value(found: &str, option: &str, known: &[&str]) -> String {
    unknown(&format!("unknown value `{found}` of `{option}`"), found.trim_matches('"'), known, "the values are")
}

fn unknown(sentence: &str, found: &str, known: &[&str], they_are: &str) -> String {
    match (nearest(found, known), known) {
        (Some(meant), _) => format!("{sentence}; did you mean `{meant}`?"),
        (None, []) => format!("{sentence}; it has none"),
        (None, [one]) => format!("{sentence}; the only one is `{one}`"),
        (None, _) => format!("{sentence}; {they_are} {}", list(known)),
    }
}

/// `` `a`, `b` and `c` ``.
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The known name that was probably meant: one or two slips away, or spelled as other libraries do.
pub fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    const ELSEWHERE: [(&str, &str); 49] = [
        ("conv", "conv2d"),
        ("convolution", "conv2d"),
        ("deconv", "conv_transpose2d"),
        ("deconv2d", "conv_transpose2d"),
        ("conv1d_transpose", "conv_transpose1d"),
        ("conv2d_transpose", "conv_transpose2d"),
        ("conv3d_transpose", "conv_transpose3d"),
        ("dense", "linear"),
        ("fc", "linear"),
        ("fully_connected", "linear"),
        ("maxpool", "max_pool2d"),
        ("max_pool", "max_pool2d"),
        ("avgpool", "avg_pool2d"),
        ("avg_pool", "avg_pool2d"),
        ("average_pool2d", "avg_pool2d"),
        ("adaptiveavgpool2d", "global_avg_pool"),
        ("adaptivemaxpool2d", "global_max_pool"),
        ("batchnorm1d", "batch_norm"),
        ("batchnorm2d", "batch_norm"),
        ("batchnorm3d", "batch_norm"),
        ("bn", "batch_norm"),
        ("localresponsenorm", "lrn"),
        ("local_response_norm", "lrn"),
        ("swish", "silu"),
        ("hardtanh", "clamp"),
        ("view", "reshape"),
        ("unflatten", "reshape"),
        ("transpose", "permute"),
        ("kernel_size", "kernel"),
        ("strides", "stride"),
        ("pad", "padding"),
        ("use_bias", "bias"),
        ("eps", "epsilon"),
        ("negative_slope", "slope"),
        ("depth_multiplier", "multiplier"),
        ("channels", "out_channels"),
        ("concatenate", "concat"),
        ("cat", "concat"),
        ("inception", "concat"),
        ("residual", "add"),
        ("sum", "add"),
        ("times", "repeat"),
        ("outputs", "heads"),
        ("split", "heads"),
        ("half", "f16"),
        ("float16", "f16"),
        ("bfloat16", "bf16"),
        ("i8", "int8"),
        ("false", "off"),
    ];
    let lower = found.to_lowercase();
    let elsewhere = ELSEWHERE.iter().find(|(theirs, _)| *theirs == lower).map(|(_, ours)| *ours);
    if let Some(ours) = elsewhere.and_then(|ours| known.iter().find(|name| **name == ours)) {
        return Some(ours);
    }
    let plain = |name: &str| name.to_lowercase().replace('_', "");
    known
        .iter()
        .map(|name| (distance(&plain(found), &plain(name)), *name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 6)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance: insertions, deletions and substitutions from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYERS: [&[&str]; 5] =
        [&["conv1d", "conv2d"], &["max_pool1d", "max_pool2d"], &["linear"], &["flatten"], &["relu"]];

    #[test]
    fn slips_and_other_libraries_names_are_understood() {
        assert_eq!(unknown_layer("conv2D", &LAYERS, &[]), "unknown layer `conv2D`; did you mean `conv2d`?");
        assert_eq!(unknown_layer("maxpool2d", &LAYERS, &[]), "unknown layer `maxpool2d`; did you mean `max_pool2d`?");
        assert_eq!(unknown_layer("Dense", &LAYERS, &[]), "unknown layer `Dense`; did you mean `linear`?");
        assert_eq!(unknown_layer("flaten", &LAYERS, &[]), "unknown layer `flaten`; did you mean `flatten`?");
    }

    #[test]
    fn what_is_far_from_everything_gets_the_list() {
        assert_eq!(
            unknown_layer("attention", &[&["linear"], &["relu"]], &[]),
            "unknown layer `attention`; the layers are `linear` and `relu`"
        );
        assert_eq!(
            unknown_layer("attention", &LAYERS, &[]),
            "unknown layer `attention`; the layers are `conv` and `max_pool` with `1d`, `2d` or `3d` behind, `linear`, \
             `flatten` and `relu`"
        );
        assert_eq!(unknown_field("alpha", "relu", &[]), "unknown field `alpha` of `relu`; it has none");
        assert_eq!(unknown_option("fast", &["strict"]), "unknown option `fast`; the only one is `strict`");
    }
}

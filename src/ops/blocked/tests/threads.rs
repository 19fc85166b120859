//! The same bits whatever the number of threads: 1 to 4, with scratch for each.

use super::*;
use crate::ops::blocked::{depthwise, direct, linear, lrn, pool, winograd};
use crate::ops::geometry::{Linear, Pool};
use crate::ops::testing::{axis, square_conv};
use crate::ops::{LrnOp, linear as packed_linear};
use convnet_shape::plan::{Algorithm, Form};

/// Runs with 1 to 4 threads; `run` fills an output of `len` floats, given how many threads to have scratch for.
fn check(len: usize, run: impl Fn(&mut [f32], usize) + Sync) {
    let outputs: Vec<Vec<f32>> = (1..=4)
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut output = vec![f32::NAN; len];
            pool.install(|| run(&mut output, threads));
            output
        })
        .collect();
    assert!(outputs[0].iter().all(|x| x.is_finite()));
    for (threads, output) in outputs.iter().enumerate() {
        assert!(output == &outputs[0], "{} threads", threads + 1);
    }
}

#[test]
fn direct_convolutions() {
    for (in_channels, groups, padding, batch) in [(16, 1, 1, 1), (16, 1, 0, 3), (32, 2, 1, 2), (5, 1, 1, 2)] {
        let g = Conv { groups, ..square_conv([in_channels, 96 * groups], 27, 3, 1, padding) };
        let input = if in_channels == 5 { Layout::Planar } else { Layout::Blocked { cells: 27 * 27 } };
        for output in [Layout::Planar, Layout::Blocked { cells: g.axes[1].output * g.axes[2].output }] {
            let form = Form { input, output, algorithm: Algorithm::Direct, ..Form::PLANAR };
            let (values, packed) =
                (numbers(1, batch * g.input_len()), numbers(2, direct::packed_floats(&g, form.stored)));
            check(batch * g.output_len(), |output, threads| {
                let mut scratch = vec![f32::NAN; threads * direct::scratch_floats(&g, form.stored)];
                direct::forward(&g, &form, batch, &values, &packed, None, output, &mut scratch, Isa::best());
            });
        }
    }
}

#[test]
fn winograds_convolutions_of_few_and_many_chunks() {
    for (size, batch, samples) in [(12, 1, 1), (12, 5, 1), (30, 4, 4), (60, 1, 1)] {
        let g = square_conv([48, 96], size, 3, 1, 1);
        let (values, packed) = (numbers(1, batch * g.input_len()), numbers(2, winograd::packed_floats(&g, 4)));
        check(batch * g.output_len(), |output, threads| {
            let mut scratch = vec![f32::NAN; threads * winograd::scratch_floats(&g, 4, samples)];
            winograd::forward(&g, 4, batch, &values, &packed, None, output, &mut scratch, Isa::best());
        });
    }
}

#[test]
fn depthwise_convolutions_and_pools() {
    for padding in [0, 1] {
        let g = Conv { groups: 96, ..square_conv([96, 96], 60, 3, 1, padding) };
        let (values, packed) = (numbers(1, 2 * g.input_len()), numbers(2, depthwise::packed_floats(&g)));
        check(2 * g.output_len(), |output, threads| {
            let mut scratch = vec![f32::NAN; threads * depthwise::scratch_floats(&g)];
            depthwise::forward(&g, 2, &values, &packed, None, output, &mut scratch, Isa::best());
        });
        let window = axis(60, 3, 1, [padding; 2], 1);
        let g = Pool { channels: 96, count_include_pad: false, axes: [g.axes[0], window, window] };
        check(2 * g.output_len(), |output, _| pool::forward::<true>(&g, 2, &values, output, Isa::best()));
        check(2 * g.output_len(), |output, _| pool::forward::<false>(&g, 2, &values, output, Isa::best()));
    }
}

#[test]
fn normalisations_and_linear_layers() {
    let op = LrnOp { size: 5, alpha: 1.0, beta: 0.75, k: 1.0 };
    let values = numbers(1, 2 * 96 * 700);
    check(values.len(), |output, _| lrn::forward(&op, [96, 700], &values, output, Isa::best()));
    let g = Linear { in_features: 1500, out_features: 150, bias: true };
    let (values, packed) = (numbers(1, 20 * 1500), numbers(2, packed_linear::packed_floats(&g)));
    check(20 * 150, |output, _| {
        let mut scratch = vec![f32::NAN; linear::scratch_floats(&g)];
        linear::forward(&g, &values, &packed, None, output, &mut scratch, Isa::best());
    });
}

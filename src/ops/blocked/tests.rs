//! Every kernel on blocked values against the textbook loops in f64, on every instruction set.

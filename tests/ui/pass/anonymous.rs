//! Networks in the place of a type: in aliases, fields, signatures and generics, with braces and parentheses.
use convnet::shape::{Image, Vector};
use convnet::typenum::{U1, U4, U10, U64};
use convnet::{Tensor, cnn};

const CLASSES: usize = 10;
const SIDE: usize = 8;

type Stem = cnn!([3, 227, 227] -> conv2d(96, kernel = 11, stride = 4), relu => [96, 55, 55],);
type Head = cnn!([64] with strict -> linear(CLASSES), softmax);
type Expression = cnn! { [1, SIDE, SIDE] -> conv2d(CLASSES - 6, kernel = SIDE / 2 + 1), relu };

struct Model {
    head: cnn!([64] -> linear(10), softmax),
}

fn run(head: &cnn!([64] -> linear(CLASSES), softmax), input: &Tensor<Vector<U64>>) -> Box<Tensor<Vector<U10>>> {
    head.forward(input)
}

fn same<T>(_: &T, _: &T) {}

fn main() {
    assert_eq!(Stem::PARAMS, 96 * 3 * 11 * 11 + 96);
    let head = Head::init(1);
    let _ = run(&head, &Tensor::zeros());
    let model = Model { head: Head::init(2) };
    same(&model.head, &head);
    let _: Box<Tensor<Image<U4, U4, U4>>> = Expression::init(1).forward(&Tensor::<Image<U1, _, _>>::zeros());
}

use convnet::cnn;

cnn! {
    pub struct Net: [8, 4, 4] -> [6, 8, 8] {
        up1: conv_transpose2d(0, kernel = 2, stride = 2),
        up2: conv_transpose2d(6, kernel = 0),
        up3: conv_transpose2d(6, kernel = 2, stride = 0),
        up4: conv_transpose2d(6, kernel = 2, dilation = 0),
        up5: conv_transpose2d(6, kernel = 2, groups = 0),
    }
}

fn main() {}

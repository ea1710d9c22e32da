public import TensorCore
public import TensorNN

/// A module that turns images into tokens.
///
/// It takes images as its own preprocessing leaves them: see the tower's documentation for size and colours.
public protocol VisionTower: Module {
    /// Height and width of the images it takes.
    var imageSize: Int { get }
    /// Tokens of an image, N.
    var tokenCount: Int { get }
    /// Elements of a token, D.
    var width: Int { get }

    /// Pixels `[B, 3, imageSize, imageSize]`, red first → tokens `[B, N, D]`, in rows from the top left.
    func callAsFunction(_ pixels: Tensor) -> Tensor
}

extension VisionTower {
    /// Traps when the pixels are not what the tower takes.
    func checkPixels(_ pixels: Tensor) {
        require(
            pixels.rank == 4 && pixels.shape.sizes.dropFirst() == [3, imageSize, imageSize],
            "vision tower for [B, 3, \(imageSize), \(imageSize)]: pixels \(pixels.shape)")
    }
}

/// The patches of images that a convolution multiplies with its weights.
///
///     patches[b, (i, j), (c, u, v)] = image[b, c, i · stride + u − padding, j · stride + v − padding]
///
/// `image`: `[batch, channels, height, width]`; `patches`: `[batch, patchRows · patchColumns, channels · kernel · kernel]`
/// with patchRows = (height + 2 · padding − kernel) / stride + 1; pixels outside the image are 0.
public func convolutionPatches<S: ReferenceScalar>(
    _ image: Span<S>, batch: Int, channels: Int, height: Int, width: Int, kernel: Int, stride: Int, padding: Int,
    into patches: inout MutableSpan<S>
) {
    let patchRows = (height + 2 * padding - kernel) / stride + 1
    let patchColumns = (width + 2 * padding - kernel) / stride + 1
    precondition(
        image.count == batch * channels * height * width
            && patches.count == batch * patchRows * patchColumns * channels * kernel * kernel,
        "convolutionPatches: \(image.count) pixels into \(patches.count) values")

    var next = 0
    for b in 0..<batch {
        for (i, j) in (0..<patchRows * patchColumns).map({ ($0 / patchColumns, $0 % patchColumns) }) {
            for c in 0..<channels {
                for (u, v) in (0..<kernel * kernel).map({ ($0 / kernel, $0 % kernel) }) {
                    let (y, x) = (i * stride + u - padding, j * stride + v - padding)
                    let isInside = y >= 0 && y < height && x >= 0 && x < width
                    patches[next] = isInside ? image[((b * channels + c) * height + y) * width + x] : 0
                    next += 1
                }
            }
        }
    }
}

extension Tensor {
    /// How a grid is resampled.
    public enum Interpolation: String, Sendable, Codable {
        case bilinear
        /// Cubic convolution with a = −0.75, Keys 1981.
        case bicubic
    }

    /// A grid of vectors resampled to another size, as position tables of vision transformers are.
    ///
    /// `[height, width, channels]` → `[newHeight, newWidth, channels]`. Samples lie at pixel centres, positions outside
    /// take the border's value: `torch.nn.functional.interpolate(align_corners: false, antialias: false)`. Each axis is
    /// a product with a matrix of weights, so the gradient is that of the matrix product.
    public func interpolated(toHeight height: Int, width: Int, _ method: Interpolation) -> Tensor {
        require(rank == 3 && height > 0 && width > 0, "interpolation of \(shape) to \(height) × \(width)")
        let (oldHeight, oldWidth, channels) = (shape[0], shape[1], shape[2])
        if height == oldHeight && width == oldWidth { return self }
        let vertical = Tensor.interpolationMatrix(from: oldHeight, to: height, method)
        let horizontal = Tensor.interpolationMatrix(from: oldWidth, to: width, method)
        let rows = matmul(vertical, reshaped([oldHeight, oldWidth * channels]))
        let columns = rows.reshaped([height, oldWidth, channels]).permuted([1, 0, 2])
            .reshaped([oldWidth, height * channels])
        return matmul(horizontal, columns).reshaped([width, height, channels]).permuted([1, 0, 2]).contiguous
    }

    /// `[to, from]`: row i holds the weights of the old samples in new sample i.
    private static func interpolationMatrix(from: Int, to: Int, _ method: Interpolation) -> Tensor {
        var weights = [Float](repeating: 0, count: to * from)
        for i in 0..<to {
            var position = (Double(i) + 0.5) * Double(from) / Double(to) - 0.5
            if method == .bilinear { position = max(position, 0) }
            let base = Int(position.rounded(.down))
            let fraction = position - Double(base)
            let taps: [(Int, Double)] =
                method == .bilinear
                ? [(0, 1 - fraction), (1, fraction)]
                : (-1...2).map { ($0, cubicWeight(Swift.abs(fraction - Double($0)))) }
            for (offset, weight) in taps {
                weights[i * from + Swift.min(Swift.max(base + offset, 0), from - 1)] += Float(weight)
            }
        }
        return Tensor(weights, [to, from])
    }

    private static func cubicWeight(_ x: Double) -> Double {
        let a = -0.75
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return ((x - 5) * x + 8) * x * a - 4 * a }
        return 0
    }
}

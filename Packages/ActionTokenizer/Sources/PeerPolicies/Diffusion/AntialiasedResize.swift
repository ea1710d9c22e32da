public import TensorCore

/// Images resized with a triangle filter as wide as the reduction: `[images, height, width, channels]`, of floats.
///
/// Equal to `torch.nn.functional.interpolate(mode: "bilinear", antialias: true, align_corners: false)`: each axis is a
/// product with a matrix of weights.
public func antialiasedResize(_ x: Tensor, height: Int, width: Int) -> Tensor {
    let (images, oldHeight, oldWidth, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    var y = x
    if width != oldWidth {
        let columns = y.permuted([0, 1, 3, 2]).reshaped([-1, oldWidth])
        y = matmul(columns, transposed: triangleWeights(from: oldWidth, to: width))
            .reshaped([images, oldHeight, channels, width]).permuted([0, 1, 3, 2])
    }
    if height != oldHeight {
        let rows = y.permuted([0, 2, 3, 1]).reshaped([-1, oldHeight])
        y = matmul(rows, transposed: triangleWeights(from: oldHeight, to: height))
            .reshaped([images, width, channels, height]).permuted([0, 3, 1, 2])
    }
    return y.contiguous
}

/// `[to, from]`.
private func triangleWeights(from: Int, to: Int) -> Tensor {
    let scale = Double(from) / Double(to)
    let support = max(scale, 1)
    var weights = [Float](repeating: 0, count: from * to)
    for i in 0..<to {
        let center = scale * (Double(i) + 0.5)
        let first = max(Int(center - support + 0.5), 0)
        let last = min(Int(center + support + 0.5), from)
        guard first < last else { continue }
        let row = (first..<last).map { j in max(0, 1 - abs((Double(j) - center + 0.5) / support)) }
        let sum = row.reduce(0, +)
        for (offset, weight) in row.enumerated() { weights[i * from + first + offset] = Float(weight / sum) }
    }
    return Tensor(weights, [to, from])
}

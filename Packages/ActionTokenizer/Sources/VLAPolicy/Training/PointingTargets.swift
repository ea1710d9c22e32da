import TensorCore

/// Where in the first camera's map the next gripper event of each row lies.
///
/// The places beside it share one between them, so that their mean is its place to a fraction of a cell.
struct PointingTargets {
    /// `[B, N]`; a row without a visible event is zero.
    private let shares: Tensor
    /// `[B]`, one altogether.
    private let weights: Tensor

    /// Nil when no event of the batch is in view.
    init?(_ batch: PolicyBatch, seenBy camera: CameraProjection, placeCount: Int) {
        let size = Int(Double(placeCount).squareRoot().rounded())
        require(size * size == placeCount, "pointing: \(placeCount) places are no square")
        let events = batch.events.elements()
        var shares = [Float](repeating: 0, count: batch.count * placeCount)
        var weights = [Float](repeating: 0, count: batch.count)
        for row in 0..<batch.count where batch.hasEvent[row] {
            func metres(_ axis: Int) -> Double {
                Double(events[3 * row + axis] * batch.eventScale[axis] + batch.eventCenter[axis])
            }
            guard let place = camera.place(of: SIMD3(metres(0), metres(1), metres(2))) else { continue }
            weights[row] = batch.weights[row]
            // among the centers of the cells
            func cells(_ x: Double) -> [(index: Int, share: Float)] {
                let x = min(max((x + 1) / 2 * Double(size) - 0.5, 0), Double(size - 1))
                let first = min(Int(x), max(size - 2, 0))
                let share = Float(x - Double(first))
                return [(first, 1 - share), (min(first + 1, size - 1), share)]
            }
            for (y, yShare) in cells(place.y) {
                for (x, xShare) in cells(place.x) {
                    shares[row * placeCount + y * size + x] += yShare * xShare
                }
            }
        }
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return nil }
        self.shares = Tensor(shares, [batch.count, placeCount])
        self.weights = Tensor(weights.map { $0 / sum }, [batch.count])
    }

    /// The cross-entropy of scores `[B, N]`.
    func loss(of scores: Tensor) -> Tensor {
        let chosen = (scores * shares).sum(axes: [1])
        return ((scores.logSumExp() - chosen) * weights).sum()
    }
}

import Parallel

/// Many postures at once, on all threads. Each posture is computed as ``RobotState`` would, so that the number of
/// threads changes no bit.
extension RobotModel {
    /// Postures that one thread takes in one piece.
    private static let batchPiece = 64

    /// The poses of frames in the base, `[postures, frames]`.
    ///
    /// - Parameters:
    ///   - frames: Frames of this robot.
    ///   - positions: `[postures, coordinates]`, posture after posture.
    public func poses(of frames: [Frame], at positions: [Double]) -> [Pose] {
        let count = postureCount(positions)
        return [Pose](unsafeUninitializedCapacity: count * frames.count) { buffer, initialized in
            // each entry is written by the one thread that has its posture
            nonisolated(unsafe) let out = buffer.baseAddress
            forEachPosture(positions, count) { state, index in
                for (place, frame) in frames.enumerated() {
                    (out! + index * frames.count + place).initialize(to: state.pose(of: frame))
                }
            }
            initialized = count * frames.count
        }
    }

    /// The Jacobians of a frame, `[postures, 6, coordinates]`.
    ///
    /// - Parameters:
    ///   - frame: A frame of this robot.
    ///   - kind: Where the twist is taken and in which axes.
    ///   - positions: `[postures, coordinates]`, posture after posture.
    public func jacobians(
        of frame: Frame, _ kind: JacobianKind = .localWorldAligned, at positions: [Double]
    ) -> [Double] {
        let (count, size) = (postureCount(positions), 6 * coordinateCount)
        return [Double](unsafeUninitializedCapacity: count * size) { buffer, initialized in
            // each entry is written by the one thread that has its posture
            nonisolated(unsafe) let out = buffer.baseAddress
            forEachPosture(positions, count) { state, index in
                state.writeJacobian(of: frame, kind, to: out! + index * size)
            }
            initialized = count * size
        }
    }

    private func postureCount(_ positions: [Double]) -> Int {
        let n = coordinateCount
        precondition(
            n > 0 ? positions.count % n == 0 : positions.isEmpty,
            "\(positions.count) positions are no whole number of postures of \(n) coordinates")
        return n > 0 ? positions.count / n : 0
    }

    private func forEachPosture(_ positions: [Double], _ count: Int, _ body: (RobotState, Int) -> Void) {
        let (n, piece) = (coordinateCount, Self.batchPiece)
        positions.withUnsafeBufferPointer { source in
            nonisolated(unsafe) let source = source.baseAddress
            parallelFor((count + piece - 1) / piece) { index in
                let state = RobotState(model: self)
                for posture in index * piece..<min((index + 1) * piece, count) {
                    state.update(source! + posture * n)
                    body(state, posture)
                }
            }
        }
    }
}

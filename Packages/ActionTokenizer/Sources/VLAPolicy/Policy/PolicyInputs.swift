import Parallel
import ImageProcessing
public import TensorCore

/// Prepared observations as tensors, ready for a model.
public struct PolicyInputs: Sendable {
    /// Of each camera: `[B, height, width, 3]`, scaled.
    public var images: [Tensor]
    /// `[B, S]`; nil without a state.
    public var state: Tensor?
    /// Of each row; empty lists without a prompt.
    public var promptIDs: [[Int]]
    /// What a frozen tower made of the images, when that is known: `[B, cameras, N, D]`.
    public var features: Tensor?

    public var count: Int { promptIDs.count }

    /// Inputs that are tensors already.
    public init(images: [Tensor] = [], state: Tensor? = nil, promptIDs: [[Int]], features: Tensor? = nil) {
        (self.images, self.state, self.promptIDs, self.features) = (images, state, promptIDs, features)
    }

    /// One row of the batch.
    public func row(_ index: Int) -> PolicyInputs {
        if count == 1 { return self }
        func row(_ x: Tensor) -> Tensor { x.slice(axis: 0, index..<index + 1).contiguous }
        return PolicyInputs(
            images: images.map(row), state: state.map(row), promptIDs: [promptIDs[index]],
            features: features.map(row))
    }

    /// Scales the images and stacks everything.
    ///
    /// - Parameters:
    ///   - observations: One row each, of this pipeline.
    ///   - pipeline: Scales the images.
    ///   - withImages: Without, there are none in the result.
    ///   - jitter: Small random changes of the images, in training alone; drawn from the generators of the rows.
    ///   - generators: One for each row where there is jitter.
    public init(
        _ observations: [PreparedObservation], pipeline: ObservationPipeline, withImages: Bool = true,
        jitter: ImageJitter? = nil, using generators: [PhiloxGenerator] = []
    ) {
        self.init(
            observations, pipeline: pipeline, withImages: withImages, jitter: jitter, using: generators,
            onAllThreads: true)
    }

    /// The same; on the calling thread alone for threads that work beside others.
    init(
        _ observations: [PreparedObservation], pipeline: ObservationPipeline, withImages: Bool,
        jitter: ImageJitter?, using generators: [PhiloxGenerator], onAllThreads: Bool
    ) {
        require(!observations.isEmpty, "PolicyInputs: no observation")
        let count = observations.count
        promptIDs = observations.map(\.promptIDs)
        if let layout = pipeline.state?.layout {
            state = Tensor(observations.flatMap(\.state), [count, layout.count])
        }
        var generators = generators
        images = (withImages ? pipeline.cameras.indices : 0..<0).map { camera in
            let (size, normalization) = (
                pipeline.cameras[camera].size, pipeline.cameras[camera].transform.normalization
            )
            let changes = (0..<count).map { row in
                jitter.map { $0.draw(using: &generators[row]) } ?? ImageJitter.Change()
            }
            return Self.scaled(
                observations.map { $0.images[camera] }, width: size.width, height: size.height,
                normalization: normalization, changes: changes, onAllThreads: onAllThreads)
        }
    }

    private static func scaled(
        _ images: [[UInt8]], width: Int, height: Int, normalization: ImageNormalization,
        changes: [ImageJitter.Change], onAllThreads: Bool
    ) -> Tensor {
        let size = height * width * 3
        var result = Tensor.zeros([images.count, height, width, 3])
        let table = normalization.table
        let tables = (0..<3).map { Array(table[256 * $0..<256 * ($0 + 1)]) }
        result.withMutableSpan { elements in
            elements.withUnsafeMutableBufferPointer { elements in
                nonisolated(unsafe) let base = elements.baseAddress!
                func scale(_ row: Int) {
                    require(
                        images[row].count == size,
                        "an image of \(images[row].count) values for \(width) × \(height)")
                    let change = changes[row]
                    let local = tables.map { change.applied(to: $0) }
                    images[row].withUnsafeBufferPointer { source in
                        local[0].withUnsafeBufferPointer { red in
                            local[1].withUnsafeBufferPointer { green in
                                local[2].withUnsafeBufferPointer { blue in
                                    var target = base + row * size
                                    for y in 0..<height {
                                        let line = min(max(y + change.y, 0), height - 1) * width
                                        for x in 0..<width {
                                            let at = 3 * (line + min(max(x + change.x, 0), width - 1))
                                            target[0] = red[Int(source[at])]
                                            target[1] = green[Int(source[at + 1])]
                                            target[2] = blue[Int(source[at + 2])]
                                            target += 3
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                if onAllThreads { parallelFor(images.count, scale) } else { images.indices.forEach(scale) }
            }
        }
        return result
    }
}

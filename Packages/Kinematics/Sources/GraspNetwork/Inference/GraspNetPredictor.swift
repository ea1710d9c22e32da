import CGraspKernels
import Grasping
import Kinematics
import Parallel
import TensorCore

/// The baseline network prepared for inference: normalizations multiplied into the weights, groups without the repeated
/// points that fill them in training.
///
/// Sets of points are the same as PyTorch's, sums differ by rounding. For the same input the result has the same bits
/// on any number of threads.
public struct GraspNetPredictor: Sendable {
    public let configuration: GraspNetBaseline.Configuration
    let levels: [[FoldedLayer]]
    let propagations: [[FoldedLayer]]
    let viewLayers: [FoldedLayer]
    let cropLayers: [FoldedLayer]
    let operationLayers: [FoldedLayer]
    let toleranceLayers: [FoldedLayer]
    /// Points with |p|² up to this are never centers, as the reference's kernel has it.
    static let minimumSquare: Float = 1e-3

    public init(_ network: GraspNetBaseline) {
        configuration = network.configuration
        levels = network.setAbstractions.map { FoldedLayer.layers($0) }
        propagations = network.featurePropagations.map { FoldedLayer.layers($0) }
        viewLayers = FoldedLayer.layers(network.viewHead)
        cropLayers = FoldedLayer.layers(network.crop)
        operationLayers = FoldedLayer.layers(network.operationHead)
        toleranceLayers = FoldedLayer.layers(network.toleranceHead)
    }

    /// What the network says of a cloud.
    public struct Prediction: Sendable {
        /// Seed points, x, y, z one after another.
        public var seeds: [Float]
        /// Logits of background and object, `[seeds, 2]`.
        public var objectness: [Float]
        /// `[seeds, 300]`.
        public var viewScores: [Float]
        /// The view with the largest score of each seed.
        public var views: [Int]
        /// The frame of each seed's crop, row-major, `[seeds, 9]`.
        public var rotations: [Float]
        /// `[seeds, depths, 12]` each.
        public var scores: [Float]
        public var angles: [Float]
        public var widths: [Float]
        public var tolerances: [Float]

        public var seedCount: Int { views.count }
    }

    /// Features on the way, for comparison with another implementation.
    package struct Trace {
        package var centers: [Int32] = []
        package var firstGroups: [[Int32]] = []
        package var levelFeatures: [[Float]] = []
        package var seedFeatures: [Float] = []
        package var cropFeatures: [Float] = []

        package init() {}
    }

    /// Runs the network on points in the camera's frame.
    ///
    /// - Parameter points: x, y, z one after another; at least one point, finite. Traps otherwise.
    public func callAsFunction(_ points: [Float]) -> Prediction {
        var trace: Trace?
        return predict(points, trace: &trace)
    }

    package func predict(_ points: [Float], trace: inout Trace?) -> Prediction {
        let n = points.count / 3
        precondition(n > 0 && points.count == 3 * n, "GraspNetPredictor: \(points.count) coordinates")
        precondition(points.allSatisfy(\.isFinite), "GraspNetPredictor: a coordinate is not finite")

        // centers: each level takes the first ones of the level before
        var sampled = [Int32](repeating: 0, count: configuration.levels[0].centerCount)
        Profiler.measure("farthestPoints") {
            cgk_farthest_points(points, Int32(n), Int32(sampled.count), Self.minimumSquare, &sampled)
        }
        var centers = [Float](repeating: 0, count: 3 * sampled.count)
        for (i, index) in sampled.enumerated() {
            for a in 0..<3 { centers[3 * i + a] = points[3 * Int(index) + a] }
        }
        trace?.centers = sampled

        // features of groups, level by level
        var (source, features): ([Float], FeatureRows?) = (points, nil)
        var outputs: [FeatureRows] = []
        for (level, layers) in zip(configuration.levels, levels) {
            let count = min(level.centerCount, sampled.count)
            let groups = Profiler.measure("ballQuery") {
                PointGroups(
                    source, centers: Array(centers.prefix(3 * count)), radius: level.radius, limit: level.sampleCount)
            }
            if outputs.isEmpty, trace != nil { trace?.firstGroups = groups.lists(8) }
            let output = Profiler.measure("setAbstraction") {
                groups.abstracted(source, centers, features, layers, radius: level.radius)
            }
            outputs.append(output)
            (source, features) = (Array(centers.prefix(3 * count)), output)
        }
        trace?.levelFeatures = outputs.map(\.values)

        // back to the second level, whose centers are the seeds
        let counts = outputs.map(\.count)
        var propagated = outputs[3]
        Profiler.measure("featurePropagation") {
            for (i, target) in [2, 1].enumerated() {
                propagated = propagate(
                    propagated, knownCount: counts[target + 1], to: outputs[target], centers: centers,
                    layers: propagations[i])
            }
        }
        trace?.seedFeatures = propagated.values
        let seeds = Array(centers.prefix(3 * counts[1]))

        // the best view of each seed
        let viewOutput = Profiler.measure("viewHead") { viewLayers.run(propagated, lastIsPlain: true) }
        let viewCount = GraspNetBaseline.viewCount
        var best = [Int32](repeating: 0, count: counts[1])
        cgk_row_argmax(viewOutput.base + 2, Int32(best.count), Int32(viewCount), Int32(viewCount + 2), &best)
        let views = best.map(Int.init)
        let rotations = Self.rotations(views)

        // points along it, features for each depth
        let crop = Profiler.measure("cylinderQuery") {
            CylinderGroups(points, centers: seeds, rotations: rotations, configuration)
        }
        let cropped = Profiler.measure("crop") { crop.features(cropLayers) }
        trace?.cropFeatures = cropped.values
        let (operation, tolerance) = Profiler.measure("graspHeads") {
            (operationLayers.run(cropped, lastIsPlain: true), toleranceLayers.run(cropped, lastIsPlain: true))
        }

        // apart again
        let (k, rows) = (GraspNetBaseline.angleCount, cropped.count)
        func columns(_ from: FeatureRows, _ first: Int, _ count: Int) -> [Float] {
            [Float](unsafeUninitializedCapacity: from.count * count) { buffer, filled in
                for r in 0..<from.count {
                    (buffer.baseAddress! + r * count).initialize(from: from.row(r) + first, count: count)
                }
                filled = from.count * count
            }
        }
        precondition(rows == counts[1] * configuration.cropHeights.count)
        return Prediction(
            seeds: seeds, objectness: columns(viewOutput, 0, 2), viewScores: columns(viewOutput, 2, viewCount),
            views: views, rotations: rotations, scores: columns(operation, 0, k), angles: columns(operation, k, k),
            widths: columns(operation, 2 * k, k), tolerances: tolerance.values)
    }

    /// Features of few centers at more of them: three nearest, weighted by their distance, beside what is there.
    private func propagate(
        _ known: FeatureRows, knownCount: Int, to skip: FeatureRows, centers: [Float], layers: [FoldedLayer]
    ) -> FeatureRows {
        let joined = FeatureRows(skip.count, known.columns + skip.columns)
        let size = 64
        parallelFor((skip.count + size - 1) / size) { chunk in
            let (first, rows) = (chunk * size, min(size, skip.count - chunk * size))
            var indices = [Int32](repeating: 0, count: 3 * rows)
            var distances = [Float](repeating: 0, count: 3 * rows)
            centers.withUnsafeBufferPointer { centers in
                cgk_three_nearest(
                    centers.baseAddress! + 3 * first, Int32(rows), centers.baseAddress!, Int32(knownCount), &indices,
                    &distances)
            }
            cgk_interpolate(
                known.base, indices, distances, Int32(rows), Int32(known.columns), Int32(joined.columns),
                joined.row(first))
            for r in first..<first + rows {
                (joined.row(r) + known.columns).update(from: skip.row(r), count: skip.columns)
            }
        }
        return layers.run(joined)
    }

    /// The frames of views without a turn: the approach is against the view.
    static let viewRotations: [Float] = GraspViews.fibonacciSphere(GraspNetBaseline.viewCount).flatMap { view in
        GraspViews.rotation(approach: -view, angle: 0).rowMajor.map { Float($0) }
    }

    static func rotations(_ views: [Int]) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(9 * views.count)
        for view in views { result += viewRotations[9 * view..<9 * view + 9] }
        return result
    }
}

import CGraspKernels
import Parallel

/// The points around each center, without repetition.
struct PointGroups {
    /// Group i is `indices[starts[i]..<starts[i + 1]]`.
    var starts: [Int32]
    var indices: [Int32]
    var count: Int { starts.count - 1 }

    /// The first `limit` points in storage order nearer than `radius`; the first point of all where there is none.
    init(_ points: [Float], centers: [Float], radius: Float, limit: Int) {
        let count = centers.count / 3
        var grid = cgk_grid()
        guard cgk_grid_make(&grid, points, Int32(points.count / 3), radius) == 0 else {
            fatalError("PointGroups: no memory for \(points.count / 3) points")
        }
        defer { cgk_grid_free(&grid) }
        var found = [Int32](repeating: 0, count: count * limit)
        var counts = [Int32](repeating: 0, count: count)
        let chunkSize = 128
        found.withUnsafeMutableBufferPointer { found in
            counts.withUnsafeMutableBufferPointer { counts in
                let (indices, numbers) = (SharedAddress(found.baseAddress!), SharedAddress(counts.baseAddress!))
                let cells = grid
                parallelFor((count + chunkSize - 1) / chunkSize) { chunk in
                    let (first, size) = (chunk * chunkSize, min(chunkSize, count - chunk * chunkSize))
                    var cells = cells
                    centers.withUnsafeBufferPointer { centers in
                        let status = cgk_ball_query(
                            &cells, points, centers.baseAddress! + 3 * first, Int32(size), radius, Int32(limit),
                            indices.base + first * limit, numbers.base + first)
                        precondition(status == 0, "PointGroups: no memory")
                    }
                }
            }
        }
        starts = [0]
        starts.reserveCapacity(count + 1)
        indices = []
        indices.reserveCapacity(found.count)
        for i in 0..<count {
            indices += counts[i] == 0 ? [0] : found[i * limit..<i * limit + Int(counts[i])]
            starts.append(Int32(indices.count))
        }
    }

    /// The first groups as lists.
    func lists(_ number: Int) -> [[Int32]] {
        (0..<min(number, count)).map { Array(indices[Int(starts[$0])..<Int(starts[$0 + 1])]) }
    }

    /// Ranges of groups of about `rows` points.
    static func chunks(_ starts: [Int32], rows: Int) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var first = 0
        for i in 0..<starts.count - 1 where Int(starts[i + 1] - starts[first]) >= rows || i == starts.count - 2 {
            result.append(first..<i + 1)
            first = i + 1
        }
        return result
    }

    /// The layers on `[(p - c) / r, features]` of every point, and their maximum over each group.
    ///
    /// With features the first layer is linear in `p/r` and `c/r`: it is computed once for each point and center.
    func abstracted(
        _ points: [Float], _ centers: [Float], _ features: FeatureRows?, _ layers: [FoldedLayer], radius: Float
    ) -> FeatureRows {
        let result = FeatureRows(count, layers[layers.count - 1].outputSize)
        let chunks = Self.chunks(starts, rows: 1024)
        let widest = layers.map(\.outputSize).max() ?? 1
        let first = features.map { FirstLayer(points, centers, count, $0, layers[0], radius: radius) }
        parallelFor(chunks.count) { chunk in
            let range = chunks[chunk]
            let (begin, end) = (Int(starts[range.lowerBound]), Int(starts[range.upperBound]))
            let rows = end - begin
            let (a, b) = (FeatureRows(rows, widest), FeatureRows(rows, widest))
            let local = starts[range.lowerBound...range.upperBound].map { $0 - Int32(begin) }
            indices.withUnsafeBufferPointer { indices in
                let index = indices.baseAddress! + begin
                var source = UnsafePointer(a.base)
                if let first {
                    for (i, group) in range.enumerated() {
                        cgk_gather_subtract_relu(
                            first.points.base, index + Int(local[i]), first.centers.row(group),
                            local[i + 1] - local[i], Int32(layers[0].outputSize),
                            a.base + Int(local[i]) * layers[0].outputSize)
                    }
                } else {
                    let relative = FeatureRows(rows, 3)
                    centers.withUnsafeBufferPointer { centers in
                        cgk_gather_relative(
                            points, index, centers.baseAddress! + 3 * range.lowerBound, local, Int32(range.count),
                            radius, relative.base)
                    }
                    layers[0](relative.base, rows: rows, into: a.base)
                }
                for i in 1..<layers.count {
                    let target = i % 2 == 1 ? b.base : a.base
                    if i < layers.count - 1 {
                        layers[i](source, rows: rows, into: target)
                    } else {
                        layers[i].multiply(source, rows: rows, into: target)
                        cgk_segment_max_bias_relu(
                            target, local, layers[i].bias, Int32(range.count), Int32(layers[i].outputSize),
                            result.row(range.lowerBound))
                    }
                    source = UnsafePointer(target)
                }
            }
            withExtendedLifetime((a, b)) {}
        }
        return result
    }

    /// `W_f f + W_x p/r + b` of every point and `W_x c/r` of every center.
    private struct FirstLayer {
        let points: FeatureRows
        let centers: FeatureRows

        init(
            _ points: [Float], _ centers: [Float], _ centerCount: Int, _ features: FeatureRows, _ layer: FoldedLayer,
            radius: Float
        ) {
            let n = features.count
            let joined = FeatureRows(n, 3 + features.columns)
            for i in 0..<n {
                for a in 0..<3 { joined.row(i)[a] = points[3 * i + a] / radius }
                (joined.row(i) + 3).update(from: features.row(i), count: features.columns)
            }
            self.points = FeatureRows(n, layer.outputSize)
            layer.multiply(joined.base, rows: n, into: self.points.base)
            for i in 0..<n {
                let row = self.points.row(i)
                for c in 0..<layer.outputSize { row[c] += layer.bias[c] }
            }
            let scaled = centers.prefix(3 * centerCount).map { $0 / radius }
            self.centers = FeatureRows(centerCount, layer.outputSize)
            scaled.withUnsafeBufferPointer {
                FoldedLayer(layer, columns: 0..<3).multiply(
                    $0.baseAddress!, rows: centerCount, into: self.centers.base)
            }
        }
    }
}

/// Memory that threads write to at different places.
struct SharedAddress<Element>: @unchecked Sendable {
    // The owner outlives the writers, who never touch the same element.
    let base: UnsafeMutablePointer<Element>
    init(_ base: UnsafeMutablePointer<Element>) { self.base = base }
}

/// The points in a cylinder along each seed's view, in that frame, with a bit for each depth.
struct CylinderGroups {
    var starts: [Int32]
    var masks: [UInt8]
    /// x, y, z in the frame, in metres.
    var local: [Float]
    let depthCount: Int

    init(
        _ points: [Float], centers: [Float], rotations: [Float], _ configuration: GraspNetBaseline.Configuration
    ) {
        let count = centers.count / 3
        let heights = configuration.cropHeights
        precondition((1...8).contains(heights.count), "CylinderGroups: \(heights.count) depths")
        depthCount = heights.count
        let limit = configuration.cropSampleCount
        let capacity = heights.count * limit
        var grid = cgk_grid()
        guard cgk_grid_make(&grid, points, Int32(points.count / 3), configuration.cropRadius * 0.8) == 0 else {
            fatalError("CylinderGroups: no memory for \(points.count / 3) points")
        }
        defer { cgk_grid_free(&grid) }

        let chunkSize = 64
        let chunkCount = (count + chunkSize - 1) / chunkSize
        var parts = [(counts: [Int32], masks: [UInt8], local: [Float])](
            repeating: ([], [], []), count: chunkCount)
        parts.withUnsafeMutableBufferPointer { parts in
            let parts = SharedAddress(parts.baseAddress!)
            let cells = grid
            parallelFor(chunkCount) { chunk in
                let (first, size) = (chunk * chunkSize, min(chunkSize, count - chunk * chunkSize))
                var indices = [Int32](repeating: 0, count: size * capacity)
                var masks = [UInt8](repeating: 0, count: size * capacity)
                var local = [Float](repeating: 0, count: 3 * size * capacity)
                var counts = [Int32](repeating: 0, count: size)
                var cells = cells
                centers.withUnsafeBufferPointer { centers in
                    rotations.withUnsafeBufferPointer { rotations in
                        let status = cgk_cylinder_query(
                            &cells, points, centers.baseAddress! + 3 * first, rotations.baseAddress! + 9 * first,
                            Int32(size), configuration.cropRadius, configuration.cropMinimum, heights,
                            Int32(heights.count), Int32(limit), &indices, &masks, &local, &counts)
                        precondition(status == 0, "CylinderGroups: no memory")
                    }
                }
                // entries one after another
                var filled = 0
                for i in 0..<size {
                    let (from, number) = (i * capacity, Int(counts[i]))
                    if from != filled {
                        masks.withUnsafeMutableBufferPointer {
                            ($0.baseAddress! + filled).update(from: $0.baseAddress! + from, count: number)
                        }
                        local.withUnsafeMutableBufferPointer {
                            ($0.baseAddress! + 3 * filled).update(from: $0.baseAddress! + 3 * from, count: 3 * number)
                        }
                    }
                    filled += number
                }
                parts.base[chunk] = (counts, Array(masks.prefix(filled)), Array(local.prefix(3 * filled)))
            }
        }
        starts = [0]
        masks = []
        local = []
        for part in parts {
            for number in part.counts { starts.append(starts[starts.count - 1] + number) }
            masks += part.masks
            local += part.local
        }
    }

    /// The layers on every point, and their maximum over each depth's points: `[seeds · depths, channels]`.
    func features(_ layers: [FoldedLayer]) -> FeatureRows {
        let count = starts.count - 1
        let last = layers[layers.count - 1]
        let result = FeatureRows(count * depthCount, last.outputSize)
        let chunks = PointGroups.chunks(starts, rows: 1024)
        let widest = layers.map(\.outputSize).max() ?? 1
        parallelFor(chunks.count) { chunk in
            let range = chunks[chunk]
            let (begin, end) = (Int(starts[range.lowerBound]), Int(starts[range.upperBound]))
            let rows = end - begin
            let (a, b) = (FeatureRows(rows, widest), FeatureRows(rows, widest))
            let offsets = starts[range.lowerBound...range.upperBound].map { $0 - Int32(begin) }
            local.withUnsafeBufferPointer { local in
                var source = local.baseAddress! + 3 * begin
                for i in 0..<layers.count - 1 {
                    let target = i % 2 == 0 ? a.base : b.base
                    layers[i](source, rows: rows, into: target)
                    source = UnsafePointer(target)
                }
                let target = (layers.count - 1) % 2 == 0 ? a.base : b.base
                last.multiply(source, rows: rows, into: target)
                masks.withUnsafeBufferPointer {
                    cgk_masked_max_bias_relu(
                        target, $0.baseAddress! + begin, offsets, last.bias, Int32(range.count), Int32(depthCount),
                        Int32(last.outputSize), result.row(range.lowerBound * depthCount))
                }
            }
            withExtendedLifetime((a, b)) {}
        }
        return result
    }
}

import Foundation
import ImageProcessing
import TensorCore

// Each kind of noise in the order of operations of the original, in Double unless said otherwise.
extension RGBImage {
    /// Smears along a line to one side: tap k of `2 radius + 1` reads the pixel k steps along, its weight is
    /// `exp(−k²/2σ²)`. Rounded as ImageMagick 6 with 16 bits does it.
    func motionBlurred(radius: Int, sigma: Double, angle degrees: Double) -> RGBImage {
        let count = 2 * radius + 1
        var weights = (0..<count).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let total = weights.reduce(0, +)
        for k in weights.indices { weights[k] /= total }

        let angle = degrees * .pi / 180
        let (a, b) = (Double(count) * cos(angle), Double(count) * sin(angle))
        let length = hypot(a, b)
        let steps = (0..<count).map { k in
            (
                x: Int((Double(k) * a / length - 0.5).rounded(.up)), y: Int((Double(k) * b / length - 0.5).rounded(.up))
            )
        }

        var result = pixels
        pixels.withUnsafeBufferPointer { source in
            for y in 0..<height {
                for x in 0..<width {
                    var sum = SIMD3<Double>.zero
                    for k in 0..<count {
                        let (sx, sy) = (min(max(x + steps[k].x, 0), width - 1), min(max(y + steps[k].y, 0), height - 1))
                        let at = 3 * (sy * width + sx)
                        let value = SIMD3(Double(source[at]), Double(source[at + 1]), Double(source[at + 2]))
                        sum += weights[k] * (value * 257)
                    }
                    for channel in 0..<3 {
                        let wide = min(max((sum[channel] + 0.5).rounded(.down), 0), 65_535)
                        result[3 * (y * width + x) + channel] = UInt8(Int(wide) / 257)
                    }
                }
            }
        }
        return RGBImage(width: width, height: height, pixels: result)
    }

    /// Gaussian blur of the values in 0…1: rows axis first, edges repeated, cut off at 4 σ.
    func blurred(sigma: Double) -> RGBImage {
        let radius = Int(4 * sigma + 0.5)
        var weights = (0...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let total = weights[0] + 2 * weights.dropFirst().reduce(0, +)
        for k in weights.indices { weights[k] /= total }

        var values = pixels.map { Double($0) / 255 }
        values = Self.correlated(values, weights, length: height, stride: 3 * width, lines: 3 * width, lineStride: 1)
        // along the columns each row holds three interleaved lines
        var result = values
        for row in 0..<height {
            let line = Array(values[3 * width * row..<3 * width * (row + 1)])
            let blurred = Self.correlated(line, weights, length: width, stride: 3, lines: 3, lineStride: 1)
            result.replaceSubrange(3 * width * row..<3 * width * (row + 1), with: blurred)
        }
        return RGBImage(width: width, height: height, pixels: result.map(Self.truncated))
    }

    /// Correlates lines of `length` values with a symmetric kernel, the outer taps summed first.
    private static func correlated(
        _ values: [Double], _ weights: [Double], length: Int, stride: Int, lines: Int, lineStride: Int
    ) -> [Double] {
        let radius = weights.count - 1
        var result = values
        values.withUnsafeBufferPointer { source in
            for line in 0..<lines {
                for i in 0..<length {
                    let start = line * lineStride
                    var sum = source[start + i * stride] * weights[0]
                    for k in Swift.stride(from: radius, to: 0, by: -1) {
                        let (a, b) = (max(i - k, 0), min(i + k, length - 1))
                        sum += (source[start + a * stride] + source[start + b * stride]) * weights[k]
                    }
                    result[start + i * stride] = sum
                }
            }
        }
        return result
    }

    /// The mean of the image and of its enlarged middles, in Float.
    func zoomBlurred(factors: [Double]) -> RGBImage {
        let size = height
        let x = pixels.map { Float(Double($0) / 255) }
        var sum = [Float](repeating: 0, count: x.count)
        for factor in factors {
            let cut = Int((Double(size) / factor).rounded(.up))
            let top = (size - cut) / 2
            let enlarged = Int((Double(cut) * factor).rounded(.toNearestOrEven))
            let trim = (enlarged - size) / 2
            // places between two pixels of the middle, along one axis
            let places = (0..<size).map { i -> (Int, Int, Double) in
                let at =
                    enlarged > 1 ? min(Double(i + trim) * Double(cut - 1) / Double(enlarged - 1), Double(cut - 1)) : 0
                let lower = min(Int(at), max(cut - 2, 0))
                return (top + lower, top + min(lower + 1, cut - 1), at - Double(lower))
            }
            for (row, (y0, y1, fy)) in places.enumerated() {
                for (column, (x0, x1, fx)) in places.enumerated() {
                    for channel in 0..<3 {
                        func value(_ y: Int, _ x0: Int) -> Double { Double(x[3 * (y * size + x0) + channel]) }
                        let upper = value(y0, x0) * (1 - fx) + value(y0, x1) * fx
                        let lower = value(y1, x0) * (1 - fx) + value(y1, x1) * fx
                        sum[3 * (row * size + column) + channel] += Float(upper * (1 - fy) + lower * fy)
                    }
                }
            }
        }
        let count = Float(factors.count + 1)
        let result = zip(x, sum).map { UInt8(min(max(($0 + $1) / count, 0), 1) * 255) }
        return RGBImage(width: width, height: height, pixels: result)
    }

    /// Adds a cloud of midpoint displacement, and dims so that the brightest value stays.
    func fogged(strength: Double, decay: Double, using generator: inout NumPyGenerator) -> RGBImage {
        let cloud = Self.cloud(decay: decay, using: &generator)
        let values = pixels.map { Double($0) / 255 }
        let brightest = values.max() ?? 0
        var result = pixels
        for y in 0..<height {
            for x in 0..<width {
                let fog = strength * cloud[256 * y + x]
                for channel in 0..<3 {
                    let at = 3 * (y * width + x) + channel
                    result[at] = Self.truncated((values[at] + fog) * brightest / (brightest + strength))
                }
            }
        }
        return RGBImage(width: width, height: height, pixels: result)
    }

    /// A plasma fractal of 256 × 256 values in 0…1, periodic at its edges.
    private static func cloud(decay: Double, using generator: inout NumPyGenerator) -> [Double] {
        let size = 256
        var a = [Double](repeating: 0, count: size * size)
        var (step, wibble) = (size, 100.0)
        while step >= 2 {
            let (half, n) = (step / 2, size / step)
            func corner(_ i: Int, _ j: Int) -> Int { (i % n) * step * size + (j % n) * step }
            func center(_ i: Int, _ j: Int) -> Int { corner(i, j) + half * size + half }
            func displaced(_ place: Int, _ sum: Double) {
                a[place] = sum / 4 + wibble * generator.uniform(-wibble, wibble)
            }
            // the middles of squares, then of their upper and left edges
            for i in 0..<n {
                for j in 0..<n {
                    let sum = (a[corner(i, j)] + a[corner(i + 1, j)]) + (a[corner(i, j + 1)] + a[corner(i + 1, j + 1)])
                    displaced(center(i, j), sum)
                }
            }
            for i in 0..<n {
                for j in 0..<n {
                    let sum = (a[center(i, j)] + a[center(i + n - 1, j)]) + (a[corner(i, j)] + a[corner(i, j + 1)])
                    displaced(corner(i, j) + half, sum)
                }
            }
            for i in 0..<n {
                for j in 0..<n {
                    let sum = (a[center(i, j)] + a[center(i, j + n - 1)]) + (a[corner(i, j)] + a[corner(i + 1, j)])
                    displaced(corner(i, j) + half * size, sum)
                }
            }
            (step, wibble) = (half, wibble / decay)
        }
        let least = a.min() ?? 0
        for i in a.indices { a[i] -= least }
        let greatest = a.max() ?? 1
        for i in a.indices { a[i] /= greatest }
        return a
    }

    /// Blurs, lets pixels take the value of a neighbour, and blurs again.
    func seenThroughGlass(
        sigma: Double, shift: Int, iterationCount: Int, using generator: inout NumPyGenerator
    ) -> RGBImage {
        var pixels = blurred(sigma: sigma).pixels
        for _ in 0..<iterationCount {
            for y in stride(from: height - shift, to: shift, by: -1) {
                for x in stride(from: width - shift, to: shift, by: -1) {
                    let dx = generator.integer(below: 2 * shift) - shift
                    let dy = generator.integer(below: 2 * shift) - shift
                    let (target, source) = (3 * (y * width + x), 3 * ((y + dy) * width + x + dx))
                    for channel in 0..<3 { pixels[target + channel] = pixels[source + channel] }
                }
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels).blurred(sigma: sigma)
    }

    /// 0…1 as 0…255, cut off and not rounded.
    private static func truncated(_ value: Double) -> UInt8 { UInt8(min(max(value, 0), 1) * 255) }
}

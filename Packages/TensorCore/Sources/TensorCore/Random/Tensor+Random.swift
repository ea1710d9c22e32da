public import Foundation

// Inlinable, so that the generator's `next` is called directly for each element.

extension Tensor {
    /// Elements drawn uniformly from `range`, in row-major order: one draw each, of which the upper 24 bits count.
    @inlinable
    public static func uniform(
        _ range: ClosedRange<Float>, _ shape: Shape, using generator: inout some RandomNumberGenerator
    ) -> Tensor {
        var result = Tensor.zeros(shape)
        let width = range.upperBound - range.lowerBound
        result.withMutableSpan { elements in
            for i in elements.indices {
                elements[i] = range.lowerBound + width * (Float(generator.next() >> 40) * 0x1p-24)
            }
        }
        return result
    }

    /// Elements drawn from a normal distribution, in row-major order, by the Box–Muller transform: two draws for two
    /// elements.
    @inlinable
    public static func normal(
        mean: Float = 0, standardDeviation: Float = 1, _ shape: Shape, using generator: inout some RandomNumberGenerator
    ) -> Tensor {
        var result = Tensor.zeros(shape)
        result.withMutableSpan { elements in
            var i = 0
            while i < elements.count {
                // uniforms of 53 bits; 1 − u keeps the logarithm finite
                let radius = (-2 * Foundation.log(1 - Double(generator.next() >> 11) * 0x1p-53)).squareRoot()
                let angle = 2 * Double.pi * (Double(generator.next() >> 11) * 0x1p-53)
                elements[i] = mean + standardDeviation * Float(radius * Foundation.cos(angle))
                if i + 1 < elements.count {
                    elements[i + 1] = mean + standardDeviation * Float(radius * Foundation.sin(angle))
                }
                i += 2
            }
        }
        return result
    }
}

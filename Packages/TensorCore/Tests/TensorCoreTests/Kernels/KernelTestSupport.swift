import CTensorKernels
import TensorTestSupport
import Testing

/// The variants of the C kernels that this machine runs.
enum KernelVariants {
    static let names: [String] = {
        var names = [UnsafePointer<CChar>?](repeating: nil, count: 8)
        let count = Int(ctk_available_variants(&names, 8))
        return names[..<count].map { String(cString: $0!) }
    }()

    static func table(_ name: String) -> ctk_table { ctk_variant_table(name)!.pointee }
}

/// Lengths around every register width and unrolling, and two that are none of them.
let remainderLengths = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 1000, 4099]

/// Rows and columns with remainders in both.
let matrixSizes = [
    (1, 1), (1, 2), (2, 3), (3, 7), (1, 8), (4, 15), (5, 16), (2, 17), (7, 31), (3, 64), (6, 65), (3, 1000),
]

/// Numbers at which formulas break: NaN, infinities, zeros, subnormal and huge numbers, and where e^x leaves the range.
let specialValues: [Float] = [
    .nan, .infinity, -.infinity, 0, -0.0, 0x1p-133, -0x1p-133, .leastNonzeroMagnitude, .leastNormalMagnitude, 1e30,
    -1e30,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 88, -88, 88.9, -88.9, -104, 1e-8, -1e-8,
]

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Uniform numbers.
func randomFloats(_ count: Int, in range: ClosedRange<Float> = -2...2, seed: Int) -> [Float] {
    var generator = SeededGenerator(seed)
    return (0..<count).map { _ in Float.random(in: range, using: &generator) }
}

/// Uniform numbers with special values in between.
func mixedFloats(_ count: Int, in range: ClosedRange<Float> = -8...8, seed: Int) -> [Float] {
    var values = randomFloats(count, in: range, seed: seed)
    for i in stride(from: seed % 5, to: count, by: 7) {
        values[i] = specialValues[(i / 7 + seed) % specialValues.count]
    }
    return values
}

/// Calls a kernel on copies of `inputs` and `outputs` that start off alignment, and returns the outputs.
///
/// Records an issue when the kernel writes next to an output.
func callOffAlignment(
    _ inputs: [[Float]], outputs: [[Float]],
    _ kernel: (_ inputs: [UnsafeMutablePointer<Float>], _ outputs: [UnsafeMutablePointer<Float>]) -> Void
) -> [[Float]] {
    let margin = 32
    let guardValue: Float = 12345.5
    let arrays = inputs + outputs
    let blocks = arrays.enumerated().map { index, array in
        let offset = margin + 1 + index % 3
        let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: array.count + offset + margin)
        block.initialize(repeating: guardValue)
        for (i, value) in array.enumerated() { block[offset + i] = value }
        return (block, offset)
    }
    defer { blocks.forEach { $0.0.deallocate() } }

    let starts = blocks.map { $0.0.baseAddress! + $0.1 }
    kernel(Array(starts.prefix(inputs.count)), Array(starts.dropFirst(inputs.count)))
    return zip(outputs, blocks.dropFirst(inputs.count)).map { output, block in
        let (values, offset) = (Array(block.0), block.1)
        let outside = values[..<offset] + values[(offset + output.count)...]
        #expect(outside.allSatisfy { $0 == guardValue }, "written outside of \(output.count) values")
        return Array(values[offset..<offset + output.count])
    }
}

/// `expectClose` for arrays of `Float`; of another name, so that it leaves literals in other tests unambiguous.
func expectCloseFloats(
    _ values: [Float], _ expected: [Float], within tolerance: Tolerance, _ what: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectClose(
        values.map { Double($0) }, expected.map { Double($0) }, within: tolerance, what(),
        sourceLocation: sourceLocation)
}

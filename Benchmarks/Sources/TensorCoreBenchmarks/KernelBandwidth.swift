import Parallel
import BenchmarkKit
import Foundation
import TensorCore

/// Element-wise and norm kernels on arrays of 24 MiB, out of cache together, against `memcpy` of the same process and
/// threads.
///
/// Both are counted in bytes read plus bytes written. The result of an operation is new memory, which the allocator hands
/// out again up to 32 MiB: beyond that, the system's clearing of pages would be measured.
var kernelBandwidthCases: [BenchmarkCase] {
    let (rows, columns) = (3072, 2048)
    func values(_ seed: UInt64) -> Tensor {
        var generator = SplitMix64(state: seed)
        return .uniform(-1...1, [rows, columns], using: &generator)
    }
    let kernels: [(name: String, operands: Int, run: (Tensor, Tensor) -> Tensor)] = [
        ("add", 2, { a, b in a + b }),
        ("multiply", 2, { a, b in a * b }),
        ("silu", 1, { a, _ in a.silu() }),
        ("gelu", 1, { a, _ in a.gelu() }),
        ("rms_norm", 1, { a, _ in rmsNorm(a, weight: .ones([columns]), epsilon: 1e-5) }),
        ("layer_norm", 1, { a, _ in layerNorm(a, epsilon: 1e-5) }),
        ("softmax", 1, { a, _ in a.softmax() }),
    ]
    return kernels.map { kernel in
        BenchmarkCase("kernel_bandwidth/\(kernel.name)") {
            let (a, b) = (values(1), values(2))
            let copy = MemoryCopy(byteCount: rows * columns * 4)
            func round() -> [MeasuredValue] {
                let bytes = Double((kernel.operands + 1) * rows * columns * 4)
                let seconds = secondsToRun { _ = kernel.run(a, b) }
                return [
                    MeasuredValue("kernel_bandwidth/\(kernel.name)", bytes / seconds / 1e9, unit: "GB/s"),
                    MeasuredValue(
                        "kernel_bandwidth/\(kernel.name)", copy.bandwidth() / 1e9, unit: "GB/s", role: .peer),
                ]
            }
            _ = round()
            return round
        }
    }
}

/// `memcpy` of a block, split over the kernel threads.
final class MemoryCopy {
    private let byteCount: Int
    private let source: UnsafeMutableRawPointer
    private let target: UnsafeMutableRawPointer

    init(byteCount: Int) {
        self.byteCount = byteCount
        source = .allocate(byteCount: byteCount, alignment: 64)
        target = .allocate(byteCount: byteCount, alignment: 64)
        source.initializeMemory(as: UInt8.self, repeating: 1, count: byteCount)
        target.initializeMemory(as: UInt8.self, repeating: 2, count: byteCount)
    }

    deinit {
        source.deallocate()
        target.deallocate()
    }

    /// Bytes read plus bytes written per second.
    func bandwidth() -> Double {
        let part = 1 << 20
        let seconds = secondsToRun {
            parallelFor(byteCount / part) { memcpy(target + $0 * part, source + $0 * part, part) }
        }
        return 2 * Double(byteCount) / seconds
    }
}

/// Sebastiano Vigna's generator: the same values in every run.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

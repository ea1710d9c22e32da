import Parallel
import BenchmarkKit
import Foundation
import TensorCore

/// One row through a large `int8` layer, as a decoder does for each token, against OpenBLAS's sgemv.
enum QuantizedDecode {
    static let outputs = 4096, inputs = 4096

    static var benchmark: BenchmarkCase {
        BenchmarkCase("int8_decode") {
            var generator = SplitMix64(state: 1)
            let weight = Tensor.uniform(-1...1, [outputs, inputs], using: &generator)
            let x = Tensor.uniform(-1...1, [1, inputs], using: &generator)
            let stored = weight.quantizedByRow()
            let peer = try OpenBLAS()
            return {
                // calls a second, so that the ratio is the speed-up
                let ours = secondsToRun { for _ in 0..<20 { _ = linear(x, weight: stored) } }
                let theirs = secondsToRun {
                    for _ in 0..<20 { peer.multiply(weight, x, rows: outputs, columns: inputs) }
                }
                return [
                    MeasuredValue("int8_decode", 20 / ours, unit: "calls/s"),
                    MeasuredValue("int8_decode", 20 / theirs, unit: "calls/s", role: .peer),
                ]
            }
        }
    }

    /// OpenBLAS's matrix-vector product on as many threads as the kernels have.
    private struct OpenBLAS {
        typealias SGEMV =
            @convention(c) (
                Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>, Int32, Float,
                UnsafeMutablePointer<Float>, Int32
            ) -> Void
        typealias SetThreads = @convention(c) (Int32) -> Void

        private let sgemv: SGEMV
        private let setThreads: SetThreads

        /// Finds the functions in the library that TensorCore is linked with.
        init() throws {
            let process = dlopen(nil, RTLD_NOW)
            guard let sgemv = dlsym(process, "cblas_sgemv"), let threads = dlsym(process, "openblas_set_num_threads")
            else { throw CocoaError(.featureUnsupported) }
            self.sgemv = unsafeBitCast(sgemv, to: SGEMV.self)
            setThreads = unsafeBitCast(threads, to: SetThreads.self)
        }

        func multiply(_ matrix: Tensor, _ x: Tensor, rows: Int, columns: Int) {
            let (rowMajor, asStored): (Int32, Int32) = (101, 111)
            setThreads(Int32(KernelThreads.count))
            defer { setThreads(1) }
            var y = [Float](repeating: 0, count: rows)
            matrix.withSpan { w in
                w.withUnsafeBufferPointer { w in
                    x.withSpan { x in
                        x.withUnsafeBufferPointer { x in
                            sgemv(
                                rowMajor, asStored, Int32(rows), Int32(columns), 1, w.baseAddress!, Int32(columns),
                                x.baseAddress!, 1, 0, &y, 1)
                        }
                    }
                }
            }
        }
    }
}

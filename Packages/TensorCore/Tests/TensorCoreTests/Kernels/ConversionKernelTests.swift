import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct ConversionKernelTests {
    /// Bit patterns of 1, −2, the largest number, the smallest, ∞ and 1 + 1/2 unit, which goes to the even side.
    @Test func formatsByHand() {
        #expect(Float16Format.encode(1) == 0x3c00)
        #expect(Float16Format.encode(-2) == 0xc000)
        #expect(Float16Format.encode(65504) == 0x7bff)
        #expect(Float16Format.encode(65520) == 0x7c00)
        #expect(Float16Format.encode(5.9604645e-8) == 1)
        #expect(Float16Format.encode(1 + 1 / 2048) == 0x3c00)
        #expect(Float16Format.encode(1 + 3 / 2048) == 0x3c02)
        #expect(BFloat16Format.encode(1) == 0x3f80)
        #expect(BFloat16Format.encode(1 + 1 / 256) == 0x3f80)
        #expect(BFloat16Format.encode(1 + 3 / 256) == 0x3f82)
        #expect(BFloat16Format.encode(.greatestFiniteMagnitude) == 0x7f80)
    }

    @Test(arguments: KernelVariants.names)
    func everyPatternDecodesAsTheReference(variant: String) {
        let table = KernelVariants.table(variant)
        let patterns = Array(UInt16.min...UInt16.max)
        var (half, brain) = ([Float](repeating: 1, count: 65536), [Float](repeating: 1, count: 65536))
        table.float16_to_float(patterns, &half, 65536)
        table.bfloat16_to_float(patterns, &brain, 65536)
        #expect(patterns.allSatisfy { same(half[Int($0)], Float16Format.decode($0)) })
        #expect(patterns.allSatisfy { same(brain[Int($0)], BFloat16Format.decode($0)) })

        // and back; NaN may change its payload
        var (fromHalf, fromBrain) = (patterns, patterns)
        table.float_to_float16(half, &fromHalf, 65536)
        table.float_to_bfloat16(brain, &fromBrain, 65536)
        #expect(patterns.allSatisfy { half[Int($0)].isNaN || fromHalf[Int($0)] == $0 })
        #expect(patterns.allSatisfy { brain[Int($0)].isNaN || fromBrain[Int($0)] == $0 })
    }

    /// Bit patterns at random, and numbers half way between two halves or brain floats.
    @Test(arguments: KernelVariants.names)
    func numbersEncodeAsTheReference(variant: String) {
        let table = KernelVariants.table(variant)
        var generator = SeededGenerator(70)
        for count in remainderLengths {
            let x = (0..<count).map { i -> Float in
                let bits = UInt32.random(in: .min ... .max, using: &generator)
                switch i % 4 {
                case 0: return Float(bitPattern: bits)
                case 1: return Float(bitPattern: bits & 0xffff_0000 | 0x8000)
                case 2: return Float16Format.decode(UInt16(bits & 0xfbff)) * (1 + 1 / 2048)
                default: return specialValues[Int(bits % UInt32(specialValues.count))]
                }
            }
            var (half, brain) = ([UInt16](repeating: 7, count: count), [UInt16](repeating: 7, count: count))
            table.float_to_float16(x, &half, count)
            table.float_to_bfloat16(x, &brain, count)
            for i in 0..<count {
                let (expectedHalf, expectedBrain) = (Float16Format.encode(x[i]), BFloat16Format.encode(x[i]))
                if x[i].isNaN {
                    #expect(Float16Format.decode(half[i]).isNaN && BFloat16Format.decode(brain[i]).isNaN)
                } else {
                    #expect(half[i] == expectedHalf && brain[i] == expectedBrain, "\(x[i])")
                }
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func quantizedRowsMatchReference(variant: String) {
        let table = KernelVariants.table(variant)
        for (rows, columns) in matrixSizes {
            var x = randomFloats(rows * columns, seed: 71)
            if rows > 2 {
                for c in 0..<columns { x[columns + c] = 0 }
                x[2 * columns] = .infinity
            }
            var (q, scale) = ([Int8](repeating: 1, count: x.count), [Float](repeating: 1, count: rows))
            var (expectedQ, expectedScale) = (q, scale)
            var qSpan = expectedQ.mutableSpan
            var scaleSpan = expectedScale.mutableSpan
            quantizeRows(x.span, into: &qSpan, scale: &scaleSpan)
            table.quantize_rows(x, &q, &scale, rows, columns)
            expectCloseFloats(scale, expectedScale, within: .exact)
            for r in 0..<rows where scale[r].isFinite {
                let row = r * columns..<(r + 1) * columns
                #expect(q[row] == expectedQ[row], "row \(r) of \(rows) × \(columns)")
            }

            var (y, expectedY) = (x, x)
            var ySpan = expectedY.mutableSpan
            dequantizeRows(expectedQ.span, scale: scale.span, into: &ySpan)
            table.dequantize_rows(q, scale, &y, rows, columns)
            for r in 0..<rows {
                let row = r * columns..<(r + 1) * columns
                if scale[r].isFinite {
                    expectCloseFloats(Array(y[row]), Array(expectedY[row]), within: .exact)
                    let bound = Tolerance(relative: 0, absolute: Double(scale[r]) * 0.5001)
                    expectCloseFloats(Array(y[row]), Array(x[row]), within: bound)
                } else {
                    #expect(y[row].contains { !$0.isFinite })
                }
            }
        }
    }

    private func same(_ a: Float, _ b: Float) -> Bool { a.isNaN ? b.isNaN : a.bitPattern == b.bitPattern }
}

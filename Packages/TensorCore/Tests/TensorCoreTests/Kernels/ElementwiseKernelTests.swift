import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct ElementwiseKernelTests {
    typealias BinaryKernel =
        @convention(c) (
            UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int
        ) -> Void

    /// The result of a binary kernel, also with the output on top of either input, which must not change it.
    private func result(of kernel: BinaryKernel, _ a: [Float], _ b: [Float], _ what: String) -> [Float] {
        let apart = callOffAlignment([a, b], outputs: [a]) { kernel($0[0], $0[1], $1[0], a.count) }[0]
        let overA = callOffAlignment([b], outputs: [a]) { kernel($1[0], $0[0], $1[0], a.count) }[0]
        let overB = callOffAlignment([a], outputs: [b]) { kernel($0[0], $1[0], $1[0], a.count) }[0]
        expectCloseFloats(overA, apart, within: .exact, "\(what) in place of a")
        expectCloseFloats(overB, apart, within: .exact, "\(what) in place of b")
        return apart
    }

    @Test(arguments: KernelVariants.names)
    func arithmeticIsThatOfFloat(variant: String) {
        let table = KernelVariants.table(variant)
        let operations: [(String, BinaryKernel, (Float, Float) -> Float)] = [
            ("add", table.add, { $0 + $1 }),
            ("subtract", table.subtract, { $0 - $1 }),
            ("multiply", table.multiply, { $0 * $1 }),
            ("divide", table.divide, { $0 / $1 }),
            ("minimum", table.minimum, minimumKeepingNaN),
            ("maximum", table.maximum, maximumKeepingNaN),
        ]
        for count in remainderLengths {
            let (a, b) = (mixedFloats(count, seed: 1), mixedFloats(count, seed: 3))
            for (name, kernel, function) in operations {
                var expected = a
                var output = expected.mutableSpan
                elementwise(a.span, b.span, into: &output, function)
                expectCloseFloats(result(of: kernel, a, b, name), expected, within: .exact, "\(name) of \(count)")
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func extremaKeepNaNFromEitherSide(variant: String) {
        let table = KernelVariants.table(variant)
        let a = [Float](repeating: .nan, count: 40)
        let b = [Float](repeating: 1, count: 40)
        for kernel in [table.minimum!, table.maximum!] {
            for (left, right) in [(a, b), (b, a)] {
                let y = callOffAlignment([left, right], outputs: [a]) { kernel($0[0], $0[1], $1[0], 40) }[0]
                #expect(y.allSatisfy { $0.isNaN })
            }
        }
    }

    /// A sum that cancels keeps the rounding of its product where the processor has no fused multiply-add: absolute
    /// 1e-6 as for sums.
    @Test(arguments: KernelVariants.names)
    func scaledSumsMatchReference(variant: String) {
        let table = KernelVariants.table(variant)
        for count in remainderLengths {
            let (a, b, y) = (mixedFloats(count, seed: 2), randomFloats(count, seed: 8), randomFloats(count, seed: 9))

            var expected = a
            var output = expected.mutableSpan
            elementwise(a.span, into: &output) { $0 * 1.7 + 0.3 }
            let shifted = callOffAlignment([a], outputs: [y]) { table.scale_shift($0[0], 1.7, 0.3, $1[0], count) }[0]
            expectCloseFloats(shifted, expected, within: .reduction, "scale_shift of \(count)")

            expected = y
            output = expected.mutableSpan
            addScaled(a.span, scale: -0.7, to: &output)
            let scaled = callOffAlignment([a], outputs: [y]) { table.add_scaled($0[0], -0.7, $1[0], count) }[0]
            expectCloseFloats(scaled, expected, within: .reduction, "add_scaled of \(count)")

            expected = y
            output = expected.mutableSpan
            addProduct(a.span, b.span, to: &output)
            let product = callOffAlignment([a, b], outputs: [y]) { table.add_product($0[0], $0[1], $1[0], count) }[0]
            expectCloseFloats(product, expected, within: .reduction, "add_product of \(count)")
        }
    }

    /// The reference is evaluated in Double and rounded, so that only the kernel's error is seen.
    @Test(arguments: KernelVariants.names)
    func functionsMatchReference(variant: String) {
        let table = KernelVariants.table(variant)
        typealias UnaryKernel = @convention(c) (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
        let functions: [(String, UnaryKernel, (Double) -> Double)] = [
            ("exponential", table.exponential, { Double.exp($0) }),
            ("logarithm", table.logarithm, { Double.log($0) }),
            ("square_root", table.square_root, { Double.sqrt($0) }),
            ("hyperbolic_tangent", table.hyperbolic_tangent, { Double.tanh($0) }),
            ("sigmoid", table.sigmoid, { Activation.sigmoid($0) }),
            ("relu", table.relu, { Activation.relu($0) }),
            ("silu", table.silu, { Activation.silu($0) }),
            ("gelu", table.gelu, { Activation.gelu($0) }),
            ("gelu_tanh", table.gelu_tanh, { Activation.geluTanh($0) }),
            ("quick_gelu", table.quick_gelu, { Activation.quickGELU($0) }),
        ]
        for count in remainderLengths {
            let x = mixedFloats(count, in: -20...20, seed: 4)
            for (name, kernel, function) in functions {
                let expected = x.map { Float(function(Double($0))) }
                let apart = callOffAlignment([x], outputs: [x]) { kernel($0[0], $1[0], count) }[0]
                expectCloseFloats(apart, expected, within: .elementwise, "\(name) of \(count)")
                let inPlace = callOffAlignment([], outputs: [x]) { kernel($1[0], $1[0], count) }[0]
                expectCloseFloats(inPlace, apart, within: .exact, "\(name) of \(count) in place")
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func functionsTakeTheirLimits(variant: String) {
        let table = KernelVariants.table(variant)
        func value(
            _ kernel: @convention(c) (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void, _ x: Float
        )
            -> Float
        {
            callOffAlignment([[x]], outputs: [[0]]) { kernel($0[0], $1[0], 1) }[0][0]
        }
        #expect(value(table.exponential, -.infinity) == 0)
        #expect(value(table.exponential, .infinity) == .infinity)
        #expect(value(table.exponential, 0) == 1)
        #expect(value(table.logarithm, 0) == -.infinity)
        #expect(value(table.logarithm, -1).isNaN)
        #expect(value(table.hyperbolic_tangent, -.infinity) == -1)
        #expect(value(table.sigmoid, 0) == 0.5)
        for kernel in [table.silu!, table.gelu!, table.gelu_tanh!, table.quick_gelu!] {
            #expect(value(kernel, -.infinity) == 0)
            #expect(value(kernel, .infinity) == .infinity)
            #expect(value(kernel, .nan).isNaN)
        }
    }

    /// A slope is a sum whose terms cancel where it crosses zero: absolute 1e-6 as for sums.
    @Test(arguments: KernelVariants.names)
    func slopesMatchReference(variant: String) {
        let table = KernelVariants.table(variant)
        let slopes: [(String, BinaryKernel, (Double) -> Double)] = [
            ("relu_backward", table.relu_backward, { Activation.reluSlope($0) }),
            ("silu_backward", table.silu_backward, { Activation.siluSlope($0) }),
            ("gelu_backward", table.gelu_backward, { Activation.geluSlope($0) }),
            ("gelu_tanh_backward", table.gelu_tanh_backward, { Activation.geluTanhSlope($0) }),
            ("quick_gelu_backward", table.quick_gelu_backward, { Activation.quickGELUSlope($0) }),
        ]
        for count in remainderLengths {
            let (x, dy) = (mixedFloats(count, in: -12...12, seed: 6), randomFloats(count, seed: 7))
            for (name, kernel, slope) in slopes {
                // relu at NaN has slope 1 in both, as in PyTorch
                let expected = zip(x, dy).map { Float(Double($1) * slope(Double($0))) }
                let found = result(of: kernel, x, dy, name)
                expectCloseFloats(found, expected, within: .reduction, "\(name) of \(count)")
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func gatedUnitMatchesReference(variant: String) {
        let table = KernelVariants.table(variant)
        for count in remainderLengths {
            let (gate, up) = (mixedFloats(count, seed: 10), randomFloats(count, seed: 11))
            let dy = randomFloats(count, seed: 12)

            var expected = gate
            var output = expected.mutableSpan
            siluMultiplyForward(gate.span, up: up.span, into: &output)
            let y = callOffAlignment([gate, up], outputs: [gate]) { table.silu_multiply($0[0], $0[1], $1[0], count) }[0]
            expectCloseFloats(y, expected, within: .elementwise, "silu_multiply of \(count)")

            var (dgate, dup) = (gate, gate)
            var dgateSpan = dgate.mutableSpan
            var dupSpan = dup.mutableSpan
            siluMultiplyBackward(gate.span, up: up.span, dy: dy.span, dgate: &dgateSpan, dup: &dupSpan)
            let found = callOffAlignment([gate, up, dy], outputs: [gate, gate]) {
                table.silu_multiply_backward($0[0], $0[1], $0[2], $1[0], $1[1], count)
            }
            expectCloseFloats(found[0], dgate, within: .reduction, "dgate of \(count)")
            expectCloseFloats(found[1], dup, within: .reduction, "dup of \(count)")
        }
    }
}

import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct AdamWKernelTests {
    /// The first step moves every parameter by the rate, whatever the gradient: m̂ / √v̂ = g / |g|.
    @Test(arguments: KernelVariants.names)
    func firstStepMovesByTheRate(variant: String) {
        let table = KernelVariants.table(variant)
        let gradient: [Float] = [1e-3, -5, 200, -1e-2, 7]
        let zeros = [Float](repeating: 0, count: 5)
        let found = callOffAlignment([gradient], outputs: [zeros, zeros, zeros]) {
            table.adamw($1[0], $0[0], $1[1], $1[2], 1, 0.1, 0.9, 0.999, 1e-12, 0, 1 - 0.9, 1 - 0.999, 5)
        }
        expectCloseFloats(found[0], gradient.map { $0 > 0 ? -0.1 : 0.1 }, within: .elementwise)
    }

    @Test(arguments: KernelVariants.names)
    func stepsMatchReference(variant: String) {
        let table = KernelVariants.table(variant)
        let settings = AdamWSettings(rate: 3e-3, weightDecay: 0.05)
        for count in remainderLengths {
            var parameter = randomFloats(count, seed: 60)
            var (m, v) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
            var fast = [parameter, m, v]
            var (power1, power2) = (1.0, 1.0)
            for step in 1...3 {
                let gradient = randomFloats(count, seed: 60 + step)
                var parameterSpan = parameter.mutableSpan
                var mSpan = m.mutableSpan
                var vSpan = v.mutableSpan
                adamWStep(
                    &parameterSpan, gradient: gradient.span, firstMoment: &mSpan, secondMoment: &vSpan,
                    gradientScale: 0.5, step: step, settings)
                power1 *= settings.beta1
                power2 *= settings.beta2
                fast = callOffAlignment([gradient], outputs: fast) {
                    table.adamw(
                        $1[0], $0[0], $1[1], $1[2], 0.5, settings.rate, settings.beta1, settings.beta2,
                        settings.epsilon, settings.weightDecay, 1 - power1, 1 - power2, count)
                }
            }
            expectCloseFloats(fast[0], parameter, within: .elementwise, "parameter of \(count)")
            expectCloseFloats(fast[1], m, within: .elementwise, "first moment of \(count)")
            expectCloseFloats(fast[2], v, within: .elementwise, "second moment of \(count)")
        }
    }
}

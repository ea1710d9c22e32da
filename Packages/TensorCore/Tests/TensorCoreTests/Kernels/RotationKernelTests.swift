import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct RotationKernelTests {
    /// A sum of two products cancels: absolute 1e-6 as for sums.
    @Test(arguments: KernelVariants.names)
    func rotationMatchesReferenceAndItsInverseUndoesIt(variant: String) {
        let table = KernelVariants.table(variant)
        for (tokens, heads, size) in [(1, 1, 2), (2, 3, 6), (3, 1, 16), (5, 2, 34), (4, 3, 64), (2, 2, 130)] {
            let angles = randomFloats(tokens * size / 2, in: -3...3, seed: 50)
            let (cosine, sine) = (angles.map { Float.cos($0) }, angles.map { Float.sin($0) })
            let x = randomFloats(tokens * heads * size, seed: 51)

            for direction: Float in [1, -1] {
                var expected = x
                var output = expected.mutableSpan
                rotateHalf(
                    x.span, cosine: cosine.span, sine: sine.span, direction: direction, tokens: tokens, heads: heads,
                    into: &output)
                let found = callOffAlignment([cosine, sine], outputs: [x]) {
                    table.rotate_half($1[0], $0[0], $0[1], direction, $1[0], tokens, heads, size)
                }[0]
                expectCloseFloats(found, expected, within: .reduction, "\(tokens) × \(heads) × \(size)")

                let back = callOffAlignment([found, cosine, sine], outputs: [x]) {
                    table.rotate_half($0[0], $0[1], $0[2], -direction, $1[0], tokens, heads, size)
                }[0]
                expectCloseFloats(back, x, within: .reduction, "\(tokens) × \(heads) × \(size) and back")
            }
        }
    }
}

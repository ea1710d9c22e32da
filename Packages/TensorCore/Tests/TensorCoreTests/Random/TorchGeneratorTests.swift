import Foundation
import TensorCore
import Testing

@Suite struct TorchGeneratorTests {
    @Test(arguments: TorchDraws.all)
    func drawsAreThoseOfPyTorch(expected: TorchDraws) {
        var generator = TorchGenerator(seed: expected.seed)
        for normals in expected.normals {
            #expect(generator.normals(normals.count).map(\.bitPattern) == normals)
        }
        #expect(generator.uniforms(3).map(\.bitPattern) == expected.uniforms)
        #expect(expected.doubles.map { _ in generator.uniformDouble().bitPattern } == expected.doubles)
        #expect(generator.normals(18, mean: 0.5, deviation: 0.02).map(\.bitPattern) == expected.scaledNormals)
        #expect(generator.uniforms(3, in: -0.25...0.125).map(\.bitPattern) == expected.rangeUniforms)
    }

    /// On paper: a permutation of one or none is itself and draws nothing.
    @Test func permutationsOfOneDrawNothing() {
        var generator = TorchGenerator(seed: 1)
        #expect(generator.permutation(0).isEmpty)
        #expect(generator.permutation(1) == [0])
        #expect(generator == TorchGenerator(seed: 1))
    }

    @Test func encodedStateContinuesTheStream() throws {
        var generator = TorchGenerator(seed: 3)
        _ = generator.normals(5)  // leaves a kept normal
        var restored = try JSONDecoder().decode(TorchGenerator.self, from: JSONEncoder().encode(generator))
        #expect(restored == generator)
        #expect(restored.normals(700) == generator.normals(700))
        #expect(restored.normal() == generator.normal())
    }
}

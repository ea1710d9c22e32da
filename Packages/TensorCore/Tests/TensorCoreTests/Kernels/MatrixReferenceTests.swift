import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct MatrixReferenceTests {
    @Test func matrixProductByHand() {
        let (a, b): ([Double], [Double]) = ([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12])
        var y = [Double](repeating: 0, count: 4)
        var output = y.mutableSpan
        matrixProduct(a.span, b.span, rows: 2, inner: 3, columns: 2, into: &output)
        #expect(y == [58, 64, 139, 154])

        // the same matrices stored transposed
        let (aTransposed, bTransposed): ([Double], [Double]) = ([1, 4, 2, 5, 3, 6], [7, 9, 11, 8, 10, 12])
        output = y.mutableSpan
        matrixProduct(
            aTransposed.span, bTransposed.span, rows: 2, inner: 3, columns: 2, transposingA: true, transposingB: true,
            into: &output)
        #expect(y == [58, 64, 139, 154])
    }

    /// A pixel at (0, 1) of a 2 × 2 image, padded by one, in 2 × 2 patches at every second place.
    @Test func patchesByHand() {
        let image: [Double] = [1, 2, 3, 4]
        var patches = [Double](repeating: 9, count: 16)
        var output = patches.mutableSpan
        convolutionPatches(
            image.span, batch: 1, channels: 1, height: 2, width: 2, kernel: 2, stride: 2, padding: 1, into: &output)
        #expect(patches == [0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 0])
    }
}

import TensorCore
import Testing

@Suite struct ShapeTests {
    @Test func rowMajorStridesCountElements() {
        let shape: Shape = [2, 3, 4]
        #expect(shape.rowMajorStrides == [12, 4, 1])
        #expect(shape.elementCount == 24)
        #expect(Shape([]).elementCount == 1)
    }

    @Test(arguments: [
        ([2, 3], [3], [2, 3]), ([2, 1], [1, 4], [2, 4]), ([], [5], [5]), ([4, 1, 3], [2, 1], [4, 2, 3]),
    ])
    func broadcastingFollowsNumPy(a: [Int], b: [Int], expected: [Int]) {
        #expect(Shape(a).broadcast(with: Shape(b)) == Shape(expected))
        #expect(Shape(b).broadcast(with: Shape(a)) == Shape(expected))
    }

    @Test func shapesThatDoNotFitGiveNil() {
        #expect(Shape([2, 3]).broadcast(with: [2]) == nil)
        #expect(Shape([2, 3]).broadcast(with: [4, 3]) == nil)
    }
}

import Testing

@testable import LiberoSimulation

@Suite struct ViewFrustumTests {
    /// At the origin, looking along +y, 45° up and down.
    private func frustum(aspect: Float) -> ViewFrustum {
        ViewFrustum(
            position: .zero, forward: SIMD3(0, 1, 0), up: SIMD3(0, 0, 1), left: -0.1 * aspect, right: 0.1 * aspect,
            bottom: -0.1, top: 0.1, near: 0.1)
    }

    private func cube(_ center: SIMD3<Float>, half: Float = 1) -> OrientedBox {
        OrientedBox(center: center, halfAxes: (SIMD3(half, 0, 0), SIMD3(0, half, 0), SIMD3(0, 0, half)))
    }

    /// At distance 10 the side is at 10; the corner of a cube of half size 1 that is nearest to the view is at distance 11
    /// and 1 less to the side.
    @Test(arguments: [SIMD3<Float>(1, 0, 0), SIMD3(-1, 0, 0), SIMD3(0, 0, 1), SIMD3(0, 0, -1)])
    func sidesAreWhereTheProjectionHasThem(side: SIMD3<Float>) {
        #expect(frustum(aspect: 1).sees(cube(side * 11.9 + SIMD3(0, 10, 0))))
        #expect(!frustum(aspect: 1).sees(cube(side * 12.1 + SIMD3(0, 10, 0))))
    }

    @Test func nothingBehindIsSeen() {
        #expect(!frustum(aspect: 1).sees(cube(SIMD3(0, -2, 0))))
        #expect(frustum(aspect: 1).sees(cube(SIMD3(0, -0.5, 0))))
    }

    /// Width over height 2 moves the right and left sides out, not those above and below.
    @Test func wideImagesSeeMore() {
        #expect(frustum(aspect: 2).sees(cube(SIMD3(19, 10, 0), half: 0.1)))
        #expect(!frustum(aspect: 2).sees(cube(SIMD3(0, 10, 19), half: 0.1)))
    }

    /// Through a window of 2 × 2 at distance 10 one sees 4 × 4 at distance 20, from whichever corner one begins.
    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0]])
    func windowsNarrowTheView(order: [Int]) {
        let corners = [SIMD3<Float>(1, 10, 1), SIMD3(-1, 10, 1), SIMD3(-1, 10, -1), SIMD3(1, 10, -1)]
        let window = frustum(aspect: 1).narrowed(to: order.map { corners[$0] })
        #expect(window.sees(cube(SIMD3(2, 20, 0), half: 0.1)))
        #expect(!window.sees(cube(SIMD3(2.2, 20, 0), half: 0.1)))
        #expect(!window.sees(cube(SIMD3(0, 20, -2.2), half: 0.1)))
        // seen from its edge a window narrows nothing
        let flat = frustum(aspect: 1).narrowed(to: [
            SIMD3(1, 10, 0), SIMD3(1, 20, 0), SIMD3(-1, 20, 0), SIMD3(-1, 10, 0),
        ])
        #expect(flat.sees(cube(SIMD3(9, 10, 0), half: 0.1)))
    }

    /// What is two above a floor at height one appears at minus one, upside down.
    @Test func mirrorsReflect() {
        let floor = MirrorPlane(point: SIMD3(5, 5, 1), normal: SIMD3(0, 0, 1))
        let image = floor.image(
            of: OrientedBox(center: SIMD3(1, 2, 3), halfAxes: (SIMD3(1, 0, 1), SIMD3(0, 2, 0), SIMD3(0, 0, 3))))
        #expect(image.center == SIMD3(1, 2, -1))
        #expect(image.halfAxes == (SIMD3(1, 0, -1), SIMD3(0, 2, 0), SIMD3(0, 0, -3)))
    }
}

import Testing

@testable import LiberoSimulation

@Suite struct ViewFrustumTests {
    /// At the origin, looking along +y, 45° up and down.
    private func frustum(aspect: Float) -> ViewFrustum {
        ViewFrustum(
            position: .zero, forward: SIMD3(0, 1, 0), up: SIMD3(0, 0, 1), left: -0.1 * aspect, right: 0.1 * aspect,
            bottom: -0.1, top: 0.1, near: 0.1)
    }

    /// At distance 10 the side is at 10; a sphere of radius 1 centered at 11.4 is 1.4 / √2 = 0.99 away from it, at 11.5
    /// it is 1.06 away.
    @Test(arguments: [SIMD3<Float>(1, 0, 0), SIMD3(-1, 0, 0), SIMD3(0, 0, 1), SIMD3(0, 0, -1)])
    func sidesAreWhereTheProjectionHasThem(side: SIMD3<Float>) {
        #expect(frustum(aspect: 1).sees(side * 11.4 + SIMD3(0, 10, 0), radius: 1))
        #expect(!frustum(aspect: 1).sees(side * 11.5 + SIMD3(0, 10, 0), radius: 1))
    }

    @Test func nothingBehindIsSeen() {
        #expect(!frustum(aspect: 1).sees(SIMD3(0, -2, 0), radius: 1))
        #expect(frustum(aspect: 1).sees(SIMD3(0, -0.5, 0), radius: 1))
    }

    /// Width over height 2 moves the right and left sides out, not those above and below.
    @Test func widePicturesSeeMore() {
        #expect(frustum(aspect: 2).sees(SIMD3(19, 10, 0), radius: 0.1))
        #expect(!frustum(aspect: 2).sees(SIMD3(0, 10, 19), radius: 0.1))
    }

    /// A point two above a floor at height one appears at minus one.
    @Test func mirrorsReflect() {
        let floor = MirrorPlane(point: SIMD3(5, 5, 1), normal: SIMD3(0, 0, 1))
        #expect(floor.image(of: SIMD3(1, 2, 3)) == SIMD3(1, 2, -1))
    }
}

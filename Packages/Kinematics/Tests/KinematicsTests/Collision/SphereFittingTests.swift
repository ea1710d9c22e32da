import Foundation
import Kinematics
import Testing

@Suite struct SphereFittingTests {
    private func fitting(_ count: Int?) -> SphereFitting {
        var fitting = SphereFitting(sphereCount: count)
        (fitting.resolution, fitting.surfaceSampleCount, fitting.refinementCount) = (14, 400, 4)
        return fitting
    }

    @Test func sphereIsOneSphere() throws {
        let (spheres, report) = fitting(1).fit(.sphere(radius: 0.1, segments: 16))
        let sphere = try #require(spheres.first)
        #expect(spheres.count == 1 && sphere.center.length < 0.01)
        #expect(abs(sphere.radius - 0.1) < 0.012)
        #expect(report.coverage > 0.9 && report.meanProtrusion < 0.01)
    }

    @Test func moreSpheresCoverABarBetter() {
        let bar = TriangleMesh.box(Vector3(0.4, 0.08, 0.08))
        let (few, coarse) = fitting(2).fit(bar)
        let (many, fine) = fitting(6).fit(bar)
        #expect(few.count == 2 && many.count == 6)
        #expect(fine.meanProtrusion < coarse.meanProtrusion)
        #expect(fine.coverage > 0.75 && fine.largestGap < 0.03)
        #expect(fine.volumeRatio > 0.8 && fine.volumeRatio < coarse.volumeRatio)
        #expect(many.map(\.radius) == many.map(\.radius).sorted(by: >))
        // 2.56 dm³ by 15 cm³, and the least
        #expect(fitting(nil).fit(TriangleMesh.box(Vector3(0.02, 0.02, 0.02))).report.sphereCount <= 3)
    }

    @Test func theSameMeshGivesTheSameSpheres() {
        let mesh = TriangleMesh.cylinder(radius: 0.05, height: 0.2, segments: 12)
        #expect(mesh.isWatertight)
        #expect(fitting(3).fit(mesh).spheres == fitting(3).fit(mesh).spheres)
        #expect(fitting(3).fit(TriangleMesh(vertices: [], triangles: [])).report.coverage == 0)
    }

    @Test func givenSpheresAreMeasured() {
        let cube = TriangleMesh.box(Vector3(2, 2, 2))
        let report = fitting(nil).report([.init(center: .zero, radius: 3.0.squareRoot())], on: cube)
        #expect(report.coverage == 1 && report.largestGap == 0)
        // at the middle of a face the sphere is √3 − 1 outside
        #expect(abs(report.largestProtrusion - (3.0.squareRoot() - 1)) < 0.06)
    }
}

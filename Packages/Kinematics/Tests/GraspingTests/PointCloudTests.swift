import Foundation
import Grasping
import Kinematics
import TensorCore
import Testing

@Suite struct PointCloudTests {
    private func randomCloud(_ count: Int, seed: UInt64) -> PointCloud {
        var generator = PhiloxGenerator(seed: seed)
        return PointCloud(
            (0..<count).map { _ in
                Vector3(
                    Double.random(in: -1...1, using: &generator), Double.random(in: -1...1, using: &generator),
                    Double.random(in: 0.5...1, using: &generator))
            })
    }

    @Test func pixelsBecomePoints() {
        let camera = PinholeCamera(
            width: 3, height: 2, focalLength: SIMD2(2, 4), principalPoint: SIMD2(1, 0.5))
        var depth = DepthImage(width: 3, height: 2, values: [0, 2, 0, 1, 0, .nan])
        #expect(depth.pointCloud(camera).points == [Vector3(0, -0.25, 2), Vector3(-0.5, 0.125, 1)])
        #expect(depth.pointCloud(camera, mask: [true, true, true, false, true, true]).count == 1)
        depth[column: 2, row: 0] = 3
        #expect(camera.project(depth.pointCloud(camera).points[1]) == SIMD2(2, 0))
        #expect(camera.project(Vector3(0, 0, -1)) == nil)
    }

    /// Near plane, far plane and half of the buffer: z = n f / (f - d (f - n)).
    @Test func depthBufferBecomesDistances() {
        let depth = DepthImage(width: 3, height: 1, buffer: [0, 0.5, 1], near: 0.1, far: 10)
        #expect(depth.values[0] == 0.1)
        #expect(abs(depth.values[1] - 0.1 * 10 / (10 - 0.5 * 9.9)) < 1e-6)
        #expect(depth.values[2] == 0)
    }

    @Test(arguments: [(8.0, -1), (0.08, 1), (800, -3), (0.0005, 3), (45000, -5)])
    func wrongUnitsAreNamed(median: Double, exponent: Int) {
        let depth = DepthImage(width: 2, height: 1, values: [median, median])
        let error = #expect(throws: DepthUnitError.self) { try depth.checkUnits() }
        #expect(error?.exponent == exponent)
        #expect(error?.description.contains("10^\(-exponent)") == true)
    }

    @Test func depthBufferIsNamed() {
        let depth = DepthImage(width: 3, height: 1, values: [0.97, 0.99, 0.98])
        #expect(throws: DepthUnitError(median: 0.98, exponent: nil, isDepthBuffer: true)) {
            try depth.checkUnits()
        }
        #expect(throws: Never.self) { try DepthImage(width: 2, height: 1, values: [0.6, 1.2]).checkUnits() }
    }

    @Test func voxelsHoldMeans() {
        // the origin is half a cell below the smallest coordinate: 0 and 0.4 share a cell of 1, 0.6 does not
        let cloud = PointCloud([Vector3(0, 0, 0), Vector3(0.4, 0, 0), Vector3(0.6, 0, 0)])
        #expect(cloud.voxelDownsampled(1).points == [Vector3(0.2, 0, 0), Vector3(0.6, 0, 0)])
        #expect(PointCloud().voxelDownsampled(1).points.isEmpty)
    }

    @Test func samplesAreDistinctOrComplete() {
        let cloud = randomCloud(50, seed: 1)
        var generator = PhiloxGenerator(seed: 2)
        #expect(Set(cloud.sampleIndices(20, using: &generator)).count == 20)
        let more = cloud.sampleIndices(70, using: &generator)
        #expect(more.count == 70 && Set(more).count == 50)
    }

    @Test func treeFindsWhatAllPairsFind() {
        let cloud = randomCloud(700, seed: 3)
        let tree = PointTree(cloud)
        for query in randomCloud(20, seed: 4).points {
            let distances = cloud.points.map { ($0 - query).length }
            let order = cloud.points.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
            #expect(tree.nearest(9, to: query).map(\.index) == Array(order.prefix(9)))
            #expect(tree.within(0.3, of: query) == distances.indices.filter { distances[$0] < 0.3 })
            #expect(tree.count(within: 0.3, of: query) == distances.count { $0 < 0.3 })
        }
        // many points in one place
        let same = PointTree(PointCloud([Vector3](repeating: Vector3(1, 1, 1), count: 100)))
        #expect(same.nearest(3, to: .zero).map(\.index) == [0, 1, 2])
        #expect(same.within(2, of: .zero).count == 100)
        #expect(PointTree(PointCloud()).nearest(to: .zero) == nil)
    }

    @Test func normalsOfAPlaneFaceTheCamera() throws {
        var generator = PhiloxGenerator(seed: 6)
        let normal = Vector3(0.2, -0.3, -0.9) / Vector3(0.2, -0.3, -0.9).length
        let cloud = PointCloud(
            (0..<400).map { _ in
                let (x, y) = (
                    Double.random(in: -0.2...0.2, using: &generator), Double.random(in: -0.2...0.2, using: &generator)
                )
                return Vector3(x, y, (-0.6 - normal.x * x - normal.y * y) / normal.z)
            })
        for found in cloud.normals(neighborCount: 12) { #expect((found - normal).length < 1e-6) }

        // a box on the plane does not move it
        let block = PointCloud((0..<80).map { k in Vector3(0.1, 0.1, 0.4 + 0.001 * Double(k)) })
        let scene = PointCloud(cloud.points + block.points)
        let plane = try #require(scene.dominantPlane(using: &generator))
        #expect((plane.normal - normal).length < 1e-6)
        #expect(abs(plane.signedDistance(to: .zero) - 0.6) < 1e-6)
        #expect(scene.above(plane, by: 0.008).points.allSatisfy { $0.x == 0.1 })
        #expect(PointCloud([.zero]).dominantPlane(using: &generator) == nil)
    }

    @Test func outliersAreFound() {
        var points = randomCloud(300, seed: 8).points
        points.append(Vector3(9, 9, 9))
        let mask = PointCloud(points).inlierMask(neighborCount: 10, ratio: 3)
        #expect(mask.last == false)
        #expect(mask.count { $0 } > 280)
    }

    @Test func clustersAreSeparate() {
        let line = (0..<10).map { Vector3(0.01 * Double($0), 0, 0) }
        let other = (0..<4).map { Vector3(0.01 * Double($0), 1, 0) }
        let clusters = PointCloud(other + line).clusters(distance: 0.015)
        #expect(clusters == [Array(4..<14), Array(0..<4)])
    }
}

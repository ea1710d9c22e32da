import Foundation
import Grasping
import ImageProcessing
import Kinematics
import TensorCore
import TensorTestSupport
import Testing

/// Files like `example_frame.json`, for a folder of the same name in `data/grasping`: one RGB-D frame of
/// GraspNet-1Billion, by NumPy, SciPy and Pillow.
struct ExampleFrame: Decodable {
    struct Image: Decodable {
        let width, height, depth_max, depth_zero, mask_pixels, mask_pixels_without_depth: Int
        let color_mean: [Double]
    }
    struct Sample: Decodable {
        let v, u, depth: Int
        let mask: Bool
        let point: [Double]?
    }
    struct Surface: Decodable {
        let n: [Double]
        let d, share_above_8mm: Double
    }
    struct Object: Decodable {
        let cls_index, model: Int
        let pose: [[Double]]
        let pixel: [Double]
        let height_above_table: Double
    }

    let image: Image
    let intrinsic_matrix: [[Double]]
    let factor_depth: Double
    let points, voxels_0_01, voxels_0_005: Int
    let min, max, mean: [Double]
    let samples: [Sample]
    let plane: Surface
    let objects: [Object]

    static let all = GraspFixtures.json(ExampleFrame.self).filter { folder(of: $0.url) != nil }

    static func folder(of url: URL) -> URL? {
        SharedFixtures.folders(in: "data/grasping") {
            $0 == url.deletingPathExtension().lastPathComponent
        }.first
    }
}

@Suite struct ExampleFrameGoldenTests {
    private struct Frame {
        let golden: ExampleFrame
        let meta: GraspNetDataset.Meta
        let depth: DepthImage
        let raw: GrayImage
        let mask: [Bool]
        let camera: PinholeCamera
        let folder: URL

        init(_ index: Int) throws {
            let (url, golden) = ExampleFrame.all[index]
            let folder = try #require(ExampleFrame.folder(of: url))
            self.golden = golden
            self.folder = folder
            meta = try GraspNetDataset.Meta(at: folder.appendingPathComponent("meta.mat"))
            raw = try GrayImage(at: folder.appendingPathComponent("depth.png"))
            depth = DepthImage(raw, scale: meta.depthScale)
            mask = try GrayImage(at: folder.appendingPathComponent("workspace_mask.png")).values.map { $0 > 0 }
            camera = meta.camera(width: raw.width, height: raw.height)
        }
    }

    @Test(arguments: ExampleFrame.all.indices)
    func filesAreRead(index: Int) throws {
        let frame = try Frame(index)
        let (golden, image) = (frame.golden, frame.golden.image)
        #expect(frame.raw.width == image.width && frame.raw.height == image.height)
        #expect(Int(frame.raw.values.max() ?? 0) == image.depth_max)
        #expect(frame.raw.values.count { $0 == 0 } == image.depth_zero)
        #expect(frame.mask.count { $0 } == image.mask_pixels)
        #expect(zip(frame.mask, frame.raw.values).count { $0 && $1 == 0 } == image.mask_pixels_without_depth)
        let color = try RGBImage(at: frame.folder.appendingPathComponent("color.png"))
        for c in 0..<3 {
            let sum = stride(from: c, to: color.pixels.count, by: 3).reduce(0) { $0 + Int(color.pixels[$1]) }
            #expect(abs(Double(sum) / Double(color.width * color.height) - image.color_mean[c]) < 1e-6)
        }

        #expect(frame.meta.depthScale == golden.factor_depth)
        #expect(deviation(frame.meta.intrinsics, golden.intrinsic_matrix.flatMap { $0 }) < 1e-9)
        #expect(frame.meta.objects.map(\.object) == golden.objects.map(\.model))
        for (object, reference) in zip(frame.meta.objects, golden.objects) {
            let rows = reference.pose.flatMap { $0 }
            let expected = MatrixPose(rowMajor: rows)
            #expect(object.pose == expected)
            let pixel = try #require(frame.camera.project(object.pose.translation))
            #expect(deviation([pixel.x, pixel.y], reference.pixel) < 1e-6)
        }
    }

    @Test(arguments: ExampleFrame.all.indices)
    func cloudMatches(index: Int) throws {
        let frame = try Frame(index)
        let golden = frame.golden
        for sample in golden.samples {
            #expect(Int(frame.raw.values[sample.v * frame.raw.width + sample.u]) == sample.depth)
            #expect(frame.mask[sample.v * frame.raw.width + sample.u] == sample.mask)
            guard let point = sample.point else { continue }
            let found = frame.camera.point(
                column: Double(sample.u), row: Double(sample.v), depth: Double(sample.depth) / golden.factor_depth)
            #expect(deviation(found.array, point) < 1e-9)
        }
        // depths are held as Float, 6e-8 of them
        let cloud = frame.depth.pointCloud(frame.camera, mask: frame.mask)
        #expect(cloud.count == golden.points)
        let (lower, upper) = try #require(cloud.bounds)
        #expect(deviation(lower.array, golden.min) < 1e-7 && deviation(upper.array, golden.max) < 2e-7)
        #expect(deviation(cloud.centroid.array, golden.mean) < 1e-7)
        try frame.depth.checkUnits()
    }

    /// A robust fit within half a degree and 2 mm; the objects stand above it. On every 40th point.
    @Test(arguments: ExampleFrame.all.indices)
    func tableIsFound(index: Int) throws {
        let frame = try Frame(index)
        let golden = frame.golden
        let all = frame.depth.pointCloud(frame.camera, mask: frame.mask).points
        let cloud = PointCloud(stride(from: 0, to: all.count, by: 40).map { all[$0] })
        var generator = PhiloxGenerator(seed: 1)
        let plane = try #require(cloud.dominantPlane(using: &generator))
        #expect(plane.normal.dot(Vector3(golden.plane.n)) > cos(0.5 * .pi / 180))
        #expect(abs(plane.offset - golden.plane.d) < 0.002)
        let share = Double(cloud.above(plane, by: 0.008).count) / Double(cloud.count)
        #expect(abs(share - golden.plane.share_above_8mm) < 0.02)
        for (object, reference) in zip(frame.meta.objects, golden.objects) {
            let height = plane.signedDistance(to: object.pose.translation)
            #expect(abs(height - reference.height_above_table) < 0.004)
        }
    }

    @Test(arguments: ExampleFrame.all.indices)
    func voxelsMatch(index: Int) throws {
        let frame = try Frame(index)
        let cloud = frame.depth.pointCloud(frame.camera, mask: frame.mask)
        #expect(cloud.voxelDownsampled(0.01).count == frame.golden.voxels_0_01)
        #expect(cloud.voxelDownsampled(0.005).count == frame.golden.voxels_0_005)
    }
}

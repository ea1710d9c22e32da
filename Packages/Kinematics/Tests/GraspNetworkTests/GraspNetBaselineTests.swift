import Foundation
import GraspNetwork
import Grasping
import Kinematics
import Parallel
import TensorCore
import TensorNN
import Testing

@Suite struct GraspNetBaselineTests {
    /// The released checkpoints: 137 tensors, of which 50 are statistics.
    @Test func namesAndCountsAreTheReleasedOnes() {
        var generator = PhiloxGenerator(seed: 1)
        let network = GraspNetBaseline(using: &generator)
        #expect(network.parameters.count == 137)
        #expect(network.parameterCount() == 1_034_632)
        #expect(network.parameterCount(trainableOnly: true) == 1_025_964)
        let shape = network.parameters["view_estimator.backbone.sa2.mlp_module.layer0.conv.weight"]?.shape
        #expect(shape == [128, 131, 1, 1])
        #expect(network.parameters["grasp_generator.operation.conv3.weight"]?.shape == [36, 128, 1])
        #expect(network.parameters["view_estimator.backbone.fp2.mlp.layer1.bn.bn.running_var"]?.shape == [256])
    }

    @Test func loadingIsStrict() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var generator = PhiloxGenerator(seed: 2)
        let network = GraspNetBaseline(using: &generator)
        let url = folder.appendingPathComponent("network.safetensors")
        try network.write(to: url)
        let again = try GraspNetBaseline.load(url)
        for (name, value) in network.parameters { #expect(again.parameters[name]?.floats == value.floats) }

        var tensors = network.parameters.map { (name: $0.key, tensor: $0.value) }
        tensors.append(("view_estimator.vpmodule.bn1.num_batches_tracked", Tensor(scalars: [Int64(3)], [])))
        try Safetensors.write(tensors, to: url)
        #expect(throws: Never.self) { try GraspNetBaseline.load(url) }
        tensors.append(("view_estimator.vpmodule.conv4.weight", Tensor(1)))
        try Safetensors.write(tensors, to: url)
        #expect(throws: WeightMismatch.self) { try GraspNetBaseline.load(url) }
        tensors.removeAll { $0.name.hasSuffix("conv4.weight") || $0.name.hasSuffix("crop.mlps.layer1.conv.weight") }
        try Safetensors.write(tensors, to: url)
        #expect(throws: WeightMismatch.self) { try GraspNetBaseline.load(url) }
    }

    /// Few points, points in one place, and points the reference's sampling never takes.
    @Test(arguments: [1, 2, 7, 300])
    func anyCloudIsTaken(count: Int) {
        var generator = PhiloxGenerator(seed: 3)
        let network = GraspNetBaseline(configuration: .init(centerCount: 32), using: &generator)
        let predictor = GraspNetPredictor(network)
        var points = (0..<count).flatMap { i -> [Float] in [0.01 * Float(i % 17), 0.02 * Float(i % 5), 0.4] }
        #expect(predictor(points).seedCount == 16)
        points = [Float](repeating: 0.001, count: 3 * count)
        let scores = predictor(points).scores
        #expect(scores.allSatisfy { $0.isFinite })
    }

    /// The result does not depend on how the work is split.
    @Test func threadsDoNotMatter() {
        var generator = PhiloxGenerator(seed: 4)
        let network = GraspNetBaseline(configuration: .init(centerCount: 64), using: &generator)
        let predictor = GraspNetPredictor(network)
        let points = (0..<500).flatMap { _ in
            (0..<3).map { _ in Float.random(in: 0.3...0.6, using: &generator) }
        }
        let before = KernelThreads.count
        defer { KernelThreads.count = before }
        KernelThreads.count = 1
        let one = predictor(points)
        KernelThreads.count = 3
        let three = predictor(points)
        #expect(one.scores == three.scores && one.views == three.views && one.widths == three.widths)
    }

    @Test func emptyCloudHasNoGrasps() {
        var generator = PhiloxGenerator(seed: 5)
        let network = GraspNetBaseline(configuration: .init(centerCount: 32), using: &generator)
        #expect(GraspNetDetector(network).detect(PointCloud(), using: &generator).isEmpty)
        let cloud = PointCloud([Vector3(.nan, 0, 0)])
        #expect(GraspNetDetector(network).detect(cloud, using: &generator).isEmpty)
    }
}

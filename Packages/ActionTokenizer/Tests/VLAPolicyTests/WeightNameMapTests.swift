import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VLAPolicy
import VisionLanguage

@Suite struct WeightNameMapTests {
    @Test func longestBeginningCounts() {
        let map = WeightNameMap(["state_proj.": "s.", "state_proj.0.": "state_proj.fc1.", "optimizer.": nil])
        #expect(map.name(of: "state_proj.0.weight") == "state_proj.fc1.weight")
        #expect(map.name(of: "state_proj.4.weight") == "s.4.weight")
        #expect(map.name(of: "model.norm.weight") == "model.norm.weight")
        #expect(map.name(of: "optimizer.state") == nil)
    }

    @Test func mapIsReadFromAFile() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(#"{"a.": "b.", "c.": null}"#.utf8).write(to: file)
        #expect(try WeightNameMap(at: file) == WeightNameMap(["a.": "b.", "c.": nil]))
        try Data("[1]".utf8).write(to: file)
        #expect(throws: CheckpointError.self) { try WeightNameMap(at: file) }
    }

    private static func model() -> TokenModel {
        var settings = TokenModel.Settings.microVLA2025
        settings.decoder = .miniMind07(hiddenSize: 16, layerCount: 2)
        (settings.decoder.headCount, settings.decoder.headSize, settings.decoder.vocabularySize) = (8, 2, 300)
        settings.decoder.intermediateSize = 24
        settings.vision = nil
        (settings.featureCount, settings.featureWidth) = (2, 16)
        let sizes = PolicySizes(
            images: [[1, 1], [1, 1]], stateSize: 8, vocabularySize: 300, promptLength: 8, horizon: 1,
            dimensionCount: 7, gripper: .number)
        var generator = PhiloxGenerator(seed: 4)
        return TokenModel(.init(sizes: sizes, settings: settings), using: &generator)
    }

    /// The 2025 system's names for a model's weights.
    private static func microVLA2025Names(_ model: TokenModel) -> [(name: String, tensor: Tensor)] {
        let names = [
            "state_proj.fc1.": "state_proj.0.", "state_proj.fc2.": "state_proj.3.", "state_proj.norm.": "state_proj.4.",
        ]
        return model.parameters.sorted { $0.key < $1.key }.map { name, tensor in
            let beginning = names.keys.first { name.hasPrefix($0) }
            return (name: beginning.map { names[$0]! + name.dropFirst($0.count) } ?? name, tensor: tensor)
        }
    }

    @Test func microVLA2025StateDictIsTakenOverStrictly() throws {
        let source = Self.model()
        var tensors = Self.microVLA2025Names(source)
        tensors.append((name: "lm_head.weight", tensor: source.parameters["model.embed_tokens.weight"]!))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        try Safetensors.write(tensors.map { (name: "module." + $0.name, tensor: $0.tensor) }, to: file)

        var model = Self.model()
        model.updateParameters { _, parameter in parameter.value = parameter.value * 0 }
        let reports = try model.loadWeights(ofOtherProgram: file)
        #expect(reports.count == 1 && reports[0].tensorCount == tensors.count)
        #expect(model.parameters.mapValues { $0.elements() } == source.parameters.mapValues { $0.elements() })

        // one too many, one too few
        try Safetensors.write(tensors + [(name: "state_proj.7.weight", tensor: .zeros([2]))], to: file)
        #expect(throws: CheckpointMismatch.self) { try model.loadWeights(ofOtherProgram: file) }
        try Safetensors.write(tensors.filter { $0.name != "model.norm.weight" }, to: file)
        #expect(throws: CheckpointMismatch.self) { try model.loadWeights(ofOtherProgram: file) }
        try Safetensors.write(tensors + [(name: "state_proj.fc1.bias", tensor: .zeros([16]))], to: file)
        #expect(throws: CheckpointError.self) { try model.loadWeights(ofOtherProgram: file) }
    }
}

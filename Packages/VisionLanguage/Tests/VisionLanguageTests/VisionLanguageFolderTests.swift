import FileSupport
import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing
import VisionLanguage

/// Folders that hold a whole vision-language model, whatever its tower.
@Suite struct VisionLanguageFolderTests {
    static let towers: [VisionTowerConfiguration] = [
        .transformer(ModelFolderTests.vision),
        .convolutional(.init(imageSize: 16, stageWidths: [4, 8], residualCount: 1, tokenWidth: 12)),
        .keypoints(.init(imageSize: 16, stageWidths: [4, 8], residualCount: 1, keypointCount: 4, tokenWidth: 12)),
    ]

    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vlm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func model(_ tower: VisionTowerConfiguration) -> VisionLanguageModel {
        var generator = PhiloxGenerator(seed: 2)
        return VisionLanguageModel(
            vision: tower, projector: .openVLA, decoder: DecoderTests.small(), using: &generator)
    }

    @Test(arguments: towers)
    func wholeModelsComeBack(tower: VisionTowerConfiguration) throws {
        try inFolder { url in
            let model = model(tower)
            try ModelFolder.save(model, to: url, includingTower: true)
            let folder = try VisionLanguageFolder(at: url)
            #expect(folder.model.tower?.configuration == tower)
            #expect(folder.model.projector?.configuration == .openVLA)
            let (read, written) = (folder.model.parameters, model.parameters)
            #expect(read.mapValues { $0.elements() } == written.mapValues { $0.elements() })
            #expect(folder.reports.count == 1 && folder.reports[0].absent.isEmpty && folder.reports[0].unused.isEmpty)
            #expect(folder.imageTransform?.outputSize == .square(16))
            #expect(folder.tokenizerFile == nil)
            let again = try VisionLanguageFolder(at: url)
            #expect(again.contentHash == folder.contentHash)

            // another weight, another hash
            var other = model
            other.decoder.norm.weight.value = other.decoder.norm.weight.value * 2
            try ModelFolder.save(other, to: url, includingTower: true)
            #expect(try VisionLanguageFolder(at: url).contentHash != folder.contentHash)

            // saved without its tower, the folder says so no longer
            try ModelFolder.save(model, to: url)
            #expect(!FileManager.default.fileExists(atPath: url.appendingPathComponent("vision_language.json").path))
            #expect(throws: SerializationError.self) { try VisionLanguageFolder(at: url) }
        }
    }

    @Test(arguments: [
        (#"{"tower": {"keypoints": {"imageSize": 16}}}"#, "vision_language.json"),
        (#"{"tower": {"wings": {}}, "projector": {"linear": {}}}"#, "convolutional, keypoints and transformer"),
        (#"{"tower": TOWER, "projector": {"identity": {}}}"#, "no projector"),
        (#"{"tower": TOWER, "projector": {"perceptron": {"merge": 1000}}}"#, "1000"),
        (#"{"tower": WIDE, "projector": {"openVLAFused": {}}}"#, "more weights"),
    ])
    func wrongDescriptionsAreNamed(json: String, message: String) throws {
        func tower(_ width: Int) -> String {
            #"{"keypoints": {"imageSize": 16, "stageWidths": [4, 8], "residualCount": 1, "keypointCount": 4, "#
                + #""tokenWidth": \#(width)}}"#
        }
        try inFolder { url in
            try ModelFolder.save(model(Self.towers[2]), to: url, includingTower: true)
            let text = json.replacingOccurrences(of: "TOWER", with: tower(12))
                .replacingOccurrences(of: "WIDE", with: tower(65_536))
            try Data(text.utf8).write(to: url.appendingPathComponent("vision_language.json"))
            #expect { try VisionLanguageFolder(at: url) } throws: { error in
                error is ConfigurationError && "\(error)".contains(message)
                    && "\(error)".contains("vision_language.json")
            }
        }
    }

    /// Written as `{"keypoints": {…}}`; the form of older files means the same.
    @Test(arguments: towers)
    func towersHaveNoMadeUpNames(tower: VisionTowerConfiguration) throws {
        let json = try JSONEncoder().encode(tower)
        #expect(try JSONDecoder().decode(VisionTowerConfiguration.self, from: json) == tower)
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        let (kind, value) = try #require(object.first)
        #expect(object.count == 1 && (value as? [String: Any])?["_0"] == nil)
        let older = try JSONSerialization.data(withJSONObject: [kind: ["_0": value]])
        #expect(try JSONDecoder().decode(VisionTowerConfiguration.self, from: older) == tower)
    }

    /// The tower and its rows stand in the model as they do alone.
    @Test(arguments: towers)
    func everyTowerFits(tower: VisionTowerConfiguration) throws {
        let model = model(tower)
        var generator = PhiloxGenerator(seed: 4)
        let pixels = Tensor.uniform(-1...1, [2, 3, 16, 16], using: &generator)
        let count = model.tokensPerImage
        #expect(count == tower.tokenCount && model.tower!(pixels).shape == [2, count, tower.width])
        let ids = Tensor(integers: [1] + [Int](repeating: 0, count: count) + [5], [1, count + 2])
        let runs = [ImageRun(sequence: 0, tokens: 1..<count + 1, image: 0)]
        let a = model(ids, pixels: pixels.slice(axis: 0, 0..<1).contiguous, at: runs).hidden.elements()
        let b = model(ids, pixels: pixels.slice(axis: 0, 1..<2).contiguous, at: runs).hidden.elements()
        #expect(a != b)
        #expect(Double(model.tower!.parameterCount()) >= tower.leastParameterCount)
    }
}

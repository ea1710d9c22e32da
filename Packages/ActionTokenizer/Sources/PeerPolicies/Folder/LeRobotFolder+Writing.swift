import FileSupport
public import Foundation
import TensorCore
public import TensorNN

extension LeRobotFolder {
    /// Writes a policy in the layout of LeRobot since 0.4, with the parameters of a model in place of those read.
    ///
    /// The configuration and the processors are those of this folder; a folder with statistics inside its weights gets
    /// processors' files. Tensors that no parameter stands for, such as counts of batches, are kept. Each file appears
    /// complete or not at all.
    ///
    /// - Parameters:
    ///   - model: Its parameters' names are those of the file.
    ///   - url: The folder, which is made if it is missing.
    /// - Throws: ``PeerPolicyError`` when this layout needs processors that are not known, `SerializationError`.
    public func write(_ model: some Module, to url: URL) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        var tensors = weights
        model.forEachParameter { name, parameter in tensors[name] = parameter.value.detached }
        try Safetensors.write(
            tensors.map { ($0.key, $0.value) }, metadata: ["format": "pt"],
            to: url.appendingPathComponent(Self.weightsName))
        try Self.write(configuration.file.root, indentation: 4, "config.json", in: url)

        if let preprocessor, let postprocessor {
            for pipeline in [preprocessor, postprocessor] {
                for normalizer in [pipeline.normalizer, pipeline.denormalizer] {
                    guard let normalizer, let name = normalizer.stateFile else { continue }
                    try Safetensors.write(
                        normalizer.state.map { ($0.key, $0.value) }, to: url.appendingPathComponent(name))
                }
                try Self.write(pipeline.file.root, indentation: 2, pipeline.file.name, in: url)
            }
        } else {
            try writeProcessors(to: url)
        }
    }

    private static func write(_ json: StrictJSON, indentation: Int, _ name: String, in folder: URL) throws {
        try AtomicFile.write(
            Data(json.text(indentation: indentation).utf8), to: folder.appendingPathComponent(name))
    }

    /// Processors' files made of statistics that were inside the weights.
    private func writeProcessors(to url: URL) throws {
        guard ["act", "diffusion"].contains(configuration.type) else {
            throw PeerPolicyError(
                .unsupported, file: url.lastPathComponent,
                "processors of '\(configuration.type)' cannot be made from statistics inside the weights",
                remedy: "Convert the folder with LeRobot's migration script.")
        }
        func object(_ members: [(key: String, value: StrictJSON)]) -> StrictJSON { .object(members) }
        func step(_ name: String, _ config: [(key: String, value: StrictJSON)], state: String? = nil) -> StrictJSON {
            var members: [(key: String, value: StrictJSON)] = [
                ("registry_name", .string(name)), ("config", object(config)),
            ]
            if let state { members.append(("state_file", .string(state))) }
            return object(members)
        }
        let device = step("device_processor", [("device", .string("cpu")), ("float_dtype", .null)])
        let map = object(
            LeRobotFeature.Kind.allCases.compactMap { kind in
                configuration.normalization[kind].map { (kind.rawValue, .string($0.rawValue)) }
            })
        func normalizer(_ name: String, _ features: [LeRobotFeature], state: String) -> StrictJSON {
            let listed = features.map { feature -> (key: String, value: StrictJSON) in
                let shape = StrictJSON.array(feature.shape.map { .number($0) })
                return (feature.name, object([("type", .string(feature.kind.rawValue)), ("shape", shape)]))
            }
            return step(
                name, [("eps", .number(1e-8)), ("features", object(listed)), ("norm_map", map)], state: state)
        }
        let before = "policy_preprocessor_step_3_normalizer_processor.safetensors"
        let after = "policy_postprocessor_step_0_unnormalizer_processor.safetensors"
        let pre: [StrictJSON] = [
            step("rename_observations_processor", [("rename_map", object([]))]), step("to_batch_processor", []), device,
            normalizer("normalizer_processor", configuration.used, state: before),
        ]
        let post = [normalizer("unnormalizer_processor", [configuration.action], state: after), device]
        for (name, steps) in [(Self.preprocessorName, pre), (Self.postprocessorName, post)] {
            let title = String(name.dropLast(".json".count))
            try Self.write(
                object([("name", .string(title)), ("steps", .array(steps))]), indentation: 2, name, in: url)
        }
        try Safetensors.write(statistics(inputNormalizer), to: url.appendingPathComponent(before))
        try Safetensors.write(statistics(outputNormalizer), to: url.appendingPathComponent(after))
    }

    /// Tensors `<feature>.<statistic>`; those of images are `[3, 1, 1]`.
    private func statistics(_ normalizer: FeatureNormalizer) -> [(name: String, tensor: Tensor)] {
        normalizer.statistics.values.flatMap { feature, values in
            values.map { statistic, numbers in
                let isImage = configuration.cameras.contains { $0.name == feature }
                return (
                    name: "\(feature).\(statistic)",
                    tensor: Tensor(numbers, isImage ? [numbers.count, 1, 1] : [numbers.count])
                )
            }
        }
    }
}

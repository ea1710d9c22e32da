import FileSupport
public import Foundation
import TensorCore

/// A state is one safetensors file, `state-<step>.safetensors`: tensors `parameter/<name>` and
/// `optimizer/<moment>/<name>`, and in the metadata `format`, `state` (JSON) and `checksum` over all of it.
extension TrainingState {
    static let format = "TensorTraining state 1"

    /// What the metadata says besides the tensors.
    private struct Record: Codable {
        var step, epoch, position, shardCount: Int
        var stepCounts: [String: Int]
        var values: [String: String]
    }

    /// Writes the state to one file, which appears complete or not at all.
    ///
    /// - Throws: `SerializationError` when the folder does not accept it; the old file is then untouched.
    public func write(to url: URL) throws {
        var tensors = parameters.map { (name: "parameter/\($0)", tensor: $1) }
        for (moment, values) in optimizer.moments {
            tensors += values.map { (name: "optimizer/\(moment)/\($0)", tensor: $1) }
        }
        let encoder = JSONEncoder.sorted(escapingSlashes: true)
        let record = Record(
            step: step, epoch: epoch, position: position, shardCount: shardCount, stepCounts: optimizer.stepCounts,
            values: values)
        let json = String(decoding: try encoder.encode(record), as: UTF8.self)
        tensors.sort { $0.name < $1.name }
        let checksum = Self.checksum(json, tensors)
        try Safetensors.write(tensors, metadata: ["format": Self.format, "state": json, "checksum": checksum], to: url)
    }

    /// Reads a state and checks that it is intact.
    ///
    /// - Throws: ``TrainingStateError``, or `SerializationError` when the file is no safetensors file.
    public init(at url: URL) throws {
        let file = try SafetensorsFile(at: url)
        func entry(_ name: String) throws -> String {
            guard let text = file.metadata[name] else {
                throw TrainingStateError.notATrainingState(path: url.path, missing: name)
            }
            return text
        }
        let format = try entry("format")
        guard format == Self.format else { throw TrainingStateError.otherVersion(path: url.path, found: format) }

        // checked before anything is believed
        let (json, checksum) = (try entry("state"), try entry("checksum"))
        let tensors = try file.names.sorted().map { (name: $0, tensor: try file.tensor($0)) }
        guard checksum == Self.checksum(json, tensors),
            let record = try? JSONDecoder().decode(Record.self, from: Data(json.utf8))
        else { throw TrainingStateError.damaged(path: url.path) }

        (step, epoch, position, shardCount) = (record.step, record.epoch, record.position, record.shardCount)
        values = record.values
        optimizer.stepCounts = record.stepCounts
        for (name, tensor) in tensors {
            let parts = name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            if parts[0] == "parameter" {
                parameters[String(name.dropFirst("parameter/".count))] = tensor
            } else if parts[0] == "optimizer", parts.count == 3 {
                optimizer.moments[parts[1], default: [:]][parts[2]] = tensor
            } else {
                throw TrainingStateError.damaged(path: url.path)
            }
        }
    }

    /// A hash of the record and of every tensor's name and bytes, as text. It finds damage; it is no signature.
    private static func checksum(_ json: String, _ tensors: [(name: String, tensor: Tensor)]) -> String {
        var hash = BlockHash()
        hash.add(Array(json.utf8).span.bytes)
        for (name, tensor) in tensors {
            hash.add(Array("\(name) \(tensor.dtype) \(tensor.shape)".utf8).span.bytes)
            tensor.withSpan(of: Float.self) { hash.add($0.bytes) }
        }
        return String(hash.value, radix: 16)
    }
}

// MARK: - A folder of states

extension TrainingState {
    /// Writes the state into a folder under the number of its step, then removes all but the newest `count` states.
    ///
    /// The folder is made when it is absent. The process may be killed at any moment: the newest complete state stays.
    @discardableResult
    public func save(in folder: URL, keepingNewest count: Int = 2) throws -> URL {
        require(count > 0, "keeping \(count) states")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appendingPathComponent("state-\(step).safetensors")
        try write(to: url)

        // older ones and what killed processes left behind
        for old in try Self.files(in: folder).filter({ $0.step <= step }).dropFirst(count) {
            try FileManager.default.removeItem(at: old.url)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name.hasPrefix(".state-") && name.hasSuffix(".tmp") {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
        return url
    }

    /// The newest state of a folder that is intact; nil when there is none. Damaged files are passed over.
    ///
    /// - Throws: when the folder exists and cannot be read.
    public static func latestComplete(in folder: URL) throws -> TrainingState? {
        guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
        for file in try files(in: folder) {
            if let state = try? TrainingState(at: file.url) { return state }
        }
        return nil
    }

    /// The states of a folder, newest first.
    static func files(in folder: URL) throws -> [(step: Int, url: URL)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let found = names.compactMap { name -> (step: Int, url: URL)? in
            guard name.hasPrefix("state-"), name.hasSuffix(".safetensors"),
                let step = Int(name.dropFirst("state-".count).dropLast(".safetensors".count))
            else { return nil }
            return (step, folder.appendingPathComponent(name))
        }
        return found.sorted { $0.step > $1.step }
    }
}

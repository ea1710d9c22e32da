import FileSupport
import RobotInterface
import Foundation
import HDF5
import LiberoTasks
import TensorCore

/// One file of demonstrations of one task, `<task>_demo.hdf5`, with the parts a recorder has not merged yet.
struct HDF5TaskFile: Sendable {
    /// A demonstration: the group `data/<name>` of a file.
    struct Demonstration: Sendable {
        var name: String
        var url: URL
        var length: Int
        var succeeded: Bool?
        /// Its own sentence, where it has one; the file's otherwise.
        var instruction: String?
    }

    let url: URL
    let instruction: String
    /// What the file itself says its numbers mean; LIBERO's own files say little.
    let description: DatasetDescription?
    /// Whether it has the attributes of LIBERO's recorder; regenerated files have none.
    let isOriginal: Bool
    /// Images are stored bottom row first, says the file.
    let isOpenGL: Bool
    let controlRate: Double?
    /// The kind of controller that `env_args` names, such as `OSC_POSE`.
    let controller: String?
    /// Whether the instruction is made of the environment's or the file's name: the file has none.
    let isInstructionMadeUp: Bool
    let demonstrations: [Demonstration]
    /// Names of demonstrations by the lists below `/mask`.
    let masks: [String: [String]]
    /// `num_demos` and `total` of the file, where it has them.
    private let declared: (demonstrations: Int?, frames: Int?)

    /// The name of the task: the file's name without `_demo`.
    var taskName: String { Self.taskName(of: url) }

    static let attributeOfDescription = "vla_description"
    /// Of a demonstration that was given another sentence than its task's.
    static let attributeOfInstruction = "language_instruction"
    static func taskName(of url: URL) -> String {
        let name = url.deletingPathExtension().lastPathComponent
        return name.hasSuffix("_demo") ? String(name.dropLast(5)) : name
    }

    /// Where a recorder keeps episodes until it merges them.
    static func partsFolder(of url: URL) -> URL { url.appendingPathExtension("parts") }

    init(at url: URL, cache: HDF5FileCache) throws {
        self.url = url
        // the file, and what a recorder left beside it
        let main = FileManager.default.fileExists(atPath: url.path) ? try cache.file(at: url) : nil
        var found: [Demonstration] = []
        if let main { found += try Self.demonstrations(in: main, at: url) }
        var known = Set(found.map(\.name))
        let parts = Self.partsFolder(of: url)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parts.path)) ?? []
        for name in names.filter({ $0.hasSuffix(".hdf5") && !$0.hasPrefix(".") }).sorted(by: Self.isBefore) {
            let part = parts.appendingPathComponent(name)
            for demonstration in try Self.demonstrations(in: cache.file(at: part), at: part)
            where known.insert(demonstration.name).inserted { found.append(demonstration) }
        }
        demonstrations = found.sorted { Self.isBefore($0.name, $1.name) }
        var masks: [String: [String]] = [:]
        if let main, main.root.contains("mask") {
            let group = try main.root.group("mask")
            for name in try group.names() where group.isDataset(name) {
                masks[name] = try group.dataset(name).strings()
            }
        }
        self.masks = masks

        guard let first = try main ?? demonstrations.first.map({ try cache.file(at: $0.url) }) else {
            throw LiberoDataError(.missing, level: .open, file: url.lastPathComponent, "the file does not exist")
        }
        let data = try first.root.group("data")
        let text = { (name: String) in try data.attribute(name)?.text }
        let number = { (name: String) throws -> Int? in main == nil ? nil : try data.attribute(name)?.integer }
        declared = (try number("num_demos"), try number("total"))
        isOriginal = try text("tag") != nil || text("env_args") != nil || text("problem_info") != nil
        isOpenGL = try text("macros_image_convention") == "opengl"
        let environment = try text("env_args").flatMap { try? StrictJSON(parsing: Array($0.utf8), file: "env_args") }
        let settings = environment?["env_kwargs"]
        controlRate = settings?["control_freq"]?.double
        controller = settings?["controller_configs"]?["type"]?.string
        description = try text(Self.attributeOfDescription).map { json in
            do {
                return try JSONDecoder().decode(DatasetDescription.self, from: Data(json.utf8))
            } catch {
                let reason = JSONReading.explanation(of: error, in: Data(json.utf8))
                throw LiberoDataError(
                    .damaged, level: .open, file: url.lastPathComponent, column: Self.attributeOfDescription,
                    "the description cannot be read: \(reason)")
            }
        }
        if let told = try text("problem_info").flatMap({ Self.instruction(inProblem: $0) }) {
            (instruction, isInstructionMadeUp) = (told, false)
        } else if let name = environment?["env_name"]?.string, try text("bddl_file_name") == nil,
            !url.deletingPathExtension().lastPathComponent.hasSuffix("_demo")
        {
            // not named after its task, as LIBERO's files are
            (instruction, isInstructionMadeUp) = (Self.words(ofEnvironment: name), true)
        } else {
            (instruction, isInstructionMadeUp) = (Self.instruction(ofFile: url), false)
        }
    }

    /// `PickPlaceCan` as "pick place can".
    private static func words(ofEnvironment name: String) -> String {
        var words = ""
        for character in name {
            if character.isUppercase, !words.isEmpty, words.last != " " { words += " " }
            words += character == "_" || character == "-" ? " " : character.lowercased()
        }
        return words
    }

    /// Where the file's totals are not those of its demonstrations.
    func totalWarnings(_ file: String) -> [DatasetWarning] {
        // what a recorder has not merged yet is not counted
        let own = demonstrations.filter { $0.url == url }
        return [
            ("num_demos", declared.demonstrations, own.count),
            ("total", declared.frames, own.reduce(0) { $0 + $1.length }),
        ].compactMap { name, said, found in
            guard let said, said != found else { return nil }
            return DatasetWarning(file: file, "\(name) is \(said), the demonstrations are \(found)")
        }
    }

    private static func demonstrations(in file: HDF5File, at url: URL) throws -> [Demonstration] {
        guard file.root.contains("data") else {
            throw LiberoDataError(
                .unknownFormat, level: .open, file: url.lastPathComponent, "the file has no group 'data'",
                advice: "LIBERO's files have /data/demo_0, /data/demo_1, …")
        }
        let data = try file.root.group("data")
        return try data.names().filter { $0.hasPrefix("demo_") }.map { name in
            // a damaged one is told when it is opened, not here
            let group = try? data.group(name)
            let declared = (try? group?.attribute("num_samples"))??.integer
            let length = (try? group?.dataset("actions").shape.first) ?? nil
            let success = (try? group?.attribute("success"))??.integer
            let instruction = (try? group?.attribute(attributeOfInstruction))??.text
            return Demonstration(
                name: name, url: url, length: min(max(length ?? declared ?? 0, 0), 1 << 40),
                succeeded: success.map { $0 != 0 }, instruction: instruction)
        }
    }

    /// `demo_9` before `demo_10`.
    static func isBefore(_ a: String, _ b: String) -> Bool {
        func number(_ name: String) -> Int {
            let digits = name.dropFirst("demo_".count).prefix { $0.isASCII && $0.isNumber }
            return Int(digits) ?? .max
        }
        return (number(a), a) < (number(b), b)
    }

    // MARK: - Instruction

    /// The sentence in the attribute `problem_info`: a string, or a list of its characters, maybe in quotation marks.
    static func instruction(inProblem json: String) -> String? {
        guard let value = (try? StrictJSON(parsing: Array(json.utf8), file: "problem_info"))?["language_instruction"]
        else { return nil }
        var text: String
        if let string = value.string {
            text = string
        } else if let characters = value.array, !characters.isEmpty {
            text = characters.compactMap(\.string).joined()
        } else {
            return nil
        }
        text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        while text.count >= 2, let first = text.first, first == text.last, first == "\"" || first == "'" {
            text = String(text.dropFirst().dropLast())
        }
        return text.isEmpty ? nil : text
    }

    /// The name's words behind the last one with `SCENE` in it.
    static func instruction(ofFile url: URL) -> String {
        let words = taskName(of: url).split(separator: "_", omittingEmptySubsequences: false)
        let start = words.lastIndex { $0.contains("SCENE") }.map { $0 + 1 } ?? 0
        return words[start...].joined(separator: " ")
    }

    private static func controlRate(in json: String) -> Double? {
        let settings = try? StrictJSON(parsing: json.utf8, file: "env_args")
        return settings?["env_kwargs"]?["control_freq"]?.double
    }
}

/// Files that are open; the least recently used are closed.
///
/// `@unchecked Sendable`: all state is behind the lock.
final class HDF5FileCache: @unchecked Sendable {
    private let lock = NSLock()
    private var files: [(url: URL, file: HDF5File)] = []
    private let capacity: Int

    init(capacity: Int = 128) { self.capacity = capacity }

    func file(at url: URL) throws -> HDF5File {
        if let found = lock.withLock({ take(url) }) { return found }
        let file = try HDF5File(at: url)
        lock.withLock {
            files.append((url, file))
            if files.count > capacity { files.removeFirst() }
        }
        return file
    }

    private func take(_ url: URL) -> HDF5File? {
        guard let index = files.lastIndex(where: { $0.url == url }) else { return nil }
        if index != files.count - 1 { files.append(files.remove(at: index)) }
        return files[files.count - 1].file
    }
}

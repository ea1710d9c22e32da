import Evaluation
import Foundation
import ImageProcessing
import RobotInterface

/// A request to an environment server, read entry by entry.
struct EnvironmentRequest {
    enum Operation: String, CaseIterable { case make, reset, step, render, close }

    private let fields: WireMap

    init(_ fields: WireMap) { self.fields = fields }

    var operation: Operation {
        get throws(WireError) {
            guard let value = fields["op"] else { throw WireError(.missing, "the request has no 'op'") }
            guard let operation = value.text.flatMap(Operation.init(rawValue:)) else {
                let known = Operation.allCases.map(\.rawValue).joined(separator: ", ")
                throw WireError(.schemaType, "op is \(value.text.map(quoted) ?? value.typeName); known: \(known)")
            }
            return operation
        }
    }

    // MARK: make

    /// `worlds`: how many; 1 if absent.
    var worldCount: Int {
        get throws(WireError) { try integer("worlds", in: 1...1024) ?? 1 }
    }

    func settings(_ configuration: EnvironmentServerConfiguration) throws(WireError) -> ServedWorldSettings {
        var settings = ServedWorldSettings(suite: try text("suite") ?? configuration.suites[0])
        guard configuration.suites.contains(settings.suite) else {
            throw WireError(
                .schemaType,
                "suite is \(quoted(settings.suite)); served: \(configuration.suites.joined(separator: ", "))")
        }
        settings.imageSize = try integer("image_size", in: 8...2048) ?? settings.imageSize
        settings.renderProfile = try text("render_profile") ?? settings.renderProfile
        if let name = try text("orientation") {
            guard let orientation = ImageOrientation(rawValue: name) else {
                let known = ImageOrientation.allCases.map(\.rawValue).joined(separator: ", ")
                throw WireError(.schemaType, "orientation is \(quoted(name)); known: \(known)")
            }
            settings.orientation = orientation
        }
        settings.placementSeed = UInt32(try integer("placement_seed", in: 0...Int(UInt32.max)) ?? 0)
        return settings
    }

    // MARK: reset and step

    /// `worlds`: numbers of the worlds that are meant; all if absent.
    func worlds(of count: Int) throws(WireError) -> [Int] {
        guard let value = fields["worlds"] else { return Array(0..<count) }
        guard let numbers = value.integers, !numbers.isEmpty, Set(numbers).count == numbers.count,
            numbers.allSatisfy({ 0..<count ~= $0 })
        else { throw WireError(.schemaType, "'worlds' is no list of different numbers in 0..<\(count)") }
        return numbers
    }

    /// `task` and `initial_state` or `seed`: one number for all worlds, or one for each.
    func starts(_ count: Int, in batch: WorldBatch) throws(WireError) -> [EpisodeStart] {
        guard let tasks = try integers("task", count: count) else {
            throw WireError(.missing, "the request has no 'task'")
        }
        if let wrong = tasks.first(where: { !batch.initialStateCounts.indices.contains($0) }) {
            throw WireError(.schemaType, "task is \(wrong); the suite has \(batch.initialStateCounts.count)")
        }
        let states = try integers("initial_state", count: count)
        let seeds = try integers("seed", count: count)
        guard (states == nil) != (seeds == nil) else {
            throw WireError(.missing, "give either 'initial_state' or 'seed'")
        }
        var starts: [EpisodeStart] = []
        for index in 0..<count {
            let task = tasks[index]
            if let state = states?[index] {
                guard 0..<batch.initialStateCounts[task] ~= state else {
                    throw WireError(
                        .schemaType,
                        "initial_state is \(state); task \(task) has \(batch.initialStateCounts[task])"
                            + (batch.initialStateCounts[task] == 0 ? ": give a 'seed'" : ""))
                }
                starts.append(EpisodeStart(task: task, placement: .stored(index: state)))
            } else if let seed = seeds?[index] {
                starts.append(EpisodeStart(task: task, placement: .drawn(seed: UInt64(bitPattern: Int64(seed)))))
            }
        }
        return starts
    }

    /// `settle`: steps after a reset in which the robot keeps still and its gripper open; 0 if absent.
    var settlingStepCount: Int {
        get throws(WireError) { try integer("settle", in: 0...1000) ?? 0 }
    }

    /// `actions`: `[worlds, dimensions]`, or a vector for a single world.
    func actions(_ count: Int, dimensionCount: Int) throws(WireError) -> [[Double]] {
        guard let value = fields["actions"] else { throw WireError(.missing, "the request has no 'actions'") }
        let actions = try value.actionChunk(named: "actions")
        guard actions.horizon == count, actions.dimensionCount == dimensionCount else {
            throw WireError(
                .arrayShape,
                "'actions' has shape [\(actions.horizon), \(actions.dimensionCount)], expected [\(count), \(dimensionCount)]"
            )
        }
        return actions.actions
    }

    /// `images`: true for all cameras, a list of names, or false; `nil` for no images.
    func cameras(of known: [CameraName]) throws(WireError) -> [CameraName]? {
        guard let value = fields["images"] else { return nil }
        if let all = value.bool { return all ? known : nil }
        let names = value.list?.compactMap(\.text).map { CameraName($0) }
        guard let names, names.count == value.list?.count, Set(names).count == names.count,
            names.allSatisfy(known.contains)
        else {
            throw WireError(
                .schemaType, "'images' is no truth value and no list of cameras \(known.map(\.rawValue))")
        }
        return names.isEmpty ? nil : names
    }

    // MARK: Entries

    private func text(_ name: String) throws(WireError) -> String? {
        guard let value = fields[name] else { return nil }
        guard let text = value.text else {
            throw WireError(.schemaType, "'\(name)' is of type \(value.typeName), not text")
        }
        return text
    }

    private func integer(_ name: String, in range: ClosedRange<Int>) throws(WireError) -> Int? {
        guard let value = fields[name] else { return nil }
        guard let number = value.int, range ~= number else {
            throw WireError(.schemaType, "'\(name)' is no integer in \(range)")
        }
        return number
    }

    private func integers(_ name: String, count: Int) throws(WireError) -> [Int]? {
        guard let value = fields[name], value != .null else { return nil }
        if let number = value.int { return [Int](repeating: number, count: count) }
        guard let numbers = value.integers, numbers.count == count else {
            throw WireError(.schemaType, "'\(name)' is neither an integer nor a list of \(count) integers")
        }
        return numbers
    }
}

extension WireValue {
    /// Integers of a list or of an array of rank 1; `nil` for anything else.
    var integers: [Int]? {
        switch self {
        case .list(let list):
            let numbers = list.compactMap(\.int)
            return numbers.count == list.count ? numbers : nil
        case .array(let array):
            guard array.shape.count == 1, array.type.element?.isFloat == false else { return nil }
            let numbers = array.doubles()?.compactMap { Int(exactly: $0) }
            return numbers?.count == array.elementCount ? numbers : nil
        default: return nil
        }
    }
}

import FileSupport

/// Turns the objects of a ``PickleMachine`` into values: no cycles, bounded depth, bounded total size.
struct PickleValueBuilder {
    let machine: PickleMachine

    /// A finished value, its objects when shared ones are counted each time, and how deep it is nested.
    private struct Built {
        let value: PickleValue
        var count = 1
        var height = 0
    }

    private var finished: [PickleMachine.Handle: Built] = [:]
    private var unfinished: Set<PickleMachine.Handle> = []

    /// Objects when shared ones are counted each time: few bytes may stand for a tree that nobody could walk.
    private let objectLimit: Int
    private var copiedByteCount = 0

    init(machine: PickleMachine) {
        self.machine = machine
        objectLimit = min(machine.limits.objectCount, 100_000 + 16 * machine.reader.bytes.count)
    }

    mutating func value(of root: PickleMachine.Handle) throws -> PickleValue {
        try build(root, depth: 0).value
    }

    private func failure(
        _ handle: PickleMachine.Handle, _ found: String, _ kind: SerializationError.Kind
    ) -> SerializationError {
        machine.place.error(kind, at: machine.offsets[handle], found)
    }

    private mutating func build(_ handle: PickleMachine.Handle, depth: Int) throws -> Built {
        switch machine[handle] {
        case .none: return Built(value: .none)
        case .bool(let value): return Built(value: .bool(value))
        case .integer(let value): return Built(value: .integer(value))
        case .float(let value): return Built(value: .float(value))
        case .tensor(let index): return Built(value: .tensor(machine.tensors[index]))
        default: break
        }
        if let built = finished[handle] {
            try check(handle, depth: depth + built.height)
            return built
        }
        let built: Built
        switch machine[handle] {
        case .text: built = Built(value: .string(try machine.string(handle)!))
        case .data, .latin1: built = Built(value: .bytes(try bytes(of: handle)))
        case .list(let items): built = try container(handle, items, depth: depth) { .list($0) }
        case .tuple(let items): built = try container(handle, items, depth: depth) { .tuple($0) }
        case .dictionary(let items): built = try container(handle, items, depth: depth) { .dictionary(Self.pairs($0)) }
        default: throw failure(handle, "a type, storage or unfinished array stands where a value belongs", .refused)
        }
        if case .dictionary(let entries) = built.value { try checkKeys(handle, entries) }
        finished[handle] = built
        return built
    }

    /// Several objects may show the same bytes of the file, each as a copy.
    private mutating func bytes(of handle: PickleMachine.Handle) throws -> [UInt8] {
        let bytes = try machine.withBytes(of: handle) { Array($0) }
        copiedByteCount += bytes.count
        let budget = machine.limits.budget(for: machine.reader.bytes.count)
        guard copiedByteCount <= budget else {
            throw failure(handle, "more than \(budget) bytes in copies of the file's own", .limitExceeded)
        }
        return bytes
    }

    private mutating func container(
        _ handle: PickleMachine.Handle, _ items: [PickleMachine.Handle], depth: Int,
        _ wrap: ([PickleValue]) -> PickleValue
    ) throws -> Built {
        try check(handle, depth: depth)
        guard unfinished.insert(handle).inserted else {
            throw failure(handle, "a container that holds itself", .unsupported)
        }
        var values: [PickleValue] = []
        var (count, height) = (1, 0)
        for item in items {
            let built = try build(item, depth: depth + 1)
            values.append(built.value)
            count += built.count
            height = max(height, built.height + 1)
            guard count <= objectLimit else {
                throw failure(handle, "more than \(objectLimit) objects", .limitExceeded)
            }
        }
        unfinished.remove(handle)
        return Built(value: wrap(values), count: count, height: height)
    }

    private func check(_ handle: PickleMachine.Handle, depth: Int) throws {
        guard depth <= machine.limits.nestingDepth else {
            throw failure(handle, "containers nested deeper than \(machine.limits.nestingDepth)", .limitExceeded)
        }
    }

    private static func pairs(_ values: [PickleValue]) -> [(key: PickleValue, value: PickleValue)] {
        stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    }

    /// A text twice among a dictionary's keys would hide one of two values.
    private func checkKeys(
        _ handle: PickleMachine.Handle, _ entries: [(key: PickleValue, value: PickleValue)]
    ) throws {
        var keys: Set<String> = []
        for case .string(let key) in entries.map(\.key) where !keys.insert(key).inserted {
            throw failure(handle, "the key '\(key.prefix(200))' occurs twice in a dictionary", .damaged)
        }
    }
}

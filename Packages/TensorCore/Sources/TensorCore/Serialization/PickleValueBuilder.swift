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

    init(machine: PickleMachine) { self.machine = machine }

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
        case .data, .latin1: built = Built(value: .bytes(try machine.withBytes(of: handle) { Array($0) }))
        case .list(let items): built = try container(handle, items, depth: depth) { .list($0) }
        case .tuple(let items): built = try container(handle, items, depth: depth) { .tuple($0) }
        case .dictionary(let items): built = try container(handle, items, depth: depth) { .dictionary(Self.pairs($0)) }
        default: throw failure(handle, "a type, storage or unfinished array stands where a value belongs", .refused)
        }
        if case .dictionary(let entries) = built.value { try checkKeys(handle, entries) }
        finished[handle] = built
        return built
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
            guard count <= machine.limits.objectCount else {
                throw failure(handle, "more than \(machine.limits.objectCount) objects", .limitExceeded)
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

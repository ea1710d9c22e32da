import FileSupport

extension ParquetFile {
    /// The values of a field in all rows, lists and groups put together from their columns.
    ///
    /// For metadata: numbers and images in bulk are read by ``matrix(_:rowGroups:)`` and ``ParquetPages``.
    ///
    /// - Throws: `SerializationError` for levels that do not describe rows.
    public func rows(of field: ParquetField) throws -> [ParquetValue] {
        try rowGroups.flatMap { try rows(of: field, rowGroup: $0.index) }
    }

    /// The values of a field in the rows of one row group.
    public func rows(of field: ParquetField, rowGroup: Int) throws -> [ParquetValue] {
        let count = rowGroups[rowGroup].rowCount
        var assembler = RecordAssembler(
            columns: try field.leaves.map { try column($0, rowGroup: rowGroup) },
            leaves: field.leaves.map { leaves[$0] }, firstLeaf: field.leaves.lowerBound, file: name)
        var result: [ParquetValue] = []
        for _ in 0..<count { result.append(try assembler.next(field)) }
        guard assembler.isAtEnd else {
            throw ParquetPlace(file: name, column: field.name).error(
                .damaged, "the column has values behind its \(count) rows")
        }
        return result
    }
}

/// Puts rows together from the levels of their columns.
///
/// A list that is null or empty, and a null at any level, takes one entry in every column below it; the definition
/// level says where the path ends, the repetition level which list goes on.
private struct RecordAssembler {
    let columns: [ColumnData]
    let leaves: [ParquetLeaf]
    let firstLeaf: Int
    let file: String
    /// Entries and values used of each column.
    private var entries: [Int]
    private var values: [Int]

    init(columns: [ColumnData], leaves: [ParquetLeaf], firstLeaf: Int, file: String) {
        (self.columns, self.leaves, self.firstLeaf, self.file) = (columns, leaves, firstLeaf, file)
        (entries, values) = (Array(repeating: 0, count: columns.count), Array(repeating: 0, count: columns.count))
    }

    var isAtEnd: Bool { columns.indices.allSatisfy { entries[$0] == columns[$0].levelCount } }

    private func damaged(_ leaf: Int, _ reason: String) -> SerializationError {
        ParquetPlace(file: file, column: leaves[leaf].name).error(.damaged, reason)
    }

    private func definition(_ leaf: Int) throws -> Int {
        guard entries[leaf] < columns[leaf].levelCount else {
            throw damaged(leaf, "the column ends before its last row")
        }
        let levels = columns[leaf].definitionLevels
        return levels.isEmpty ? leaves[leaf].maximumDefinitionLevel : Int(levels[entries[leaf]])
    }

    /// 0 behind the last entry, where a new row would begin.
    private func repetition(_ leaf: Int) -> Int {
        let levels = columns[leaf].repetitionLevels
        return entries[leaf] < levels.count ? Int(levels[entries[leaf]]) : 0
    }

    /// Passes one entry of every column below a field, which holds nothing.
    private mutating func pass(_ field: ParquetField) throws {
        for leaf in field.leaves.map({ $0 - firstLeaf }) {
            guard try definition(leaf) < leaves[leaf].maximumDefinitionLevel else {
                throw damaged(leaf, "a value where its neighbours have none")
            }
            entries[leaf] += 1
        }
    }

    mutating func next(_ field: ParquetField) throws -> ParquetValue {
        if field.repetition == .repeated { return .list(try elements(field) { try $0.content(field) }) }
        let first = field.leaves.lowerBound - firstLeaf
        if field.repetition == .optional, try definition(first) < field.definitionLevel {
            try pass(field)
            return .null
        }
        return try content(field)
    }

    /// A field that is there.
    private mutating func content(_ field: ParquetField) throws -> ParquetValue {
        if field.isLeaf { return try value(field.leaves.lowerBound - firstLeaf) }
        guard field.isList else {
            var members: [ParquetValue.Member] = []
            for child in field.children { members.append(.init(name: child.name, value: try next(child))) }
            return .group(members)
        }
        // three levels: the repeated group holds the element; two levels, of old writers: it is the element
        let repeated = field.children[0]
        let isElement =
            repeated.isLeaf || repeated.children.count > 1 || repeated.name == "array"
            || repeated.name == field.name + "_tuple"
        return .list(
            try elements(repeated) { isElement ? try $0.content(repeated) : try $0.next(repeated.children[0]) })
    }

    /// The elements of a repeated field, until the entries belong to something above it.
    private mutating func elements(
        _ field: ParquetField, _ read: (inout RecordAssembler) throws -> ParquetValue
    ) throws -> [ParquetValue] {
        let first = field.leaves.lowerBound - firstLeaf
        guard try definition(first) >= field.definitionLevel else {
            try pass(field)
            return []
        }
        var elements: [ParquetValue] = []
        repeat {
            let before = entries[first]
            elements.append(try read(&self))
            guard entries[first] > before else { throw damaged(first, "an element without an entry") }
        } while entries[first] < columns[first].levelCount && repetition(first) == field.repetitionLevel
        return elements
    }

    private mutating func value(_ leaf: Int) throws -> ParquetValue {
        guard try definition(leaf) == leaves[leaf].maximumDefinitionLevel else {
            throw damaged(leaf, "a null where a value is required")
        }
        defer {
            entries[leaf] += 1
            values[leaf] += 1
        }
        let (index, description) = (values[leaf], leaves[leaf])
        guard index < columns[leaf].values.count else { throw damaged(leaf, "more entries than values") }
        switch columns[leaf].values {
        case .booleans(let values): return .boolean(values[index])
        case .int32(let values):
            return description.isSigned
                ? .integer(Int64(values[index])) : .unsigned(UInt64(UInt32(bitPattern: values[index])))
        case .int64(let values):
            return description.isSigned ? .integer(values[index]) : .unsigned(UInt64(bitPattern: values[index]))
        case .floats(let values): return .float(values[index])
        case .doubles(let values): return .double(values[index])
        case .bytes(let values):
            return description.isText
                ? .text(String(decoding: values[index], as: UTF8.self)) : .bytes(Array(values[index]))
        }
    }
}

extension ParquetFile {
    /// A column's levels and values in one row group; other columns are not touched.
    ///
    /// - Throws: `SerializationError` naming the column for what is damaged or not supported.
    public func column(_ leaf: Int, rowGroup: Int) throws -> ColumnData {
        let reader = try ColumnReader(self, leaf: leaf, rowGroup: rowGroup)
        let dictionary = try reader.dictionary()
        var data: ColumnData?
        for page in reader.pages {
            let part = try reader.page(page, dictionary: dictionary)
            if data == nil {
                data = part
            } else {
                data?.append(part, maximumDefinitionLevel: reader.leaf.maximumDefinitionLevel)
            }
        }
        return data
            ?? ColumnData(
                levelCount: 0, repetitionLevels: [], definitionLevels: [],
                values: ParquetValues(emptyOf: reader.leaf.type))
    }

    /// A column in all row groups.
    public func column(_ leaf: Int) throws -> ColumnData {
        var data: ColumnData?
        for group in rowGroups {
            let part = try column(leaf, rowGroup: group.index)
            if data == nil {
                data = part
            } else {
                data?.append(part, maximumDefinitionLevel: leaves[leaf].maximumDefinitionLevel)
            }
        }
        return data
            ?? ColumnData(
                levelCount: 0, repetitionLevels: [], definitionLevels: [],
                values: ParquetValues(emptyOf: leaves[leaf].type)
            )
    }

    /// Numbers of a column, row by row.
    public struct Table: Sendable {
        public var width: Int
        /// Row by row; NaN where a row is null.
        public var values: [Double]
        /// Rows that are null, or a list with a null in it, in order.
        public var nullRows: [Int]
    }

    /// Numbers of a column of scalars or of lists that all have the same length, without nulls, as a matrix.
    ///
    /// - Parameters:
    ///   - leaf: The column's index.
    ///   - chosen: All by default.
    /// - Returns: The width and the numbers, row by row.
    /// - Throws: `SerializationError` for nulls, with the first row that has one, lists of several lengths, and columns that
    ///   are no numbers.
    public func matrix(_ leaf: Int, rowGroups chosen: [Int]? = nil) throws -> (width: Int, values: [Double]) {
        let table = try table(leaf, rowGroups: chosen)
        if let row = table.nullRows.first {
            throw ParquetPlace(file: name, column: leaves[leaf].name).error(
                .damaged, "row \(row) is null or has a null in it", advice: "Every row needs its numbers.")
        }
        return (table.width, table.values)
    }

    /// The same with nulls, whose rows are listed.
    ///
    /// - Throws: `SerializationError` for lists of several lengths, and columns that are no numbers.
    public func table(_ leaf: Int, rowGroups chosen: [Int]? = nil) throws -> Table {
        let place = ParquetPlace(file: name, column: leaves[leaf].name)
        let full = UInt8(leaves[leaf].maximumDefinitionLevel)
        var result = Table(width: 0, values: [], nullRows: [])
        var rows = 0
        for group in chosen ?? rowGroups.map(\.index) where rowGroups[group].rowCount > 0 {
            let data = try column(leaf, rowGroup: group)
            let found =
                leaves[leaf].isHalf ? data.values.asHalves : data.values.asDoubles(isSigned: leaves[leaf].isSigned)
            guard let numbers = found else {
                throw place.error(.unsupported, "the column holds \(leaves[leaf].contents), not numbers")
            }
            // where all is there, as almost always, rows are equal parts
            let groupRows = rowGroups[group].rowCount
            let width = numbers.count / groupRows
            if data.definitionLevels.isEmpty, width > 0, width * groupRows == numbers.count,
                rows == 0 || (width == result.width && result.values.count == rows * width),
                Self.isRegular(data.repetitionLevels, rows: groupRows, levelLimit: leaves[leaf].maximumRepetitionLevel)
            {
                result.width = width
                result.values += numbers
                rows += groupRows
                continue
            }
            // rows begin where nothing is repeated; a row with a null has no numbers
            var part: [ArraySlice<Double>?] = []
            var (start, next, isNull) = (0, 0, false)
            func endRow() { part.append(isNull ? nil : numbers[start..<next]) }
            for entry in 0..<data.levelCount {
                if entry > 0, data.repetitionLevels.isEmpty || data.repetitionLevels[entry] == 0 {
                    endRow()
                    (start, isNull) = (next, false)
                }
                if data.definitionLevels.isEmpty || data.definitionLevels[entry] == full {
                    guard next < numbers.count else { throw place.error(.damaged, "more entries than values") }
                    next += 1
                } else {
                    isNull = true
                }
            }
            if data.levelCount > 0 { endRow() }
            guard part.count == groupRows, next == numbers.count else {
                throw place.error(.damaged, "\(part.count) rows where \(groupRows) are announced")
            }
            for row in part {
                guard let row else {
                    result.nullRows.append(rows)
                    rows += 1
                    continue
                }
                if result.width == 0 {
                    result.width = row.count
                    result.values = Array(repeating: .nan, count: rows * row.count)
                }
                guard row.count == result.width, result.width > 0 else {
                    throw place.error(
                        .damaged, "row \(rows) has \(row.count) values, others \(result.width)",
                        advice: "All rows need the same number of values.")
                }
                while result.values.count < rows * result.width { result.values.append(.nan) }
                result.values += row
                rows += 1
            }
        }
        result.width = max(result.width, 1)
        while result.values.count < rows * result.width { result.values.append(.nan) }
        return result
    }

    /// Whether new rows begin at equal distances.
    private static func isRegular(_ levels: [UInt8], rows: Int, levelLimit: Int) -> Bool {
        guard levelLimit > 0 else { return levels.isEmpty }
        guard rows > 0, levels.count.isMultiple(of: rows) else { return rows == 0 }
        let width = levels.count / rows
        for (index, level) in levels.enumerated() where (level == 0) != (index % width == 0) { return false }
        return true
    }

    /// The byte arrays of a column without lists; nil for nulls.
    public func byteArrays(_ leaf: Int, rowGroup: Int) throws -> [ArraySlice<UInt8>?] {
        let data = try column(leaf, rowGroup: rowGroup)
        return try Self.byteArrays(data, leaves[leaf], file: name)
    }

    static func byteArrays(_ data: ColumnData, _ leaf: ParquetLeaf, file: String) throws -> [ArraySlice<UInt8>?] {
        guard case .bytes(let values) = data.values, leaf.maximumRepetitionLevel == 0 else {
            throw ParquetPlace(file: file, column: leaf.name).error(
                .unsupported, "the column holds \(leaf.contents), not one byte array per row")
        }
        guard !data.definitionLevels.isEmpty else { return values }
        let full = UInt8(leaf.maximumDefinitionLevel)
        var next = values.makeIterator()
        return data.definitionLevels.map { $0 == full ? next.next() : nil }
    }
}

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

    /// Numbers of a column of scalars or of lists that all have the same length, without nulls, as a matrix.
    ///
    /// - Parameters:
    ///   - leaf: The column's index.
    ///   - chosen: All by default.
    /// - Returns: The width and the numbers, row by row.
    /// - Throws: `SerializationError` for nulls, lists of several lengths, and columns that are no numbers.
    public func matrix(_ leaf: Int, rowGroups chosen: [Int]? = nil) throws -> (width: Int, values: [Double]) {
        let place = ParquetPlace(file: name, column: leaves[leaf].name)
        var values: [Double] = []
        var rows = 0
        for group in chosen ?? rowGroups.map(\.index) where rowGroups[group].rowCount > 0 {
            let data = try column(leaf, rowGroup: group)
            guard data.definitionLevels.isEmpty else {
                throw place.error(.damaged, "a value is null, or a list is empty")
            }
            guard let numbers = data.values.asDoubles(isSigned: leaves[leaf].isSigned) else {
                throw place.error(.unsupported, "the column holds \(leaves[leaf].type.name), not numbers")
            }
            let groupRows = rowGroups[group].rowCount
            let isRegular = Self.isRegular(
                data.repetitionLevels, rows: groupRows, levelLimit: leaves[leaf].maximumRepetitionLevel)
            guard numbers.count.isMultiple(of: groupRows), isRegular,
                rows == 0 || values.count / rows == numbers.count / groupRows
            else { throw place.error(.damaged, "the rows do not all have the same number of values") }
            values += numbers
            rows += groupRows
        }
        return (rows == 0 ? 1 : values.count / rows, values)
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
                .unsupported, "the column holds \(leaf.type.name), not one byte array per row")
        }
        guard !data.definitionLevels.isEmpty else { return values }
        let full = UInt8(leaf.maximumDefinitionLevel)
        var next = values.makeIterator()
        return data.definitionLevels.map { $0 == full ? next.next() : nil }
    }
}

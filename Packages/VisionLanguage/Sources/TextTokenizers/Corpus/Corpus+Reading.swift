import Foundation

extension Corpus {
    /// Calls `body` with each text, in order.
    ///
    /// - Throws: ``CorpusError`` with the byte; what `body` throws.
    public func forEachText(_ body: (String) throws -> Void) throws {
        for (file, size) in try sizes().enumerated() {
            var byte = 0
            while byte < size {
                let block = try block(of: file, from: byte, byteCount: 1 << 20)
                var texts: [String] = []
                try block.withUnsafeBufferPointer { bytes throws(CorpusError) in
                    try forEachText(of: bytes, 0..<bytes.count, file: file, at: byte) {
                        texts.append(String(decoding: $0, as: UTF8.self))
                    }
                }
                for text in texts { try body(text) }
                byte += block.count
            }
        }
    }

    /// The system's reason without its full stop.
    private static func reason(_ error: any Error) -> String {
        let text = error.localizedDescription
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    /// Bytes of each file.
    func sizes() throws -> [Int] {
        try files.map { file in
            do {
                return try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            } catch {
                throw CorpusError.unreadable(file: file.path, reason: Self.reason(error))
            }
        }
    }

    /// Whole lines from a byte on: `byteCount` bytes or more, less at the end of the file.
    func block(of index: Int, from start: Int, byteCount: Int) throws -> [UInt8] {
        let file = files[index]
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            try handle.seek(toOffset: UInt64(start))
            var block = Data()
            while true {
                let more = try handle.read(upToCount: byteCount) ?? Data()
                let searched = block.count
                block += more
                if more.count < byteCount {
                    guard !block.isEmpty else { throw CorpusError.unreadable(file: file.path, reason: "it was cut") }
                    return [UInt8](block)
                }
                if let last = block[searched...].lastIndex(of: UInt8(ascii: "\n")) { return [UInt8](block[...last]) }
                if block.count > Self.lineLimit {
                    throw CorpusError.lineTooLong(file: file.path, byte: start, limit: Self.lineLimit)
                }
            }
        } catch let error as CorpusError {
            throw error
        } catch {
            throw CorpusError.unreadable(file: file.path, reason: Self.reason(error))
        }
    }

    /// Calls `body` with each text of whole lines in memory; `byte` is where the block starts in its file.
    func forEachText(
        of block: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, file: Int, at byte: Int,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(CorpusError) {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, block[end] != UInt8(ascii: "\n") { end += 1 }
            let next = min(end + 1, range.upperBound)
            switch format {
            case .plainText: body(UnsafeBufferPointer(rebasing: block[start..<next]))
            case .jsonLines(let keys):
                do throws(JSONLine.Failure) {
                    try JSONLine.forEachString(UnsafeBufferPointer(rebasing: block[start..<end]), under: keys, body)
                } catch {
                    throw .wrongLine(
                        file: files[file].path, byte: byte + start + error.byte, reason: error.reason)
                }
            }
            start = next
        }
    }
}

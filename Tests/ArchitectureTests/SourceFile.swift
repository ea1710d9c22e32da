import Foundation

/// A source file as the rules see it: what it imports and includes.
struct SourceFile {
    /// Relative to the root, `Packages/TensorCore/Sources/TensorCore/Tensor/Tensor.swift`.
    var path: String
    var text: String

    /// The package it belongs to, nil outside `Packages`.
    var layer: String? {
        let parts = path.split(separator: "/")
        return parts.count > 1 && parts[0] == "Packages" ? String(parts[1]) : nil
    }

    /// The target it belongs to, nil for snippets, fuzz targets and manifests.
    var target: String? {
        let parts = path.split(separator: "/").map(String.init)
        guard let index = parts.firstIndex(where: { $0 == "Sources" || $0 == "Tests" }), index + 2 < parts.count else {
            return nil
        }
        return parts[index + 1]
    }

    /// Modules named by Swift imports, whatever stands before or after: `@testable`, `public`, `struct M.S`.
    var imports: [String] {
        code.split(whereSeparator: \.isNewline).flatMap { line in
            line.split(separator: ";").compactMap { Self.importedModule(in: $0) }
        }
    }

    /// Headers named by `#include` and `#import`, with what surrounds them: `<cblas.h>`, `"CTensorKernels.h"`.
    var includes: [String] {
        code.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.drop(while: \.isWhitespace)
            guard words.first == "#" else { return nil }
            let directive = words.dropFirst().drop(while: \.isWhitespace)
            guard let name = ["include", "import"].first(where: { directive.hasPrefix($0) }) else { return nil }
            return directive.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first.map(String.init)
        }
    }

    private static func importedModule(in statement: Substring) -> String? {
        var words = statement.split(whereSeparator: \.isWhitespace)[...]
        let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) { words = words.dropFirst() }
        guard words.first == "import" else { return nil }
        words = words.dropFirst()
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor"]
        if let kind = words.first, kinds.contains(kind), words.count > 1 { words = words.dropFirst() }
        return words.first?.split(separator: ".").first.map(String.init)
    }

    /// The text without comments and multi-line strings; line breaks stay.
    private var code: String {
        enum State { case code, line, block(depth: Int), string, text }
        let bytes = Array(text.utf8)
        var state = State.code
        var result: [UInt8] = []
        var index = 0

        func next(is pattern: StaticString) -> Bool {
            let length = pattern.utf8CodeUnitCount
            guard index + length <= bytes.count else { return false }
            return (0..<length).allSatisfy { bytes[index + $0] == pattern.utf8Start[$0] }
        }

        while index < bytes.count {
            let byte = bytes[index]
            var width = 1
            switch state {
            case .code:
                if next(is: "//") {
                    state = .line
                } else if next(is: "/*") {
                    (state, width) = (.block(depth: 1), 2)
                } else if next(is: "\"\"\"") {
                    (state, width) = (.text, 3)
                } else {
                    if next(is: "\"") { state = .string }
                    result.append(byte)
                }
            case .line:
                if next(is: "\n") {
                    state = .code
                    result.append(byte)
                }
            case .block(let depth):
                if next(is: "\n") { result.append(byte) }
                if next(is: "*/") {
                    (state, width) = (depth == 1 ? .code : .block(depth: depth - 1), 2)
                } else if next(is: "/*") {
                    (state, width) = (.block(depth: depth + 1), 2)
                }
            case .string:
                result.append(byte)
                if next(is: "\\") {
                    width = 2
                } else if next(is: "\"") || next(is: "\n") {
                    state = .code
                }
            case .text:
                if next(is: "\n") { result.append(byte) }
                if next(is: "\"\"\"") { (state, width) = (.code, 3) }
            }
            index += width
        }
        return String(decoding: result, as: UTF8.self)
    }
}

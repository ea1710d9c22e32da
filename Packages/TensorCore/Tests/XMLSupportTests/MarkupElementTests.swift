import Foundation
import Testing
import XMLSupport

@Suite struct MarkupElementTests {
    private func parse(_ text: String, _ limits: MarkupLimits = MarkupLimits()) throws(MarkupError) -> MarkupElement {
        try MarkupElement.parse(Data(text.utf8), limits: limits)
    }

    @Test func treeHasNamesAttributesTextsAndLines() throws {
        let text = """
            <scene name="a &amp; b">
              <!-- a comment -->
              <obj><id> 3 </id></obj>
              <obj><id>4</id><pose/></obj>
            </scene>
            """
        let root = try parse(text, MarkupLimits(textByteCount: 100))
        #expect(root.name == "scene" && root["name"] == "a & b" && root.line == 1)
        #expect(root.all("obj").map(\.line) == [3, 4])
        #expect(root.descendants("id").map(\.text) == [" 3 ", "4"])
        #expect(root.first("obj")?.first("pose") == nil && root.all("obj")[1].first("pose") != nil)
        #expect(try parse(text).descendants("id").map(\.text) == ["", ""])
    }

    @Test func treeIsWrittenAndReadAgain() throws {
        let root = MarkupElement("a", ["z": "<1>", "b": "\"x\" & y"], children: [MarkupElement("c")])
        root["new"] = "2"
        var text = ""
        root.write(to: &text)
        #expect(text == "<a b=\"&quot;x&quot; &amp; y\" new=\"2\" z=\"&lt;1&gt;\">\n <c/>\n</a>\n")
        let read = try parse(text)
        #expect(read.attributes == root.attributes && read.children.map(\.name) == ["c"])
    }

    @Test func whatIsNotReadIsNamedWithItsLine() throws {
        func error(_ text: String, _ limits: MarkupLimits = MarkupLimits()) throws -> MarkupError {
            try #require(throws: MarkupError.self) { try parse(text, limits) }
        }
        let declared = "<?xml version='1.0'?>\n<!DOCTYPE r [<!ENTITY x 'y'>]>\n<r/>"
        #expect(try error(declared) == MarkupError(kind: .declaration, line: 2))
        #expect(try parse(declared, MarkupLimits(refusesDeclarations: false)).name == "r")
        #expect(try error("<a><b><c/></b></a>", MarkupLimits(nestingDepth: 2)).kind == .tooDeep)
        #expect(try error("<a><b/><c/></a>", MarkupLimits(elementCount: 2)).kind == .tooManyElements)
        #expect(try error("<a>\n<b/>").kind == .unclosed("a"))
        for text in ["", "words", "<a></b>", "<a><b></a>"] { _ = try error(text) }
        let bytes = Data("<a>\n".utf8) + [0xff] + Data("</a>".utf8)
        let encoding = try #require(throws: MarkupError.self) { try MarkupElement.parse(bytes) }
        #expect(encoding == MarkupError(kind: .notUTF8, line: 2))
    }
}

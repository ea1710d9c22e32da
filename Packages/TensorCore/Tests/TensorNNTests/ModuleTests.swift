import TensorCore
import TensorNN
import Testing

private struct Leaf: Module {
    var weight = Parameter(.ones([2, 3]))
    var bias: Parameter?
    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("weight", &weight)
        try visitor.visit("bias", &bias)
    }
}

private struct Tree: Module {
    var layers = [Leaf(), Leaf(bias: Parameter(.zeros([2])))]
    var head: Leaf?
    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("layers", &layers)
        try visitor.visit("head", &head)
    }
}

@Suite struct ModuleTests {
    @Test func namesFollowTheTree() {
        var names: [String] = []
        Tree(head: Leaf()).forEachParameter { name, _ in names.append(name) }
        #expect(names == ["layers.0.weight", "layers.1.weight", "layers.1.bias", "head.weight"])
    }

    @Test func absentPartsAreNotCounted() {
        #expect(Tree().parameterCount() == 14)
    }

    @Test func frozenParametersAreNotTrainable() {
        var tree = Tree()
        tree.setTrainable(false) { $0.hasPrefix("layers.1") }
        #expect(tree.parameterCount(trainableOnly: true) == 6)
        #expect(tree.parameterCount() == 14)
    }
}

// Fits y = a x + b to four points by gradient descent.
//
//     swift run --package-path Packages/TensorCore FitLine

import TensorCore
import TensorNN

struct Line: Module {
    var slope = Parameter(Tensor(0))
    var offset = Parameter(Tensor(0))

    func callAsFunction(_ x: Tensor) -> Tensor { x * slope.value + offset.value }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("slope", &slope)
        try visitor.visit("offset", &offset)
    }
}

let x = Tensor([0, 1, 2, 3])
let y = Tensor([1, 3, 5, 7])

var line = Line()
for _ in 0..<500 {
    let (_, gradients) = valueAndGradient(of: line) { ($0(x) - y).squared().mean() }
    line.updateParameters { name, parameter in
        if let gradient = gradients[name] { parameter.value = parameter.value - 0.1 * gradient }
    }
}
print("y = \(line.slope.value.scalar) x + \(line.offset.value.scalar)")

import TensorCore
import TensorNN
import TensorTraining

var generator = PhiloxGenerator(seed: 1)
let x = Tensor.normal([64, 3], using: &generator)
let y = matmul(x, Tensor([1, -2, 0.5], [3, 1]))

var model = Linear(3, 1, using: &generator)
var optimizer = AdamW(learningRate: 0.05, weightDecay: 0)
for _ in 0..<300 {
    let (_, gradients) = valueAndGradient(of: model) { ($0(x) - y).squared().mean() }
    optimizer.update(&model, with: gradients)
}
print("weights \(model.weight.value.floats)")  // nearly 1, -2, 0.5

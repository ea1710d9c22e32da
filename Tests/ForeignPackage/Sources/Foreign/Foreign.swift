import TensorCore

/// Multiplies two matrices and says so: what a first user tries.
@main
struct Foreign {
    static func main() {
        let a = Tensor([1, 2, 3, 4], [2, 2])
        let product = matmul(a, a)
        precondition(product.floats == [7, 10, 15, 22], "\(product.floats)")
        print("TensorCore multiplies: \(product.floats)")
    }
}

extension Tensor {
    /// Each element zero with probability `probability`, else divided by 1 − `probability`.
    ///
    /// Draws one number per element, in row-major order. Srivastava et al. 2014, JMLR 15, section 4, scaled in training.
    public func dropout(_ probability: Float, using generator: inout some RandomNumberGenerator) -> Tensor {
        require(probability >= 0 && probability < 1, "dropout probability \(probability)")
        if probability == 0 { return self }
        let kept = 1 / (1 - probability)
        var mask = Tensor.uniform(0...1, shape, using: &generator)
        mask.withMutableSpan { elements in
            for i in elements.indices { elements[i] = elements[i] < probability ? 0 : kept }
        }
        return self * mask
    }
}

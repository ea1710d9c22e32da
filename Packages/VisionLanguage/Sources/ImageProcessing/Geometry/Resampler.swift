import CImageKernels

/// How an image gets another size. They differ visibly; a policy has to see at work what it saw in training.
public enum Resampler: String, Codable, Sendable, CaseIterable {
    /// Pillow's, bit for bit: rows, then columns, each rounded to 8 bits; the filter as wide as a result's pixel.
    /// Also torchvision's on Pillow images and Transformers' image processors before 2026.
    case pillowBilinear = "pillow-bilinear"
    case pillowBicubic = "pillow-bicubic"
    case pillowLanczos = "pillow-lanczos"
    /// torchvision's on 8-bit tensors with antialias: Pillow's with weights of 16 bits, at most one level apart. Where a
    /// processor has no AVX2, torchvision computes in float and may be a level away.
    case torchBilinear = "torch-bilinear"
    case torchBicubic = "torch-bicubic"
    /// PyTorch's `interpolate` without antialias: between two neighbours. Another image, up to 12 levels apart.
    case torchBilinearWithoutAntialias = "torch-bilinear-without-antialias"
    /// TensorFlow's `lanczos3` with antialias: in float, rounded once at the end. OpenVLA's.
    case tensorFlowLanczos = "tensorflow-lanczos3"
    /// TensorFlow's and JAX's antialiased bilinear: in float, rounded once at the end. openpi's.
    case tensorFlowBilinear = "tensorflow-bilinear"

    var filter: cik_filter {
        switch self {
        case .pillowBilinear: cik_pillow_bilinear
        case .pillowBicubic: cik_pillow_bicubic
        case .pillowLanczos: cik_pillow_lanczos
        case .torchBilinear: cik_torch_bilinear
        case .torchBicubic: cik_torch_bicubic
        case .torchBilinearWithoutAntialias: cik_torch_neighbours
        case .tensorFlowLanczos: cik_tensorflow_lanczos
        case .tensorFlowBilinear: cik_tensorflow_triangle
        }
    }
}

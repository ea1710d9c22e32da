import CImageKernels

extension RGBImage {
    /// Rows in reverse order: what an OpenGL renderer gives, turned upright.
    public func flippedVertically() -> RGBImage { reordered(reversingRows: true, reversingColumns: false) }

    /// Columns in reverse order.
    public func flippedHorizontally() -> RGBImage { reordered(reversingRows: false, reversingColumns: true) }

    /// Rows and columns in reverse order.
    public func rotated180() -> RGBImage { reordered(reversingRows: true, reversingColumns: true) }

    private func reordered(reversingRows: Bool, reversingColumns: Bool) -> RGBImage {
        let pixels = [UInt8](unsafeUninitializedCapacity: self.pixels.count) { target, count in
            cik_reorder(
                self.pixels, target.baseAddress!, width, height, reversingRows ? 1 : 0, reversingColumns ? 1 : 0)
            count = target.count
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// A rectangle of the image; traps unless it lies inside.
    public func cropped(x: Int, y: Int, width: Int, height: Int) -> RGBImage {
        precondition(
            x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= self.width && y + height <= self.height,
            "cropped: \(width) × \(height) at (\(x), \(y)) of \(self.width) × \(self.height)")
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
            self.pixels.withUnsafeBufferPointer { source in
                for row in 0..<height {
                    (target.baseAddress! + row * width * 3).update(
                        from: source.baseAddress! + ((y + row) * self.width + x) * 3, count: width * 3)
                }
            }
            count = target.count
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// The middle of the image; what would lie outside is black.
    ///
    /// - Parameters:
    ///   - width: Columns of the result.
    ///   - height: Rows of the result.
    ///   - rounding: Of an odd rest: down as in Transformers, `.toNearestOrEven` as in torchvision.
    public func centerCropped(
        width: Int, height: Int, rounding: FloatingPointRoundingRule = .down
    ) -> RGBImage {
        let x = Int((Double(self.width - width) / 2).rounded(rounding))
        let y = Int((Double(self.height - height) / 2).rounded(rounding))
        return padded(left: -x, top: -y, width: width, height: height)
    }

    /// A canvas of the given size, black, with this image's corner at (`left`, `top`); what is outside is cut.
    public func padded(left: Int, top: Int, width: Int, height: Int) -> RGBImage {
        var canvas = RGBImage(width: width, height: height)
        canvas.draw(self, x: left, y: top)
        return canvas
    }

    /// Copies `image` in, its corner at (x, y); what is outside is cut.
    public mutating func draw(_ image: RGBImage, x: Int, y: Int) {
        let (firstColumn, lastColumn) = (max(0, -x), min(image.width, width - x))
        guard firstColumn < lastColumn else { return }
        let (width, height) = (self.width, self.height)
        pixels.withUnsafeMutableBufferPointer { target in
            image.pixels.withUnsafeBufferPointer { source in
                for row in max(0, -y)..<max(max(0, -y), min(image.height, height - y)) {
                    (target.baseAddress! + ((y + row) * width + x + firstColumn) * 3).update(
                        from: source.baseAddress! + (row * image.width + firstColumn) * 3,
                        count: (lastColumn - firstColumn) * 3)
                }
            }
        }
    }
}

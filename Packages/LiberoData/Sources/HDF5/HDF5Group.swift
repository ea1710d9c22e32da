import CHDF5

/// A group: names for groups and datasets, and attributes.
public struct HDF5Group: Sendable {
    let handle: HDF5Handle
    let place: HDF5Place
    let content: HDF5FileContent

    /// The path from the root, such as `data/demo_0`.
    public var path: String { place.path }

    /// The names below, sorted byte by byte.
    ///
    /// - Throws: `SerializationError` when the group is damaged or has more members than the limits allow.
    public func names() throws -> [String] {
        try HDF5Library.call {
            var info = H5G_info_t()
            guard H5Gget_info(handle.id, &info) >= 0 else {
                throw place.error(.damaged, "listing the group failed: \(HDF5Library.failure())")
            }
            guard info.nlinks <= content.limits.memberCount else {
                throw place.error(.limitExceeded, "the group has \(info.nlinks) members")
            }
            return try (0..<info.nlinks).map { index in
                try text("reading a member's name") { buffer, size in
                    H5Lget_name_by_idx(
                        handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, hid_t(H5P_DEFAULT))
                }
            }
        }
    }

    /// Whether there is a member of this name or path.
    public func contains(_ path: String) -> Bool {
        HDF5Library.call {
            // each part has to be asked for: the library fails on a path whose first part is missing
            var prefix = ""
            for part in path.split(separator: "/") {
                prefix += prefix.isEmpty ? "\(part)" : "/\(part)"
                guard H5Lexists(handle.id, prefix, hid_t(H5P_DEFAULT)) > 0 else { return false }
            }
            return true
        }
    }

    /// The group of this name or path.
    ///
    /// - Throws: `SerializationError` when there is none, or it lies in another file.
    public func group(_ name: String) throws -> HDF5Group {
        let place = place.with(name)
        try require(name, place)
        let group = try HDF5Library.call {
            try HDF5Handle(
                H5Gopen2(handle.id, name, hid_t(H5P_DEFAULT)), closedBy: { H5Gclose($0) }, orThrow: place,
                "opening the group")
        }
        return HDF5Group(handle: group, place: place, content: content)
    }

    /// The dataset of this name or path.
    ///
    /// - Throws: `SerializationError` when there is none, it lies in another file, or a filter it needs is missing.
    public func dataset(_ name: String) throws -> HDF5Dataset {
        let place = place.with(name)
        try require(name, place)
        let dataset = try HDF5Library.call {
            try HDF5Handle(
                H5Dopen2(handle.id, name, hid_t(H5P_DEFAULT)), closedBy: { H5Dclose($0) }, orThrow: place,
                "opening the dataset")
        }
        return try HDF5Dataset(handle: dataset, place: place, content: content)
    }

    /// Whether the member of this name is a dataset.
    public func isDataset(_ name: String) -> Bool {
        guard (try? require(name, place.with(name))) != nil else { return false }
        return HDF5Library.call {
            let object = H5Oopen(handle.id, name, hid_t(H5P_DEFAULT))
            guard object >= 0 else { return false }
            defer { H5Oclose(object) }
            return H5Iget_type(object) == H5I_DATASET
        }
    }

    /// Paths of all datasets below, depth first.
    ///
    /// - Throws: `SerializationError` for a damaged group, groups nested deeper than the limits allow, and more paths than
    ///   a file of this size can have: groups that share members may have more than anybody could visit.
    public func datasetPaths() throws -> [String] {
        let fileByteCount = try content.mapped().byteCount
        // a member needs a name, a link and a header
        let limit = min(content.limits.memberCount, 4096 + fileByteCount / 32)
        var count = 0
        func visit(_ group: HDF5Group, _ prefix: String, depth: Int) throws -> [String] {
            guard depth <= content.limits.nestingDepth else {
                throw group.place.error(.limitExceeded, "groups are nested deeper than \(depth - 1)")
            }
            return try group.names().flatMap { name -> [String] in
                count += 1
                guard count <= limit else {
                    throw group.place.error(
                        .limitExceeded, "more than \(limit) paths in a file of \(fileByteCount) bytes",
                        advice: "Groups that share members multiply them; copy the data into groups of their own.")
                }
                if group.isDataset(name) { return [prefix + name] }
                return try visit(group.group(name), prefix + name + "/", depth: depth + 1)
            }
        }
        return try visit(self, "", depth: 0)
    }

    /// Every part of the path is there and in this file.
    private func require(_ name: String, _ place: HDF5Place) throws {
        try HDF5Library.call {
            var budget = Self.linkLimit
            try Self.require(name, in: handle.id, place, &budget)
        }
    }

    /// Soft links that a path may lead over, one inside of the other or behind it.
    private static let linkLimit = 32

    /// Follows soft links by itself: the library is never asked to go to another file.
    private static func require(_ name: String, in group: hid_t, _ place: HDF5Place, _ budget: inout Int) throws {
        var prefix = name.hasPrefix("/") ? "/" : ""
        for part in name.split(separator: "/") where part != "." {
            let parent = prefix
            prefix += prefix.isEmpty || prefix == "/" ? "\(part)" : "/\(part)"
            switch chdf5_link_type(group, prefix) {
            case Int32(H5L_TYPE_HARD.rawValue): break
            case Int32(H5L_TYPE_SOFT.rawValue):
                budget -= 1
                guard budget >= 0 else { throw place.error(.damaged, "soft links that lead on and on") }
                let target = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
                    chdf5_soft_target(group, prefix, buffer.baseAddress, buffer.count) != 0
                        ? String(
                            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
                }
                guard let target, !target.isEmpty else {
                    throw place.error(.damaged, "a soft link that cannot be read")
                }
                // relative to the group that the link lies in
                let path = target.hasPrefix("/") || parent.isEmpty ? target : "\(parent)/\(target)"
                try require(path, in: group, place, &budget)
                guard H5Oexists_by_name(group, prefix, hid_t(H5P_DEFAULT)) > 0 else {
                    throw place.error(.notFound, "a soft link that points nowhere")
                }
            case Int32(H5L_TYPE_EXTERNAL.rawValue):
                throw place.error(.refused, "a link to another file", advice: "Copy the data into this file.")
            default: throw place.error(.notFound, "the file has no such member")
            }
        }
    }

    /// A text whose length the library tells when asked without a buffer.
    private func text(_ action: String, _ get: (UnsafeMutablePointer<CChar>?, Int) -> Int) throws -> String {
        let length = get(nil, 0)
        guard length >= 0, length <= content.limits.nameByteCount else {
            throw place.error(.damaged, "\(action) failed: \(length < 0 ? HDF5Library.failure() : "\(length) bytes")")
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { buffer in
            _ = get(buffer.baseAddress, buffer.count)
            return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}

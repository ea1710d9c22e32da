extension MJCFElement {
    /// Removes what only images need from a scene: geoms of group 1 that touch nothing, and the meshes, textures and
    /// materials that are then unused.
    ///
    /// Masses come from geoms of group 0 alone, so that the physics stays as it was.
    func removeVisuals() {
        removeVisualGeoms()
        let meshes = Set(descendants("geom").compactMap { $0["mesh"] })
        first("asset")?.children.removeAll { $0.name != "mesh" || !meshes.contains($0["name"] ?? "") }
    }

    private func removeVisualGeoms() {
        children.removeAll {
            $0.name == "geom" && $0["group"] == "1" && $0["contype"] == "0" && $0["conaffinity"] == "0"
        }
        for child in children {
            child["material"] = nil
            child.removeVisualGeoms()
        }
    }
}

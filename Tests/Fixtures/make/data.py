"""Data files: NumPy, PyTorch, h5py, pyarrow and scikit-learn write them, or say what is in them."""

import collections
import hashlib
import io
import json
import struct

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import simplejpeg
import torch
from PIL import Image

import language
from common import folder, write_json, write_tensors
from images import scene

digest = lambda data: hashlib.sha256(np.ascontiguousarray(data).tobytes()).hexdigest()
WORDS = "pick up the red block and place it in the tray"


def plain(array):
    return {"shape": list(array.shape), "dtype": str(array.dtype), "values": array.reshape(-1).tolist()}


def numpy_archives():
    rng = np.random.default_rng(1)
    arrays = {
        "f8": rng.normal(size=(3, 4)), "f4": rng.normal(size=5).astype(np.float32), "i8": rng.integers(-9, 9, (2, 2, 2)),
        "i4": rng.integers(-9, 9, 4).astype(np.int32), "u1": rng.integers(0, 255, (4, 3)).astype(np.uint8),
        "flags": rng.random(6) < 0.5, "scalar": np.array(2.5), "none": np.zeros((0, 3)),
        "columns": np.asfortranarray(rng.normal(size=(3, 2))),
    }
    place = folder("data/samples/numpy")
    for name, write in (("plain", np.savez), ("compressed", np.savez_compressed)):
        write(place / f"{name}.npz", **arrays)
        write_json(place / f"{name}.values.json", {k: plain(v) for k, v in arrays.items()})


def initial_states():
    """Arrays as LIBERO keeps initial states: pickled by torch.save."""
    states = np.random.default_rng(2).normal(size=(6, 11))
    states[:, 0] = 0.0
    place = folder("data/samples/init_states")
    path = place / "made_up_task.pruned_init"
    torch.save(states, path)
    write_json(place / "made_up_task.pruned_init.golden.json", {
        "shape": list(states.shape), "dtype": "float64", "row0": states[0].tolist(),
        "time_column": states[:, 0].tolist(), "column_mean": states.mean(0).tolist()})
    content = path.read_bytes()
    (folder("data/samples/corrupt/init_states") / "cut.pruned_init").write_bytes(content[: len(content) // 2])


def sampling():
    from sklearn.model_selection import train_test_split

    golden = {"randperm": [], "distributed_sampler": [], "episode_split_sklearn": [], "mt19937_first_outputs": []}
    for n, seed in ((1, 3), (6, 0), (40, 7), (1000, 123)):
        order = torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()
        golden["randperm"].append({"n": n, "seed": seed, "first": order[:20]})
    for n, world, seed, epoch, shuffle, drop in (
        (13, 3, 5, 0, True, False), (13, 3, 5, 2, True, True), (8, 4, 0, 1, False, False)):
        ranks = []
        for rank in range(world):
            sampler = torch.utils.data.DistributedSampler(
                range(n), num_replicas=world, rank=rank, shuffle=shuffle, seed=seed, drop_last=drop)
            sampler.set_epoch(epoch)
            ranks.append(list(sampler))
        golden["distributed_sampler"].append({
            "n": n, "world": world, "seed": seed, "epoch": epoch, "shuffle": shuffle, "drop_last": drop, "ranks": ranks})
    for count, share, seed in ((50, 0.9, 42), (17, 0.8, 3)):
        train, rest = train_test_split(list(range(count)), train_size=None, test_size=count - int(count * share),
                                       random_state=seed, shuffle=True)
        golden["episode_split_sklearn"].append({
            "episodes": count, "train_ratio": share, "random_state": seed, "n_train": len(train),
            "train_first": train[:10], "val_first": rest[:10], "val_sorted_first": sorted(rest)[:10]})
    for seed in (1, 99):
        bits = np.random.MT19937()
        bits._legacy_seeding(seed)
        golden["mt19937_first_outputs"].append({"seed": seed, "uint32": [int(v) for v in bits.random_raw(6)]})
    lengths, horizon, window = [4, 6, 1], 3, 2
    chunks, dropped, history, start = [], [], [], 0
    for episode, length in enumerate(lengths):
        for frame in range(length):
            index = [start + min(frame + i, length - 1) for i in range(horizon)]
            padded = [frame + i >= length for i in range(horizon)]
            chunks.append({"episode": episode, "frame": frame, "index": index, "is_pad": padded})
            if not any(padded):
                dropped.append(chunks[-1])
            back = [frame - window + 1 + i for i in range(window)]
            history.append({"episode": episode, "frame": frame, "index": [start + max(b, 0) for b in back],
                            "is_pad": [b < 0 for b in back]})
        start += length
    golden["action_chunks"] = {"episode_lengths": lengths, "horizon": horizon, "repeat_last_with_mask": chunks,
                               "drop_tail_openvla_oft": dropped}
    golden["history_window"] = {"episode_lengths": lengths, "window": window, "frames": history}
    write_json(folder("data/samples/sampling") / "small.json", golden)


def statistics():
    rng = np.random.default_rng(4)
    actions = np.clip(rng.normal(0.05, 0.4, (400, 7)), -0.9, 0.9).astype(np.float32).astype(np.float64)
    actions[:, 6] = np.where(rng.random(400) < 0.6, -1.0, 1.0)
    quantile = lambda p: np.quantile(actions, p, axis=0).tolist()

    def counted(p):
        """The lower edge of the bin at which so many numbers are counted, as openpi's running statistics have it."""
        result = []
        for column in actions.T:
            counts, edges = np.histogram(column, bins=5000)
            result.append(float(edges[np.searchsorted(np.cumsum(counts), p * len(column))]))
        return result

    both = {"mean": actions.mean(0).tolist(), "std": actions.std(0).tolist()}
    limits = {"min": actions.min(0).tolist(), "max": actions.max(0).tolist()}
    place = folder("data/samples/statistics")
    np.savez(place / "actions.npz", actions=actions)
    write_json(place / "actions.values.json", {"actions": plain(actions)})
    write_json(place / "golden.json", {
        "exact_float64": both | limits | {f"q{p:02d}": quantile(p / 100) for p in (1, 10, 50, 90, 99)} | {"count": 400},
        "merge_of_two_parts": both | {"split_at": 130},
        "openpi_running_histogram_batches_of_64": {
            "bins": 5000, "q01": counted(0.01), "q99": counted(0.99)},
        "research_code_file_format": {"actions": both | {"max": limits["max"], "min": limits["min"],
            "1st_percentile": quantile(0.01), "99th_percentile": quantile(0.99)}}})


def rotations():
    rng = np.random.default_rng(5)
    cases = []
    for q in list(rng.normal(size=(12, 4))) + [np.array([0, 0, 0, 1.0]), np.array([0, 1.0, 0, 0]), np.array([0.6, 0, 0, -0.8])]:
        q = q / np.linalg.norm(q)
        w = np.clip(q[3], -1, 1)
        length = np.sqrt(1 - w * w)
        vector = np.zeros(3) if np.isclose(length, 0) else q[:3] * 2 * np.arccos(w) / length
        cases.append({"q": q.tolist(), "axisangle": vector.tolist()})
    write_json(folder("data/samples/rotations") / "made_quat_xyzw_to_axisangle.golden.json", {"cases": cases})


def loader():
    """Weight files of a small decoder as torch.save writes them, good and bad."""
    config = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
              "vocab_size": 20, "intermediate_size": 24, "rms_norm_eps": 1e-5, "rope_theta": 1e6}
    decoder = language.Decoder(config, "07")
    # small embeddings keep the logits small: half precision is compared by an absolute distance
    w = {k: v * (0.3 if "embed" in k or "lm_head" in k else 1) for k, v in decoder.weights(91).items()}
    head, names = 4, {"tok_embeddings.weight": "model.embed_tokens.weight", "output.weight": "lm_head.weight",
                      "norm.weight": "model.norm.weight"}
    for i in range(2):
        for old, new in (("attention.wq", "self_attn.q_proj"), ("attention.wk", "self_attn.k_proj"),
                         ("attention.wv", "self_attn.v_proj"), ("attention.wo", "self_attn.o_proj"),
                         ("attention_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm"),
                         ("feed_forward.w1", "mlp.gate_proj"), ("feed_forward.w2", "mlp.down_proj"),
                         ("feed_forward.w3", "mlp.up_proj")):
            names[f"layers.{i}.{old}.weight"] = f"model.layers.{i}.{new}.weight"

    def pairs(t):
        # new rows j and j + d/2 were 2j and 2j + 1
        t = t.reshape(-1, 2, head // 2, t.shape[-1]).transpose(1, 2)
        return t.reshape(-1, t.shape[-1]).contiguous()

    turned = {k: pairs(v) if "q_proj" in k or "k_proj" in k else v for k, v in w.items()}
    ids = torch.tensor([[3, 7, 1, 0, 19, 5, 5]])
    logits = lambda w: decoder.logits(decoder(decoder.embed(ids, w), w)[0], w)
    big = torch.arange(200, dtype=torch.float32)
    view = big.as_strided((6, 5), (1, 7), 11)
    broken = {k: v.clone() for k, v in w.items()}
    broken["model.layers.1.mlp.up_proj.weight"][2, 3] = float("inf")
    other_head = w | {"lm_head.weight": w["lm_head.weight"] + 1}
    short = {k: v for k, v in w.items() if ".layers.1." not in k}
    all_names = sorted(w)
    place = folder("golden/models/loader_small")
    write = lambda name, value, **options: torch.save(value, place / name, **options)
    tied = {k: (w["model.embed_tokens.weight"] if k == "lm_head.weight" else v) for k, v in w.items()}
    write("plain.pth", tied)
    write("half.pth", {k: v.half() for k, v in w.items()})
    write("brain.bin", {k: v.bfloat16() for k, v in w.items()})
    write("untied_name_missing.pth", {k: v for k, v in w.items() if k != "lm_head.weight"})
    write("module.pth", {"module." + k: v for k, v in tied.items()})
    write("nested.pth", {"model": tied, "epoch": 2, "step": 30})
    write("old_names.pth", {old: turned[new] for old, new in names.items()})
    write("new_names_old_rows.pth", turned | {"lm_head.weight": turned["model.embed_tokens.weight"]})
    write("short.pth", short)
    write("more.pth", tied | {"model.layers.1.self_attn.mask": torch.ones(2, 2)})
    write("shape.pth", tied | {"model.norm.weight": torch.ones(17)})
    write("conflict.pth", other_head)
    write("infinite.pth", broken)
    write("views.pth", tied | {"x.view_t": view, "x.bool": torch.tensor([True, False]), "x.scalar": torch.tensor(4.0)})
    write("old_zipless.pth", tied, _use_new_zipfile_serialization=False)
    content = (place / "plain.pth").read_bytes()
    (place / "cut.pth").write_bytes(content[: len(content) - 400])
    files = {
        "plain.pth": {"ok": True}, "half.pth": {"ok": True, "dtype": "float16"},
        "brain.bin": {"ok": True, "dtype": "bfloat16"}, "untied_name_missing.pth": {"ok": True},
        "module.pth": {"ok": True}, "nested.pth": {"ok": True},
        "old_names.pth": {"ok": False, "missing": all_names, "unexpected": sorted(names),
                          "note": "older names, and rows of queries and keys permuted"},
        "new_names_old_rows.pth": {"ok": True, "wrong_numbers": True},
        "short.pth": {"ok": False, "missing": [n for n in all_names if ".layers.1." in n], "unexpected": []},
        "more.pth": {"ok": False, "missing": [], "unexpected": ["model.layers.1.self_attn.mask"]},
        "shape.pth": {"ok": False, "shape_mismatch": {"model.norm.weight": {"file": [17], "model": [16]}}},
        "conflict.pth": {"ok": False, "conflict": ["lm_head.weight", "model.embed_tokens.weight"]},
        "infinite.pth": {"ok": False, "not_finite": ["model.layers.1.mlp.up_proj.weight"]},
        "views.pth": {"ok": False, "missing": [], "unexpected": ["x.bool", "x.scalar", "x.view_t"]},
        "old_zipless.pth": {"ok": False, "note": "the legacy format without a zip archive"},
        "cut.pth": {"ok": False, "note": "the directory is missing"},
    }
    write_json(place / "case.json", {"config": config, "files": files, "legacy_to_current": names})
    write_tensors(place / "expected.safetensors", {
        "input_ids": ids, "logits": logits(w), "logits_when_not_permuted": logits(turned), "view_t": view,
        **{"w/" + k: v for k, v in w.items()}})


def parquet():
    place = folder("data/samples/parquet")
    rng = np.random.default_rng(6)
    n = 40
    text = [None if i % 7 == 3 else f"row {i % 5}" for i in range(n)]
    nested = [[{"x": int(v), "y": None if v % 3 == 0 else f"v{v}"} for v in rng.integers(0, 9, i % 4)] for i in range(n)]
    tables = {
        "kinds_small": (pa.table({
            "flag": pa.array([bool(v) for v in rng.random(n) < 0.5]),
            "i32": pa.array(rng.integers(-1000, 1000, n), pa.int32()), "i64": pa.array(rng.integers(-10**12, 10**12, n)),
            "f32": pa.array(rng.normal(size=n).astype(np.float32)), "f64": pa.array(rng.normal(size=n)),
            "text": pa.array(text), "raw": pa.array([bytes([i, 255 - i]) for i in range(n)]),
            "state": pa.array(rng.normal(size=(n, 4)).astype(np.float32).tolist(), pa.list_(pa.float32(), 4)),
        }), dict(compression="snappy", row_group_size=16)),
        "nested_small": (pa.table({"items": pa.array(nested), "n": pa.array(range(n))}),
                         dict(compression="zstd", data_page_version="2.0")),
        "delta_small": (pa.table({"i": pa.array(np.cumsum(rng.integers(-5, 9, n))), "s": pa.array([f"name{i:03d}" for i in range(n)])}),
                        dict(compression="gzip", use_dictionary=False,
                             column_encoding={"i": "DELTA_BINARY_PACKED", "s": "DELTA_BYTE_ARRAY"})),
    }

    def value(v):
        if isinstance(v, bytes):
            return {"hex": v.hex()}
        if isinstance(v, dict):
            return {k: value(x) for k, x in v.items()}
        return [value(x) for x in v] if isinstance(v, list) else v

    for name, (table, options) in tables.items():
        path = place / f"{name}.parquet"
        pq.write_table(table, path, **options)
        file = pq.ParquetFile(path)
        meta, schema = file.metadata, file.schema
        write_json(place / f"{name}.golden.json", {
            "rows": meta.num_rows, "row_groups": [meta.row_group(i).num_rows for i in range(meta.num_row_groups)],
            "created_by": meta.created_by,
            "columns": [{"path": schema.column(i).path, "physical": schema.column(i).physical_type,
                         "max_definition_level": schema.column(i).max_definition_level,
                         "max_repetition_level": schema.column(i).max_repetition_level} for i in range(len(schema))],
            "values": {c: [value(v) for v in table[c].to_pylist()] for c in table.column_names}})
    damaged = folder("data/samples/corrupt/parquet")
    content = (place / "delta_small.parquet").read_bytes()
    (damaged / "no_end.parquet").write_bytes(content[:-4] + b"XXXX")
    pq.write_table(tables["kinds_small"][0].select(["f64"]), damaged / "bit.parquet", compression="none",
                   use_dictionary=False, write_page_checksum=True)
    content = bytearray((damaged / "bit.parquet").read_bytes())
    content[120] ^= 4
    (damaged / "bit.parquet").write_bytes(content)
    write_json(damaged / "expected.json", {
        "no_end.parquet": {"error": "open", "message_must_name": ["no_end.parquet"]},
        "bit.parquet": {"error": "read", "message_must_name": ["bit.parquet", "f64"]}})


class Episode:
    """A made-up demonstration: a hand that moves, two cameras, a gripper that closes."""

    def __init__(self, length, size, seed):
        rng = np.random.default_rng(seed)
        self.length = length
        self.actions = np.round(rng.uniform(-0.9, 0.9, (length, 7)), 6)
        self.actions[:, 6] = np.where(np.arange(length) < length // 2, -1, 1)
        self.position = np.cumsum(0.01 * self.actions[:, :3], 0) + [0.1, -0.05, 1.0]
        self.orientation = np.cumsum(0.02 * self.actions[:, 3:6], 0) + [3.0, 0.05, -0.02]
        closing = np.linspace(0.04, 0.01, length)
        self.fingers = np.stack([closing, -closing], 1)
        self.joints = np.cumsum(rng.normal(0, 0.02, (length, 7)), 0)
        self.images = [np.stack([scene(size, size, 1000 * seed + 10 * i + c) for i in range(length)]) for c in (1, 2)]

    @property
    def state(self):
        return np.concatenate([self.position, self.orientation, self.fingers], 1)


def hdf5():
    place = folder("data/samples/libero_hdf5")
    name = "pick_up_the_red_block_and_place_it_in_the_tray_demo"
    attributes = {
        "bddl_file_name": f"bddl_files/made/{name[:-5]}.bddl", "env_name": "Libero_Tabletop_Manipulation", "num_demos": 2,
        "macros_image_convention": "opengl", "tag": "libero-v1", "total": 11,
        "problem_info": json.dumps({"problem_name": "libero_tabletop_manipulation", "domain_name": "robosuite",
                                    "language_instruction": WORDS}),
        "env_args": json.dumps({"type": 1, "env_name": "Libero_Tabletop_Manipulation",
                                "env_kwargs": {"robots": ["Panda"], "controller_configs": {"type": "OSC_POSE"}}}),
    }
    golden, values = {"file": f"{name}.hdf5", "demos": {}, "data_attrs": attributes, "language_instruction": WORDS}, {}

    def write(path, episodes, damage=None):
        with h5py.File(path, "w") as file:
            data = file.create_group("data")
            data.attrs.update(attributes)
            for number, episode in enumerate(episodes):
                demo = data.create_group(f"demo_{number}")
                demo.attrs["num_samples"] = episode.length
                demo.attrs["init_state"] = np.arange(5) * 0.25
                demo.attrs["model_file"] = "<mujoco model=\"made\"/>"
                end = np.zeros(episode.length, np.uint8)
                end[-1] = 1
                content = {
                    "actions": episode.actions, "dones": end, "rewards": end,
                    "robot_states": np.concatenate([episode.fingers, episode.position, np.tile([1.0, 0, 0, 0], (episode.length, 1))], 1),
                    "states": np.random.default_rng(number).normal(size=(episode.length, 12)),
                    "obs/ee_pos": episode.position, "obs/ee_ori": episode.orientation,
                    "obs/ee_states": np.concatenate([episode.position, episode.orientation], 1),
                    "obs/gripper_states": episode.fingers, "obs/joint_states": episode.joints,
                    "obs/agentview_rgb": episode.images[0][:, ::-1, ::-1],
                    "obs/eye_in_hand_rgb": episode.images[1][:, ::-1, ::-1],
                }
                if damage:
                    damage(number, content)
                for key, array in content.items():
                    options = dict(chunks=(2,) + array.shape[1:], compression="gzip") if key.endswith("rgb") else {}
                    demo.create_dataset(key, data=array, **options)

    episodes = [Episode(6, 24, 1), Episode(5, 24, 2)]
    write(place / f"{name}.hdf5", episodes)
    with h5py.File(place / f"{name}.hdf5") as file:
        for demo in file["data"]:
            group, found = file[f"data/{demo}"], {}
            group.visititems(lambda key, item: found.update({key: item}) if isinstance(item, h5py.Dataset) else None)
            entry = {
                "length": len(group["actions"]),
                "datasets": {k: {"dtype": str(d.dtype), "shape": list(d.shape), "chunks": list(d.chunks) if d.chunks else None,
                                 "sha256": digest(d[()])} for k, d in found.items()},
                "attrs": {k: v.tolist() if hasattr(v, "tolist") else v for k, v in group.attrs.items()}}
            for camera in ("agentview", "eye_in_hand"):
                upright = group[f"obs/{camera}_rgb"][()][:, ::-1, ::-1]
                entry[f"frame_sha256_upright_{camera}_rgb"] = [digest(i) for i in upright]
                entry[f"frame_mean_{camera}_rgb"] = [i.reshape(-1, 3).mean(0).tolist() for i in upright]
            golden["demos"][demo] = entry
            state = np.concatenate([group["obs/ee_states"][()], group["obs/gripper_states"][()]], 1)
            values |= {f"{demo}__actions": plain(group["actions"][()]), f"{demo}__state8": plain(state),
                       f"{demo}__robot_states": plain(group["robot_states"][()])}
    write_json(place / f"{name}.golden.json", golden)
    write_json(place / f"{name}.values.json", values)

    rng = np.random.default_rng(7)
    actions = rng.uniform(-0.5, 0.5, (9, 7))
    actions[[0, 3, 4, 7], :6] = 0
    actions[:, 6] = [-1, -1, -1, -1, 1, 1, 1, 1, 1]
    kept, last = [], None
    for i, row in enumerate(actions):
        if np.linalg.norm(row[:6]) < 1e-4 and (last is None or row[6] == last):
            continue
        kept.append(i)
        last = row[6]
    write_json(place / "made_noop_filter.golden.json", {"actions": actions.tolist(), "kept_indices": kept, "threshold": 1e-4})

    damaged = folder("data/samples/corrupt/hdf5")
    (damaged / "nothing.hdf5").write_bytes(b"")

    def without_wrist(number, content):
        if number == 1:
            del content["obs/eye_in_hand_rgb"]

    write(damaged / "no_wrist.hdf5", [Episode(3, 8, 3), Episode(3, 8, 4)], without_wrist)
    write_json(damaged / "expected.json", {
        "nothing.hdf5": {"error": "open", "message_must_name": ["nothing.hdf5"]},
        "no_wrist.hdf5": {"error": "episode", "message_must_name": ["no_wrist.hdf5", "demo_1", "eye_in_hand_rgb"],
                          "good_episodes": ["demo_0"]}})


def numbers(name, array):
    """What a data set's statistics say of float32 columns, computed in float64."""
    a = array.astype(np.float64)
    return {name: {"mean": a.mean(0).tolist(), "std": a.std(0).tolist(), "min": a.min(0).tolist(), "max": a.max(0).tolist(),
                   "q01": np.quantile(a, 0.01, axis=0).tolist(), "q50": np.quantile(a, 0.5, axis=0).tolist(),
                   "q99": np.quantile(a, 0.99, axis=0).tolist(), "count": len(a)}}


def png(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def lerobot():
    """LeRobot v2.1: its folders and features, written by pyarrow."""
    size, tasks = 20, [WORDS, "close the drawer"]
    episodes = [Episode(4, size, 11), Episode(3, size, 12)]

    def write(place):
        (place / "meta").mkdir(parents=True, exist_ok=True)
        (place / "data/chunk-000").mkdir(parents=True, exist_ok=True)
        picture = {"dtype": "image", "shape": [size, size, 3], "names": ["height", "width", "channel"]}
        feature = lambda dtype, n, names=None: {"dtype": dtype, "shape": [n], "names": names}
        info = {
            "codebase_version": "v2.1", "robot_type": "panda", "total_episodes": 2, "total_frames": 7, "total_tasks": 2,
            "total_videos": 0, "total_chunks": 1, "chunks_size": 1000, "fps": 10, "splits": {"train": "0:2"},
            "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet", "video_path": None,
            "features": {"image": picture, "wrist_image": picture, "state": feature("float32", 8, ["state"]),
                         "actions": feature("float32", 7, ["actions"]), "timestamp": feature("float32", 1),
                         **{k: feature("int64", 1) for k in ("frame_index", "episode_index", "index", "task_index")}}}
        write_json(place / "meta/info.json", info)
        lines = lambda rows: "".join(json.dumps(r) + "\n" for r in rows)
        (place / "meta/tasks.jsonl").write_text(lines({"task_index": i, "task": t} for i, t in enumerate(tasks)))
        (place / "meta/episodes.jsonl").write_text(lines(
            {"episode_index": i, "tasks": [tasks[i]], "length": e.length} for i, e in enumerate(episodes)))
        (place / "meta/episodes_stats.jsonl").write_text(lines(
            {"episode_index": i, "stats": {
                k: {s: v for s, v in numbers(k, a)[k].items() if s in ("mean", "std", "min", "max")} | {"count": [e.length]}
                for k, a in (("state", e.state.astype(np.float32)), ("actions", e.actions.astype(np.float32)))}}
            for i, e in enumerate(episodes)))
        golden, columns, start = [], collections.defaultdict(list), 0
        for i, e in enumerate(episodes):
            content = {"state": e.state.astype(np.float32), "actions": e.actions.astype(np.float32),
                       "timestamp": (np.arange(e.length) / 10).astype(np.float32), "frame_index": np.arange(e.length),
                       "episode_index": np.full(e.length, i), "index": np.arange(e.length) + start,
                       "task_index": np.full(e.length, i)}
            start += e.length
            arrays, entry = {}, {"episode_index": i, "length": e.length, "tasks": [tasks[i]],
                                 "timestamps": content["timestamp"].astype(np.float64).tolist()}
            for name, images in zip(("image", "wrist_image"), e.images):
                stored = [png(p) for p in images]
                arrays[name] = pa.array([{"bytes": b, "path": f"frame_{f:06d}.png"} for f, b in enumerate(stored)])
                entry[f"frame_sha256_{name}"], entry[f"png_bytes_{name}"] = [digest(p) for p in images], [len(b) for b in stored]
            for name, array in content.items():
                columns[name].append(array)
                arrays[name] = (pa.array(array.tolist(), pa.list_(pa.float32(), array.shape[1])) if array.ndim == 2
                                else pa.array(array))
            table = pa.table(arrays).replace_schema_metadata({"huggingface": "{}"})
            pq.write_table(table, place / f"data/chunk-000/episode_{i:06d}.parquet", compression="snappy")
            golden.append(entry)
        return golden, {k: np.concatenate(v) for k, v in columns.items()}

    place = folder("data/samples/lerobot")
    golden, columns = write(place / "made_v21")
    files = []
    for path in sorted((place / "made_v21/data/chunk-000").iterdir()):
        file = pq.ParquetFile(path)
        files.append({"path": str(path.relative_to(place / "made_v21")), "rows": file.metadata.num_rows,
                      "row_groups": file.metadata.num_row_groups, "key_value_keys": ["huggingface"],
                      "columns": [{"path": file.schema.column(i).path, "physical": file.schema.column(i).physical_type}
                                  for i in range(len(file.schema))]})
    write_json(place / "made_v21.golden.json", {
        "info_codebase_version": "v2.1", "files": files, "episodes": golden, "tasks": {str(i): t for i, t in enumerate(tasks)},
        "statistics_over_frames": numbers("actions", columns["actions"]) | numbers("state", columns["state"])})
    write_json(place / "made_v21.values.json", {k: plain(v) for k, v in columns.items()})
    damaged = folder("data/samples/corrupt/lerobot")
    write(damaged / "no_second_episode")
    (damaged / "no_second_episode/data/chunk-000/episode_000001.parquet").unlink()
    write_json(damaged / "expected.json", {"no_second_episode": {
        "error": "episode", "episode": 1, "message_must_name": ["episode_000001.parquet"], "good_episodes": [0]}})


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 255] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def table():
    result = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        result.append(i)
    return result


TABLE = table()


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(n):
    out = bytearray()
    while True:
        out.append(n & 127 | (128 if n > 127 else 0))
        n >>= 7
        if not n:
            return bytes(out)


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def example(features):
    """A tf.train.Example, written by hand from its protocol."""
    entries = b""
    for name, values in sorted(features.items()):
        if isinstance(values[0], bytes):
            value = field(1, b"".join(field(1, v) for v in values))
        elif isinstance(values[0], float):
            value = field(2, field(1, struct.pack(f"<{len(values)}f", *values)))
        else:
            value = field(3, field(1, b"".join(varint(v) for v in values)))
        entries += field(1, field(1, name.encode()) + field(2, value))
    return field(1, entries)


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def rlds():
    size, name = 24, "libero_made_no_noops"
    episodes = [Episode(4, size, 21), Episode(5, size, 22)]
    place = folder(f"data/samples/rlds/{name}/1.0.0")
    tensor = lambda dtype, *shape: {"pythonClassName": "tensorflow_datasets.core.features.tensor_feature.Tensor",
        "tensor": {"dtype": dtype, "encoding": "none", "shape": {"dimensions": [str(n) for n in shape]} if shape else {}}}
    text = {"pythonClassName": "tensorflow_datasets.core.features.text_feature.Text", "text": {}}
    image = {"pythonClassName": "tensorflow_datasets.core.features.image_feature.Image",
             "image": {"dtype": "uint8", "encodingFormat": "jpeg", "shape": {"dimensions": [str(size), str(size), "3"]}}}
    group = lambda features: {"pythonClassName": "tensorflow_datasets.core.features.features_dict.FeaturesDict",
                              "featuresDict": {"features": features}}
    step = group({
        "action": tensor("float32", 7), "discount": tensor("float32"), "reward": tensor("float32"),
        "is_first": tensor("bool"), "is_last": tensor("bool"), "is_terminal": tensor("bool"), "language_instruction": text,
        "observation": group({"image": image, "wrist_image": image, "state": tensor("float32", 8),
                              "joint_state": tensor("float32", 7)})})
    write_json(place / "features.json", group({
        "episode_metadata": group({"file_path": text}),
        "steps": {"pythonClassName": "tensorflow_datasets.core.features.dataset_feature.Dataset",
                  "sequence": {"feature": step, "length": "-1"}}}))
    words = [WORDS, "close the drawer"]
    rows, golden, values, offset, actions, states = [], [], {}, 0, [], []
    for number, e in enumerate(episodes):
        a, s = e.actions.astype(np.float32), e.state.astype(np.float32)
        # an episode of RLDS has its gripper as LIBERO's environment has it
        actions.append(a)
        states.append(s)
        stored = [[], []]
        for camera, images in enumerate(e.images):
            for pixels in images:
                stream = io.BytesIO()
                Image.fromarray(pixels).save(stream, "JPEG", quality=90)
                stored[camera].append(stream.getvalue())
        n = e.length
        flags = lambda at: [int(i == at) for i in range(n)]
        features = {
            "episode_metadata/file_path": [f"made/{number}.hdf5".encode()], "steps/action": a.reshape(-1).tolist(),
            "steps/discount": [1.0] * n, "steps/reward": [float(f) for f in flags(n - 1)], "steps/is_first": flags(0),
            "steps/is_last": flags(n - 1), "steps/is_terminal": flags(n - 1),
            "steps/language_instruction": [words[number].encode()] * n, "steps/observation/image": stored[0],
            "steps/observation/wrist_image": stored[1], "steps/observation/state": s.reshape(-1).tolist(),
            "steps/observation/joint_state": e.joints.astype(np.float32).reshape(-1).tolist()}
        data = example(features)
        rows.append((offset, data))
        offset += len(data) + 16
        entry = {"length": n, "language": words[number], "features": {
            k: {"kind": "bytes_list" if isinstance(v[0], bytes) else "float_list" if isinstance(v[0], float) else "int64_list",
                "count": len(v)} for k, v in features.items()}}
        for camera, key in ((0, "image"), (1, "wrist_image")):
            entry[f"jpeg_bytes_{key}"] = [len(b) for b in stored[camera]]
            entry[f"sha256_islow_{key}"] = [digest(np.asarray(Image.open(io.BytesIO(b)))) for b in stored[camera]]
            entry[f"sha256_tf_default_{key}"] = [digest(simplejpeg.decode_jpeg(b, fastdct=True)) for b in stored[camera]]
        golden.append(entry)
        values |= {f"ep{number}_action": plain(a), f"ep{number}_state": plain(s)}
    shard = f"{name}-train.tfrecord-00000-of-00001"
    content = b"".join(record(d) for _, d in rows)
    (place / shard).write_bytes(content)
    write_json(place / "dataset_info.json", {
        "description": "made up", "fileFormat": "tfrecord", "name": name, "version": "1.0.0", "releaseNotes": {"1.0.0": "first"},
        "splits": [{"filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}", "name": "train",
                    "numBytes": str(len(content)), "shardLengths": ["2"]}]})
    every = np.concatenate(actions)
    own = every.copy()
    own[:, 6] = 1 - np.clip(own[:, 6], 0, 1)
    low, high = np.quantile(own, 0.01, axis=0), np.quantile(own, 0.99, axis=0)
    mask = np.array([True] * 6 + [False])
    scaled = np.where(mask, np.clip(2 * (own - low) / (high - low + 1e-8) - 1, -1, 1), own)
    values |= {"openvla_action": plain(own), "openvla_action_bounds_q99": plain(scaled)}
    told = {"num_transitions": len(own), "num_trajectories": 2}
    told |= {k: numbers(k, v)[k] for k, v in (("action", own), ("proprio8", np.concatenate(states)))}
    write_json(place.parent / "1.0.0.golden.json", {
        "dir": "1.0.0", "episodes": golden, "openvla_statistics": told,
        "files": [{"name": shard, "records": [
            {"offset": o, "length": len(d), "data_crc_masked": masked(d)} for o, d in rows]}]})
    write_json(place.parent / "1.0.0.values.json", values)

    damaged = folder("data/samples/corrupt/rlds")
    one = record(example({"a": [1.0, 2.0]})) + record(example({"a": [3.0]}))
    (damaged / "short.tfrecord").write_bytes(one[:-3])
    flipped = bytearray(one)
    flipped[14] ^= 1
    (damaged / "bit.tfrecord").write_bytes(flipped)
    broken = damaged / "libero_cut/1.0.0"
    broken.mkdir(parents=True, exist_ok=True)
    for path in place.iterdir():
        data = path.read_bytes()
        (broken / path.name).write_bytes(data[: len(data) - 500] if path.name == shard else data)
    write_json(damaged / "expected.json", {
        "short.tfrecord": {"error": "read", "message_must_name": ["short.tfrecord"], "good_records": 0},
        "bit.tfrecord": {"error": "record", "message_must_name": ["bit.tfrecord", "record 0"]},
        "libero_cut": {"error": "read", "message_must_name": [shard]}})


def observation():
    e = Episode(1, 32, 31)
    place = folder("data/samples/real_observation")
    told = {"state": e.state[0].tolist(), "shape": [32, 32, 3]}
    for name, images in zip(("agentview", "wrist"), e.images):
        (place / f"{name}.png").write_bytes(png(images[0]))
        told[f"{name}_sha256_rgb_hwc"] = digest(images[0])
    write_json(place / "observation.json", told)


def make():
    for maker in (numpy_archives, initial_states, sampling, statistics, rotations, loader, parquet, hdf5, lerobot, rlds,
                  observation):
        maker()

"""Grasps: the primitives of GraspNet-1Billion and online fusion of frames, in NumPy from their definitions."""

import math

import numpy as np
from scipy.spatial.transform import Rotation as R

from common import folder, write_json


def frame_of(approach, angle):
    x = approach / np.linalg.norm(approach)
    y = np.array([-approach[1], approach[0], 0.0])
    y = np.array([0.0, 1, 0]) if np.linalg.norm(y) == 0 else y / np.linalg.norm(y)
    z = np.cross(x, y)
    turn = np.array([[1, 0, 0], [0, math.cos(angle), -math.sin(angle)], [0, math.sin(angle), math.cos(angle)]])
    return np.stack([x, y, z], 1) @ turn


def binormal_and_angle(rotation):
    """The closing direction, and the approach's angle about it from the horizontal direction across it."""
    approach, closing = rotation[:, 0], rotation[:, 1]
    first = np.array([closing[1], -closing[0], 0.0])
    first = np.array([1.0, 0, 0]) if np.linalg.norm(first) == 0 else first / np.linalg.norm(first)
    third = np.cross(first, closing)
    return closing, math.atan2(-approach @ third, approach @ first) % (2 * math.pi)


def primitives():
    rng = np.random.default_rng(1)
    count = 60
    turn = 2 * math.pi * (math.sqrt(5) - 1) / 2
    views = []
    for i in range(count):
        z = (2 * i + 1) / count - 1
        r = math.sqrt(1 - z * z)
        views.append([r * math.cos(i * turn), r * math.sin(i * turn), z])
    matrices, angles, closures, motions = [], [], [], []
    for _ in range(10):
        towards, angle = rng.normal(size=3), rng.uniform(0, math.pi)
        rotation = frame_of(towards, angle)
        matrices.append({"towards": towards.tolist(), "angle": angle, "R": rotation.tolist()})
        closing, about = binormal_and_angle(rotation)
        angles.append([closing.tolist(), about])
    for _ in range(15):
        p1, p2, n1, n2 = rng.normal(size=(4, 3))
        p2 = p1 + n1 * rng.uniform(0.5, 2) + 0.5 * p2
        n2 = n1 + 0.6 * n2
        line = p2 - p1
        worst = max(math.acos(abs(n @ line) / np.linalg.norm(n) / np.linalg.norm(line)) for n in (n1, n2))
        closures.append({"p1": p1.tolist(), "n1": (n1 / np.linalg.norm(n1)).tolist(), "p2": p2.tolist(),
                         "n2": (n2 / np.linalg.norm(n2)).tolist(),
                         "closure": {str(mu): int(worst <= math.atan(mu)) for mu in (0.2, 0.4, 0.6, 0.8, 1.0, 1.2)}})
        grasp_r, grasp_t = R.random(random_state=rng).as_matrix(), rng.normal(size=3)
        t = np.eye(4)
        t[:3, :3], t[:3, 3] = R.random(random_state=rng).as_matrix(), rng.normal(size=3)
        head = rng.uniform(0.01, 1, 4).tolist()
        row = lambda r, p: head + r.reshape(-1).tolist() + p.tolist() + [3.0]
        motions.append({"grasp": row(grasp_r, grasp_t), "T": t.tolist(),
                        "out": row(t[:3, :3] @ grasp_r, t[:3, :3] @ grasp_t + t[:3, 3])})
    write_json(folder("golden/grasping") / "primitives_small.json", {
        "viewpoint_to_matrix": matrices, "matrix_to_binormal_angle": angles, "force_closure": closures,
        "transform": motions, "views300": views})


HALF_TURN = np.diag([1.0, -1, -1])


class Field:
    """Fused grasps in a grid about a target."""

    def __init__(self, target, parameters):
        self.target, self.p = np.array(target), parameters
        self.grasps, self.next, self.growth, self.total = [], 0, 0.0, 0.0
        self.counts = dict.fromkeys(["added", "merged", "duplicate", "outside", "rejected", "joined", "removed"], 0)

    def nearer(self, a, b):
        """The smaller angle between two rotations, and the version of b that has it."""
        versions = [b, b @ HALF_TURN] if self.p["symmetric"] else [b]
        angle = lambda v: math.acos(min(max((np.trace(a.T @ v) - 1) / 2, -1), 1))
        return min(((angle(v), i, v) for i, v in enumerate(versions)), key=lambda e: e[:2])[::2]

    def blend(self, old, new, w):
        for key in ("t", "width", "depth"):
            old[key] = (1 - w) * old[key] + w * new[key]
        version = self.nearer(old["R"], new["R"])[1]
        old["R"] = old["R"] @ R.from_rotvec(w * R.from_matrix(old["R"].T @ version).as_rotvec()).as_matrix()

    def insert(self, items, transform, frame, depth=None, camera=None):
        t = np.array(transform)
        good = []
        for item in items:
            numbers = [item["score"], item["width"], item["depth"], *item["R"], *item["t"]]
            if not np.all(np.isfinite(numbers)) or item["score"] <= 0:
                self.counts["rejected"] += 1
                continue
            rotation = t[:3, :3] @ np.array(item["R"]).reshape(3, 3)
            good.append({"S": item["score"], "width": item["width"], "depth": item["depth"], "R": rotation,
                         "t": t[:3, :3] @ np.array(item["t"]) + t[:3, 3]})
        for new in sorted(good, key=lambda g: -g["S"]):
            cell = np.floor((new["t"] - self.target) / self.p["cell"] + self.p["cells"] / 2).astype(int)
            if (cell < 0).any() or (cell >= self.p["cells"]).any():
                self.counts["outside"] += 1
                continue
            same = [g for g in self.grasps if (g["cell"] == cell).all()]
            near = min(((self.nearer(g["R"], new["R"])[0], g["id"], g) for g in same), key=lambda e: e[:2], default=None)
            if near is None or near[0] > self.p["angle"]:
                self.grasps.append(new | {"id": self.next, "n": 1, "frames": {frame}, "cell": cell})
                self.next += 1
                self.counts["added"] += 1
                continue
            kept = near[2]
            if self.p["oncePerFrame"] and frame in kept["frames"]:
                self.counts["duplicate"] += 1
                continue
            self.blend(kept, new, new["S"] / (kept["S"] + new["S"]))
            kept["S"] += new["S"]
            kept["n"] += 1
            kept["frames"].add(frame)
            self.counts["merged"] += 1
            self.join(kept)
        if depth is not None:
            self.contradict(np.array(depth), camera, t, frame)
        self.evaluate()

    def join(self, kept):
        while True:
            others = [g for g in self.grasps if g is not kept and (g["cell"] == kept["cell"]).all()]
            near = min(((self.nearer(kept["R"], g["R"])[0], g["id"], g) for g in others), key=lambda e: e[:2], default=None)
            if near is None or near[0] > self.p["angle"]:
                return
            first, second = sorted((kept, near[2]), key=lambda g: g["id"])
            self.blend(first, second, second["S"] / (first["S"] + second["S"]))
            first["S"] += second["S"]
            first["n"] += second["n"]
            first["frames"] |= second["frames"]
            self.grasps = [g for g in self.grasps if g is not second]
            self.counts["joined"] += 1
            kept = first

    def contradict(self, depth, camera, t, frame):
        fx, fy, cx, cy = camera
        left = []
        for g in self.grasps:
            x, y, z = t[:3, :3].T @ (g["t"] - t[:3, 3])
            if frame not in g["frames"] and z > 0:
                u, v = math.floor(fx * x / z + cx + 0.5), math.floor(fy * y / z + cy + 0.5)
                if 0 <= v < depth.shape[0] and 0 <= u < depth.shape[1] and depth[v, u] > z + self.p["seeThrough"]:
                    g["S"] *= self.p["decay"]
                    if g["S"] < self.p["floor"]:
                        self.counts["removed"] += 1
                        continue
            left.append(g)
        self.grasps = left

    def evaluate(self):
        groups = list(range(len(self.grasps)))
        find = lambda i: i if groups[i] == i else find(groups[i])
        for i, a in enumerate(self.grasps):
            for j, b in enumerate(self.grasps[:i]):
                if abs(a["cell"] - b["cell"]).max() <= 1 and self.nearer(a["R"], b["R"])[0] < self.p["clusterAngle"]:
                    groups[find(i)] = find(j)
        roots = [find(i) for i in range(len(self.grasps))]
        for g, root in zip(self.grasps, roots):
            g["valid"] = roots.count(root) >= self.p["minCluster"]
        before, self.total = self.total, sum(g["S"] for g in self.grasps if g["valid"])
        self.growth = self.total - before

    def state(self, gripper):
        rank = lambda g: g["S"] / g["n"] * (1 - 2.0 ** -len(g["frames"]))
        valid = [g for g in self.grasps if g["valid"]]
        best = min(valid, key=lambda g: (-rank(g), g["id"]), default=None)
        result = {
            "counts": dict(self.counts), "graspability": self.total, "growth": self.growth, "validCount": len(valid),
            "best": None if best is None else best["id"],
            "grasps": [{
                "id": g["id"], "t": g["t"].tolist(), "R": g["R"].reshape(-1).tolist(), "width": g["width"],
                "depth": g["depth"], "S": g["S"], "n": g["n"], "frames": sorted(g["frames"]), "cell": g["cell"].tolist(),
                "valid": g["valid"], "rank": rank(g)} for g in sorted(self.grasps, key=lambda g: g["id"])]}
        if gripper and valid:
            hand_r, hand_t = np.array(gripper["R"]).reshape(3, 3), np.array(gripper["t"])
            result["Dgg"] = min(
                math.exp(-g["S"]) * (0.3 * np.linalg.norm(hand_t - g["t"]) + 0.2 * self.nearer(hand_r, g["R"])[0])
                for g in valid)
        return result


def fusion():
    rng = np.random.default_rng(2)
    base = {"cells": 64, "cell": 0.03, "angle": math.pi / 4, "clusterAngle": 1.5 * math.pi / 4, "minCluster": 1,
            "symmetric": True, "oncePerFrame": True, "roi": 0.1, "seeThrough": 0.02, "decay": 0.5, "floor": 0.05}
    cases = []
    for number, change in enumerate(({}, {"symmetric": False, "oncePerFrame": False}, {"minCluster": 2, "cell": 0.02})):
        parameters, target = base | change, rng.normal(0, 0.2, 3)
        field, frames, expected = Field(target, parameters), [], []
        centers = target + rng.uniform(-0.05, 0.05, (6, 3))
        poses = [R.random(random_state=rng) for _ in centers]
        gripper = {"t": (target + 0.2).tolist(), "R": R.random(random_state=rng).as_matrix().reshape(-1).tolist()}
        for frame in range(4):
            camera = np.eye(4)
            camera[:3, :3] = R.from_rotvec(rng.normal(0, 0.3, 3)).as_matrix()
            camera[:3, 3] = target - camera[:3, :3] @ [0, 0, 0.5]
            items = []
            for i in rng.permutation(6)[:4]:
                p = centers[i] + rng.normal(0, 0.004, 3)
                r = (poses[i] * R.from_rotvec(rng.normal(0, 0.25, 3))).as_matrix()
                if rng.random() < 0.3:
                    r = r @ HALF_TURN
                items.append({"score": float(rng.uniform(0.1, 1)), "width": float(rng.uniform(0.02, 0.1)),
                              "depth": 0.02, "R": (camera[:3, :3].T @ r).reshape(-1).tolist(),
                              "t": (camera[:3, :3].T @ (p - camera[:3, 3])).tolist()})
            items.append(items[0] | {"score": 0.0})
            items.append(items[1] | {"t": [3.0, 0, 0]})
            row = {"grasps": items, "T": camera.tolist()}
            if frame >= 2:
                row |= {"depth": np.where(rng.random((12, 16)) < 0.4, 0.9, 0.3).tolist(), "K": [12.0, 12.0, 7.5, 5.5]}
            frames.append(row)
            field.insert(items, camera, frame, row.get("depth"), row.get("K"))
            expected.append(field.state(gripper))
        cases.append({"name": f"made {number}", "target": target.tolist(), "params": parameters, "gripper": gripper,
                      "frames": frames, "expected": expected})
    reward = []
    for share, growth, approach in ((0.0, 1.5, 0.02), (0.4, -0.3, 0.1), (1.0, 0.2, -0.05)):
        sigma = 1 / (1 + math.exp(0.5 - share))
        reward.append({"t_over_tmax": share, "sigma": sigma, "r_go": growth, "r_gg": approach,
                       "r": (1 - sigma) * growth + sigma * approach})
    write_json(folder("golden/grasping") / "fusion_small.json", {"reward": reward, "cases": cases})


def make():
    primitives()
    fusion()

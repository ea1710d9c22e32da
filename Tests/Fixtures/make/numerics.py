"""Layers, optimizers, schedules and action heads: PyTorch and NumPy."""

import math

import numpy as np
import torch

from common import folder, write_json, write_tensors


def rope():
    """Rotation tables in float32, as MiniMind computes them."""
    theta, count = 1e4, 4096
    yarn = {
        "beta_fast": 32, "beta_slow": 1, "factor": 16, "original_max_position_embeddings": 2048, "attention_factor": 1.0,
    }
    positions = torch.tensor([0, 1, 2, 17, 255, 1000, 4095])
    tensors = {"positions": positions}
    for size in (16, 24):
        f = 1.0 / theta ** (torch.arange(0, size, 2).float() / size)
        original = yarn["original_max_position_embeddings"]
        place = lambda beta: size * math.log(original / (beta * 2 * math.pi)) / (2 * math.log(theta))
        low = max(math.floor(place(yarn["beta_fast"])), 0)
        high = min(math.ceil(place(yarn["beta_slow"])), size // 2 - 1)
        ramp = ((torch.arange(size // 2).float() - low) / max(high - low, 0.001)).clamp(0, 1)
        for name, frequencies in (("plain", f), ("yarn", f * (1 - ramp + ramp / yarn["factor"]))):
            angles = torch.outer(torch.arange(count).float(), frequencies)[positions]
            tensors[f"{name}.{size}.cos"] = torch.cat([angles.cos()] * 2, dim=-1)
            tensors[f"{name}.{size}.sin"] = torch.cat([angles.sin()] * 2, dim=-1)
    place = folder("golden/models/rope_small")
    write_json(place / "case.json", {"theta": theta, "max_positions": count, "yarn": yarn})
    write_tensors(place / "io.safetensors", tensors)


def lora():
    torch.manual_seed(1)
    rank, alpha = 3, 12.0
    w, a, b, x = torch.randn(5, 8), torch.randn(rank, 8), torch.randn(5, rank), torch.randn(6, 8)
    merged = w + alpha / rank * (b @ a)
    place = folder("golden/models/lora_small")
    write_json(place / "case.json", {"rank": rank, "alpha": alpha})
    write_tensors(place / "io.safetensors", {
        "W": w, "A": a, "B": b, "x": x, "y_plain": x @ w.T + x @ a.T @ b.T, "y_scaled": x @ merged.T,
        "merged_scaled": merged,
    })


def cross_entropy():
    torch.manual_seed(2)
    logits = torch.randn(9, 13) * 3
    labels = torch.randint(0, 13, (9,))
    labels[[2, 7]] = -100
    tensors = {"logits": logits, "labels": labels}
    for reduction in ("mean", "sum"):
        leaf = logits.clone().requires_grad_()
        loss = torch.nn.functional.cross_entropy(leaf, labels, ignore_index=-100, reduction=reduction)
        loss.backward()
        tensors[reduction], tensors[f"grad_{reduction}"] = loss, leaf.grad
    real = torch.where(labels == -100, 0, labels)
    tensors["per_token"] = torch.nn.functional.cross_entropy(logits, real, reduction="none")
    extreme, targets = torch.tensor([[1e4, -1e4, 0.0], [-80.0, 80.0, 79.0]]), torch.tensor([1, 2])
    tensors |= {
        "extreme_logits": extreme, "extreme_labels": targets,
        "extreme_per_token": torch.nn.functional.cross_entropy(extreme, targets, reduction="none"),
    }
    place = folder("golden/models/cross_entropy_small")
    write_json(place / "case.json", {"ignore_index": -100})
    write_tensors(place / "io.safetensors", tensors)


def rate07(base, step, total):
    return base / 10 + 0.5 * base * (1 + math.cos(math.pi * step / total))


def rate26(base, step, total):
    return base * (0.1 + 0.45 * (1 + math.cos(math.pi * step / total)))


def schedule():
    base, total = 2e-3, 24
    warm = {"warmup": 5, "decay": 40, "peak": 3e-4, "floor": 2e-5}

    def rate(step):
        # LeRobot's CosineDecayWithWarmupSchedulerConfig
        if step < warm["warmup"]:
            if step <= 0:
                return warm["peak"] / (warm["warmup"] + 1)
            share = 1 - step / warm["warmup"]
            return warm["peak"] * ((1 / (warm["warmup"] + 1) - 1) * share + 1)
        share = min(step, warm["decay"]) / warm["decay"]
        alpha = warm["floor"] / warm["peak"]
        return warm["peak"] * ((1 - alpha) * 0.5 * (1 + math.cos(math.pi * share)) + alpha)

    place = folder("golden/models/schedule_small")
    write_json(place / "case.json", {
        "base": base, "total": total, "lr07": [rate07(base, i, total) for i in range(total + 1)],
        "lr26": [rate26(base, i, total) for i in range(total + 1)],
        "warmup_cosine": warm | {"lr": [rate(i) for i in range(50)]},
    })


def adamw():
    """torch.optim.AdamW, with the rate set before each of its steps."""
    steps = 4
    variants = {
        "first": dict(lr=1e-3, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.02, clip=1.0, sched="07"),
        "second": dict(lr=2e-4, betas=[0.9, 0.95], eps=1e-7, weight_decay=0.0, clip=None, sched="const"),
        "third": dict(lr=5e-4, betas=[0.8, 0.99], eps=1e-8, weight_decay=0.1, clip=2.5, sched="26"),
    }
    place = folder("golden/models/adamw_small")
    for number, (name, v) in enumerate(variants.items()):
        torch.manual_seed(10 + number)
        weights = {"a": torch.randn(3, 5), "b": torch.randn(4), "c": torch.randn(2, 2, 2)}
        tensors = {f"start/{k}": w.clone() for k, w in weights.items()}
        parameters = {k: torch.nn.Parameter(w) for k, w in weights.items()}
        optimizer = torch.optim.AdamW(
            parameters.values(), lr=v["lr"], betas=v["betas"], eps=v["eps"], weight_decay=v["weight_decay"])
        rates = []
        for step in range(steps):
            # what an update that follows `step` updates uses: MiniMind of 2026 counts from one
            rate = {
                "07": rate07(v["lr"], step, steps), "26": rate26(v["lr"], step + 1, steps), "const": v["lr"],
            }[v["sched"]]
            rates.append(rate)
            optimizer.param_groups[0]["lr"] = rate
            for k, parameter in parameters.items():
                parameter.grad = torch.randn_like(parameter) * 10 ** (step % 3 - 1)
                tensors[f"step{step}/grad/{k}"] = parameter.grad.clone()
            if v["clip"] is not None:
                tensors[f"step{step}/norm"] = torch.nn.utils.clip_grad_norm_(parameters.values(), v["clip"])
                for k, parameter in parameters.items():
                    tensors[f"step{step}/clipped/{k}"] = parameter.grad.clone()
            optimizer.step()
            for k, parameter in parameters.items():
                tensors[f"step{step}/param/{k}"] = parameter.detach().clone()
                tensors[f"step{step}/m/{k}"] = optimizer.state[parameter]["exp_avg"].clone()
                tensors[f"step{step}/v/{k}"] = optimizer.state[parameter]["exp_avg_sq"].clone()
        v["lrs"] = rates
        write_tensors(place / f"{name}.safetensors", tensors)
    write_json(place / "case.json", {"variants": variants, "steps": steps})


def ensemble():
    """ACT's temporal ensemble: the i-th oldest prediction of a step weighs exp(-coefficient i)."""
    rng = np.random.default_rng(3)
    steps, horizon, width = 7, 4, 3
    tensors = {}
    for coefficient in (-0.1, 0.0, 0.05):
        chunks = rng.normal(size=(steps, 1, horizon, width)).astype(np.float32)
        executed = []
        for step in range(steps):
            seen = [chunks[start, 0, step - start] for start in range(max(0, step - horizon + 1), step + 1)]
            weights = np.exp(-coefficient * np.arange(len(seen)))
            executed.append((weights[:, None] * np.stack(seen)).sum(0) / weights.sum())
        tensors[f"chunks.{coefficient}"] = chunks
        tensors[f"executed.{coefficient}"] = np.stack(executed).astype(np.float32)
    place = folder("golden/models/ensemble_small")
    write_json(place / "case.json", {"chunk": horizon})
    write_tensors(place / "io.safetensors", tensors)


def flow():
    """openpi's flow matching: t = 1 is noise."""
    torch.manual_seed(4)
    steps, batch, horizon, width = 6, 3, 4, 2
    actions, noise = torch.randn(batch, horizon, width), torch.randn(batch, horizon, width)
    time, w = torch.rand(batch), torch.randn(width, width) * 0.5
    t = time[:, None, None]
    state, states, now = noise, [noise], 1.0
    for _ in range(steps):
        state = state - (torch.tanh(state @ w) - now * state) / steps
        now -= 1 / steps
        states.append(state)
    times = torch.linspace(0, 1, 4)
    periods = 0.01 * (2.0 / 0.01) ** torch.linspace(0, 1, 6, dtype=torch.float64)
    angles = 2 * math.pi * times.double()[:, None] / periods
    # query i sees key j when no block opened between them, and both are real
    flags = torch.tensor([[1, 0, 0, 1, 0, 1], [1, 1, 0, 0, 1, 1]])
    real = torch.tensor([[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]])
    blocks = flags.cumsum(1)
    mask = (blocks[:, None, :] <= blocks[:, :, None]) & (real[:, None, :] * real[:, :, None] > 0)
    place = folder("golden/models/flow_small")
    write_json(place / "case.json", {"min_period": 0.01, "max_period": 2.0, "steps": steps})
    write_tensors(place / "io.safetensors", {
        "actions": actions, "noise": noise, "time": time, "x_t": t * noise + (1 - t) * actions, "u_t": noise - actions,
        "W": w, "euler": torch.stack(states), "times": times,
        "time_embedding": torch.cat([angles.sin(), angles.cos()], 1).float(), "block_flags": flags, "pad_mask": real,
        "attention_mask": mask,
    })


def ddim():
    """The squared-cosine schedule and Song's deterministic sampler, in float64."""
    rng = np.random.default_rng(5)
    count = 40
    share = lambda t: math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    betas = np.array([min(1 - share((i + 1) / count) / share(i / count), 0.999) for i in range(count)])
    alphas = np.cumprod(1 - betas)
    x0, noise, times = rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 2)), np.array([0, 7, 20, 39])
    a = alphas[times][:, None, None]
    tensors = {
        "betas": betas, "alphas_cumprod": alphas, "add.x0": x0, "add.noise": noise,
        "add.out": np.sqrt(a) * x0 + np.sqrt(1 - a) * noise,
    }
    for steps in (8, 40):
        ratio = count // steps
        sequence = [i * ratio for i in range(steps)][::-1]
        x = rng.normal(size=(1, 3, 2)).astype(np.float32).astype(np.float64)
        tensors[f"{steps}.start"] = x
        for t in sequence:
            predicted = 0.3 * x + 0.01 * t
            clean = np.clip((x - np.sqrt(1 - alphas[t]) * predicted) / np.sqrt(alphas[t]), -0.8, 0.8)
            after = alphas[t - ratio] if t >= ratio else 1.0
            x = np.sqrt(after) * clean + np.sqrt(1 - after) * predicted
        tensors[f"{steps}.end"] = x
    tensors = {k: v.astype(np.float32) for k, v in tensors.items()}
    tensors |= {"add.t": times} | {
        f"{s}.timesteps": np.array([i * (count // s) for i in range(s)][::-1]) for s in (8, 40)}
    place = folder("golden/models/ddim_small")
    write_json(place / "case.json", {"train_steps": count, "clip_sample": True, "clip_range": 0.8})
    write_tensors(place / "io.safetensors", tensors)


def rtc():
    """Real-time chunking (Black et al. 2025) with the identity for the Jacobian, in float64."""
    rng = np.random.default_rng(6)
    limit, delay, horizon, count, width = 8.0, 1, 5, 7, 2

    def weights(kind, start, end, total):
        start = min(start, end)
        result = np.zeros(total)
        inner = min(end, total) - start
        for i in range(total):
            if i < start or (kind == "ONES" and i < end):
                result[i] = 1
            elif kind in ("LINEAR", "EXP") and i < end:
                w = 1 - (i - start + 1) / (inner + 1)
                result[i] = w if kind == "LINEAR" else w * math.expm1(w) / (math.e - 1)
        return result

    w = rng.normal(size=(width, width)).astype(np.float32).astype(np.float64)
    tensors = {"W": w}
    for kind in ("ZEROS", "ONES", "LINEAR", "EXP"):
        for start, end, total in ((0, 5, 7), (2, 4, 7), (3, 3, 6), (6, 2, 7), (1, 9, 7)):
            tensors[f"weights.{kind}.{start}-{end}-{total}"] = weights(kind, start, end, total)
        x, rest = rng.normal(size=(1, count, width)), rng.normal(size=(1, 3, width))
        tensors[f"guided.{kind}.x"], tensors[f"guided.{kind}.prev"] = x, rest
        old = np.concatenate([rest, np.zeros((1, count - 3, width))], 1)
        for t in (0.25, 0.6, 1.0):
            velocity = np.tanh(x @ w) - t * x
            error = (old - (x - t * velocity)) * weights(kind, delay, min(horizon, 3), count)[None, :, None]
            tau = 1 - t
            gain = limit if tau == 0 else min(limit, (1 - tau) / tau * ((1 - tau) ** 2 + tau**2) / (1 - tau) ** 2)
            tensors[f"guided.{kind}.{t}"] = velocity - gain * error
    place = folder("golden/models/rtc_small")
    write_json(place / "case.json", {"max_guidance_weight": limit, "delay": delay, "execution_horizon": horizon})
    write_tensors(place / "io.safetensors", {k: v.astype(np.float32) for k, v in tensors.items()})


def action_tokenizer():
    """OpenVLA's bins on NumPy, in float64."""
    rng = np.random.default_rng(7)
    vocabulary, bins = 500, 64
    edges = np.linspace(-1, 1, bins)
    centers = (edges[:-1] + edges[1:]) / 2

    def ids(values):
        return vocabulary - np.digitize(np.clip(values.astype(np.float64), -1, 1), edges)

    def decode(ids):
        return centers[np.clip(vocabulary - ids - 1, 0, len(centers) - 1)]

    values = np.concatenate([rng.uniform(-1.2, 1.2, 60), edges[::7], [-1, 0, 1]])
    singles = values.astype(np.float32)
    every = np.arange(vocabulary - bins, vocabulary)
    place = folder("golden/models/action_tokenizer_small")
    write_json(place / "case.json", {"vocab_size": vocabulary, "bins": bins})
    write_tensors(place / "io.safetensors", {
        "edges": edges, "centres": centers, "values_f64": values, "ids_f64": ids(values),
        "roundtrip_f64": decode(ids(values)), "values_f32": singles, "ids_f32": ids(singles), "all_ids": every,
        "all_decoded": decode(every),
    })


def normalise():
    """OpenVLA's loader in float32: quantiles to −1…1, and its gripper."""
    rng = np.random.default_rng(8)
    actions = (rng.normal(size=(120, 7)) * rng.uniform(0.1, 1, 7)).astype(np.float32)
    actions[:, 6] = np.where(rng.random(120) < 0.5, -1, 1)
    mask = np.array([True] * 6 + [False])
    low, high = (np.quantile(actions, q, axis=0).astype(np.float32) for q in (0.01, 0.99))
    scaled = np.clip(2 * (actions - low) / (high - low + np.float32(1e-8)) - 1, -1, 1)
    normalized = np.where(mask, scaled, actions).astype(np.float32)
    back = np.where(mask, np.float32(0.5) * (normalized + 1) * (high - low) + low, normalized).astype(np.float32)
    gripper = actions[:, 6]
    openvla = 1 - np.clip(gripper, 0, 1)
    place = folder("golden/models/normalise_small")
    write_json(place / "case.json", {"mask": mask.tolist()})
    write_tensors(place / "io.safetensors", {
        "actions": actions, "mean": actions.mean(0), "std": actions.std(0), "min": actions.min(0),
        "max": actions.max(0), "q01": low, "q99": high, "normalised": normalized, "unnormalised": back,
        "gripper_env": gripper, "gripper_openvla": openvla, "gripper_back_to_env": -np.sign(2 * openvla - 1),
    })


def fast():
    """FAST: SciPy's orthonormal cosine transform, and byte pairs of the tokenizers library learnt from its codes."""
    import json

    from scipy.fft import dct, idct
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    rng = np.random.default_rng(9)
    horizon, width, scale = 6, 3, 8.0
    chunks = np.cumsum(rng.normal(size=(60, horizon, width)) * 0.3, axis=1).clip(-1, 1)
    codes = np.rint(dct(chunks, axis=1, norm="ortho") * scale).astype(int)
    least = int(codes.min())
    text = lambda code: "".join(chr(value - least) for value in code.reshape(-1))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = [tokenizer.pre_tokenizer.pre_tokenize_str(chr(i))[0][0] for i in range(int(codes.max()) - least + 1)]
    tokenizer.train_from_iterator([text(code) for code in codes], trainers.BpeTrainer(
        vocab_size=160, initial_alphabet=alphabet, show_progress=False))
    cases = [{
        "actions": chunk.tolist(), "coefficients": code.tolist(), "ids": tokenizer.encode(text(code)).ids,
        "decoded": idct(code / scale, axis=0, norm="ortho").tolist(),
    } for chunk, code in zip(chunks[:12], codes)]
    place = folder("golden/models/fast_small")
    (place / "bpe.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, indent=1) + "\n")
    write_json(place / "case.json", {
        "horizon": horizon, "action_dim": width, "scale": scale, "min_token": least, "cases": cases})


def make():
    for maker in (rope, lora, cross_entropy, schedule, adamw, ensemble, flow, ddim, rtc, action_tokenizer, normalise,
                  fast):
        maker()

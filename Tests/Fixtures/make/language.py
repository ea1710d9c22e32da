"""MiniMind's decoder in plain PyTorch, written from its equations, and what stands around it.

The decoder of both generations, dense and with experts; the vision-language model around it; the action model around
that. Vision towers are those of transformers.
"""

import math

import torch
from torch.nn import functional as F

from common import folder, write_json, write_tensors

DEFAULTS = {
    "07": {"rms_norm_eps": 1e-5, "rope_theta": 1e6, "num_experts_per_tok": 2, "n_routed_experts": 4,
           "n_shared_experts": 1, "aux_loss_alpha": 0.1, "use_moe": False},
    "26": {"rms_norm_eps": 1e-6, "rope_theta": 1e6, "num_experts_per_tok": 1, "num_experts": 4,
           "router_aux_loss_coef": 5e-4, "use_moe": False},
}


def norm(x, weight, epsilon):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * weight


def linear(x, w, name):
    return F.linear(x, w[name + ".weight"], w.get(name + ".bias"))


class Decoder:
    """Works on a dictionary of weights with the names of state dictionaries."""

    def __init__(self, config, generation):
        self.c = DEFAULTS[generation] | config
        self.generation = generation
        self.head = self.c.get("head_dim") or self.c["hidden_size"] // self.c["num_attention_heads"]

    def intermediate(self):
        if "intermediate_size" in self.c:
            return self.c["intermediate_size"]
        hidden = self.c["hidden_size"]
        wanted = math.pi * hidden if self.generation == "26" else int(8 * hidden / 3)
        return 64 * math.ceil(wanted / 64)

    def weights(self, seed):
        """Random weights, larger than at the start of a training so that nothing is nearly zero."""
        generator = torch.Generator().manual_seed(seed)
        c, w = self.c, {}

        def draw(name, *shape, scale=None):
            scale = scale or 1.5 / math.sqrt(shape[-1])
            w[name] = torch.randn(*shape, generator=generator) * scale

        hidden, heads, kv, d = c["hidden_size"], c["num_attention_heads"], c["num_key_value_heads"], self.head
        w_norm = lambda name, size: w.__setitem__(name, 1 + 0.1 * torch.randn(size, generator=generator))
        draw("model.embed_tokens.weight", c["vocab_size"], hidden, scale=0.6)
        for i in range(c["num_hidden_layers"]):
            at = f"model.layers.{i}."
            for name, rows in (("q", heads * d), ("k", kv * d), ("v", kv * d)):
                draw(f"{at}self_attn.{name}_proj.weight", rows, hidden)
            draw(f"{at}self_attn.o_proj.weight", hidden, heads * d)
            if self.generation == "26":
                w_norm(f"{at}self_attn.q_norm.weight", d)
                w_norm(f"{at}self_attn.k_norm.weight", d)
            w_norm(f"{at}input_layernorm.weight", hidden)
            w_norm(f"{at}post_attention_layernorm.weight", hidden)
            places = [f"{at}mlp"]
            size = self.intermediate()
            if c["use_moe"]:
                experts = c["n_routed_experts"] if self.generation == "07" else c["num_experts"]
                size = c.get("moe_intermediate_size", size)
                draw(f"{at}mlp.gate.weight", experts, hidden, scale=1.0)
                places = [f"{at}mlp.experts.{e}" for e in range(experts)]
                if self.generation == "07":
                    places += [f"{at}mlp.shared_experts.{e}" for e in range(c["n_shared_experts"])]
            for place in places:
                draw(f"{place}.gate_proj.weight", size, hidden)
                draw(f"{place}.up_proj.weight", size, hidden)
                draw(f"{place}.down_proj.weight", hidden, size)
        w_norm("model.norm.weight", hidden)
        w["lm_head.weight"] = w["model.embed_tokens.weight"]
        return w

    def rotate(self, x, start):
        """Half-split rotation of [B, T, heads, d]."""
        d, count = self.head, x.shape[1]
        f = 1.0 / self.c["rope_theta"] ** (torch.arange(0, d, 2).to(x.dtype) / d)
        angles = torch.outer(torch.arange(start, start + count).to(x.dtype), f)
        cos, sin = (torch.cat([t] * 2, -1)[None, :, None, :] for t in (angles.cos(), angles.sin()))
        return x * cos + torch.cat([-x[..., d // 2:], x[..., : d // 2]], -1) * sin

    def mlp(self, x, w, at):
        return linear(F.silu(linear(x, w, at + ".gate_proj")) * linear(x, w, at + ".up_proj"), w, at + ".down_proj")

    def experts(self, x, w, at, acts, i):
        c, hidden = self.c, x.shape[-1]
        rows = x.reshape(-1, hidden)
        scores = linear(rows, w, at + ".gate").softmax(-1)
        count, k = scores.shape[-1], c["num_experts_per_tok"]
        weight, index = scores.topk(k, dim=-1)
        if self.generation == "26" or k > 1:
            weight = weight / (weight.sum(-1, keepdim=True) + 1e-20)
        y = torch.zeros_like(rows)
        for e in range(count):
            share = (weight * (index == e)).sum(-1, keepdim=True)
            chosen = (index == e).any(-1)
            if chosen.any():
                y[chosen] = y[chosen] + share[chosen] * self.mlp(rows[chosen], w, f"{at}.experts.{e}")
        acts[f"layers.{i}.router_scores"], acts[f"layers.{i}.router_top_idx"] = scores, index
        chosen = F.one_hot(index, count).to(x.dtype)
        if self.generation == "07":
            for e in range(c["n_shared_experts"]):
                y = y + self.mlp(rows, w, f"{at}.shared_experts.{e}")
            batch, length = x.shape[:2]
            load = chosen.sum(1).reshape(batch, length, count).sum(1) * count / (length * k)
            auxiliary = c["aux_loss_alpha"] * (load * scores.reshape(batch, length, count).mean(1)).sum(1).mean()
        else:
            auxiliary = c["router_aux_loss_coef"] * count * (chosen.mean(0) * scores.mean(0)).sum()
        return y.reshape(x.shape), auxiliary

    def __call__(self, h, w, cache=None, padding=None, acts=None):
        """Hidden states of embedded tokens and the auxiliary loss; `cache` is a list of keys and values by layer."""
        acts = {} if acts is None else acts
        c = self.c
        heads, kv, d = c["num_attention_heads"], c["num_key_value_heads"], self.head
        auxiliary = h.new_zeros(())
        acts["embed"] = h
        for i in range(c["num_hidden_layers"]):
            at = f"model.layers.{i}."
            batch, length = h.shape[:2]
            past = 0 if cache is None or len(cache) <= i else cache[i][0].shape[1]
            x = norm(h, w[at + "input_layernorm.weight"], c["rms_norm_eps"])
            q, k, v = (
                linear(x, w, f"{at}self_attn.{n}_proj").reshape(batch, length, -1, d) for n in ("q", "k", "v"))
            if self.generation == "26":
                q = norm(q, w[at + "self_attn.q_norm.weight"], c["rms_norm_eps"])
                k = norm(k, w[at + "self_attn.k_norm.weight"], c["rms_norm_eps"])
            q, k = self.rotate(q, past), self.rotate(k, past)
            acts |= {f"layers.{i}.input_layernorm": x, f"layers.{i}.q_rope": q, f"layers.{i}.k_rope": k}
            if cache is not None:
                if past:
                    k, v = torch.cat([cache[i][0], k], 1), torch.cat([cache[i][1], v], 1)
                    cache[i] = (k, v)
                else:
                    cache.append((k, v))
            every = lambda t: t.repeat_interleave(heads // kv, dim=2).transpose(1, 2)
            scores = q.transpose(1, 2) @ every(k).transpose(2, 3) / math.sqrt(d)
            future = torch.ones(length, past + length, dtype=torch.bool).triu(past + 1)
            scores = scores.masked_fill(future, -math.inf)
            if padding is not None:
                scores = scores + (1 - padding[:, None, None, :].to(h.dtype)) * -1e9
            attended = (scores.softmax(-1) @ every(v)).transpose(1, 2).reshape(batch, length, -1)
            attended = linear(attended, w, at + "self_attn.o_proj")
            h = h + attended
            x = norm(h, w[at + "post_attention_layernorm.weight"], c["rms_norm_eps"])
            if c["use_moe"]:
                fed, loss = self.experts(x, w, at + "mlp", acts, i)
                auxiliary = auxiliary + loss
            else:
                fed = self.mlp(x, w, at + "mlp")
            h = h + fed
            acts |= {
                f"layers.{i}.self_attn": attended, f"layers.{i}.post_attention_layernorm": x, f"layers.{i}.mlp": fed,
                f"layers.{i}.out": h,
            }
        h = norm(h, w["model.norm.weight"], c["rms_norm_eps"])
        acts["final_norm"] = h
        return h, auxiliary

    def embed(self, ids, w):
        return w["model.embed_tokens.weight"][ids]

    def logits(self, h, w):
        return h @ w["model.embed_tokens.weight"].T


def leaves(w):
    """Weights that collect gradients; the tied matrix is one of them, under its first name."""
    return {k: v.clone().requires_grad_() for k, v in w.items() if k != "lm_head.weight"}


def shifted_loss(logits, labels):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)


def language_model(name, generation, config, seed):
    decoder = Decoder(config, generation)
    w = decoder.weights(seed)
    generator = torch.Generator().manual_seed(seed + 100)
    vocabulary = config["vocab_size"]
    ids = torch.randint(0, vocabulary, (2, 10), generator=generator)
    labels = ids.clone()
    labels[0, :3] = labels[1, 7:] = -100
    padding = torch.ones(2, 10, dtype=torch.int64)
    padding[1, 6:] = 0
    acts = {}
    h, _ = decoder(decoder.embed(ids, w), w, acts=acts)
    masked, _ = decoder(decoder.embed(ids, w), w, padding=padding)
    trained = leaves(w)
    # MiniMind of 2025 is trained without the last id, which only the experts' balance can tell
    inputs = ids[:, :-1] if generation == "07" else ids
    hidden, auxiliary = decoder(decoder.embed(inputs, trained), trained)
    loss = F.cross_entropy(
        decoder.logits(hidden, trained)[:, : ids.shape[1] - 1].flatten(0, 1), labels[:, 1:].flatten(),
        ignore_index=-100)
    (loss + auxiliary).backward()

    prompt = torch.randint(3, vocabulary, (1, 5), generator=generator)
    sequence, cache, cached, full = prompt, [], [], []
    new = prompt
    for _ in range(4):
        hidden, _ = decoder(decoder.embed(new, w), w, cache=cache)
        cached.append(decoder.logits(hidden[:, -1], w)[0])
        whole, _ = decoder(decoder.embed(sequence, w), w)
        full.append(decoder.logits(whole[:, -1], w)[0])
        new = cached[-1].argmax()[None, None]
        sequence = torch.cat([sequence, new], 1)

    place = folder(f"golden/models/{name}")
    write_json(place / "case.json", {"generation": generation, "config": decoder.c | config | {
        "intermediate_size": decoder.intermediate()}, "tied": True})
    write_tensors(place / "weights.safetensors", w)
    write_tensors(place / "acts.safetensors", acts)
    write_tensors(place / "grads.safetensors", {k: torch.zeros_like(v) if v.grad is None else v.grad for k, v in trained.items()})
    write_tensors(place / "io.safetensors", {
        "input_ids": ids, "labels": labels, "attention_mask": padding, "logits": decoder.logits(h, w),
        "logits_masked": decoder.logits(masked, w), "ce_loss": loss, "aux_loss": auxiliary, "decode_prompt": prompt,
        "decode_sequence": sequence, "decode_logits_cached": torch.stack(cached),
        "decode_logits_full": torch.stack(full), "cache_k_layer0": cache[0][0], "cache_v_layer0": cache[0][1],
    })


TRAINING = {
    "optimizer": "adamw", "base_lr": 0.003, "schedule": "07", "total_steps": 6, "betas": [0.9, 0.999], "eps": 1e-8,
    "weight_decay": 0.01, "clip": 1.0, "dropout": 0.0,
}


def curve(w, trainable, training, batches, loss_of):
    """AdamW steps in float32: the record of each, and the weights afterwards."""
    trained = {k: torch.nn.Parameter(v.clone()) for k, v in w.items() if k != "lm_head.weight"}
    chosen = [v for k, v in trained.items() if any(k.startswith(t) for t in trainable)]
    optimizer = torch.optim.AdamW(
        chosen, lr=training["base_lr"], betas=training["betas"], eps=training["eps"],
        weight_decay=training["weight_decay"])
    steps = []
    for step, micros in enumerate(batches):
        rate = training["base_lr"] * (0.1 + 0.5 * (1 + math.cos(math.pi * step / training["total_steps"])))
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        losses = []
        for micro in micros:
            loss = loss_of(trained, micro)
            (loss / len(micros)).backward()
            losses.append(loss.item())
        length = torch.nn.utils.clip_grad_norm_(chosen, training["clip"]).item()
        optimizer.step()
        steps.append({"lr": rate, "micro_losses": losses, "grad_norm": length})
    return steps, {k: v.detach() for k, v in trained.items() if any(k.startswith(t) for t in trainable)}


def language_curve():
    config = {"hidden_size": 24, "intermediate_size": 40, "num_attention_heads": 4, "num_key_value_heads": 2,
              "num_hidden_layers": 2, "vocab_size": 60, "max_position_embeddings": 64}
    decoder = Decoder(config, "07")
    w = decoder.weights(31)
    generator = torch.Generator().manual_seed(32)
    tensors, batches = {}, []
    for step in range(TRAINING["total_steps"]):
        micros = []
        for micro in range(2 if step >= 4 else 1):
            ids = torch.randint(3, 60, (2, 9), generator=generator)
            labels = ids.clone()
            labels[0, : 2 + step] = -100
            tensors |= {f"step{step}/micro{micro}/input_ids": ids, f"step{step}/micro{micro}/labels": labels}
            micros.append((ids, labels))
        batches.append(micros)

    def loss_of(w, micro):
        return shifted_loss(decoder.logits(decoder(decoder.embed(micro[0], w), w)[0], w), micro[1])

    trainable = ["model.", "lm_head."]
    steps, final = curve(w, trainable, TRAINING, batches, loss_of)
    place = folder("golden/models/curve_lm07_small")
    write_json(place / "case.json", {
        "generation": "07", "config": decoder.c | config, "training": TRAINING | {"trainable": trainable},
        "tolerance": {"loss": 1e-5, "grad_norm_relative": 2e-5, "final_max": 3e-4, "final_rms": 2e-6}, "steps": steps,
    })
    write_tensors(place / "weights.safetensors", w)
    write_tensors(place / "final.safetensors", final)
    write_tensors(place / "io.safetensors", tensors)


def tower(kind, seed, **config):
    """A vision tower of transformers with random weights."""
    import transformers as t

    torch.manual_seed(seed)
    model = {
        "clip": lambda: t.CLIPVisionModel(t.CLIPVisionConfig(**config)),
        "siglip": lambda: t.SiglipVisionModel(t.SiglipVisionConfig(**config)),
        "dinov2": lambda: t.Dinov2WithRegistersModel(t.Dinov2WithRegistersConfig(**config)),
    }[kind]().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.3 / math.sqrt(parameter[0].numel()) * 2)
            elif "norm" in name and name.endswith("weight") or "lambda" in name:
                parameter.copy_(1 + 0.1 * torch.randn_like(parameter))
            else:
                parameter.normal_(0, 0.1)
    return model


def published(model, prefix=""):
    """The weights under the names of published files."""
    state = {k: v.detach() for k, v in model.state_dict().items() if "position_ids" not in k}
    for new, old in (("q_proj", "attention.query"), ("k_proj", "attention.key"), ("v_proj", "attention.value"),
                     ("o_proj", "output.dense")):
        state = {k.replace(f".attention.{new}.", f".attention.{old}."): v for k, v in state.items()}
    if prefix and not any(k.startswith(prefix) for k in state):
        state = {prefix + k: v for k, v in state.items()}
    return state


def vision_towers():
    cases = {
        "clip_vision_small": ("clip", dict(hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3,
            image_size=24, patch_size=8, hidden_act="quick_gelu", layer_norm_eps=1e-5)),
        "siglip_vision_small": ("siglip", dict(hidden_size=24, intermediate_size=40, num_hidden_layers=2,
            num_attention_heads=3, image_size=24, patch_size=8, hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-6)),
        "dinov2_reg_small": ("dinov2", dict(hidden_size=24, num_hidden_layers=3, num_attention_heads=3, mlp_ratio=2,
            image_size=24, patch_size=8, num_register_tokens=2, hidden_act="gelu", layer_norm_eps=1e-6)),
    }
    for number, (name, (kind, config)) in enumerate(cases.items()):
        model = tower(kind, 40 + number, **config)
        pixels = torch.randn(2, 3, 24, 24, generator=torch.Generator().manual_seed(50 + number))
        output = model(pixel_values=pixels, output_hidden_states=True)
        tensors = {"pixel_values": pixels, "last_hidden_state": output.last_hidden_state}
        for i, state in enumerate(output.hidden_states):
            tensors[f"hidden_states.{i}"] = state
        place = folder(f"golden/models/{name}")
        weights = published(model, "" if kind == "dinov2" else "vision_model.")
        if kind == "clip":
            tensors |= {"pooler_output": output.pooler_output, "image_features": output.hidden_states[-1][:, 1:]}
            tensors["last_hidden_state"] = output.hidden_states[-1]
            output.hidden_states[-1][:, 1:].pow(2).mean().backward()
            grads = {k: p.grad for k, p in model.named_parameters() if p.grad is not None}
            if not next(iter(grads)).startswith("vision_model."):
                grads = {"vision_model." + k: g for k, g in grads.items()}
            write_tensors(place / "grads.safetensors", {k: g for k, g in grads.items() if "patch_embedding" not in k})
        if kind == "siglip":
            tensors["pooler_output"] = output.pooler_output
        if kind == "dinov2":
            tensors["patches_second_to_last"] = output.hidden_states[-2][:, 1 + config["num_register_tokens"]:]
        write_json(place / "case.json", {"config": config | ({"layerscale": True} if kind == "dinov2" else {})})
        write_tensors(place / "weights.safetensors", weights)
        write_tensors(place / "io.safetensors", tensors)


def project(tokens, w, generation):
    """Rows for the decoder of a tower's tokens."""
    if generation == "07":
        return linear(tokens, w, "vision_proj.vision_proj.0")
    x = F.layer_norm(
        tokens, tokens.shape[-1:], w["vision_proj.mlp.0.weight"], w["vision_proj.mlp.0.bias"], 1e-5)
    return linear(F.gelu(linear(x, w, "vision_proj.mlp.1")), w, "vision_proj.mlp.3")


def projector_weights(generation, width, hidden, seed):
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator) / math.sqrt(shape[-1])
    if generation == "07":
        return {"vision_proj.vision_proj.0.weight": draw(hidden, width), "vision_proj.vision_proj.0.bias": draw(hidden)}
    return {
        "vision_proj.mlp.0.weight": 1 + 0.1 * draw(width), "vision_proj.mlp.0.bias": 0.1 * draw(width),
        "vision_proj.mlp.1.weight": draw(hidden, width), "vision_proj.mlp.1.bias": draw(hidden),
        "vision_proj.mlp.3.weight": draw(hidden, hidden), "vision_proj.mlp.3.bias": draw(hidden),
    }


LANGUAGE = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
            "vocab_size": 50, "intermediate_size": 40}
VISION = dict(hidden_size=20, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=16,
              patch_size=8)


def tokens_of(vision, pixels, generation):
    output = vision(pixel_values=pixels, output_hidden_states=True)
    return output.hidden_states[-1][:, 1:] if generation == "07" else output.last_hidden_state


def insert(decoder, w, ids, rows, placeholder):
    """Embedded tokens with the images' rows at the places of the placeholder, in order."""
    h = decoder.embed(ids, w).clone()
    h[ids == placeholder] = rows.reshape(-1, rows.shape[-1])
    return h


def vision_language(generation, seed):
    placeholder = 34 if generation == "07" else 12
    decoder = Decoder(LANGUAGE, generation)
    kind = "clip" if generation == "07" else "siglip"
    vision = tower(kind, seed, **VISION)
    w = decoder.weights(seed + 1) | projector_weights(generation, 20, 24, seed + 2)
    generator = torch.Generator().manual_seed(seed + 3)
    images = 2 if generation == "07" else 1
    pixels = torch.randn(2, images, 3, 16, 16, generator=generator)
    text = lambda n: torch.tensor([3, 4, 5, 6, 7, 8, 9, 40, 41, 42])[torch.randint(0, 10, (2, n), generator=generator)]
    run = torch.full((2, 4), placeholder)
    ids = torch.cat([text(3)] + [part for _ in range(images) for part in (run, text(2))] + [text(5)], 1)
    labels = torch.full_like(ids, -100)
    labels[:, -5:] = ids[:, -5:]
    with torch.no_grad():
        tokens = tokens_of(vision, pixels.flatten(0, 1), generation)
    trained = leaves(w)
    acts = {}
    rows = project(tokens, trained, generation)
    h, _ = decoder(insert(decoder, trained, ids, rows, placeholder), trained, acts=acts)
    logits = decoder.logits(h, trained)
    loss = shifted_loss(logits, labels)
    loss.backward()
    place = folder(f"golden/models/vlm{generation}_small")
    write_json(place / "case.json", {
        "generation": generation, "config": decoder.c | LANGUAGE, kind: VISION, "tokens_per_image": 4,
        "image_token_id": placeholder})
    write_tensors(place / "weights.safetensors", w)
    write_tensors(place / "vision_weights.safetensors", published(vision, "vision_model."))
    write_tensors(place / "grads.safetensors", {k: v.grad for k, v in trained.items()})
    write_tensors(place / "acts.safetensors", {"final_norm": acts["final_norm"]})
    write_tensors(place / "io.safetensors", {
        "input_ids": ids, "labels": labels, "pixel_values": pixels, "vision_features": tokens,
        "projected_features": rows, "logits": logits, "loss": loss})


def vision_language_curve():
    decoder, vision, placeholder = Decoder(LANGUAGE, "07"), tower("clip", 60, **VISION), 34
    w = decoder.weights(61) | projector_weights("07", 20, 24, 62)
    generator = torch.Generator().manual_seed(63)
    pixels = torch.randn(4, 3, 16, 16, generator=generator)
    with torch.no_grad():
        tokens = tokens_of(vision, pixels, "07")
    tensors, batches = {"pixel_values": pixels}, []
    run = torch.full((2, 4), placeholder)
    for step in range(TRAINING["total_steps"]):
        micros = []
        for micro in range(2 if step >= 4 else 1):
            text = lambda n: torch.randint(3, 30, (2, n), generator=generator)
            ids = torch.cat([text(2), run, text(2), run, text(6)], 1)
            labels = torch.full_like(ids, -100)
            labels[:, -5:] = ids[:, -5:]
            index = torch.randint(0, 4, (2, 2), generator=generator)
            at = f"step{step}/micro{micro}/"
            tensors |= {at + "input_ids": ids, at + "labels": labels, at + "image_index": index}
            micros.append((ids, labels, index))
        batches.append(micros)

    def loss_of(w, micro):
        ids, labels, index = micro
        rows = project(tokens[index.flatten()], w, "07")
        return shifted_loss(decoder.logits(decoder(insert(decoder, w, ids, rows, placeholder), w)[0], w), labels)

    tolerance = {"loss": 1e-5, "grad_norm_relative": 2e-5, "final_max": 3e-5, "final_rms": 1e-6}
    place = folder("golden/models/curve_vlm07_small")
    every, alone = ["vision_proj.", "model.", "lm_head."], ["vision_proj."]
    steps, final = curve(w, every, TRAINING, batches, loss_of)
    second = TRAINING | {"base_lr": 0.01}
    steps_alone, final_alone = curve(w, alone, second, batches, loss_of)
    write_json(place / "case.json", {
        "generation": "07", "config": decoder.c | LANGUAGE, "clip": VISION, "tokens_per_image": 4,
        "image_token_id": placeholder, "training": TRAINING | {"trainable": every}, "tolerance": tolerance,
        "steps": steps,
        "projector_only": {"training": second | {"trainable": alone}, "tolerance": tolerance, "steps": steps_alone}})
    write_tensors(place / "weights.safetensors", w)
    write_tensors(place / "vision_weights.safetensors", published(vision, "vision_model."))
    write_tensors(place / "final.safetensors", final)
    write_tensors(place / "final_projector_only.safetensors", final_alone)
    write_tensors(place / "io.safetensors", tensors)


def action_model():
    """The action model: begin, images, state, text, seven actions, end."""
    config = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
              "vocab_size": 330, "intermediate_size": 40}
    decoder = Decoder(config, "07")
    generator = torch.Generator().manual_seed(71)
    draw = lambda *shape: torch.randn(*shape, generator=generator) / math.sqrt(shape[-1])
    w = decoder.weights(70) | projector_weights("07", 20, 24, 72) | {
        "state_proj.fc1.weight": draw(24, 8), "state_proj.fc1.bias": draw(24), "state_proj.fc2.weight": draw(24, 24),
        "state_proj.fc2.bias": draw(24)}
    features, state = torch.randn(3, 2, 4, 20, generator=generator), torch.randn(3, 8, generator=generator)
    lengths = [5, 3, 4]
    texts = [torch.randint(3, 60, (n,), generator=generator) for n in lengths]
    actions = torch.randperm(270, generator=generator)[:256] + 60
    bins = torch.randint(0, 256, (3, 7), generator=generator)
    bins[0, 0] = 255
    first = [1 + 8 + 1 + n for n in lengths]
    length = max(first) + 8

    def embedded(w, row, ids):
        parts = [decoder.embed(torch.tensor([1]), w), project(features[row].flatten(0, 1), w, "07")]
        parts.append(linear(F.gelu(linear(state[row:row + 1], w, "state_proj.fc1")), w, "state_proj.fc2"))
        return torch.cat(parts + [decoder.embed(ids, w)])

    token_ids = torch.full((3, length), -1)
    labels = {name: torch.full((3, length), -100) for name in ("action", "action_stop", "text_action")}

    def sequence(w):
        rows = []
        for row, (text, start) in enumerate(zip(texts, first)):
            ids = torch.cat([text, actions[bins[row]], torch.tensor([2])])
            pad = torch.zeros(length - start - 8, dtype=torch.int64)
            rows.append(embedded(w, row, torch.cat([ids, pad])))
        return torch.stack(rows)

    for row, (text, start) in enumerate(zip(texts, first)):
        chosen = actions[bins[row]]
        token_ids[row, 0] = 1
        token_ids[row, start - len(text):start] = text
        token_ids[row, start:start + 7], token_ids[row, start + 7], token_ids[row, start + 8:] = chosen, 2, 0
        for name in labels:
            labels[name][row, start:start + 7] = chosen
        for name in ("action_stop", "text_action"):
            labels[name][row, start + 7] = 2
        labels["text_action"][row, start - len(text):start] = text

    trained = leaves(w)
    x = sequence(trained)
    logits = decoder.logits(decoder(x, trained)[0], trained)
    losses = {name: shifted_loss(logits, value) for name, value in labels.items()}
    rows = torch.stack([logits[row, start - 1:start + 6] for row, start in enumerate(first)])
    inside = rows[..., actions]
    mass = (1 - rows.softmax(-1)[..., actions].sum(-1)).mean()
    leak = (rows.logsumexp(-1) - inside.logsumexp(-1)).mean()
    (losses["action"] + 0.5 * mass).backward()
    target = actions[bins]
    best, restricted = rows.argmax(-1), inside.argmax(-1)
    edges = torch.linspace(-1, 1, 256, dtype=torch.float64)
    centers = (edges[1:] + edges[:-1]) / 2
    value = lambda b: centers[b.clamp(max=254)]

    tensors = {
        "action_token_ids": actions, "action_bins": bins, "image_features": features, "state": state,
        "token_ids": token_ids, "inputs_embeds": x, "logits": logits, "penalty_mass": mass, "penalty_nll": leak,
        "token_accuracy": (best == target).float().mean(),
        "token_accuracy_restricted": (restricted == bins).float().mean(),
        "leak_rate": (~torch.isin(best, actions)).float().mean(),
        "action_l1_restricted": (value(restricted) - value(bins)).abs().mean().float(),
    }
    tensors |= {f"labels_{k}": v for k, v in labels.items()} | {f"loss_{k}": v for k, v in losses.items()}
    tensors |= {f"text_ids.{i}": t for i, t in enumerate(texts)}
    for mode in ("restricted", "free"):
        chosen, steps = [], []
        for row, text in enumerate(texts):
            ids, values = text, []
            for _ in range(7):
                h, _ = decoder(embedded(w, row, ids)[None], w)
                last = decoder.logits(h[0, -1], w)
                values.append(last)
                new = actions[last[actions].argmax()] if mode == "restricted" else last.argmax()
                ids = torch.cat([ids, new[None]])
            chosen.append(ids[len(text):])
            steps.append(torch.stack(values))
        tensors |= {f"greedy_{mode}_tokens": torch.stack(chosen), f"greedy_{mode}_logits": torch.stack(steps)}
    place = folder("golden/models/vla07_small")
    write_json(place / "case.json", {
        "generation": "07", "config": decoder.c | config, "vision_dim": 20, "tokens_per_image": 4, "cameras": 2,
        "state_token": True, "bos": 1, "eos": 2, "pad": 0, "text_lengths": lengths})
    write_tensors(place / "weights.safetensors", w)
    write_tensors(place / "grads.safetensors", {k: v.grad for k, v in trained.items()})
    write_tensors(place / "io.safetensors", tensors)


def make():
    small = {"hidden_size": 24, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 2,
             "vocab_size": 48, "max_position_embeddings": 64, "intermediate_size": 40, "tie_word_embeddings": True}
    language_model("lm07_small", "07", small, 21)
    language_model("lm26_small", "26", small | {"head_dim": 8}, 22)
    language_model("lm07_experts", "07", small | {"use_moe": True, "num_hidden_layers": 1}, 23)
    language_model("lm26_experts", "26", small | {
        "use_moe": True, "head_dim": 8, "num_hidden_layers": 1, "moe_intermediate_size": 16}, 24)
    language_curve()
    vision_towers()
    vision_language("07", 80)
    vision_language("26", 90)
    vision_language_curve()
    action_model()

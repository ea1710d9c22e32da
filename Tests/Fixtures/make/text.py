"""Byte-pair tokenizers learnt by the tokenizers library from generated sentences; conversations of both generations."""

import json
import random

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from common import folder, write_json

SPECIAL = {
    "07": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    "26": ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"],
}
# matched in the text, and kept when special tokens are left out
PLAIN = {"07": [], "26": ["<think>", "</think>"]}
WORDS = """robot arm gripper bowl plate drawer stove pick up place the black on top of open close turn move left right it's
we'll they're please 机器人 打开 抽屉 把 碗 放 到 盘子 上 什么 颜色 répondre über naïve Größe 你好 世界 12 345 2025 0.5""".split()


def sentences(count, seed):
    rng = random.Random(seed)
    marks = [" ", " ", " ", ", ", ". ", "\n", "  ", "? ", "\t"]
    return ["".join(rng.choice(WORDS) + rng.choice(marks) for _ in range(rng.randint(3, 14))) for _ in range(count)]


def tokenizer(generation, size, seed):
    result = Tokenizer(models.BPE())
    result.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    result.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=SPECIAL[generation] + PLAIN[generation], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    result.train_from_iterator(sentences(400, seed), trainer)
    content = json.loads(result.to_str())
    for token in content["added_tokens"]:
        token["special"] = token["content"] in SPECIAL[generation]
    return content, Tokenizer.from_str(json.dumps(content))


def conversation_text(generation, messages, thinking=None):
    """The chat templates of MiniMind 2025 and 2026, with what starts an answer."""
    text = ""
    if generation == "07":
        if not messages or messages[0]["role"] != "system":
            messages = [{"role": "system", "content": "You are a helpful assistant"}] + messages
        for m in messages:
            if m["role"] == "assistant":
                text += m["content"] + "<|im_end|>\n"
            else:
                text += f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n"
                text += "<|im_start|>assistant\n" if m["role"] == "user" else ""
        return text
    for m in messages:
        before = f"<think>\n{m.get('reasoning_content', '')}\n</think>\n\n" if m["role"] == "assistant" else ""
        text += f"<|im_start|>{m['role']}\n{before}{m['content']}<|im_end|>\n"
    if thinking is None:
        return text
    return text + "<|im_start|>assistant\n<think>\n" + ("" if thinking else "\n</think>\n\n")


def find(ids, part, start):
    return next((i for i in range(start, len(ids) - len(part) + 1) if ids[i:i + len(part)] == part), None)


def make():
    made = {}
    for generation, name, size in (("07", "2025-small", 640), ("26", "2026-small", 700)):
        content, made[generation] = tokenizer(generation, size, int(generation))
        (folder(f"data/minimind/{name}") / "tokenizer.json").write_text(
            json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    place = folder("golden/models/tokenizer_small")

    rng = random.Random(5)
    texts = ["", " ", "  ", "\n", "\t \n", "a", " a", "A  B   C", "it's they'll I'M", "12 345 6.78e9", "你好，世界", "🙂🙃 e\u0301",
             "<|im_start|>user\nhi<|im_end|>", "<|im_start", "x<think>y</think>", "\u00a0no-break", "tab\tend "]
    texts += sentences(25, 77)
    write_json(place / "strings.json", [
        {"text": t, "ids07": made["07"].encode(t).ids, "ids26": made["26"].encode(t).ids} for t in texts])
    decodes = []
    for generation, size in (("07", 640), ("26", 700)):
        for _ in range(20):
            ids = [rng.randrange(size) for _ in range(rng.randint(1, 12))]
            decodes.append({
                "generation": generation, "ids": ids,
                "text": made[generation].decode(ids, skip_special_tokens=False),
                "text_skip_special": made[generation].decode(ids, skip_special_tokens=True)})
    write_json(place / "decodes.json", decodes)

    user = lambda text: {"role": "user", "content": text}
    assistant = lambda text, **more: {"role": "assistant", "content": text, **more}
    chats = []
    for generation in ("07", "26"):
        for messages in (
            [user("<image>\nwhat colour is the bowl?"), assistant("black")],
            [user("open the drawer"), assistant("it's open"), user("close it"), assistant("we'll close the drawer")],
            [{"role": "system", "content": "answer in two words"}, user("move left"), assistant("moved left")],
            [user("把 碗 放 到 盘子 上")]):
            if generation == "26" and messages[-1]["role"] == "assistant":
                messages = messages[:-1] + [messages[-1] | {"reasoning_content": "the arm moves"}]
            images, most = 4, 260
            place_of_image = "@" if generation == "07" else "<|image_pad|>"
            trained = [m for m in messages if generation == "26" or m["role"] != "system"]
            text = conversation_text(generation, trained).replace("<image>", place_of_image * images)
            whole = made[generation].encode(text).ids
            assert len(whole) < most
            ids = whole + [0] * (most - len(whole))
            row = {"generation": generation, "messages": messages, "image_tokens": images, "max_length": most,
                   "training_text": text, "ids": ids,
                   "inference_text": conversation_text(generation, messages, thinking=False)}
            start = made[generation].encode("<|im_start|>assistant").ids
            end = made[generation].encode("<|im_end|>").ids
            if generation == "26":
                start = made[generation].encode("<|im_start|>assistant\n").ids
                end = made[generation].encode("<|im_end|>\n").ids
                row["inference_text_thinking"] = conversation_text(generation, messages, thinking=True)
            mask, at = [0] * most, 0
            while (at := find(ids, start, at)) is not None:
                first = at + len(start)
                stop = find(ids, end, first)
                last = most if stop is None else stop + len(end)
                if generation == "07":
                    # from behind the line break to one token behind the end
                    for i in range(first + 1, min(last + 1, most)):
                        mask[i] = 1
                else:
                    for i in range(first, last):
                        mask[i] = 1
                at = last
            if generation == "07":
                row["loss_mask"] = mask
            else:
                row["labels"] = [i if m else -100 for i, m in zip(ids, mask)]
            chats.append(row)
    write_json(place / "chat.json", chats)

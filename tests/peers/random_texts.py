"""Random texts from a wild mixture of characters, for the comparisons with other tokenizers."""
RANGES = [(0x20, 0x7F), (0x20, 0x7F), (0x61, 0x7B), (0, 0x20), (0xA0, 0x180), (0x180, 0x250), (0x300, 0x370),
          (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE80), (0x1100, 0x1200), (0x1E00, 0x2070),
          (0x2070, 0x2C00), (0x3000, 0x3100), (0x3400, 0x3500), (0x4E00, 0x5000), (0xAC00, 0xAD00),
          (0xF900, 0xFB50), (0xFE00, 0x10000), (0x1D100, 0x1D200), (0x1F300, 0x1F700), (0x20000, 0x20100),
          (0x2F800, 0x2FA20), (0xE0000, 0xE0200), (0, 0x110000)]  # fmt: skip
WORDS = ["the", "The", "embedding", "İstanbul", "straße", "naïve", "e\u0301", "word", "[MASK]", "[SEP]", "can't",
         "日本", "안녕", "\u00a0", "\u200d", "  ", "\t", "##ing", "ΑΣ", "1234", "½", "…", "-", "_", "x" * 120]  # fmt: skip


def random_char(rng):
    begin, end = rng.choice(RANGES)
    c = rng.randrange(begin, end)
    return "?" if 0xD800 <= c < 0xE000 else chr(c)


def random_text(rng):
    parts = []
    for _ in range(rng.randrange(0, 30)):
        kind = rng.random()
        if kind < 0.3:
            parts.append(rng.choice(WORDS))
        elif kind < 0.5:
            parts.append(" ")
        else:
            begin, end = rng.choice(RANGES)
            for _ in range(rng.randrange(1, 8)):
                c = rng.randrange(begin, end)
                parts.append("?" if 0xD800 <= c < 0xE000 else chr(c))
    return "".join(parts)

"""Where a text that is too long is cut: the tokenizers library's rules, of which the engine's fast path has
the plain one (longest first, from the right) and this file the others, and what is cut off.

With room for m tokens and a stride of s the windows of n tokens begin every m - s tokens, until one reaches
the end; from the left they end every m - s tokens before the last. The first window is the result, the
others are its `overflowing`.
"""

from __future__ import annotations

from collections.abc import Sequence

Window = tuple[int, int]


def windows(num_tokens: int, room: int, stride: int, direction: str) -> list[Window]:
    """[begin, end) of each window over a text.

    >>> windows(9, 4, 1, "right"), windows(9, 4, 1, "left")
    ([(0, 4), (3, 7), (6, 9)], [(5, 9), (2, 6), (0, 3)])
    """
    if num_tokens <= room:
        return [(0, num_tokens)]
    if room == 0:
        return [(0, 0)]
    if stride >= room:
        raise ValueError(
            f"enable_truncation: expected a stride below the {room} tokens that a text has room for, "
            f"found {stride}"
        )
    step = room - stride
    if direction == "left":
        return [(num_tokens - end, num_tokens - begin)
                for begin, end in windows(num_tokens, room, stride, "right")]  # fmt: skip
    count = -(-(num_tokens - room) // step) + 1
    return [(k * step, min(k * step + room, num_tokens)) for k in range(count)]


def rooms(lengths: Sequence[int], room: int, strategy: str) -> list[int]:
    """How many tokens each text of one or two may have, so that they fit into `room` together.

    >>> rooms([3, 9], 8, "longest_first"), rooms([9, 9], 9, "longest_first"), rooms([3, 9], 8, "only_second")
    ([3, 5], [4, 5], [3, 5])
    """
    if sum(lengths) <= room:
        return list(lengths)
    if strategy != "longest_first":
        cut = 0 if strategy == "only_first" else 1
        if cut >= len(lengths):
            raise ValueError("enable_truncation: expected a second text to cut, found none")
        left = room - sum(lengths) + lengths[cut]
        if left <= 0:
            raise ValueError(
                f"enable_truncation: expected a text that can be cut by {sum(lengths) - room} tokens, "
                f"found one of {lengths[cut]}"
            )
        return [left if i == cut else length for i, length in enumerate(lengths)]
    if len(lengths) == 1:
        return [room]
    # The longer text is cut to the length of the shorter, then both alike.
    short, long = sorted(lengths)
    short_room, long_room = short, max(short, room - short)
    if short_room + long_room > room:
        short_room = room // 2
        long_room = short_room + room % 2
    return [short_room, long_room] if lengths[0] <= lengths[1] else [long_room, short_room]

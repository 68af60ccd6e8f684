#!/usr/bin/env python3
"""Makes jargon.jsonl from the dictionary file of Debian's package dict-jargon.

Usage: examples/make_jargon.py jargon.dict.dz > examples/jargon.jsonl
  (apt-get download dict-jargon; dpkg-deb -x dict-jargon_*.deb x; x/usr/share/dictd/jargon.dict.dz)

One entry a line: {"id", "title", "text"}. The text is what the term means, without the headword, the
pronunciation, the etymology in brackets and the marks of cross-references, cut after the sentence
that passes MAX_CHARACTERS: a definition says what it means first and tells stories later. Entries
that only point to another one are left out, and so are the few that are about sex or slurs.
"""

import gzip
import json
import re
import sys

MAX_CHARACTERS = 240
MIN_CHARACTERS = 60
LEFT_OUT = re.compile(r"\b(sex\w*|fuck\w*|shit\w*|cunt\w*|rape\w*|whore\w*|nigg\w*|erotic\w*|penis|porn\w*|"
                      r"gay|homosexual\w*|masturbat\w*|orgasm\w*|nazi\w*|retard\w*|bitch\w*|anal|"
                      r"genital\w*|urin\w*|suicide)\b", re.IGNORECASE)


def entries(lines):
    """Yields (headword, body lines): a headword stands in the first column, its body is indented."""
    head, body = None, []
    for line in lines:
        if line[:1].strip():
            if head is not None:
                yield head, body
            head, body = line.strip(), []
        elif head is not None:
            body.append(line)
    yield head, body


def definition(body):
    paragraphs = re.split(r"\n\s*\n", "\n".join(body))
    # Up to the first empty line: pronunciation and part of speech.
    text = " ".join(" ".join(paragraphs[1:]).split())
    text = re.sub(r"\{\s*([^}]*?)\s*\}", r"\1", text)
    text = re.sub(r"^((n\.|v\.|vt\.|vi\.|adj\.|\[[^\]]*\]|1\.)\s+)+", "", text)
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z“‘\[(0-9])", text)
    kept = ""
    for sentence in sentences:
        if re.match(r"(See also|See|Compare|Contrast|Syn)\b[^.]*\.?$", sentence):
            continue
        kept = f"{kept} {sentence}".strip()
        if len(kept) > MAX_CHARACTERS:
            break
    return kept


def main():
    with gzip.open(sys.argv[1], "rt", encoding="utf-8") as file:
        lines = file.read().split("\n")
    seen = set()
    for head, body in entries(lines):
        text = definition(body)
        if head.startswith("00-database") or not MIN_CHARACTERS <= len(text) <= 1000:
            continue
        if LEFT_OUT.search(head + " " + text) or head in seen:
            continue
        seen.add(head)
        record = {"id": f"jargon-{len(seen):04}", "title": head, "text": text}
        print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    main()

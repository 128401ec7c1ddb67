"""Names the encodings bytes that are not UTF-8 may be in, for a person to choose from; nothing is ever decoded by it."""

# What exports come in, the most usual first; how much the outcome looks like a language tells them apart
_CANDIDATES = (
    "cp1252", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "cp1258", "cp874", "koi8_r", "cp437", "cp850", "cp852", "cp866", "mac_roman", "utf_16_le", "utf_16_be",
)  # fmt: skip
_SHOWN = 4
_AROUND = 1 << 16


def likely_encodings(data: bytes, position: int) -> list[str]:
    """Encodings under which the bytes around `position` decode and look like text, likeliest first."""
    from charset_normalizer import from_bytes

    start = max(0, position - _AROUND)
    # Cut at line ends: a character cut in half decodes under no encoding of several bytes
    before = data.rfind(b"\n", 0, start) + 1 if start else 0
    after = data.rfind(b"\n", 0, position + _AROUND) + 1
    matches = from_bytes(data[before : max(after, position + 1)], cp_isolation=list(_CANDIDATES), enable_fallback=False)
    # Encodings that make the very same text of these bytes stand together: the most usual speaks for them
    return [min(match.could_be_from_charset, key=_CANDIDATES.index) for match in matches][:_SHOWN]

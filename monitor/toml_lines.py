"""On which line of a TOML file each value stands: the standard library's reader does not say."""

import re
from dataclasses import dataclass

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)+")
_KEY = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|'''
    r"""'''.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands."""

    line: int  # from 1
    raw: str  # the value as written

    def line_of(self, word: str) -> int:
        """The line of a word that the value has once; else its first."""
        found = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", self.raw)]
        return self.line + (self.raw.count("\n", 0, found[0]) if len(found) == 1 else 0)


def places(text: str) -> dict[str, Place]:
    """Each value of a file that is valid TOML by its path, as `rules.custom[0].sql`; tables by theirs."""
    found: dict[str, Place] = {}
    amounts: dict[str, int] = {}  # of arrays of tables
    table, at = "", 0
    while (at := _after(_SPACE, text, at)) < len(text):
        line = text.count("\n", 0, at) + 1
        if text[at] == "[":
            doubled = text.startswith("[[", at)
            keys, at = _keys(text, at + 1 + doubled)
            at += 1 + doubled
            table = _joined(keys, amounts)
            if doubled:
                amounts[table] = amounts.get(table, -1) + 1
                table += f"[{amounts[table]}]"
            found.setdefault(table, Place(line, ""))
        else:
            keys, at = _keys(text, at)
            start = _after(re.compile(r"[ \t]*"), text, at + 1)
            at = _end(text, start)
            path = ".".join([table, *keys]) if table else ".".join(keys)
            found[path] = Place(line, text[start:at])
    return found


def _joined(keys: list[str], amounts: dict[str, int]) -> str:
    """A header's path; a part that names an array of tables means its last table."""
    path = ""
    for number, key in enumerate(keys):
        path += f".{key}" if path else key
        if path in amounts and number < len(keys) - 1:
            path += f"[{amounts[path]}]"
    return path


def _keys(text: str, at: int) -> tuple[list[str], int]:
    keys = []
    while match := _KEY.match(text, at):
        key, at = match[1], match.end()
        keys.append(key[1:-1] if key[0] in "\"'" else key)
        if not text.startswith(".", at):
            break
        at += 1
    return keys, at


def _end(text: str, at: int) -> int:
    """Where the value ends that begins at *at*."""
    depth = 0
    while at < len(text):
        if match := _STRING.match(text, at):
            at = match.end()
            continue
        if text[at] == "#":
            at = text.find("\n", at) if "\n" in text[at:] else len(text)
            continue
        if text[at] == "\n" and depth == 0:
            return at
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(text[at], 0)
        at += 1
    return at


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at

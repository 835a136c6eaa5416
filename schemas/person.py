"""Who is who, by name alone: until people sign in, a second person must not be the first one in other letters.

Compatibility forms, case and invisible characters by UAX 15 and UAX 31, look-alikes by UTS 39 (the letters of its
confusables.txt that imitate a Latin one, of the scripts that names are written in).
"""
# ruff: noqa: RUF001 - letters that look like others are what this is about

import unicodedata

NAME_MAX = 200
# By the first word of a letter's Unicode name. Han, kana and hangul stand together in one name.
SCRIPTS = {
    **dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "IDEOGRAPHIC"), "East Asian"),
    **{
        script.upper(): script
        for script in (
            *("Latin", "Cyrillic", "Greek", "Armenian", "Georgian", "Hebrew", "Arabic", "Ethiopic", "Cherokee"),
            *("Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam"),
            *("Sinhala", "Thai", "Lao", "Tibetan", "Myanmar", "Khmer"),
        )
    },
}
# Letters and marks that draw nothing, beside the classes C and Z of Unicode.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(map(chr, range(0xFE00, 0xFE10)))
LOOK_ALIKES = {
    "A": "ΑАᎪ", "B": "ΒВᏴ", "C": "СᏟ", "D": "Ꭰ", "E": "ΕЕᎬ", "F": "Ϝ", "G": "ԌᏀᏳ", "H": "ΗНᎻ", "I": "ΙІӀƖǀ",
    "J": "ͿЈᎫ", "K": "ΚКᏦ", "L": "Ꮮ", "M": "ΜϺМᎷ", "N": "Ν", "O": "ΟОՕ", "P": "ΡРᏢ", "R": "ᎡᏒƦ", "S": "ЅՏᏕᏚ",
    "T": "ΤТᎢ", "U": "Ս", "V": "ѴᏙ", "W": "ԜᎳᏔ", "X": "ΧХ", "Y": "ΥУҮᎩᎽ", "Z": "ΖᏃ", "a": "αаɑ", "b": "ЬᏏƄ",
    "c": "сᴄ", "d": "ԁᏧ", "e": "еҽ", "f": "քẝ", "g": "ցɡᶃƍ", "h": "һհᏂ", "i": "ιіӏꙇıɩɪᎥ", "j": "ϳј", "n": "ոռ",
    "o": "οσоօᴏ", "p": "ρр", "q": "ԛգզ", "r": "гᴦ", "s": "ѕƽ", "u": "υսʋᴜ", "v": "νѵᴠ", "w": "ѡԝաɯᴡ", "x": "х",
    "y": "γуүɣʏყ", "z": "ᴢ",
}  # fmt: skip
AS_LATIN = {ord(other): latin for latin, others in LOOK_ALIKES.items() for other in others}
ALIKE_IN_ASCII = str.maketrans({"I": "l", "1": "l", "|": "l", "0": "O"})


def fold_name(name: str) -> str:
    """The same for every way of typing one name: compatibility forms, case, spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def is_same_person(one: str, other: str) -> bool:
    """Whether two names may be one person's: their letters are the same, or look the same, marks and signs aside.

    Rather one time too often: two people who are refused write their names out, one who passes for two approves alone.
    """
    return not _list_looks(one).isdisjoint(_list_looks(other))


def _list_looks(name: str) -> set[str]:
    letters = "".join(filter(_is_read, unicodedata.normalize("NFKD", name)))
    latin = letters.translate(AS_LATIN)
    return {letters.casefold(), latin.casefold(), latin.translate(ALIKE_IN_ASCII)}


def _is_read(character: str) -> bool:
    """A letter, digit or vowel sign; not the accent of a Latin letter, which is written or left out at will."""
    is_accent = "\u0300" <= character <= "\u036f"
    return (
        (unicodedata.category(character)[0] in "LMN" or character == "|") and not is_accent and character not in BLANK
    )


def find_name_fault(name: str) -> str | None:
    """Why a name cannot say who somebody is, in a sentence that does not hold it; None for one that can."""
    if not 1 <= len(name) <= NAME_MAX:
        return f"a name has 1 to {NAME_MAX} characters"
    for character in name:
        if (unicodedata.category(character)[0] in "CZ" and character != " ") or character in BLANK:
            return f"a name holds no character that cannot be seen (U+{ord(character):04X}): type it anew"
    letters = [c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) in ("Lu", "Ll", "Lt", "Lo")]
    scripts = {SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0].split("-")[0]) for letter in letters}
    if not scripts:
        return "a name has letters"
    if None in scripts:
        return "a name is written in letters that names are written in today"
    if len(scripts) > 1:
        return f"a name is written in one script, not in {' and '.join(sorted(map(str, scripts)))}: type it anew"
    return None

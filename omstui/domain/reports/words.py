"""A sum in words (сумма прописью): «Двести тридцать пять рублей 10 копеек»."""

from __future__ import annotations

_ROUBLES = ("рубль", "рубля", "рублей")
_KOPECKS = ("копейка", "копейки", "копеек")


def plural(count: int, forms: tuple[str, str, str]) -> str:
    """The form of a noun after a number: 1 рубль, 2 рубля, 5 and 11 рублей."""
    tens, ones = abs(count) // 10 % 10, abs(count) % 10
    if tens == 1 or ones == 0 or ones > 4:
        return forms[2]
    return forms[0] if ones == 1 else forms[1]


def cases(count: int) -> str:
    """«1 случай», «2 случая», «5 случаев»."""
    return f"{count} {plural(count, ('случай', 'случая', 'случаев'))}"


def accounts(count: int) -> str:
    """«1 счёт», «2 счёта», «118 счетов»."""
    return f"{count} {plural(count, ('счёт', 'счёта', 'счетов'))}"


def in_words(kopecks: int) -> str:
    """The sum as a paper has it: roubles in words with a capital, kopecks in two figures."""
    from num2words import num2words

    whole, part = divmod(abs(kopecks), 100)
    text = f"{num2words(whole, lang='ru')} {plural(whole, _ROUBLES)}"
    if kopecks < 0:
        text = "минус " + text
    return f"{text[0].upper()}{text[1:]} {part:02d} {plural(part, _KOPECKS)}"

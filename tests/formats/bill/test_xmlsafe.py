"""Safe reading of XML for every format: no DTD, known encodings, the line of a mistake."""

from __future__ import annotations

import io

import pytest

from omstui.domain.errors import FormatError
from omstui.formats.xmlsafe import check_prolog, iterparse

ENTITIES = """<!DOCTYPE a [<!ENTITY x "y"><!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>"""


def _tags(text: str, encoding: str = "utf-8") -> list[str]:
    stream = io.BytesIO(text.encode(encoding))
    return [element.tag for _, element in iterparse(stream, "H.xml")]


def test_elements_come_as_they_end() -> None:
    assert _tags("<a><b/><!-- c --><?d e?><c/></a>") == ["b", "c", "a"]


def test_windows_1251_is_read() -> None:
    text = '<?xml version="1.0" encoding="Windows-1251"?><a b="Ё"/>'
    stream = io.BytesIO(text.encode("cp1251"))
    assert [e.get("b") for _, e in iterparse(stream, "H.xml")] == ["Ё"]


@pytest.mark.parametrize(
    "text",
    [
        ENTITIES,
        f"<?xml version='1.0'?>\n<!-- <a> -->\n{ENTITIES}",
        "<!-- <!DOCTYPE --><!DOCTYPE a><a/>",
        "<?xml version='1.0'?><!DOCTYPE a SYSTEM 'http://example.invalid/a.dtd'><a/>",
        "<!-- никогда не кончится " + "x" * 70000,
    ],
)
def test_declarations_are_refused_before_parsing(text: str) -> None:
    with pytest.raises(FormatError, match=r"H\.xml"):
        _tags(text)


def test_doctype_in_a_comment_or_text_means_nothing() -> None:
    assert _tags("<!-- <!DOCTYPE a [<!ENTITY b 'c'>]> --><a><![CDATA[<!DOCTYPE]]></a>") == ["a"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "ebcdic-cp-us", "koi8-r"])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(FormatError, match="не принимается"):
        check_prolog(f"<?xml version='1.0' encoding='{encoding}'?><a/>".encode(), "x")


def test_the_line_of_a_mistake_is_named() -> None:
    with pytest.raises(FormatError, match=r"«H\.xml» не разобран, строка 3"):
        _tags("<a>\n<b/>\n</c>")
    with pytest.raises(FormatError, match="обрывается"):
        _tags("<a><b>")


def test_a_document_larger_than_the_first_block() -> None:
    assert len(_tags("<a>" + "<b/>" * 40000 + "</a>")) == 40001

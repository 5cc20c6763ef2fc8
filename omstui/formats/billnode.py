"""The light element of bill.xml (элемент счёта) that reader, mapping and writer pass on."""

from __future__ import annotations

#: encoding of bill.xml as we write it
ENCODING = "windows-1251"


class Node:
    """An element: tag, attributes, children. All data of bill.xml are in attributes."""

    __slots__ = ("attrs", "children", "tag")

    def __init__(
        self, tag: str, attrs: dict[str, str] | None = None, children: list[Node] | None = None
    ) -> None:
        self.tag = tag
        self.attrs = {} if attrs is None else attrs
        self.children = [] if children is None else children

    def __repr__(self) -> str:
        return f"Node({self.tag!r}, {self.attrs!r}, {self.children!r})"

    def __eq__(self, other: object) -> bool:
        """Equal data; the order of attributes means nothing, that of children does."""
        if not isinstance(other, Node):
            return NotImplemented
        return (self.tag, self.attrs, self.children) == (other.tag, other.attrs, other.children)

    __hash__ = None  # type: ignore[assignment]

    def get(self, name: str, default: str = "") -> str:
        return self.attrs.get(name, default)

    def all(self, path: str) -> list[Node]:
        """Every descendant at «smo/an_mess/an_mes»."""
        found = [self]
        for tag in path.split("/"):
            found = [c for n in found for c in n.children if c.tag == tag]
        return found

    def find(self, path: str) -> Node | None:
        found = self.all(path)
        return found[0] if found else None

    def accounts(self) -> list[Node]:
        """The personal accounts of a patient."""
        return self.all("register_accounts/personal_account")

    def is_empty(self) -> bool:
        """No data at all: such an element is not written."""
        return not any(self.attrs.values()) and all(c.is_empty() for c in self.children)

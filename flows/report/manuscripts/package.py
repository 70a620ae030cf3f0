"""
A document of a word processor as its parts: what nobody changes keeps its bytes.

A docx is a zip archive of XML. Only parts that change are written anew, by lxml, which keeps the
prefixes that other parts of the document name (``mc:Ignorable``).
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from flows.errors import ReportError
from flows.loaders.text import DAMAGED_ARCHIVE

Element = Any
"""Of lxml, which has no types."""

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PREFIXES: Mapping[str, str] = {
    "w": _MAIN,
    "r": f"{_OFFICE}/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "ct": f"{_PACKAGE}/content-types",
    "rel": f"{_PACKAGE}/relationships",
    "cp": f"{_OFFICE}/custom-properties",
    "vt": f"{_OFFICE}/docPropsVTypes",
}

_WITHOUT_PREFIX = ("ct", "rel", "cp")
"""Written as word processors write them, though XML does not mind."""

_WITH_TEXT = re.compile(
    r"application/vnd\.openxmlformats-officedocument\.wordprocessingml\."
    r"(?P<kind>document\.main|header|footer|footnotes|endnotes)\+xml"
)
_KINDS = ("document.main", "header", "footer", "footnotes", "endnotes")
"""In the order in which a reader looks for a paragraph."""

_TYPES = "[Content_Types].xml"
_CUSTOM = "docProps/custom.xml"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""Of properties that a user defines."""

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=False)
_LARGEST = 500_000_000
"""Bytes that a document may unpack to."""


def tag(name: str) -> str:
    """
    Return a name as lxml has it.

    >>> tag("w:p")
    '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p'
    """
    prefix, _, local = name.partition(":")
    return f"{{{PREFIXES[prefix]}}}{local}"


def make(name: str, /, *children: Element, text: str | None = None, **attributes: str) -> Element:
    """
    Return a new element; attributes are of its own namespace where that has attributes.

    >>> etree.tostring(make("w:jc", val="right")).split()[-1]
    b'w:val="right"/>'
    """
    prefix = name.partition(":")[0]
    written = None if prefix in _WITHOUT_PREFIX else prefix
    element = etree.Element(tag(name), nsmap={written: PREFIXES[prefix]})
    for key, value in attributes.items():
        element.set(tag(f"w:{key}") if prefix == "w" else key, value)
    element.extend(children)
    element.text = text
    return element


class Package:
    """The parts of a docx; those that were taken as trees and :meth:`touch`-ed are written anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        content = path.read_bytes()
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                infos = archive.infolist()
                if sum(info.file_size for info in infos) > _LARGEST:
                    raise ReportError(f"{path}: expected a docx, found one of many gigabytes")
                self._parts = {info.filename: archive.read(info) for info in infos}
        except (*DAMAGED_ARCHIVE, RuntimeError, NotImplementedError, OverflowError) as error:
            raise ReportError(f"{path}: expected a docx, found another file: {error}") from error
        self._infos = {info.filename: info for info in infos}
        self._trees: dict[str, Element] = {}
        self._touched: set[str] = set()
        self.texts = tuple(self._list_texts())

    def _list_texts(self) -> Iterator[str]:
        """Yield the parts that hold paragraphs, the document itself first."""
        if _TYPES not in self._parts:
            raise ReportError(f"{self.path}: expected a docx, found a zip archive of other files")
        kinds = {
            name.get("PartName", "").lstrip("/"): match["kind"]
            for name in self.tree(_TYPES).iter(tag("ct:Override"))
            if (match := _WITH_TEXT.fullmatch(name.get("ContentType", "")))
        }
        if "document.main" not in kinds.values():
            raise ReportError(f"{self.path}: expected a docx of a word processor, found none in it")
        yield from sorted(kinds, key=lambda name: (_KINDS.index(kinds[name]), name))
        document = next(name for name in kinds if kinds[name] == "document.main")
        if not self.tree(document).tag.startswith(f"{{{_MAIN}}}"):
            raise ReportError(
                f"{self.path}: expected a docx as Word saves it, found Strict Open XML; "
                "save it as “Word Document (.docx)”"
            )

    def tree(self, name: str) -> Element:
        """Return the root of a part."""
        if name not in self._trees:
            try:
                root = etree.fromstring(self._parts[name], _PARSER)
            except KeyError as error:
                raise ReportError(f"{self.path}: expected a part {name}, found none") from error
            except etree.XMLSyntaxError as error:
                raise ReportError(f"{self.path}: {name}: expected XML, found {error}") from error
            if root.getroottree().docinfo.doctype:
                raise ReportError(f"{self.path}: {name}: expected no DOCTYPE, found one")
            self._trees[name] = root
        return self._trees[name]

    def touch(self, name: str) -> None:
        """Note that the tree of a part was changed."""
        self._touched.add(name)

    @property
    def changed(self) -> bool:
        """Whether a part is no longer as it was read."""
        return bool(self._touched)

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a part as they were read, or none."""
        return self._parts.get(name)

    def put(self, name: str, content: bytes) -> None:
        """Add or replace a part that is no XML."""
        if self._parts.get(name) == content:
            return
        self._parts[name] = content
        self._trees.pop(name, None)
        self._touched.add(name)

    def to_bytes(self) -> bytes:
        """Return the archive, its parts in their order; new ones have the earliest date of zip."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._parts.items():
                info = self._infos.get(name, zipfile.ZipInfo(name))
                if name not in self._infos:
                    info.compress_type = zipfile.ZIP_DEFLATED
                written = name in self._touched and name in self._trees
                archive.writestr(info, _xml(self._trees[name]) if written else content)
        return packed.getvalue()

    def declare(self, extension: str, media_type: str) -> None:
        """Say what files of an ending are, once."""
        types = self.tree(_TYPES)
        known = {entry.get("Extension", "").lower() for entry in types.iter(tag("ct:Default"))}
        if extension not in known:
            types.insert(0, make("ct:Default", Extension=extension, ContentType=media_type))
            self.touch(_TYPES)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Return the id by which a part names another; ``kind`` is as ``image``."""
        folder, _, own = part.rpartition("/")
        name = f"{folder}/_rels/{own}.rels".lstrip("/")
        if name not in self._parts:
            self._parts[name] = _xml(make("rel:Relationships"))
        relations = self.tree(name)
        kind = f"{_OFFICE}/relationships/{kind}"
        taken = {relation.get("Id") for relation in relations}
        for relation in relations:
            if (relation.get("Type"), relation.get("Target")) == (kind, target):
                return str(relation.get("Id"))
        free = (f"rIdFlows{number}" for number in range(1, len(taken) + 2))
        own_id = next(candidate for candidate in free if candidate not in taken)
        relations.append(make("rel:Relationship", Id=own_id, Type=kind, Target=target))
        self.touch(name)
        return own_id

    def target(self, part: str, related: str) -> str:
        """Return the name of the part that another names by this id."""
        folder, _, own = part.rpartition("/")
        for relation in self.tree(f"{folder}/_rels/{own}.rels"):
            if relation.get("Id") == related:
                target = str(relation.get("Target"))
                return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        raise ReportError(f"{self.path}: {part}: expected a relation {related}, found none")

    def properties(self, prefix: str) -> dict[str, str]:
        """Return the custom properties whose names begin so."""
        if _CUSTOM not in self._parts:
            return {}
        return {
            entry.get("name"): "".join(entry.itertext())
            for entry in self.tree(_CUSTOM)
            if entry.get("name", "").startswith(prefix)
        }

    def set_properties(self, prefix: str, values: Mapping[str, str]) -> None:
        """Have these custom properties, and no other whose name begins so."""
        if self.properties(prefix) == dict(values):
            return
        if _CUSTOM not in self._parts:
            self._add_custom()
        root = self.tree(_CUSTOM)
        for entry in list(root):
            if entry.get("name", "").startswith(prefix):
                root.remove(entry)
        last = max((int(entry.get("pid", "1")) for entry in root), default=1)
        for pid, (name, value) in enumerate(sorted(values.items()), start=last + 1):
            root.append(
                make(
                    "cp:property",
                    make("vt:lpwstr", text=value),
                    fmtid=_FORMAT_ID,
                    pid=str(pid),
                    name=name,
                )
            )
        self.touch(_CUSTOM)

    def _add_custom(self) -> None:
        self._parts[_CUSTOM] = _xml(make("cp:Properties"))
        self.tree(_TYPES).append(
            make("ct:Override", PartName=f"/{_CUSTOM}", ContentType=_CUSTOM_TYPE)
        )
        self.touch(_TYPES)
        self.relate("", "custom-properties", _CUSTOM)


def _xml(root: Element) -> bytes:
    written: bytes = etree.tostring(
        root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True
    )
    return written

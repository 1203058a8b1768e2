"""Keep documents in collections that replace by key, in a file."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import count
import json
from pathlib import Path
import re
import secrets
from typing import Any

from .documents import Document

type Key = tuple[object, ...]
"""What a write looks for to find the document it replaces."""

OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)


class RejectedError(Exception):
    """The database did not take a document."""


def new_id() -> str:
    """Make an identifier as the database makes them: 24 hex digits."""
    return secrets.token_hex(12)


class Collection:
    """Documents by `_id`, which can be found by their keys."""

    def __init__(
        self,
        name: str,
        keys: Callable[[Document], Iterable[Key]],
        note: Callable[[str, str, Document | None], None],
    ) -> None:
        """Start empty; `note` is called with every change."""
        self.name = name
        self.documents: dict[str, Document] = {}
        self._keys = keys
        self._note = note
        self._ids: dict[Key, set[str]] = {}
        self._turns: dict[str, int] = {}
        """The order of arrival; a replacement takes the place of the document it replaces."""
        self._next_turn = count()

    def find(self, key: Key) -> str | None:
        """Return the `_id` of the oldest document with a key."""
        ids = self._ids.get(key, ())
        return min(ids, key=self._turns.__getitem__, default=None)

    def with_key(self, key: Key) -> Iterator[Document]:
        """Return the documents with a key."""
        return (self.documents[identity] for identity in self._ids.get(key, ()))

    def upsert(self, identity: str | None, document: Document) -> tuple[Document, bool]:
        """Replace the complete document at `identity`, or add one; return whether it is new.

        RejectedError: the document's own `_id` is taken, or not that of the one it would replace.
        """
        given = document.get("_id")
        if given is not None and not isinstance(given, str):
            raise RejectedError("can't use this type for the _id field")
        if identity is not None and given not in {None, identity}:
            raise RejectedError(
                "the (immutable) field '_id' was found to have been altered"
            )
        if identity is None and given in self.documents:
            raise RejectedError(f"E11000 duplicate key error collection: {self.name}")
        new = identity not in self.documents
        stored = document | {"_id": identity or given or new_id()}
        self.put(stored)
        self._note(self.name, stored["_id"], stored)
        return stored, new

    def delete(self, identities: Iterable[str]) -> int:
        """Delete documents; return how many there were."""
        known = [identity for identity in identities if identity in self.documents]
        for identity in known:
            self.take(identity)
            self._note(self.name, identity, None)
        return len(known)

    def put(self, document: Document) -> None:
        """Hold a document in place of any with its `_id`."""
        identity = document["_id"]
        if identity in self.documents:
            self._forget_keys(identity)
        else:
            self._turns[identity] = next(self._next_turn)
        self.documents[identity] = document
        for key in self._keys(document):
            self._ids.setdefault(key, set()).add(identity)

    def take(self, identity: str) -> None:
        """Hold a document no longer."""
        if identity in self.documents:
            self._forget_keys(identity)
            del self.documents[identity], self._turns[identity]

    def _forget_keys(self, identity: str) -> None:
        for key in self._keys(self.documents[identity]):
            ids = self._ids[key]
            ids.discard(identity)
            if not ids:
                del self._ids[key]


class Database:
    """The collections; with a file, every change is in it before it is answered."""

    def __init__(
        self, keys: dict[str, Callable[[Document], Iterable[Key]]], file: Path | None
    ) -> None:
        """Open the database and read the documents from its file."""
        self.counters: Counter[str] = Counter()
        self._file = file
        self.collections = {
            name: Collection(name, of, self._note) for name, of in keys.items()
        }
        if file is not None and file.exists():
            self._load(file)

    def write(
        self, name: str, identity: str | None, document: Document
    ) -> tuple[Document, bool]:
        """Store a document as `Collection.upsert` does, and count it."""
        stored, new = self.collections[name].upsert(identity, document)
        self.counters[f"{name} {'created' if new else 'replaced'}"] += 1
        return stored, new

    def delete(self, name: str, identities: Iterable[str]) -> int:
        """Delete documents, and count them."""
        number = self.collections[name].delete(identities)
        self.counters[f"{name} deleted"] += number
        return number

    def _note(self, name: str, identity: str, document: Document | None) -> None:
        if self._file is None:
            return
        line = {"collection": name, "_id": identity, "document": document}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")

    def _load(self, file: Path) -> None:
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                change: dict[str, Any] = json.loads(line)
            except json.JSONDecodeError:
                continue
            collection = self.collections[change["collection"]]
            if change["document"] is None:
                collection.take(change["_id"])
            else:
                collection.put(change["document"])
        self._compact(file)

    def _compact(self, file: Path) -> None:
        lines = [
            json.dumps({"collection": name, "_id": identity, "document": document})
            for name, collection in self.collections.items()
            for identity, document in collection.documents.items()
        ]
        shorter = file.with_suffix(f"{file.suffix}.new")
        shorter.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        shorter.replace(file)

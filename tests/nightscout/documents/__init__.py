"""Tests of the documents of each kind of record."""

from typing import Any

from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from tests.nightscout.records import PUMP, history

SAME = ("app", "device", "tconnectsync_hash")
"""Fields of every document; see test_identity.py."""


def documents_of(*features: Feature, **records: Any) -> list[Document]:
    """Return the documents of these records, for all features by default."""
    return documents(history(**records), PUMP, features or tuple(Feature))


def fields(document: Document) -> dict[str, Any]:
    """Return the fields that are specific to a document."""
    return {name: value for name, value in document.body.items() if name not in SAME}


def only(*features: Feature, **records: Any) -> dict[str, Any]:
    """Return the fields that are specific to the only document."""
    [document] = documents_of(*features, **records)
    return fields(document)

"""Blobs: an encrypted, content-addressed store for what is too large or too secret for a row."""

from __future__ import annotations

from hatang.blobs.models import Blob
from hatang.blobs.store import BlobStore, Garbage, garbage, get, put, sealed

__all__ = ["Blob", "BlobStore", "Garbage", "garbage", "get", "put", "sealed"]

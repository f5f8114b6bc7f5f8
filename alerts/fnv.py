"""FNV-1a, 64 bits: the hot loop of posted alerts (draft-eastlake-fnv, constants from section 5).

Plain Python that a compiler may take (fnv.pxd), as the SNMP decoder is; both forms say the same.
"""

from __future__ import annotations


def fnv1a(data: bytes) -> int:
    """Return the hash of `data`; of nothing it is the offset basis."""
    value = 0xCBF2_9CE4_8422_2325
    prime = 0x0000_0100_0000_01B3
    mask = 0xFFFF_FFFF_FFFF_FFFF
    for byte in data:
        value = ((value ^ byte) * prime) & mask
    return value

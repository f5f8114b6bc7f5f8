"""Which addresses a device has, from the tables of IP-MIB."""

from __future__ import annotations

from inventory.discovery import mibs, reading

ROW = "1.4.10.1.2.{octet}"
PREFIX = "1.3.6.1.2.1.4.32.1.5.2.1.4.10.1.2.0.24"


def test_where_a_network_calls_to_all_is_no_address_of_the_device() -> None:
    own, all_of_them = ROW.format(octet=7), ROW.format(octet=255)
    cells: reading.Cells = {column: {} for column in mibs.ADDRESSES}
    cells[mibs.IP_ADDRESS_IF_INDEX] = {own: 2, all_of_them: 2}
    cells[mibs.IP_ADDRESS_TYPE] = {own: 1, all_of_them: 3}
    cells[mibs.IP_ADDRESS_PREFIX] = {own: PREFIX, all_of_them: PREFIX}
    found = list(reading._addresses(cells))
    assert [(one.address, one.length, one.port_index) for one in found] == [("10.1.2.7", 24, 2)]

"""Stateful command-line simulators of two switches, for vendor drivers used unmodified.

`python -m lab.simulators --config FILE.json` is one switch: a Cisco IOS persona over SSH and SCP,
or an Arista EOS persona over eAPI (JSON-RPC in HTTPS). Both stand on one configuration tree with
running and startup configuration, flash files, commit timers and a fsynced journal of changes.

Refuses: to answer a command it does not know, and to accept a configuration line outside its
grammar; a simulator that says yes to everything proves nothing.
"""

"""The inventory in the words of other tools: Ansible, Nornir, the dossier of a system.

Refuses to decide anything: it says what is recorded, with every text marked as data.
"""

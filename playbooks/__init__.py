"""Every change: change sets, drivers that can undo, the configuration vault, Ansible content.

Refuses: business tables of other packages, secrets in variables, shell where a module exists.
"""

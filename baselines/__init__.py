"""Is it secure: rules as data, audits over collected text, findings, evidence.

Refuses: collecting by itself what the vault already holds; changing a device.
"""

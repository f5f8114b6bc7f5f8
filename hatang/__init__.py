"""The kernel: settings, records, identity, secrets, audit, jobs, transports.

It holds no word of the domain: nothing here knows what a device, an alert or a meeting is.
"""

__version__ = "0.1.0"

"""The truth about the province: what exists, where, who owns it, and how it hangs together.

Refuses: probing for health, notification, changing a device.
"""

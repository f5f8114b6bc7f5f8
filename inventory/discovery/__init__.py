"""Looking at what is really there: devices, ports, addresses, neighbours, cables.

Everything found is a proposal in the inbox. Refuses: writing intent, guessing credentials, trusting
a host key because it was shown.
"""

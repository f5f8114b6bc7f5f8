"""The province in a box: real routers, services and rooms in namespaces of one machine.

`hatang-lab up` starts it; nothing of hatang is imported here and nothing of the host is changed
but one interface, one address and one route, which `hatang-lab down` takes back.
"""

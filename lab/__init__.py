"""The province in a box: real routers, servers and services in network namespaces.

Refuses: to import anything of hatang; it is the world hatang looks at.
"""

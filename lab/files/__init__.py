"""Files that nodes run: they see the node's own tree, never this package."""

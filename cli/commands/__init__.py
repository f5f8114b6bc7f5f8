"""The commands, one module a noun; each calls one service function and shows the answer."""

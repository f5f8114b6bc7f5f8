"""Pages: server-rendered, one frame, every state a word with an icon and a colour."""

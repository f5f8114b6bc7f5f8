"""REST: one thin function a path, each calling one service function and showing the answer."""

"""Chores of the repository; nothing of it goes into the wheel."""
